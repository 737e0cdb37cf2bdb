/** The nights of an observatory: darkness, Moon, clouds and seeing, which all fields of a survey share. */
import {
  hourAngleLimit,
  moonIllumination,
  moonPosition,
  siderealTime,
  type SkyPosition,
  sunPosition,
  wrapDegrees,
} from "../../astronomy/mod.ts";
import type { Random } from "../../core/mod.ts";
import type { SkySurvey } from "./sky_survey.ts";

/** Degrees that a star turns in one day of solar time. */
export const STAR_TURN = 360.98564736629;

/** One night of a survey. */
export interface Night {
  /** MJD of the Sun's lower culmination. */
  midnight: number;
  /** Half the length of the dark time, days; 0 when it never gets dark. */
  darkHalf: number;
  /** Local sidereal time at midnight, degrees. */
  sidereal: number;
  /** Can it be observed: clear, and within the survey's runs? */
  open: boolean;
  /** The Moon at midnight. */
  moon: SkyPosition;
  /** Its lit fraction at midnight. */
  illumination: number;
  /** Seeing of the night over the nominal one. */
  seeing: number;
}

/** Correlation of the logarithm of the seeing from one night to the next. */
const SEEING_MEMORY = 0.5;

/** The nights of a survey, from its first to its last, in order. */
export class Nights {
  /** One entry a night; entry n has its midnight within half a day of `first + n`. */
  readonly list: readonly Night[];

  /** @param random decides clouds and seeing. */
  constructor(survey: SkySurvey, random: Random) {
    const { weather, site, runs } = survey, list: Night[] = [];
    // Leaving the clouds has probability 1 / memory a night; entering them follows from the share of clear nights.
    const leave = 1 / weather.memory;
    const enter = Math.min(1, leave * (1 - weather.clearFraction) / weather.clearFraction);
    const clouds = random.stream("clouds"), air = random.stream("seeing");
    let clear = clouds.uniform() < weather.clearFraction, log = air.normal(0, weather.seeingScatter);
    for (let day = Math.floor(survey.start); day <= survey.end; day++) {
      const midnight = midnightOf(day, site.longitude), sun = sunPosition(midnight);
      list.push({
        midnight,
        darkHalf: (180 - hourAngleLimit(sun.dec, site.latitude, survey.sunAltitude)) / 360,
        sidereal: wrapDegrees(siderealTime(midnight) + site.longitude),
        open: clear && runs.some(([from, to]) => midnight >= from && midnight <= to),
        moon: moonPosition(midnight),
        illumination: moonIllumination(midnight),
        seeing: weather.seeing * Math.exp(log),
      });
      clear = clear ? clouds.uniform() >= enter : clouds.uniform() < leave;
      log = SEEING_MEMORY * log +
        Math.sqrt(1 - SEEING_MEMORY * SEEING_MEMORY) * air.normal(0, weather.seeingScatter);
    }
    this.list = list;
  }
}

/** Returns the MJD of the Sun's lower culmination of the night whose local midnight is nearest to day - longitude / 360. */
function midnightOf(day: number, longitude: number): number {
  const mean = day - longitude / 360;
  // The Sun culminates below when its hour angle is 180 degrees: the equation of time, found in one step.
  return mean + wrapHalf(sunPosition(mean).ra + 180 - siderealTime(mean) - longitude) / STAR_TURN;
}

/** Returns an angle in degrees brought to [-180, 180). */
export function wrapHalf(angle: number): number {
  return wrapDegrees(angle + 180) - 180;
}

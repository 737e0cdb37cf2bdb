/** When a survey looks at a place on the sky, and how deep: seasons, weather, Moon and uneven nights. */
import { Random } from "../core/mod.ts";
import {
  airmass,
  altitude,
  angularSeparation,
  hourAngleLimit,
  moonIllumination,
  moonPosition,
  siderealTime,
  type SkyPosition,
  sunPosition,
  wrapDegrees,
} from "../astronomy/mod.ts";
import type { Site, Survey } from "./survey.ts";

/** Degrees that a star turns in one day of solar time. */
const STAR_TURN = 360.98564736629;

/** Fields are not opened for less than this many days of a night. */
const SHORTEST_WINDOW = 0.01;

interface Night {
  /** MJD of the Sun's lower culmination at the site. */
  midnight: number;
  /** Half the length of the dark time, days; 0 when it never gets dark. */
  darkHalf: number;
  /** Local sidereal time at midnight, degrees. */
  sidereal: number;
  clear: boolean;
  moon: SkyPosition;
  illumination: number;
}

/** The exposures of one field, in time order. */
export interface Exposures {
  /** MJD of each exposure. */
  time: Float64Array;
  /** 5-sigma depth of each exposure, magnitudes. */
  depth: Float64Array;
}

/**
 * The nights of a survey: darkness, Moon and weather, which all fields share. Make one and ask it for many fields.
 *
 * @example
 * ```ts
 * import { Random } from "ephemera/core";
 * import { ASAS_SN, Observatory } from "ephemera/survey";
 * import assert from "node:assert/strict";
 * const nights = new Observatory(ASAS_SN, 1);
 * const { time } = nights.exposures({ ra: 120, dec: 10 }, new Random(7));
 * assert.ok(time.length > 200 && time[0] >= ASAS_SN.start);
 * ```
 */
export class Observatory {
  /** The survey whose nights these are. */
  readonly survey: Survey;
  readonly #nights: readonly (readonly Night[])[];

  /** @param seed of the weather. */
  constructor(survey: Survey, seed: number | string) {
    this.survey = survey;
    this.#nights = survey.sites.map((site) =>
      nightsOf(survey, site, new Random(seed).stream("weather").stream(site.name))
    );
  }

  /** Returns the exposures of the field around `place`; which nights a field gets is drawn from `random`. */
  exposures(place: SkyPosition, random: Random): Exposures {
    const { survey } = this, rows: { time: number; depth: number }[] = [];
    survey.sites.forEach((site, s) => this.#visit(site, this.#nights[s], place, random, rows));
    rows.sort((a, b) => a.time - b.time);
    return {
      time: Float64Array.from(rows, (row) => row.time),
      depth: Float64Array.from(rows, (row) => row.depth),
    };
  }

  #visit(
    site: Site,
    nights: readonly Night[],
    place: SkyPosition,
    random: Random,
    rows: { time: number; depth: number }[],
  ): void {
    const { minimumAltitude, moonSeparation, exposures, depth } = this.survey;
    const reach = hourAngleLimit(place.dec, site.latitude, minimumAltitude) / STAR_TURN;
    if (reach === 0) return;
    for (let n = random.integer(0, Math.ceil(site.interval)); n < nights.length;) {
      const night = nights[n];
      n += 1 + Math.floor(random.exponential(site.interval - 0.5));
      if (!night.clear || night.darkHalf === 0) continue;
      // Days from midnight to the star's culmination, then the overlap of "dark" and "high".
      const culmination = -wrapHalf(night.sidereal - place.ra) / STAR_TURN;
      const from = Math.max(-night.darkHalf, culmination - reach);
      const to = Math.min(night.darkHalf, culmination + reach) - exposures.shares.length * exposures.spacing;
      if (to - from < SHORTEST_WINDOW) continue;
      const separation = angularSeparation(place, night.moon);
      if (separation < moonSeparation && night.illumination > 0.25) continue;
      const start = night.midnight + random.uniform(from, to);
      const moonUp = altitude(night.moon, start, site.longitude, site.latitude) > 0;
      const height = altitude(place, start, site.longitude, site.latitude);
      const reached = depth.fiveSigma - depth.extinction * (airmass(height) - 1) -
        (moonUp ? depth.moonLoss * night.illumination * (1 - separation / 270) : 0) +
        random.normal(0, depth.scatter);
      const count = 1 + random.choice(exposures.shares.map((_, k) => k), { weights: exposures.shares });
      for (let k = 0; k < count; k++) rows.push({ time: start + k * exposures.spacing, depth: reached });
    }
  }
}

/** Returns an angle in degrees brought to [-180, 180). */
function wrapHalf(angle: number): number {
  return wrapDegrees(angle + 180) - 180;
}

function nightsOf(survey: Survey, site: Site, random: Random): Night[] {
  const first = Math.max(survey.start, site.start), nights: Night[] = [];
  // Leaving the clouds has probability 1 / memory a night; entering them follows from the share of clear nights.
  const leave = 1 / site.weatherMemory;
  const enter = site.clearFraction >= 1
    ? 0
    : Math.min(1, leave * (1 - site.clearFraction) / Math.max(1e-9, site.clearFraction));
  let clear = random.uniform() < site.clearFraction;
  for (let day = Math.ceil(first); day < survey.end; day++) {
    let midnight = day - site.longitude / 360;
    const sun = sunPosition(midnight);
    // The Sun culminates below when its hour angle is 180 degrees: the equation of time, found in one step.
    midnight += wrapHalf(sun.ra + 180 - siderealTime(midnight) - site.longitude) / STAR_TURN;
    const darkness = 180 - hourAngleLimit(sun.dec, site.latitude, survey.sunAltitude);
    nights.push({
      midnight,
      darkHalf: darkness / 360,
      sidereal: wrapDegrees(siderealTime(midnight) + site.longitude),
      clear,
      moon: moonPosition(midnight),
      illumination: moonIllumination(midnight),
    });
    clear = clear ? random.uniform() >= enter : random.uniform() < leave;
  }
  return nights;
}

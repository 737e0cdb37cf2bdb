/** The nights of an observatory: darkness, Moon, clouds and seeing, which all fields of a survey share. */
import {
  moonIllumination,
  moonPosition,
  siderealTime,
  type SkyPosition,
  wrapDegrees,
} from "../../astronomy/mod.ts";
import type { Random } from "../../core/mod.ts";
import { nightAt, weather } from "../night.ts";
import type { SkySurvey } from "./sky_survey.ts";

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
    const { site, runs, weather: { clearFraction, memory, seeing, seeingScatter } } = survey,
      list: Night[] = [];
    const isClear = weather(random.stream("clouds"), clearFraction, memory), air = random.stream("seeing");
    let log = air.normal(0, seeingScatter);
    for (let day = Math.floor(survey.start); day <= survey.end; day++) {
      const { midnight, darkHalf } = nightAt(day, site, survey.sunAltitude);
      list.push({
        midnight,
        darkHalf,
        sidereal: wrapDegrees(siderealTime(midnight) + site.longitude),
        open: isClear() && runs.some(([from, to]) => midnight >= from && midnight <= to),
        moon: moonPosition(midnight),
        illumination: moonIllumination(midnight),
        seeing: seeing * Math.exp(log),
      });
      log = SEEING_MEMORY * log +
        Math.sqrt(1 - SEEING_MEMORY * SEEING_MEMORY) * air.normal(0, seeingScatter);
    }
    this.list = list;
  }
}

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
  wrapDegrees,
} from "../astronomy/mod.ts";
import { nightAt, STAR_TURN, weather, wrapHalf } from "./night.ts";
import type { Site, Survey } from "./survey.ts";

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

function nightsOf(survey: Survey, site: Site, random: Random): Night[] {
  const first = Math.max(survey.start, site.start), nights: Night[] = [];
  const isClear = weather(random, site.clearFraction, site.weatherMemory);
  for (let day = Math.ceil(first); day < survey.end; day++) {
    const { midnight, darkHalf } = nightAt(day, site, survey.sunAltitude);
    nights.push({
      midnight,
      darkHalf,
      sidereal: wrapDegrees(siderealTime(midnight) + site.longitude),
      clear: isClear(),
      moon: moonPosition(midnight),
      illumination: moonIllumination(midnight),
    });
  }
  return nights;
}

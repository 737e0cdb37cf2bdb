/** A library of fields with their visits, from which the objects of a simulation get their places on the sky. */
import { galactic, type SkyPosition, wrapDegrees } from "../../astronomy/mod.ts";
import { demand, Random } from "../../core/mod.ts";
import { Nights } from "./nights.ts";
import { fieldVisits } from "./field_visits.ts";
import type { SkySurvey } from "./sky_survey.ts";
import type { Visits } from "./visits.ts";

/** Where an object lies and when it is visited. */
export interface Pointing {
  /** Index of the field in the library. */
  field: number;
  /** Right ascension of the object, degrees. */
  ra: number;
  /** Declination of the object, degrees. */
  dec: number;
  /** The field's visits, shared by all its objects. */
  visits: Visits;
}

/** Options of {@link Pointings}. */
export interface PointingOptions {
  /** Of places, weather and cadence. */
  seed: number | string;
  /** How many fields to draw where the survey has no list of them. Default 300. */
  fields?: number;
  /** Fields with fewer visits are drawn again. Default 10. */
  minimumVisits?: number;
}

/** Places tried for a field before the description is called impossible. */
const PLACE_TRIES = 1000;

/**
 * Fields of a survey with their visits, made at first use and kept: an object's visits then cost nothing. The same seed
 * gives the same fields on any thread, in any order.
 *
 * @example
 * ```ts
 * import { Random } from "ephemera/core";
 * import { Pointings, skySurvey } from "ephemera/survey";
 * import assert from "node:assert/strict";
 * const pointings = new Pointings(skySurvey("ztf-public"), { seed: 1, fields: 4 });
 * const { visits, dec } = pointings.draw(new Random("an object"));
 * assert.ok(visits.time.length > 100 && dec > -35);
 * ```
 */
export class Pointings {
  /** Whose fields these are. */
  readonly survey: SkySurvey;
  /** Number of fields. */
  readonly length: number;
  readonly #nights: Nights;
  readonly #seed: Random;
  readonly #minimum: number;
  readonly #fields: (SkyPosition & { visits: Visits } | undefined)[];

  constructor(survey: SkySurvey, options: PointingOptions) {
    const { seed, fields = 300, minimumVisits = 10 } = options;
    demand(Number.isInteger(fields) && fields > 0, () => ({
      expected: "a positive whole number of fields",
      found: String(fields),
      where: "Pointings",
    }));
    this.survey = survey;
    this.length = survey.fields.list.length || fields;
    this.#seed = new Random(seed).stream("pointings").stream(survey.name);
    this.#nights = new Nights(survey, this.#seed.stream("nights"));
    this.#minimum = minimumVisits;
    this.#fields = new Array(this.length).fill(undefined);
  }

  /** Returns the centre and the visits of a field. */
  field(index: number): SkyPosition & { visits: Visits } {
    demand(Number.isInteger(index) && index >= 0 && index < this.length, () => ({
      expected: `a field from 0 to ${this.length - 1}`,
      found: String(index),
      where: `Pointings of ${this.survey.name}`,
    }));
    return this.#fields[index] ??= this.#make(index);
  }

  /** Returns the visits to any place, as if a field were centred on it; not kept. */
  at({ ra, dec }: SkyPosition): Visits {
    return fieldVisits(this.survey, this.#nights, { ra, dec }, 0, this.#seed.stream(`place ${ra} ${dec}`));
  }

  /** Draws a place for an object: a field, and a point evenly within its radius. */
  draw(random: Random): Pointing {
    const index = random.integer(0, this.length), { ra, dec, visits } = this.field(index);
    return { field: index, ...scatter(random, { ra, dec }, this.survey.fields.radius), visits };
  }

  #make(index: number): SkyPosition & { visits: Visits } {
    const { survey } = this, { list } = survey.fields, random = this.#seed.stream(`field ${index}`);
    if (list.length > 0) {
      const { ra, dec } = list[index];
      return { ra, dec, visits: fieldVisits(survey, this.#nights, { ra, dec }, index, random) };
    }
    for (let tries = 0; tries < PLACE_TRIES; tries++) {
      const place = drawPlace(survey, random);
      if (Math.abs(galactic(place).b) < survey.fields.galacticLatitude) continue;
      const visits = fieldVisits(survey, this.#nights, place, index, random);
      if (visits.time.length >= this.#minimum) return { ...place, visits };
    }
    demand(false, {
      expected: `fields with at least ${this.#minimum} visits`,
      found: `none in ${PLACE_TRIES} places`,
      where: `Pointings of ${survey.name}`,
      remedy: "check declinations, airmass, runs and interval in the description, or ask for fewer visits",
    });
  }
}

function drawPlace(survey: SkySurvey, random: Random): SkyPosition {
  const { rightAscension, declination } = survey.fields;
  const [south, north] = declination.map((dec) => Math.sin(dec * Math.PI / 180));
  return {
    ra: random.uniform(...rightAscension),
    dec: Math.asin(random.uniform(south, north)) * 180 / Math.PI,
  };
}

/** Returns a point drawn evenly from the cap of `radius` degrees around a centre. */
function scatter(random: Random, centre: SkyPosition, radius: number): SkyPosition {
  const degree = Math.PI / 180, cosine = 1 - random.uniform() * (1 - Math.cos(radius * degree));
  const sine = Math.sqrt(1 - cosine * cosine), angle = random.uniform(0, 2 * Math.PI);
  const [sinDec, cosDec] = [Math.sin(centre.dec * degree), Math.cos(centre.dec * degree)];
  const height = Math.max(-1, Math.min(1, sinDec * cosine + cosDec * sine * Math.cos(angle)));
  const turn = Math.atan2(Math.sin(angle) * sine * cosDec, cosine - sinDec * height);
  return { ra: wrapDegrees(centre.ra + turn / degree), dec: Math.asin(height) / degree };
}

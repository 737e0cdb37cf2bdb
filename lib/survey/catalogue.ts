/** What a catalogue says of a star besides its light curve: a period that may be wrong, and photometry from afar. */
import type { Random } from "../core/mod.ts";
import {
  EXTINCTION_PER_REDDENING,
  gMinusRp,
  NOVEL_CLASS,
  type VariableStar,
  vMinusG,
} from "../sources/mod.ts";
import type { Recipe } from "./recipe.ts";
import type { Survey } from "./survey.ts";

/** What is known of a light curve when its period is looked for. */
export interface PeriodEvidence {
  /** Length of the light curve in days. */
  span: number;
  /** Number of points. */
  points: number;
  /** Standard deviation of the true light curve over the photometric error. */
  signalToNoise: number;
}

/**
 * Returns the period in days that a catalogue gives a star: the true one with the error of its measurement,
 * sigma_P / P = sqrt(6 / N) / (pi S/N) P / T (Montgomery & O'Donoghue 1999), at the recipe's rates half of it, twice it or
 * its alias by one day; for novel stars often a period that means nothing.
 */
export function cataloguePeriod(
  random: Random,
  star: VariableStar,
  kind: string,
  superclass: string,
  evidence: PeriodEvidence,
  recipe: Recipe,
): number {
  const { half, double, alias } = recipe.catalogue.periodErrors;
  if (superclass === NOVEL_CLASS) {
    const found = Number.isFinite(star.period) && kind !== "WRONG" &&
      random.uniform() < recipe.catalogue.novelTruePeriod;
    if (!found) return spuriousPeriod(random, evidence.span);
  }
  const { span, points, signalToNoise } = evidence;
  const relative = Math.sqrt(6 / Math.max(6, points)) / (Math.PI * Math.max(0.3, signalToNoise)) *
    star.period / span;
  const period = star.period * (1 + Math.max(-0.2, Math.min(0.2, random.normal(0, relative))));
  const u = random.uniform();
  if (u < half) return period / 2;
  if (u < half + double) return period * 2;
  if (u < half + double + alias) return 1 / Math.abs(1 / period + (random.uniform() < 0.5 ? 1 : -1.0027379));
  return period;
}

/** A peak of the periodogram that the observing times make: near a day and its fractions, a month, or long. */
function spuriousPeriod(random: Random, span: number): number {
  const u = random.uniform();
  if (u < 0.3) return 1 / random.integer(1, 4) * (1 + random.normal(0, 0.004));
  if (u < 0.4) return 29.53 * (1 + random.normal(0, 0.02));
  if (u < 0.75) return 20 * Math.pow(span / 40, random.uniform()); // red noise peaks at long periods
  return 0.1 * Math.pow(1e4, random.uniform());
}

/** Photometry of one star in the catalogue, magnitudes; NaN where missing. */
export interface CataloguePhotometry {
  /** Distance in parsecs, the true one. */
  distance: number;
  /** M_G from the apparent magnitude and the parallax, not corrected for extinction. */
  absoluteMagnitude: number;
  /** BP - RP, reddened. */
  colour: number;
  /** W_RP = M_RP - 1.3 (BP - RP). */
  wesenheit: number;
}

/** Returns the catalogue's photometry of a star of mean magnitude `vMagnitude`, through dust and with parallax error. */
export function cataloguePhotometry(
  random: Random,
  star: VariableStar,
  vMagnitude: number,
  survey: Survey,
  missing: number,
): CataloguePhotometry {
  const reddening = random.exponential(survey.reddening),
    error = random.normal(),
    colourError = random.normal(0, 0.02);
  const lost = random.uniform() < missing;
  const extinction = EXTINCTION_PER_REDDENING;
  const modulus = vMagnitude - star.absoluteMagnitude - vMinusG(star.colour) - extinction.v * reddening;
  const distance = Math.pow(10, modulus / 5 + 1);
  // Relative parallax error; a prior on distance keeps the catalogue's distances from running away.
  const relative = Math.min(0.3, survey.parallaxError * distance / 1000);
  const shift = -5 * Math.log10(Math.max(0.2, 1 + relative * error));
  if (lost) return { distance, absoluteMagnitude: NaN, colour: NaN, wesenheit: NaN };
  const absoluteMagnitude = star.absoluteMagnitude + extinction.g * reddening + shift;
  const colour = star.colour + reddening + colourError;
  const rp = star.absoluteMagnitude - gMinusRp(star.colour) + extinction.rp * reddening + shift;
  return { distance, absoluteMagnitude, colour, wesenheit: rp - 1.3 * colour };
}

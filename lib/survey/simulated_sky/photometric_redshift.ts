/** Redshifts from colours: what a catalogue says of a galaxy whose true redshift is known to us alone. */
import { demand, type Random } from "../../core/mod.ts";

/** A redshift with its error. */
export interface RedshiftEstimate {
  /** The estimate. */
  value: number;
  /** Its one-sigma error as the catalogue states it. */
  error: number;
}

type Points = readonly (readonly [number, number])[];

/**
 * The shape of PLAsTiCC's photometric redshifts, read off 3867 extragalactic objects of its training metadata. Most have a narrow
 * error, and meet it; the others a wide one: of these a part is off by more than 0.15 (1 + z), the rest as good as the narrow
 * ones nearly. Against true redshift: share of wide errors; median and scatter of the logarithm of error / (1 + z), wide and
 * narrow; share of outliers among either; median of (estimate - z) / (1 + z).
 */
export const PHOTOMETRIC_REDSHIFT = {
  wideShare: [[0, 0.15], [0.05, 0.2], [0.15, 0.39], [0.45, 0.38], [0.55, 0.19], [0.7, 0.06], [0.9, 0.14], [
    2,
    0.15,
  ]],
  wideError: [[0.05, 0.7], [0.15, 0.52], [0.25, 0.37], [0.45, 0.36], [0.55, 0.19], [0.7, 0.14], [2, 0.13]],
  wideScatter: [[0.45, 0.65], [0.6, 0.4], [0.8, 0.15]],
  narrowError: [[0.25, 0.0142], [0.35, 0.0175], [0.9, 0.0175], [1.15, 0.032], [1.5, 0.044]],
  narrowScatter: [[0, 0.6]],
  wideOutliers: [[0.25, 0.43], [0.35, 0.14], [0.45, 0.12], [0.6, 0.22], [0.9, 0.45]],
  narrowOutliers: [[0.6, 0.008], [1, 0.02], [1.9, 0.08]],
  bias: [[0.05, 0.007], [0.35, 0.005], [0.45, 0], [1, 0], [1.5, -0.006], [2, -0.015]],
  /** Scatter of narrow errors that are no outliers, in errors, and of wide ones, in 1 + z. */
  narrowPull: 1.15,
  wideSpread: 0.045,
  /** Largest estimate. */
  greatest: 3,
} satisfies Record<string, Points | number>;

function at(points: Points, x: number): number {
  let k = 0;
  while (k < points.length && points[k][0] < x) k++;
  if (k === 0) return points[0][1];
  if (k === points.length) return points[k - 1][1];
  const [x0, y0] = points[k - 1], [x1, y1] = points[k];
  return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
}

const LEAST = 0.005;

function demandRedshift(redshift: number, where: string): void {
  demand(redshift >= 0 && Number.isFinite(redshift), () => ({
    expected: "a redshift that is not negative",
    found: String(redshift),
    where,
  }));
}

/**
 * Draws a photometric redshift as PLAsTiCC's: {@link PHOTOMETRIC_REDSHIFT}. Outliers of low redshift go to 0.5 (the Balmer
 * break taken for the one at 4000 angstroms) and to 2.5 (the Lyman break), in equal parts; those above 1 come down to about 1.
 *
 * @example
 * ```ts
 * import { Random } from "ephemera/core";
 * import { drawPhotometricRedshift } from "ephemera/survey";
 * import assert from "node:assert/strict";
 * const { value, error } = drawPhotometricRedshift(new Random(1), 0.4);
 * assert.ok(value > 0 && value <= 3 && error > 0);
 * ```
 */
export function drawPhotometricRedshift(random: Random, redshift: number): RedshiftEstimate {
  demandRedshift(redshift, "drawPhotometricRedshift");
  const shape = PHOTOMETRIC_REDSHIFT, stretch = 1 + redshift;
  const wide = random.uniform() < at(shape.wideShare, redshift);
  const median = at(wide ? shape.wideError : shape.narrowError, redshift);
  const scatter = at(wide ? shape.wideScatter : shape.narrowScatter, redshift);
  const error = stretch * median * Math.exp(scatter * random.normal());
  const off = random.uniform() < at(wide ? shape.wideOutliers : shape.narrowOutliers, redshift);
  if (off) return { value: outlier(random, redshift), error };
  const spread = wide ? shape.wideSpread * stretch : shape.narrowPull * error;
  for (;;) {
    const value = redshift + at(shape.bias, redshift) * stretch + spread * random.normal();
    if (value > LEAST && value < shape.greatest) return { value, error };
    if (redshift > shape.greatest) return { value: shape.greatest * random.uniform(0.8, 1), error };
  }
}

function outlier(random: Random, redshift: number): number {
  const near = random.uniform() < 0.5;
  for (let tries = 0; tries < 100; tries++) {
    const value = redshift >= 1
      ? random.normal(1.1, 0.3)
      : redshift > 0.5
      ? random.uniform(LEAST, PHOTOMETRIC_REDSHIFT.greatest)
      : near
      ? random.normal(0.5, 0.08)
      : random.normal(2.5, 0.25);
    const away = Math.abs(value - redshift) > 0.15 * (1 + redshift);
    if (away && value > LEAST && value < PHOTOMETRIC_REDSHIFT.greatest) return value;
  }
  return random.uniform(LEAST, PHOTOMETRIC_REDSHIFT.greatest);
}

/** A redshift as ELAsTiCC gives it: a probability density by its deciles. */
export interface RedshiftQuantiles extends RedshiftEstimate {
  /** The least redshift thought possible, nine deciles, and the greatest: eleven ascending numbers. `value` is the middle one. */
  quantiles: Float64Array;
}

/** Probabilities of the eleven quantiles; the ends stand for "least" and "greatest". */
const PROBABILITIES = [0.001, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.999];

const CELLS = 300, HIGHEST = 3.5;

/**
 * Draws the photometric redshift of an ELAsTiCC-like host: a density with a core and, in two of three galaxies, tails, such that
 * the true redshift is a draw from it. Core widths over 1 + z are lognormal around 0.033 with a scatter of 0.7, at least 0.018;
 * tails hold 5 to 30 percent and are 0.5 (1 + z) wide, as the public sample's deciles have it. `error` is the density's
 * standard deviation.
 */
export function drawRedshiftQuantiles(random: Random, redshift: number): RedshiftQuantiles {
  demandRedshift(redshift, "drawRedshiftQuantiles");
  const stretch = 1 + redshift;
  const core = stretch * Math.max(0.018, 0.033 * Math.exp(0.7 * random.normal()));
  const share = random.uniform() < 0.65 ? random.uniform(0.05, 0.3) : 0, tail = 0.5 * stretch;
  const width = random.uniform() < share ? tail : core;
  let centre = redshift + width * random.normal();
  for (let tries = 0; tries < 100 && !(centre > LEAST && centre < HIGHEST); tries++) {
    centre = redshift + width * random.normal();
  }
  centre = Math.min(HIGHEST, Math.max(LEAST, centre));
  const cumulative = new Float64Array(CELLS + 1), step = HIGHEST / CELLS;
  let sum = 0, squares = 0;
  for (let k = 0; k < CELLS; k++) {
    const z = (k + 0.5) * step, a = (z - centre) / core, b = (z - centre) / tail;
    const density = (1 - share) / core * Math.exp(-0.5 * a * a) + share / tail * Math.exp(-0.5 * b * b);
    cumulative[k + 1] = cumulative[k] + density;
    sum += density * z;
    squares += density * z * z;
  }
  const total = cumulative[CELLS], mean = sum / total;
  const quantiles = new Float64Array(PROBABILITIES.length);
  for (let j = 0, k = 1; j < quantiles.length; j++) {
    const goal = PROBABILITIES[j] * total;
    while (k < CELLS && cumulative[k] < goal) k++;
    const inside = (goal - cumulative[k - 1]) / (cumulative[k] - cumulative[k - 1]);
    quantiles[j] = step * (k - 1 + inside);
  }
  return { value: quantiles[5], error: Math.sqrt(squares / total - mean * mean), quantiles };
}

import { demand } from "../core/mod.ts";
import { type Curve, demandCurve, demandVarying } from "./curve.ts";
import { demandGrid, type FrequencyGrid } from "./frequency_grid.ts";
import type { ComplexArray } from "../numerics/mod.ts";
import { planExponentialSums } from "./nonuniform_fft.ts";

/**
 * How a power is scaled, with `chi0` the chi square about the mean and `chi` that of the best model at a
 * frequency: `standard` `1 - chi/chi0` in [0, 1]; `model` `chi0/chi - 1`; `log` `ln(chi0/chi)`; `psd` `(chi0
 * - chi)/2`.
 */
export type Normalisation = "standard" | "model" | "log" | "psd";

/** Options of {@link lombScargle} and {@link fastLombScargle}. */
export interface LombScargleOptions {
  /** Number of Fourier terms of the model: 1 is a sine, more follow a skewed or double-humped curve. */
  harmonics?: number;
  /**
   * Fit a constant beside the sine at each frequency (the "generalised" periodogram) instead of fixing it at
   * the mean.
   */
  floatingMean?: boolean;
  /** Scale of the power; default standard. */
  normalisation?: Normalisation;
  /** What to call the curve in an error. */
  where?: string;
}

/**
 * The exact generalised Lomb-Scargle power at any frequencies: how much of the weighted variance a Fourier
 * series of `harmonics` terms (and a floating mean) explains. Points weigh `1 / error^2`.
 *
 * Cost: points x frequencies, with one sine and cosine each; see {@link fastLombScargle} for long regular
 * grids. Times may be Julian dates: they are centred before any phase is formed.
 *
 * Zechmeister & Kuerster (2009), A&A 496, 577; several terms: VanderPlas (2018), ApJS 236, 16, section 6.2.
 *
 * @param frequencies cycles per day, positive.
 *
 * @example
 * ```ts
 * import { lombScargle } from "ephemera/signal";
 * import assert from "node:assert/strict";
 * const time = Float64Array.from({ length: 40 }, (_, i) => i + 0.4 * Math.sin(9 * i));
 * const value = time.map((t) => 17 + 0.3 * Math.sin(2 * Math.PI * 0.23 * t));
 * const [there, elsewhere] = lombScargle({ time, value }, new Float64Array([0.23, 0.31]));
 * assert.ok(there > 0.999999 && elsewhere < 0.5);
 * ```
 */
export function lombScargle(
  curve: Curve,
  frequencies: Float64Array,
  options: LombScargleOptions = {},
): Float64Array {
  const prepared = prepare(curve, options);
  const { time, weight, weighted, terms } = prepared;
  const n = time.length;
  const sums = newSums(terms);
  const power = new Float64Array(frequencies.length);
  for (let k = 0; k < frequencies.length; k++) {
    sums.cosine.fill(0);
    sums.sine.fill(0);
    sums.valueCosine.fill(0);
    sums.valueSine.fill(0);
    for (let j = 0; j < n; j++) {
      const cycles = frequencies[k] * time[j];
      const angle = 2 * Math.PI * (cycles - Math.round(cycles));
      const c1 = Math.cos(angle);
      const s1 = Math.sin(angle);
      let c = 1;
      let s = 0;
      for (let m = 1; m <= 2 * terms; m++) {
        const next = c * c1 - s * s1;
        s = s * c1 + c * s1;
        c = next;
        sums.cosine[m] += weight[j] * c;
        sums.sine[m] += weight[j] * s;
        if (m <= terms) {
          sums.valueCosine[m] += weighted[j] * c;
          sums.valueSine[m] += weighted[j] * s;
        }
      }
    }
    power[k] = explained(sums, prepared);
  }
  return normalise(power, prepared);
}

/**
 * The generalised Lomb-Scargle power on a long regular grid. The same quantity as {@link lombScargle}; the
 * trigonometric sums come from a non-uniform FFT, so the cost hardly grows with the number of points.
 *
 * Error: the sums are off by at most 1e-13 of the total weight, which the tests hold to 1e-10 in the power
 * (standard normalisation) for well-sampled curves; where sine and cosine are nearly degenerate at a
 * frequency (two or three distinct phases) it grows with the condition of the fit.
 */
export function fastLombScargle(
  curve: Curve,
  grid: FrequencyGrid,
  options: LombScargleOptions = {},
): Float64Array {
  return makePlan(curve, grid, options, false)(curve.value);
}

/**
 * A fast periodogram for several value columns that share times and errors, such as a curve and its
 * prewhitened remainders: the sums of the weights, two thirds of the work, are done once and kept (32 bytes a
 * frequency and harmonic).
 *
 * @returns a function from values to powers on the grid.
 */
export function planLombScargle(
  curve: Pick<Curve, "time" | "error">,
  grid: FrequencyGrid,
  options: LombScargleOptions = {},
): (value: Float64Array) => Float64Array {
  return makePlan(curve, grid, options, true);
}

function makePlan(
  curve: Pick<Curve, "time" | "error">,
  grid: FrequencyGrid,
  options: LombScargleOptions,
  keep: boolean,
): (value: Float64Array) => Float64Array {
  demandGrid(grid);
  const { harmonics: terms = 1 } = options;
  const { start, step, count } = grid;
  const { time, weight } = prepareTimes(curve, options);
  const plans = Array.from({ length: 2 * terms }, (_, m) => planExponentialSums(time, (m + 1) * step, count));
  const { blockSize } = plans[0];
  const newSeries = () => ({ re: new Float64Array(blockSize), im: new Float64Array(blockSize) });
  const values = plans.slice(0, terms).map(newSeries);
  const scratch = plans.map(newSeries);
  const kept: ComplexArray[][] = [];
  return (value) => {
    const prepared = prepare({ ...curve, value }, options);
    const power = new Float64Array(count);
    const sums = newSums(terms);
    for (let from = 0, block = 0; from < count; from += blockSize, block++) {
      const first = start + from * step;
      const known = kept[block] !== undefined;
      const weights = known ? kept[block] : keep ? plans.map(newSeries) : scratch;
      for (let m = 0; m < 2 * terms; m++) {
        if (!known) plans[m].block(weight, (m + 1) * first, weights[m]);
        if (m < terms) plans[m].block(prepared.weighted, (m + 1) * first, values[m]);
      }
      if (keep) kept[block] = weights;
      const inside = Math.min(blockSize, count - from);
      for (let k = 0; k < inside; k++) {
        for (let m = 1; m <= 2 * terms; m++) {
          sums.cosine[m] = weights[m - 1].re[k];
          sums.sine[m] = -weights[m - 1].im[k];
          if (m <= terms) {
            sums.valueCosine[m] = values[m - 1].re[k];
            sums.valueSine[m] = -values[m - 1].im[k];
          }
        }
        power[from + k] = explained(sums, prepared);
      }
    }
    return normalise(power, prepared);
  };
}

interface Prepared {
  time: Float64Array;
  /** Weights with sum 1. */
  weight: Float64Array;
  /** Weight times centred value. */
  weighted: Float64Array;
  /** Weighted mean square of the centred values. */
  variance: number;
  /** Sum of the weights before they were scaled. */
  totalWeight: number;
  terms: number;
  floatingMean: boolean;
  normalisation: Normalisation;
}

/** Times about the middle of the curve, and weights with sum 1. */
function prepareTimes(
  { time, error }: Pick<Curve, "time" | "error">,
  { harmonics = 1 }: LombScargleOptions,
): { time: Float64Array; weight: Float64Array; totalWeight: number } {
  demand(Number.isInteger(harmonics) && harmonics > 0, {
    expected: "a whole positive number of harmonics",
    found: `${harmonics}`,
    where: "lombScargle",
  });
  let low = Infinity;
  let high = -Infinity;
  for (const t of time) {
    if (t < low) low = t;
    if (t > high) high = t;
  }
  const middle = low + (high - low) / 2;
  const weight = error === undefined ? new Float64Array(time.length).fill(1) : error.map((e) => 1 / (e * e));
  let totalWeight = 0;
  for (const w of weight) totalWeight += w;
  return { time: time.map((t) => t - middle), weight: weight.map((w) => w / totalWeight), totalWeight };
}

function prepare(curve: Curve, options: LombScargleOptions): Prepared {
  const { harmonics = 1, floatingMean = true, normalisation = "standard", where } = options;
  demandCurve(curve, { minimumPoints: 2 * harmonics + 2, where });
  demandVarying(curve.value, where);
  const { time, weight, totalWeight } = prepareTimes(curve, options);
  const n = time.length;
  let mean = 0;
  for (let j = 0; j < n; j++) mean += weight[j] * curve.value[j];
  // A second pass takes out what the first sum lost to rounding.
  let rest = 0;
  for (let j = 0; j < n; j++) rest += weight[j] * (curve.value[j] - mean);
  mean += rest;
  const weighted = new Float64Array(n);
  let variance = 0;
  for (let j = 0; j < n; j++) {
    const centred = curve.value[j] - mean;
    weighted[j] = weight[j] * centred;
    variance += weighted[j] * centred;
  }
  return { time, weight, weighted, variance, totalWeight, terms: harmonics, floatingMean, normalisation };
}

/** Weighted sums of cos and sin of m omega t, m = 0 ... 2K, and of the values times them, m = 0 ... K. */
interface TrigonometricSums {
  cosine: Float64Array;
  sine: Float64Array;
  valueCosine: Float64Array;
  valueSine: Float64Array;
}

function newSums(terms: number): TrigonometricSums {
  return {
    cosine: new Float64Array(2 * terms + 1),
    sine: new Float64Array(2 * terms + 1),
    valueCosine: new Float64Array(terms + 1),
    valueSine: new Float64Array(terms + 1),
  };
}

/** A pivot below this share of its diagonal adds no direction the others lack. */
const DEGENERATE = 1e-12;

/** The share of the variance that the best model explains, from the sums at one frequency. */
function explained(sums: TrigonometricSums, { variance, terms, floatingMean }: Prepared): number {
  const { cosine, sine, valueCosine, valueSine } = sums;
  if (terms === 1) {
    const meanCosine = floatingMean ? cosine[1] : 0;
    const meanSine = floatingMean ? sine[1] : 0;
    const cc = 0.5 * (1 + cosine[2]) - meanCosine * meanCosine;
    const ss = 0.5 * (1 - cosine[2]) - meanSine * meanSine;
    const cs = 0.5 * sine[2] - meanCosine * meanSine;
    const yc = valueCosine[1];
    const ys = valueSine[1];
    const determinant = cc * ss - cs * cs;
    if (determinant > DEGENERATE) {
      return (yc * yc * ss + ys * ys * cc - 2 * yc * ys * cs) / (variance * determinant);
    }
    // All phases on one line through the fit: only one direction is left.
    const trace = cc + ss;
    return trace > DEGENERATE ? (yc * yc + ys * ys) / (variance * trace) : 0;
  }
  return explainedByMany(sums, terms, floatingMean) / variance;
}

function explainedByMany(sums: TrigonometricSums, terms: number, floatingMean: boolean): number {
  const { cosine, sine, valueCosine, valueSine } = sums;
  const size = 2 * terms;
  const matrix = new Float64Array(size * size);
  const right = new Float64Array(size);
  const signedSine = (m: number) => m >= 0 ? sine[m] : -sine[-m];
  for (let a = 1; a <= terms; a++) {
    right[2 * a - 2] = valueCosine[a];
    right[2 * a - 1] = valueSine[a];
    for (let b = 1; b <= terms; b++) {
      const difference = a === b ? 1 : cosine[Math.abs(a - b)];
      const meanOf = floatingMean ? 1 : 0;
      const row = (2 * a - 2) * size + 2 * b - 2;
      matrix[row] = 0.5 * (difference + cosine[a + b]) - meanOf * cosine[a] * cosine[b];
      matrix[row + 1] = 0.5 * (signedSine(a + b) + signedSine(b - a)) - meanOf * cosine[a] * sine[b];
      matrix[row + size] = 0.5 * (signedSine(a + b) + signedSine(a - b)) - meanOf * sine[a] * cosine[b];
      matrix[row + size + 1] = 0.5 * (difference - cosine[a + b]) - meanOf * sine[a] * sine[b];
    }
  }
  // r^T N^-1 r by the Cholesky factor; a direction without a pivot of its own is left out.
  let sum = 0;
  for (let i = 0; i < size; i++) {
    let head = right[i];
    const diagonal = matrix[i * size + i];
    let pivot = diagonal;
    for (let k = 0; k < i; k++) {
      let entry = matrix[i * size + k];
      for (let l = 0; l < k; l++) entry -= matrix[i * size + l] * matrix[k * size + l];
      const root = matrix[k * size + k];
      entry = root > 0 ? entry / root : 0;
      matrix[i * size + k] = entry;
      pivot -= entry * entry;
      head -= entry * right[k];
    }
    const root = pivot > DEGENERATE * Math.max(diagonal, DEGENERATE) ? Math.sqrt(pivot) : 0;
    matrix[i * size + i] = root;
    right[i] = root > 0 ? head / root : 0;
    sum += right[i] * right[i];
  }
  return sum;
}

function normalise(power: Float64Array, prepared: Prepared): Float64Array {
  const { normalisation, variance, totalWeight } = prepared;
  if (normalisation === "standard") return power;
  return power.map((p) => {
    if (normalisation === "model") return p / (1 - p);
    if (normalisation === "log") return -Math.log(1 - p);
    return 0.5 * p * variance * totalWeight;
  });
}

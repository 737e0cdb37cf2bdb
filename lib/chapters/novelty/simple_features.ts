/** A dozen plain statistics of a folded sequence: the yardstick that any network must beat, and help for one that asks. */
import {
  cholesky,
  identity,
  type Matrix,
  quantileOfSorted,
  solveCholesky,
  zeros,
} from "../../numerics/mod.ts";
import type { SequenceSet } from "./sequences.ts";

const HARMONICS = 4;
const PERCENTILES = [0.05, 0.25, 0.75, 0.95];

/** Names of the columns of {@link simpleFeatures}, in order. */
export const SIMPLE_FEATURES: readonly string[] = [
  "mean magnitude",
  "log10 standard deviation",
  "log10 period",
  ...PERCENTILES.map((p) => `percentile ${100 * p} (in standard deviations)`),
  ...Array.from({ length: HARMONICS }, (_, k) => `Fourier amplitude ${k + 1} (in standard deviations)`),
  "log10 median signal to noise",
];

/**
 * Returns the features of each sequence, `[count, 12]`. The Fourier amplitudes come from a least-squares fit of four
 * harmonics to the folded magnitudes.
 */
export function simpleFeatures(set: SequenceSet): Matrix {
  const n = set.epochs, columns = SIMPLE_FEATURES.length;
  const result = zeros(set.count, columns);
  for (let i = 0; i < set.count; i++) {
    const value = set.value.subarray(i * n, (i + 1) * n), phase = set.phase.subarray(i * n, (i + 1) * n);
    const sorted = Float64Array.from(value).sort();
    const noise = Float64Array.from(set.weight.subarray(i * n, (i + 1) * n)).sort();
    result.data.set([
      set.mean[i],
      Math.log10(set.deviation[i]),
      set.logPeriod[i],
      ...PERCENTILES.map((p) => quantileOfSorted(sorted, p)),
      ...fourierAmplitudes(phase, value),
      Math.log10(quantileOfSorted(noise, 0.5)),
    ], i * columns);
  }
  return result;
}

/** Amplitudes of the harmonics 1 to 4 of a folded curve, by linear least squares. */
function fourierAmplitudes(phase: Float32Array, value: Float32Array): number[] {
  const size = 2 * HARMONICS + 1, basis = new Float64Array(size);
  // Phases that crowd in one place leave harmonics undetermined; a whisper of ridge takes the smallest solution.
  const normal = identity(size, 1e-6 * value.length), right = new Float64Array(size);
  basis[0] = 1;
  for (let j = 0; j < value.length; j++) {
    for (let k = 1; k <= HARMONICS; k++) {
      basis[2 * k - 1] = Math.cos(2 * Math.PI * k * phase[j]);
      basis[2 * k] = Math.sin(2 * Math.PI * k * phase[j]);
    }
    for (let a = 0; a < size; a++) {
      right[a] += basis[a] * value[j];
      for (let b = 0; b < size; b++) normal.data[a * size + b] += basis[a] * basis[b];
    }
  }
  const solution = solveCholesky(cholesky(normal), right);
  return Array.from({ length: HARMONICS }, (_, k) => Math.hypot(solution[2 * k + 1], solution[2 * k + 2]));
}

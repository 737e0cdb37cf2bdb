import { NumpyLegacyRandom } from "../../helpers/numpy_legacy_random.ts";

/** The simulated sinusoids that the published networks of Naul et al. (2018) were validated on, rows of 200 numbers. */
export interface PublishedSeries {
  /** Time from each observation to the next one, 0 after the last. */
  lags: Float64Array;
  /** Noise-free values. */
  clean: Float64Array;
  /** Values with noise of standard deviation 0.5. */
  noisy: Float64Array;
  /** Per series: 1 / frequency, amplitude times sine and cosine of the phase, offset; standardised over all series. */
  targets: Float64Array;
}

/** Number of all series, and of observations in each. */
export const ALL = 51_000, LENGTH = 200;

/** First and one past the last of the validation series: the last fifth of the first 50 000. */
export const VALIDATION = { first: 40_000, end: 50_000 };

/**
 * Makes the series of seed 0 again, in the original's order of draws: all lags first, then one column of parameters after
 * the other, then the noise. Rows `first` to `end` are returned.
 */
export function publishedSeries(first: number, end: number): PublishedSeries {
  const random = new NumpyLegacyRandom(0), rows = end - first;
  const times = new Float64Array(rows * LENGTH);
  for (let i = 0; i < ALL; i++) {
    random.randint(200, 201, 1); // the length of the series; draws nothing, since there is one choice
    const lags = random.pareto(2, LENGTH);
    let time = 0;
    if (i < first || i >= end) continue;
    for (let j = 0; j < LENGTH; j++) times[(i - first) * LENGTH + j] = time += 0.05 * lags[j];
  }
  const frequency = random.uniform(1, 10, ALL).map((period) => 1 / period);
  const amplitude = random.uniform(0.5, 2, ALL);
  const phase = random.randomSample(ALL).map((turn) => 2 * Math.PI * turn);
  const offset = random.normal(0, 1, ALL);
  random.normal(0, 1, first * LENGTH);
  const noise = random.normal(0, 0.5 + 1e-9, rows * LENGTH);
  const lags = new Float64Array(rows * LENGTH), clean = new Float64Array(rows * LENGTH);
  for (let i = 0; i < rows; i++) {
    const row = first + i;
    for (let j = 0; j < LENGTH; j++) {
      const at = i * LENGTH + j, time = times[at];
      lags[at] = j + 1 < LENGTH ? times[at + 1] - time : 0;
      clean[at] = amplitude[row] * Math.sin(2 * Math.PI * frequency[row] * time + phase[row]) + offset[row];
    }
  }
  const columns = [
    frequency.map((f) => 1 / f),
    amplitude.map((a, i) => a * Math.sin(phase[i])),
    amplitude.map((a, i) => a * Math.cos(phase[i])),
    offset,
  ].map(standardised);
  const targets = new Float64Array(rows * 4);
  for (let i = 0; i < rows; i++) columns.forEach((column, k) => targets[i * 4 + k] = column[first + i]);
  return { lags, clean, noisy: clean.map((value, i) => value + noise[i]), targets };
}

function standardised(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  return values.map((x) => (x - mean) / Math.sqrt(variance));
}

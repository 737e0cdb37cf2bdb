import { demand, type Random } from "../core/mod.ts";
import { logGamma } from "../numerics/mod.ts";
import type { Curve } from "./curve.ts";
import type { FrequencyGrid } from "./frequency_grid.ts";
import { fastLombScargle, type LombScargleOptions } from "./lomb_scargle.ts";

/** How the number of independent frequencies is accounted for in {@link falseAlarmProbability}. */
export type FalseAlarmMethod = "single" | "naive" | "davies" | "baluev";

/**
 * The probability that white noise alone makes a highest peak at least this high, for one Fourier term with a
 * floating mean and power in the standard normalisation.
 *
 * `single`: one frequency looked at, `(1 - z)^((N-3)/2)`. `naive`: `maximumFrequency x baseline` independent
 * ones. `davies`: upper limit by the rate of upcrossings. `baluev`: the same with its exponential, the best
 * of the four for periodograms (Baluev 2008, MNRAS 385, 1279, eqs. 5, 6). All assume uncorrelated Gaussian
 * errors of the stated size; red noise makes peaks more common than any of them says.
 *
 * @param power the peak's height z, 0 to 1.
 * @param maximumFrequency highest frequency searched, cycles per day.
 */
export function falseAlarmProbability(
  curve: Curve,
  power: number,
  maximumFrequency: number,
  method: FalseAlarmMethod = "baluev",
): number {
  const n = curve.time.length;
  demand(n > 3, { expected: "more than 3 points", found: `${n}`, where: "falseAlarmProbability" });
  demand(power >= 0 && power <= 1, {
    expected: "a power between 0 and 1 (standard normalisation)",
    found: `${power}`,
    where: "falseAlarmProbability",
  });
  const single = (1 - power) ** (0.5 * (n - 3));
  if (method === "single") return single;
  const { baseline, variance } = timeSpread(curve);
  // expm1 and log1p keep the digits of probabilities far below the rounding error of 1 - p.
  if (method === "naive") return -Math.expm1(maximumFrequency * baseline * Math.log1p(-single));
  const freedom = n - 1;
  const gamma = Math.sqrt(2 / freedom) * Math.exp(logGamma(freedom / 2) - logGamma((freedom - 1) / 2));
  const width = maximumFrequency * Math.sqrt(4 * Math.PI * variance);
  const crossings = width * gamma * (1 - power) ** (0.5 * (n - 4)) * Math.sqrt(0.5 * freedom * power);
  if (method === "davies") return single + crossings;
  return -Math.expm1(Math.log1p(-single) - crossings);
}

/**
 * The power that white noise exceeds with this probability: the inverse of {@link falseAlarmProbability}, by
 * bisection.
 *
 * @param probability between 0 and 1, exclusive.
 */
export function falseAlarmLevel(
  curve: Curve,
  probability: number,
  maximumFrequency: number,
  method: FalseAlarmMethod = "baluev",
): number {
  demand(probability > 0 && probability < 1, {
    expected: "a probability between 0 and 1",
    found: `${probability}`,
    where: "falseAlarmLevel",
  });
  // Upcrossing rates rise before they fall, so the level is looked for from the top.
  let high = 1;
  let low = 1;
  while (low > 0 && falseAlarmProbability(curve, low, maximumFrequency, method) < probability) {
    high = low;
    low -= 1 / 256;
  }
  low = Math.max(low, 0);
  for (let i = 0; i < 60; i++) {
    const middle = 0.5 * (low + high);
    if (falseAlarmProbability(curve, middle, maximumFrequency, method) < probability) high = middle;
    else low = middle;
  }
  return high;
}

/** Options of {@link bootstrapFalseAlarm}. */
export interface BootstrapFalseAlarmOptions extends LombScargleOptions {
  /** Number of shuffled curves. */
  resamples?: number;
  /** Where the draws come from. */
  random: Random;
}

/** What {@link bootstrapFalseAlarm} found. */
export interface BootstrapFalseAlarm {
  /**
   * `(k + 1) / (resamples + 1)`, where k shuffled curves had a peak at least as high: never zero, since no
   * sample says never.
   */
  probability: number;
  /** The highest peak of each shuffled curve, ascending. */
  maxima: Float64Array;
}

/**
 * The false-alarm probability of a peak by bootstrap: values and errors are drawn with replacement, together,
 * onto the fixed times, so that the sampling's own structure and non-Gaussian errors are kept; correlation in
 * time is not.
 *
 * @param power the peak's height in the normalisation of the options.
 * @param grid the frequencies searched, the same as for the peak.
 */
export function bootstrapFalseAlarm(
  curve: Curve,
  power: number,
  grid: FrequencyGrid,
  options: BootstrapFalseAlarmOptions,
): BootstrapFalseAlarm {
  const { resamples = 100, random } = options;
  const n = curve.time.length;
  const maxima = new Float64Array(resamples);
  const value = new Float64Array(n);
  const error = curve.error === undefined ? undefined : new Float64Array(n);
  for (let b = 0; b < resamples; b++) {
    for (let i = 0; i < n; i++) {
      const row = random.integer(0, n);
      value[i] = curve.value[row];
      if (error !== undefined) error[i] = curve.error![row];
    }
    const drawn = fastLombScargle({ time: curve.time, value, error }, grid, options);
    let highest = -Infinity;
    for (const p of drawn) if (p > highest) highest = p;
    maxima[b] = highest;
  }
  maxima.sort();
  let above = 0;
  for (const m of maxima) if (m >= power) above++;
  return { probability: (above + 1) / (resamples + 1), maxima };
}

function timeSpread(curve: Curve): { baseline: number; variance: number } {
  const { time, error } = curve;
  let low = Infinity;
  let high = -Infinity;
  for (const t of time) {
    if (t < low) low = t;
    if (t > high) high = t;
  }
  let total = 0;
  let first = 0;
  let second = 0;
  for (let i = 0; i < time.length; i++) {
    const weight = error === undefined ? 1 : 1 / (error[i] * error[i]);
    const t = time[i] - low;
    total += weight;
    first += weight * t;
    second += weight * t * t;
  }
  return { baseline: high - low, variance: second / total - (first / total) ** 2 };
}

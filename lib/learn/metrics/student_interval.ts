/** The mean of a few runs and how far it can be trusted. */
import { demand } from "../../core/mod.ts";
import { logGamma } from "../../numerics/mod.ts";

/** Mean of a sample with its interval. */
export interface MeanInterval {
  mean: number;
  low: number;
  high: number;
}

/** Panels of Simpson's rule, which is exact to ten digits here. */
const PANELS = 400;

/** Returns the probability that Student's t with `freedom` degrees of freedom lies between -t and t. */
function within(t: number, freedom: number): number {
  const scale = Math.exp(logGamma((freedom + 1) / 2) - logGamma(freedom / 2)) / Math.sqrt(freedom * Math.PI);
  const density = (x: number) => scale * (1 + x * x / freedom) ** (-(freedom + 1) / 2);
  let sum = density(0) + density(t);
  for (let k = 1; k < PANELS; k++) sum += (k % 2 === 1 ? 4 : 2) * density(k * t / PANELS);
  return 2 * sum * t / PANELS / 3;
}

/**
 * Returns the mean of independent numbers with the interval of Student's t; a single number has no interval (NaN).
 *
 * @param level probability that the interval holds. Default 0.95.
 * @throws EphemeraError for an empty sample or a level outside (0, 1)
 *
 * @example
 * ```ts
 * import { studentInterval } from "ephemera/learn";
 * import assert from "node:assert/strict";
 * const { mean, high } = studentInterval([1, 2, 3]);
 * assert.ok(mean === 2 && Math.abs(high - 2 - 4.302653 / Math.sqrt(3)) < 1e-5);
 * ```
 */
export function studentInterval(values: ArrayLike<number>, level = 0.95): MeanInterval {
  const n = values.length;
  demand(n > 0 && level > 0 && level < 1, {
    expected: "at least one number and a level between 0 and 1",
    found: `${n} numbers, level ${level}`,
    where: "studentInterval",
  });
  const all = Array.from(values), mean = all.reduce((a, b) => a + b) / n;
  if (n === 1) return { mean, low: NaN, high: NaN };
  const deviation = Math.sqrt(all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1));
  let low = 0, high = 1;
  while (within(high, n - 1) < level) high *= 2;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (within(middle, n - 1) < level) low = middle;
    else high = middle;
  }
  const half = high * deviation / Math.sqrt(n);
  return { mean, low: mean - half, high: mean + half };
}

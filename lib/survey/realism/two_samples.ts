/** How far apart two samples of one number are. */
import { demand } from "../../core/mod.ts";
import { quantiles } from "../../numerics/mod.ts";
import { rocAuc } from "../../learn/mod.ts";

/** Result of {@link kolmogorovSmirnov}. */
export interface KolmogorovSmirnov {
  /** Largest distance between the two cumulative distributions, 0 to 1. */
  statistic: number;
  /** Chance of a distance as large when both are drawn from one distribution, by the limit for large samples. */
  chance: number;
}

/**
 * Returns the two-sample statistic of Kolmogorov and Smirnov, D = max |F(x) - G(x)|, and its chance by the asymptotic
 * distribution with the argument (s + 0.12 + 0.11 / s) D, s^2 = n m / (n + m) (Stephens 1970, JRSS B 32, 115). With many
 * ties the chance is too large, never too small.
 *
 * @throws EphemeraError for an empty sample or a value that is no number.
 *
 * @example
 * ```ts
 * import { kolmogorovSmirnov } from "ephemera/survey/realism";
 * import assert from "node:assert/strict";
 * assert.equal(kolmogorovSmirnov([1, 2, 3], [4, 5, 6]).statistic, 1);
 * assert.equal(kolmogorovSmirnov([1, 2], [1, 2]).chance, 1);
 * ```
 */
export function kolmogorovSmirnov(first: ArrayLike<number>, second: ArrayLike<number>): KolmogorovSmirnov {
  const a = sorted(first), b = sorted(second), n = a.length, m = b.length;
  let i = 0, j = 0, statistic = 0;
  while (i < n && j < m) {
    // All values equal to the smallest enter together, or ties would count as a distance.
    const value = Math.min(a[i], b[j]);
    while (i < n && a[i] === value) i++;
    while (j < m && b[j] === value) j++;
    statistic = Math.max(statistic, Math.abs(i / n - j / m));
  }
  const scale = Math.sqrt(n * m / (n + m));
  return { statistic, chance: survival((scale + 0.12 + 0.11 / scale) * statistic) };
}

function sorted(values: ArrayLike<number>): Float64Array {
  const result = Float64Array.from(values).sort();
  demand(result.length > 0 && !Number.isNaN(result[result.length - 1]), () => ({
    expected: "at least one value, all of them numbers",
    found: result.length === 0 ? "none" : "NaN",
    where: "kolmogorovSmirnov",
    remedy: "leave out objects without the quantity",
  }));
  return result;
}

/** Returns 2 sum (-1)^(k-1) exp(-2 k^2 x^2). */
function survival(x: number): number {
  // Below this the series converges slowly, and its sum is 1 to seven digits.
  if (x < 0.3) return 1;
  let sum = 0;
  for (let k = 1; k <= 20; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, Math.max(0, sum));
}

/** Probabilities of the quantiles that {@link compareValues} gives. */
export const COMPARED_QUANTILES: readonly number[] = [0.05, 0.25, 0.5, 0.75, 0.95];

/** Two samples of one number beside each other. */
export interface ValueComparison {
  /** Finite values of each sample. */
  realCount: number;
  /** See `realCount`. */
  simulatedCount: number;
  /** {@link KolmogorovSmirnov.statistic}. */
  distance: number;
  /** {@link KolmogorovSmirnov.chance}. */
  chance: number;
  /** Chance that a simulated value is above a real one, ties one half: 0.5 when neither sample lies higher. */
  above: number;
  /** Values at {@link COMPARED_QUANTILES}. */
  realQuantiles: Float64Array;
  /** See `realQuantiles`. */
  simulatedQuantiles: Float64Array;
}

/**
 * Compares the finite values of two samples; null when one of them has none.
 *
 * @example
 * ```ts
 * import { compareValues } from "ephemera/survey/realism";
 * import assert from "node:assert/strict";
 * const { above, realCount } = compareValues([1, 2, NaN], [3, 4])!;
 * assert.deepEqual([above, realCount], [1, 2]);
 * ```
 */
export function compareValues(
  real: ArrayLike<number>,
  simulated: ArrayLike<number>,
): ValueComparison | null {
  const a = Array.from(real).filter(Number.isFinite), b = Array.from(simulated).filter(Number.isFinite);
  if (a.length === 0 || b.length === 0) return null;
  const { statistic, chance } = kolmogorovSmirnov(a, b);
  return {
    realCount: a.length,
    simulatedCount: b.length,
    distance: statistic,
    chance,
    above: rocAuc([...a.map(() => 0), ...b.map(() => 1)], [...a, ...b]),
    realQuantiles: quantiles(a, COMPARED_QUANTILES),
    simulatedQuantiles: quantiles(b, COMPARED_QUANTILES),
  };
}

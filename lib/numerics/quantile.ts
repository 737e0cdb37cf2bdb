import { demand } from "../core/mod.ts";

/**
 * Returns quantiles by linear interpolation of the order statistics (type 7 of Hyndman & Fan 1996, NumPy's default).
 * `values` are copied and sorted; `probabilities` lie in [0, 1]. Throws an EphemeraError on no values, a NaN, or a
 * probability outside.
 *
 * @example
 * ```ts
 * import { quantiles } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * assert.deepEqual([...quantiles([3, 1, 2, 4], [0, 0.5, 1])], [1, 2.5, 4]);
 * ```
 */
export function quantiles(values: ArrayLike<number>, probabilities: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(values).sort();
  demand(sorted.length > 0, { expected: "at least one value", found: "none", where: "quantiles" });
  demand(!Number.isNaN(sorted[sorted.length - 1]), {
    expected: "values without NaN",
    found: "NaN",
    where: "quantiles",
    remedy: "remove missing values first",
  });
  return Float64Array.from(probabilities, (p) => quantileOfSorted(sorted, p));
}

/** Returns one quantile of `values`; see {@link quantiles}. */
export function quantile(values: ArrayLike<number>, probability: number): number {
  return quantiles(values, [probability])[0];
}

/** Returns the median of `values`. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/** Returns one quantile of values that already ascend; see {@link quantiles}. */
export function quantileOfSorted(sorted: ArrayLike<number>, probability: number): number {
  demand(probability >= 0 && probability <= 1, () => ({
    expected: "a probability in [0, 1]",
    found: `${probability}`,
    where: "quantile",
    remedy: "divide percentiles by 100",
  }));
  const position = probability * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  const t = position - below;
  const difference = sorted[above] - sorted[below];
  if (difference === 0 || t === 0) return sorted[below];
  // From the nearer end, as NumPy does: the result then is monotonic in the probability and exact at both ends.
  return t < 0.5 ? sorted[below] + difference * t : sorted[above] - difference * (1 - t);
}

/**
 * Returns `ln sum_i exp(x_i)` without overflow or underflow: the largest term is taken out first.
 * The sum of no terms is -Infinity; a NaN anywhere gives NaN.
 *
 * @example
 * ```ts
 * import { logSumExp } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * assert.equal(logSumExp([-1000, -1000]), -1000 + Math.LN2);
 * ```
 */
export function logSumExp(x: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let i = 0; i < x.length; i++) {
    if (Number.isNaN(x[i])) return NaN;
    if (x[i] > largest) largest = x[i];
  }
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += Math.exp(x[i] - largest);
  return largest + Math.log(sum);
}

/** Writes `exp(x_i - ln sum exp x)` into `target` (which may be `x` itself) and returns it: the softmax of a vector. */
export function softmax<T extends Float64Array>(x: ArrayLike<number>, target: T): T {
  const total = logSumExp(x);
  for (let i = 0; i < x.length; i++) target[i] = Math.exp(x[i] - total);
  return target;
}

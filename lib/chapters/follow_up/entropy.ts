/** Entropies of class probabilities, in nats. */
import { demand } from "../../core/mod.ts";
import type { Matrix } from "../../numerics/mod.ts";

/** Options of {@link entropy}. */
export interface EntropyOptions {
  /**
   * What a probability of zero is replaced by. Default 0: such a class adds nothing (0 ln 0 = 0). The public code puts 1e-10 in
   * its averages over sampled spectra, which adds 2.3e-9 a class.
   */
  zeroAs?: number;
}

/**
 * Returns Shannon's entropy - sum p ln p of a distribution, in nats.
 *
 * @throws EphemeraError unless the probabilities are not negative and sum to 1 within 1e-6
 *
 * @example
 * ```ts
 * import { entropy } from "ephemera/chapters/follow_up";
 * import assert from "node:assert/strict";
 * assert.ok(Math.abs(entropy([0.5, 0.5]) - Math.LN2) < 1e-15);
 * assert.equal(entropy([1, 0, 0]), 0);
 * ```
 */
export function entropy(probabilities: ArrayLike<number>, options: EntropyOptions = {}): number {
  let total = 0;
  for (let k = 0; k < probabilities.length; k++) {
    const p = probabilities[k];
    demand(
      p >= 0,
      () => ({ expected: "probabilities that are not negative", found: `${p}`, where: "entropy" }),
    );
    total += p;
  }
  demand(Math.abs(total - 1) <= 1e-6, () => ({
    expected: "probabilities that sum to 1",
    found: `a sum of ${total}`,
    where: "entropy",
    remedy: "divide votes by their number",
  }));
  return plainEntropy(probabilities, 0, probabilities.length, options.zeroAs ?? 0);
}

/** Returns the entropy of each row of a table of probabilities, in nats. */
export function rowEntropies(probabilities: Matrix, options: EntropyOptions = {}): Float64Array {
  const { rows, columns, data } = probabilities;
  return Float64Array.from(
    { length: rows },
    (_, i) => entropy(data.subarray(i * columns, (i + 1) * columns), options),
  );
}

/** Returns the entropy of `count` probabilities from `start` on, unchecked. */
export function plainEntropy(p: ArrayLike<number>, start: number, count: number, zeroAs: number): number {
  let sum = 0;
  for (let k = start; k < start + count; k++) {
    const q = p[k] === 0 ? zeroAs : p[k];
    if (q > 0) sum -= q * Math.log(q);
  }
  return sum;
}

import { tf } from "../tf.ts";

/** Options of {@link bidirectional}. */
export interface BidirectionalOptions {
  /** `"concat"` (default) puts the backward states behind the forward ones on the last axis; `"sum"` adds them. */
  merge?: "concat" | "sum";
}

/**
 * Joins a recurrence that runs forward in time with one that runs backward. The two are functions of the direction, so
 * that they may have weights of their own, masks and any other option.
 *
 * @param forward computes the forward states
 * @param backward computes the backward states, with `reverse: true`, so that they are aligned with the input
 * @returns `[..., 2 units]` or, summed, `[..., units]`. The caller disposes it.
 *
 * @example
 * ```ts
 * import { bidirectional, gru, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const x: tf.Tensor3D = tf.ones([2, 5, 3]);
 * const one = (reverse: boolean) => gru(x, tf.zeros([3, 12]), tf.zeros([4, 12]), null, { reverse, returnSequences: true });
 * assert.deepEqual(bidirectional(() => one(false), () => one(true)).shape, [2, 5, 8]);
 * ```
 */
export function bidirectional(
  forward: () => tf.Tensor,
  backward: () => tf.Tensor,
  options: BidirectionalOptions = {},
): tf.Tensor {
  return tf.tidy(() => {
    const a = forward(), b = backward();
    return options.merge === "sum" ? tf.add(a, b) : tf.concat([a, b], a.rank - 1);
  });
}

import { tf } from "../tf.ts";

/** Runs `recurrence` on the input as it is, or on the reversed input with the result turned back. */
export function reversedInTime(
  reverse: boolean,
  x: tf.Tensor3D,
  mask: tf.Tensor2D | null,
  recurrence: (x: tf.Tensor3D, mask: tf.Tensor2D | null) => tf.Tensor3D,
): tf.Tensor3D {
  if (!reverse) return recurrence(x, mask);
  return tf.reverse(recurrence(tf.reverse(x, 1), mask && tf.reverse(mask, 1)), 1);
}

/** The state after the last step taken, `[batch, units]`: of the last time, or of the first for a reversed run. */
export function lastState(states: tf.Tensor3D, reverse: boolean): tf.Tensor2D {
  const [batch, time, units] = states.shape;
  return tf.reshape(tf.slice(states, [0, reverse ? 0 : time - 1, 0], [batch, 1, units]), [batch, units]);
}

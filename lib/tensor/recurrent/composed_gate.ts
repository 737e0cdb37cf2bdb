import { tf } from "../tf.ts";
import type { GateActivation } from "./options.ts";

/** The gate function on a tensor: logistic, or `clip(0.2 x + 0.5, 0, 1)`. */
export function gate<T extends tf.Tensor>(x: T, activation: GateActivation): T {
  if (activation === "sigmoid") return tf.sigmoid(x);
  return tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1) as T;
}

/** The derivative of the gate function, from its value `g`: `g (1 - g)`, or 0.2 inside the clip and 0 outside. */
export function gateSlope<T extends tf.Tensor>(g: T, activation: GateActivation): T {
  if (activation === "sigmoid") return tf.mul(g, tf.sub(1, g)) as T;
  const inside = tf.logicalAnd(tf.greater(g, 0), tf.less(g, 1));
  return tf.mul(tf.cast(inside, "float32"), 0.2) as T;
}

/** Block `t` of `count` rows of a matrix. */
export function rowsAt(x: tf.Tensor2D, t: number, count: number): tf.Tensor2D {
  return tf.slice(x, [t * count, 0], [count, x.shape[1]]);
}

/** Columns `from` to `to` of a matrix. */
export function columns(x: tf.Tensor2D, from: number, to: number): tf.Tensor2D {
  return tf.slice(x, [0, from], [x.shape[0], to - from]);
}

/** `[batch, time, n]` to `[time * batch, n]`, time slowest: each step is one contiguous block. */
export function toTimeMajor(x: tf.Tensor): tf.Tensor2D {
  const [batch, time, n] = x.shape as [number, number, number];
  return tf.reshape(tf.transpose(x as tf.Tensor3D, [1, 0, 2]), [time * batch, n]);
}

/** The inverse of {@link toTimeMajor}. */
export function toBatchMajor(x: tf.Tensor2D, batch: number, time: number): tf.Tensor3D {
  return tf.transpose(tf.reshape(x, [time, batch, x.shape[1]]), [1, 0, 2]);
}

/** The states before each step, time-major: the initial one, then all but the last. */
export function statesBefore(initial: tf.Tensor2D, states: tf.Tensor2D): tf.Tensor2D {
  const batch = initial.shape[0];
  if (states.shape[0] === batch) return tf.clone(initial);
  return tf.concat([initial, tf.slice(states, [0, 0], [states.shape[0] - batch, states.shape[1]])], 0);
}

/** Sums the rows of a matrix. */
export function sumRows(x: tf.Tensor2D): tf.Tensor1D {
  return tf.sum(x, 0);
}

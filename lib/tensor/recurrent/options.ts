import { tf } from "../tf.ts";
import { demand } from "../../core/mod.ts";

/**
 * The function on the gates: the logistic function, or `clip(0.2 x + 0.5, 0, 1)`, the hard sigmoid of Keras 1 and 2 (what
 * Keras 3 calls so has the slope 1/6).
 */
export type GateActivation = "sigmoid" | "hard_sigmoid";

/** What {@link gru} and {@link lstm} have in common. */
export interface RecurrentOptions {
  /** The function on the gates. Default `"sigmoid"` (Keras 2 and 3); Keras 1 used `"hard_sigmoid"`. */
  recurrentActivation?: GateActivation;
  /**
   * Runs from the last time step to the first. The states stay aligned with the input (row `t` of the result has seen
   * steps `t` to the last), and "the last state" is that of step 0. Default false.
   */
  reverse?: boolean;
  /**
   * `[batch, time]`, bool or 0/1: a step whose mask is 0 repeats the state before it, and what stands in its input is
   * never looked at.
   */
  mask?: tf.Tensor | null;
  /** All states `[batch, time, units]` (true) or only the last one `[batch, units]` (false, the default, as in Keras). */
  returnSequences?: boolean;
  /**
   * On the wasm backend: whether the gates are kept for the backward pass (`"keep"`, fastest), computed again there
   * (`"recompute"`, a third more arithmetic), or whichever fits (`"auto"`, the default: keep up to
   * {@link KEPT_GATES_LIMIT} bytes a call). Other backends keep them always.
   */
  gates?: "keep" | "recompute" | "auto";
}

/** Bytes of gates that one call keeps for its backward pass before `gates: "auto"` turns to computing them again. */
export const KEPT_GATES_LIMIT = 384 * 2 ** 20;

/** The sizes of one call, checked. */
export interface RecurrentSizes {
  batch: number;
  time: number;
  features: number;
  units: number;
}

function shapeOf(tensor: tf.Tensor): string {
  return `[${tensor.shape.join(", ")}]`;
}

function demandShape(tensor: tf.Tensor, shape: number[], where: string, meaning: string): void {
  const same = tensor.shape.length === shape.length &&
    shape.every((size, axis) => tensor.shape[axis] === size);
  demand(
    same,
    () => ({ expected: `${meaning} of shape [${shape.join(", ")}]`, found: shapeOf(tensor), where }),
  );
}

/** Checks the shapes of a recurrence with `gates` gates and returns its sizes. */
export function checkRecurrence(
  where: string,
  gates: number,
  x: tf.Tensor,
  kernel: tf.Tensor,
  recurrentKernel: tf.Tensor,
  biasShape: (units: number) => number[],
  bias: tf.Tensor | null,
  states: readonly (tf.Tensor | null | undefined)[],
  mask: tf.Tensor | null | undefined,
): RecurrentSizes {
  demand(x.rank === 3 && x.shape[0] >= 1 && x.shape[1]! >= 1 && x.shape[2]! >= 1, () => ({
    expected: "an input of shape [batch, time, features], each at least 1",
    found: shapeOf(x),
    where,
  }));
  const [batch, time, features] = x.shape as [number, number, number];
  const units = recurrentKernel.shape[0] ?? 0;
  demandShape(recurrentKernel, [units, gates * units], where, "a recurrent kernel");
  demandShape(kernel, [features, gates * units], where, "a kernel");
  if (bias !== null) demandShape(bias, biasShape(units), where, "a bias");
  for (const state of states) if (state) demandShape(state, [batch, units], where, "an initial state");
  if (mask) demandShape(mask, [batch, time], where, "a mask");
  return { batch, time, features, units };
}

/** The input as float32: counts and flags are welcome. */
export function asFloat<T extends tf.Tensor>(x: T): T {
  return x.dtype === "float32" ? x : tf.cast(x, "float32");
}

/** The mask as float32 zeros and ones, or null. The caller disposes it. */
export function maskAsFloat(mask: tf.Tensor | null | undefined): tf.Tensor2D | null {
  if (!mask) return null;
  return mask.dtype === "bool"
    ? tf.cast(mask as tf.Tensor2D, "float32")
    : tf.cast(tf.notEqual(mask as tf.Tensor2D, 0), "float32");
}

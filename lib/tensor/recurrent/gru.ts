import { hasNativeOperations } from "../native/mod.ts";
import { tf } from "../tf.ts";
import { composedGru } from "./composed_gru.ts";
import { fusedRecurrence, hasFusedRecurrence } from "./fused.ts";
import { nativeGru } from "./native_gru.ts";
import { nativeRecurrence } from "./native_recurrence.ts";
import { asFloat, checkRecurrence, maskAsFloat, type RecurrentOptions } from "./options.ts";
import { lastState, reversedInTime } from "./time_axis.ts";

/** Options of {@link gru}. */
export interface GruOptions extends RecurrentOptions {
  /**
   * False (the default, Keras 1 and 2): the reset gate multiplies the state, `U_h (r h)`. True (cuDNN, the default of
   * Keras 3, PyTorch): it multiplies the product, `r (U_h h + b_h)`, and there are two biases.
   */
  resetAfter?: boolean;
  /** The state before the first step, `[batch, units]`. Default zeros. Differentiable. */
  initialState?: tf.Tensor2D | null;
}

/**
 * A gated recurrent unit over a whole sequence, as one differentiable operation (Cho et al. 2014, in Keras's order of
 * gates, so that Keras's weights give Keras's numbers):
 *
 *     z = s(W_z x + U_z h + b_z)    r = s(W_r x + U_r h + b_r)
 *     c = tanh(W_h x + U_h (r h) + b_h)             or, resetAfter,  tanh(W_h x + b_h + r (U_h h + b'_h))
 *     h' = z h + (1 - z) c
 *
 * Differentiable in the input, the weights, the bias and the initial state, by backward passage through time written by
 * hand. The gradient of the input is not computed when nobody asks for it, except on native TensorFlow.
 *
 * @param x `[batch, time, features]`
 * @param kernel `[features, 3 units]`, gates z, r, h
 * @param recurrentKernel `[units, 3 units]`
 * @param bias `[3 units]`, with `resetAfter` `[2, 3 units]` (input and recurrent bias), or null for none
 * @returns `[batch, units]`, the last state, or with `returnSequences` `[batch, time, units]`. The caller disposes it.
 * @throws EphemeraError when shapes do not fit.
 *
 * @example
 * ```ts
 * import { gru, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const x: tf.Tensor3D = tf.ones([2, 5, 3]);
 * const last = gru(x, tf.zeros([3, 12]), tf.zeros([4, 12]), null);
 * assert.deepEqual(last.shape, [2, 4]);
 * ```
 */
export function gru(
  x: tf.Tensor3D,
  kernel: tf.Tensor2D,
  recurrentKernel: tf.Tensor2D,
  bias: tf.Tensor | null,
  options: GruOptions = {},
): tf.Tensor {
  const { resetAfter = false, recurrentActivation: activation = "sigmoid", reverse = false, initialState } =
    options;
  const biasShape = (units: number) => resetAfter ? [2, 3 * units] : [3 * units];
  const sizes = checkRecurrence(
    "gru",
    3,
    x,
    kernel,
    recurrentKernel,
    biasShape,
    bias,
    [initialState],
    options.mask,
  );
  return tf.tidy(() => {
    const mask = maskAsFloat(options.mask);
    const offset = bias ?? tf.zeros(biasShape(sizes.units));
    if (hasFusedRecurrence("gru")) {
      const given = { x: asFloat(x), kernel, recurrentKernel, bias: offset };
      return fusedRecurrence("gru", initialState ? { ...given, initial: initialState } : given, mask, {
        resetAfter,
        activation,
        reverse,
        returnSequences: options.returnSequences ?? false,
        gates: options.gates ?? "auto",
      });
    }
    const initial = initialState ?? tf.zeros([sizes.batch, sizes.units]) as tf.Tensor2D;
    if (hasNativeOperations()) {
      const given = {
        x: asFloat(x),
        kernel,
        recurrentKernel,
        bias: offset,
        initial: [asFloat(initial)],
        mask,
      };
      const returnSequences = options.returnSequences ?? false;
      return nativeRecurrence(nativeGru(resetAfter, activation), given, { reverse, returnSequences });
    }
    const states = reversedInTime(
      reverse,
      asFloat(x),
      mask,
      (x, mask) => composedGru(x, kernel, recurrentKernel, offset, initial, mask, { resetAfter, activation }),
    );
    return options.returnSequences ? states : lastState(states, reverse);
  });
}

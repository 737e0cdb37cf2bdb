import { hasNativeOperations } from "../native/mod.ts";
import { tf } from "../tf.ts";
import { composedLstm } from "./composed_lstm.ts";
import { fusedRecurrence, hasFusedRecurrence } from "./fused.ts";
import { nativeLstm } from "./native_lstm.ts";
import { nativeRecurrence } from "./native_recurrence.ts";
import { asFloat, checkRecurrence, maskAsFloat, type RecurrentOptions } from "./options.ts";
import { lastState, reversedInTime } from "./time_axis.ts";

/** Options of {@link lstm}. */
export interface LstmOptions extends RecurrentOptions {
  /** The hidden and the cell state before the first step, `[batch, units]` each. Default zeros. Differentiable. */
  initialState?: [tf.Tensor2D, tf.Tensor2D] | null;
}

/**
 * A long short-term memory over a whole sequence, as one differentiable operation (Hochreiter and Schmidhuber 1997 with
 * the forget gate of Gers et al. 2000, in Keras's order of gates):
 *
 *     i = s(W_i x + U_i h + b_i)    f = s(W_f x + U_f h + b_f)    o = s(W_o x + U_o h + b_o)
 *     c' = f c + i tanh(W_c x + U_c h + b_c)        h' = o tanh(c')
 *
 * Differentiable in the input, the weights, the bias and both initial states.
 *
 * @param x `[batch, time, features]`
 * @param kernel `[features, 4 units]`, gates i, f, c, o
 * @param recurrentKernel `[units, 4 units]`
 * @param bias `[4 units]`, or null for none
 * @returns `[batch, units]`, the last hidden state, or with `returnSequences` `[batch, time, units]`. The caller
 * disposes it.
 * @throws EphemeraError when shapes do not fit.
 *
 * @example
 * ```ts
 * import { lstm, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const x: tf.Tensor3D = tf.ones([2, 5, 3]);
 * const all = lstm(x, tf.zeros([3, 16]), tf.zeros([4, 16]), null, { returnSequences: true });
 * assert.deepEqual(all.shape, [2, 5, 4]);
 * ```
 */
export function lstm(
  x: tf.Tensor3D,
  kernel: tf.Tensor2D,
  recurrentKernel: tf.Tensor2D,
  bias: tf.Tensor1D | null,
  options: LstmOptions = {},
): tf.Tensor {
  const { recurrentActivation: activation = "sigmoid", reverse = false, initialState } = options;
  const biasShape = (units: number) => [4 * units];
  const sizes = checkRecurrence(
    "lstm",
    4,
    x,
    kernel,
    recurrentKernel,
    biasShape,
    bias,
    initialState ?? [],
    options.mask,
  );
  return tf.tidy(() => {
    const mask = maskAsFloat(options.mask);
    const offset = bias ?? tf.zeros([4 * sizes.units]) as tf.Tensor1D;
    if (hasFusedRecurrence("lstm")) {
      const given = { x: asFloat(x), kernel, recurrentKernel, bias: offset };
      const states = initialState && { initial: initialState[0], initialCell: initialState[1] };
      return fusedRecurrence("lstm", { ...given, ...states }, mask, {
        resetAfter: false,
        activation,
        reverse,
        returnSequences: options.returnSequences ?? false,
        gates: options.gates ?? "auto",
      });
    }
    const zeros = () => tf.zeros([sizes.batch, sizes.units]) as tf.Tensor2D;
    const [initial, initialCell] = initialState ?? [zeros(), zeros()];
    if (hasNativeOperations()) {
      const both = [asFloat(initial), asFloat(initialCell)];
      const given = { x: asFloat(x), kernel, recurrentKernel, bias: offset, initial: both, mask };
      const returnSequences = options.returnSequences ?? false;
      return nativeRecurrence(nativeLstm(activation), given, { reverse, returnSequences });
    }
    const states = reversedInTime(
      reverse,
      asFloat(x),
      mask,
      (x, mask) => composedLstm(x, kernel, recurrentKernel, offset, initial, initialCell, mask, activation),
    );
    return options.returnSequences ? states : lastState(states, reverse);
  });
}

import { assertClose } from "../../assert_close.ts";
import { tf } from "../../../lib/tensor/mod.ts";
import assert from "node:assert/strict";
import { gru, lstm } from "../../../lib/tensor/recurrent/mod.ts";
import type { RecurrentOptions } from "../../../lib/tensor/recurrent/mod.ts";
import { differences, parts, type RecurrenceCase, referenceStates } from "./reference.ts";

export { assertClose };

/** The case's tensors, by part name; the caller disposes them. */
export function tensorsOf(c: RecurrenceCase): Record<typeof parts[number], tf.Tensor> {
  const gates = c.cell === "gru" ? 3 : 4;
  return {
    x: tf.tensor(c.x, [c.batch, c.time, c.features]),
    kernel: tf.tensor(c.kernel, [c.features, gates * c.units]),
    recurrentKernel: tf.tensor(c.recurrentKernel, [c.units, gates * c.units]),
    bias: c.cell === "gru" && c.resetAfter ? tf.tensor(c.bias, [2, 3 * c.units]) : tf.tensor1d(c.bias),
    initial: tf.tensor(c.initial, [c.batch, c.units]),
    initialCell: tf.tensor(c.initialCell, [c.cell === "lstm" ? c.batch : 0, c.units]),
  };
}

/** Runs the library's operation on tensors in the order of `parts`. */
export function apply(c: RecurrenceCase, tensors: tf.Tensor[], more: RecurrentOptions = {}): tf.Tensor {
  const [x, kernel, recurrentKernel, bias, initial, initialCell] = tensors as [
    tf.Tensor3D,
    tf.Tensor2D,
    tf.Tensor2D,
    tf.Tensor1D,
    tf.Tensor2D,
    tf.Tensor2D,
  ];
  const mask = c.mask && tf.tensor2d(c.mask, [c.batch, c.time], "bool");
  const common: RecurrentOptions = {
    recurrentActivation: c.hard ? "hard_sigmoid" : "sigmoid",
    reverse: c.reverse,
    mask,
    returnSequences: true,
    ...more,
  };
  return c.cell === "gru"
    ? gru(x, kernel, recurrentKernel, bias, { ...common, resetAfter: c.resetAfter, initialState: initial })
    : lstm(x, kernel, recurrentKernel, bias, { ...common, initialState: [initial, initialCell] });
}

/** Weights of the states in the loss that the gradients are taken of. */
export function lossWeights(c: RecurrenceCase): number[] {
  return Array.from({ length: c.batch * c.time * c.units }, (_, k) => Math.sin(1 + 0.7 * k));
}

/** The gradients of `sum(weights * states)` with respect to all parts, in the order of `parts`. */
export function gradientsOf(
  c: RecurrenceCase,
  weights: number[],
  more: RecurrentOptions = {},
): Float32Array[] {
  return tf.tidy(() => {
    const tensors = tensorsOf(c), w = tf.tensor(weights, [c.batch, c.time, c.units]);
    const used = parts.filter((part) => part !== "initialCell" || c.cell === "lstm");
    const loss = (...given: tf.Tensor[]) => tf.sum(tf.mul(apply(c, given, more), w)) as tf.Scalar;
    const gradients = tf.grads(loss)(used.map((part) => tensors[part]));
    return gradients.map((gradient) => gradient.dataSync() as Float32Array);
  });
}

/** Values against the double-precision loop and gradients against its differences. */
export function checkAgainstReference(c: RecurrenceCase, more: RecurrentOptions = {}): void {
  const label = JSON.stringify({
    ...c,
    ...Object.fromEntries(parts.map((part) => [part, undefined])),
    mask: !!c.mask,
  });
  const tensors = tensorsOf(c);
  const states = tf.tidy(() => apply(c, parts.map((part) => tensors[part]), more).dataSync());
  tf.dispose(tensors);
  assertClose(states, referenceStates(c), 3e-6, `states of ${label}`);
  const weights = lossWeights(c), gradients = gradientsOf(c, weights, more);
  gradients.forEach((gradient, k) => {
    const expected = differences(c, parts[k], weights, 12);
    const scale = Math.max(1, ...Array.from(gradient, Math.abs));
    for (const { index, slope } of expected) {
      if (!(Math.abs(gradient[index] - slope) <= 2e-5 * scale)) {
        assert.fail(`d ${parts[k]}[${index}] is ${gradient[index]}, differences give ${slope}; ${label}`);
      }
    }
  });
}

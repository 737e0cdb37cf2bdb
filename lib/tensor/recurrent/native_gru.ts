import { tf } from "../tf.ts";
import type { NativeCell } from "./native_chunk.ts";
import { nativeGate, nativeGateGradient } from "./native_gate.ts";
import type { NativeKind } from "./native_recurrence.ts";
import type { GateActivation } from "./options.ts";

/**
 * The GRU for native TensorFlow. Gates z, r, candidate; a step keeps these and what the reset gate multiplies, or with
 * the reset gate before the product what that is multiplied with.
 */
export function nativeGru(resetAfter: boolean, activation: GateActivation): NativeKind {
  const cell: NativeCell = {
    name: `gru ${activation}${resetAfter ? " after" : ""}`,
    gates: 3,
    states: 1,
    kept: 4,
    biases: resetAfter ? 4 : 3,
    recurrentBias: resetAfter,
    multiplied: resetAfter ? [null, null, null] : [null, null, 3],
    forward(operations, [forUpdate, forReset, forCandidate], [state], weights, biases) {
      const gate = (projected: number, which: number) => {
        const product = operations.product(state, weights[which]);
        return nativeGate(operations, operations.sum(projected, product, biases[which]), activation);
      };
      const z = gate(forUpdate, 0), r = gate(forReset, 1);
      const product = resetAfter
        ? operations.sum(operations.product(state, weights[2]), biases[3])
        : operations.call("Mul", r, state);
      const inner = resetAfter ? operations.call("Mul", r, product) : operations.product(product, weights[2]);
      const candidate = operations.call("Tanh", operations.sum(forCandidate, inner, biases[2]));
      const change = operations.call("Mul", z, operations.call("Sub", state, candidate));
      return { states: [operations.sum(candidate, change)], kept: [z, r, candidate, product] };
    },
    backward(operations, [state], [z, r, candidate, product], weights, [gradient]) {
      const towards = (gate: number, which: number) => operations.product(gate, weights[which], false, true);
      const difference = operations.call("Sub", state, candidate);
      const dUpdate = nativeGateGradient(
        operations,
        z,
        operations.call("Mul", gradient, difference),
        activation,
      );
      const through = operations.call("Mul", gradient, z), rest = operations.call("Sub", gradient, through);
      const dCandidate = operations.call("TanhGrad", candidate, rest);
      // The gradient of the product, or of what it multiplies.
      const dProduct = resetAfter ? operations.call("Mul", dCandidate, r) : towards(dCandidate, 2);
      const dr = resetAfter
        ? operations.call("Mul", dCandidate, product)
        : operations.call("Mul", dProduct, state);
      const dReset = nativeGateGradient(operations, r, dr, activation);
      const last = resetAfter ? towards(dProduct, 2) : operations.call("Mul", dProduct, r);
      return {
        gates: [dUpdate, dReset, dCandidate],
        recurrentGates: [dUpdate, dReset, resetAfter ? dProduct : dCandidate],
        states: [[through, towards(dUpdate, 0), towards(dReset, 1), last]],
      };
    },
  };
  return {
    cell,
    biases(bias) {
      if (!resetAfter) return tf.split(bias, 3);
      const [input, recurrent] = tf.unstack(bias).map((each) => tf.split(each, 3));
      return [
        tf.add(input[0], recurrent[0]),
        tf.add(input[1], recurrent[1]),
        input[2],
        recurrent[2],
      ];
    },
    biasGradient: (sums, recurrentSums) => recurrentSums ? tf.stack([sums, recurrentSums]) : tf.clone(sums),
  };
}

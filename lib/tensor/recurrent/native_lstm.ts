import { tf } from "../tf.ts";
import type { NativeCell } from "./native_chunk.ts";
import { nativeGate, nativeGateGradient } from "./native_gate.ts";
import type { NativeKind } from "./native_recurrence.ts";
import type { GateActivation } from "./options.ts";

/** The LSTM for native TensorFlow. Gates i, f, fresh, o; states h and the cell's; a step keeps its gates. */
export function nativeLstm(activation: GateActivation): NativeKind {
  const cell: NativeCell = {
    name: `lstm ${activation}`,
    gates: 4,
    states: 2,
    kept: 4,
    biases: 4,
    recurrentBias: false,
    multiplied: [null, null, null, null],
    forward(operations, projected, [state, before], weights, biases) {
      const [i, f, fresh, o] = projected.map((input, gate) => {
        const sum = operations.sum(input, operations.product(state, weights[gate]), biases[gate]);
        return gate === 2 ? operations.call("Tanh", sum) : nativeGate(operations, sum, activation);
      });
      const after = operations.sum(operations.call("Mul", f, before), operations.call("Mul", i, fresh));
      const next = operations.call("Mul", o, operations.call("Tanh", after));
      return { states: [next, after], kept: [i, f, fresh, o] };
    },
    backward(operations, [, before], [i, f, fresh, o], weights, [dState, dCell]) {
      const times = (a: number, b: number) => operations.call("Mul", a, b);
      const curve = operations.call("Tanh", operations.sum(times(f, before), times(i, fresh)));
      const dAfter = operations.sum(dCell, operations.call("TanhGrad", curve, times(dState, o)));
      const gates = [
        nativeGateGradient(operations, i, times(dAfter, fresh), activation),
        nativeGateGradient(operations, f, times(dAfter, before), activation),
        operations.call("TanhGrad", fresh, times(dAfter, i)),
        nativeGateGradient(operations, o, times(dState, curve), activation),
      ];
      const terms = gates.map((gate, which) => operations.product(gate, weights[which], false, true));
      return { gates, recurrentGates: gates, states: [terms, [times(dAfter, f)]] };
    },
  };
  return { cell, biases: (bias) => tf.split(bias, 4), biasGradient: (sums) => tf.clone(sums) };
}

import { type Handle, NativeScope } from "../native/mod.ts";
import { tf } from "../tf.ts";
import { maskedInputs } from "./composed_gru.ts";
import { lazyGradient } from "./lazy_gradient.ts";
import {
  asRows,
  biasGradient,
  gateConstants,
  gradientSteps,
  inEveryRow,
  inputGradient,
  kernelGradient,
  maskSteps,
  nativeGate,
  nativeGateGradient,
  packStates,
  projectedSteps,
  statesOf,
  stepOrder,
} from "./native_steps.ts";
import type { GateActivation } from "./options.ts";

/** What the native LSTM needs beside its tensors. */
export interface NativeLstmSettings {
  activation: GateActivation;
  reverse: boolean;
  returnSequences: boolean;
}

/**
 * An LSTM over a whole sequence on native TensorFlow, built like {@link nativeGru}. TensorFlow's own operation for a
 * whole sequence, BlockLSTM, takes twice as long on a processor.
 *
 * @param x `[batch, time, features]`
 * @param bias `[4 units]`, gates i, f, c, o
 * @param initial hidden state `[batch, units]`
 * @param initialCell cell state `[batch, units]`
 * @param mask `[batch, time]` float zeros and ones, or null
 * @returns the hidden states `[batch, time, units]`, or without `returnSequences` the last one taken, `[batch, units]`.
 */
export function nativeLstm(
  x: tf.Tensor3D,
  kernel: tf.Tensor2D,
  recurrentKernel: tf.Tensor2D,
  bias: tf.Tensor1D,
  initial: tf.Tensor2D,
  initialCell: tf.Tensor2D,
  mask: tf.Tensor2D | null,
  settings: NativeLstmSettings,
): tf.Tensor {
  const [batch, time] = x.shape;
  const { activation, reverse, returnSequences } = settings;
  const order = stepOrder(time, reverse);

  const forward = (save: (tensors: tf.Tensor[]) => void, training: boolean): tf.Tensor =>
    NativeScope.run((scope) => {
      const inputs = maskedInputs(x, mask), seen = maskSteps(scope, mask);
      const projected = projectedSteps(scope, inputs, kernel, 4, time);
      const added = tf.split(bias, 4).map((part) => scope.of(inEveryRow(part, batch)));
      const weights = scope.of(recurrentKernel), constants = gateConstants(scope);

      const gates: Handle[][] = Array.from({ length: 4 }, () => new Array(time));
      const states: Handle[] = new Array(time), cells: Handle[] = new Array(time);
      let state = scope.of(initial), cell = scope.of(initialCell);
      for (const t of order) {
        const recurrent = scope.product(state, weights), parts = scope.columns(recurrent, 4);
        const [i, f, fresh, o] = parts.map((part, k) => {
          const sum = scope.sum(projected[k][t], part, added[k]);
          const value = k === 2 ? scope.call("Tanh", sum) : nativeGate(scope, sum, activation, constants);
          scope.free(sum, part, projected[k][t]);
          return value;
        });
        const kept = scope.call("Mul", f, cell), written = scope.call("Mul", i, fresh);
        let nextCell = scope.call("AddV2", kept, written);
        const curve = scope.call("Tanh", nextCell);
        let next = scope.call("Mul", o, curve);
        scope.free(recurrent, kept, written, curve);
        if (seen) {
          const [freshCell, freshState] = [nextCell, next];
          nextCell = scope.call("Select", seen[t], freshCell, cell);
          next = scope.call("Select", seen[t], freshState, state);
          scope.free(freshCell, freshState);
        }
        if (training) [i, f, fresh, o].forEach((gate, k) => gates[k][t] = gate);
        else {
          scope.free(i, f, fresh, o, cell);
          // Without a gradient and a sequence, only the last state is wanted.
          if (!returnSequences) scope.free(state);
        }
        states[t] = state = next;
        cells[t] = cell = nextCell;
      }
      if (!training && !returnSequences) return scope.tensor(state);
      const last = returnSequences ? null : scope.tensor(scope.call("Identity", state));
      const all = packStates(scope, scope.of(initial), states, reverse);
      if (training) {
        const allCells = packStates(scope, scope.of(initialCell), cells, reverse);
        const packed = gates.map((parts) => scope.tensor(scope.pack(parts)));
        save([kernel, recurrentKernel, inputs, all, allCells, ...packed, ...(mask ? [mask] : [])]);
      }
      return last ?? tf.transpose(statesOf(all, "after", reverse), [1, 0, 2]);
    });

  const backward = (dy: tf.Tensor, saved: tf.Tensor[]) => {
    const [kernel, recurrentKernel, inputs, all, allCells] = saved as [
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor3D,
      tf.Tensor3D,
    ];
    const packedGates = saved.slice(5, 9), mask = saved[9] as tf.Tensor2D | undefined;
    const { dGates, dInitial, dInitialCell } = NativeScope.run((scope) => {
      const unpack = (tensor: tf.Tensor) => scope.unpack(scope.of(tensor), time);
      const [i, f, fresh, o] = packedGates.map(unpack);
      const before = unpack(statesOf(allCells, "before", reverse));
      const after = unpack(statesOf(allCells, "after", reverse));
      const seen = mask ? unpack(tf.expandDims(tf.transpose(mask), 2)) : null;
      const blocks = tf.split(recurrentKernel, 4, 1).map((block) => scope.of(block));
      const constants = gateConstants(scope);
      const outside = gradientSteps(scope, dy, time, reverse);
      const gateGradient = (gate: Handle, factor: Handle, gradient: Handle) =>
        nativeGateGradient(scope, gate, scope.call("Mul", gradient, factor), activation, constants);

      const steps: Handle[][] = Array.from({ length: 4 }, () => new Array(time));
      let dState = outside[order[time - 1]]!, dCell = scope.call("ZerosLike", dState);
      for (let step = time - 1; step >= 0; step--) {
        const t = order[step], terms: Handle[] = [];
        let dh = dState, dc = dCell, skippedCell: Handle | null = null;
        if (seen) {
          // The gradients of the rows that took this step; those of the others go through to the state before.
          dh = scope.call("Mul", dState, seen[t]);
          dc = scope.call("Mul", dCell, seen[t]);
          terms.push(scope.call("Sub", dState, dh));
          skippedCell = scope.call("Sub", dCell, dc);
          scope.free(dState, dCell, seen[t]);
        }
        const curve = scope.call("Tanh", after[t]);
        const dCurve = scope.call("Mul", dh, o[t]), fromState = scope.call("TanhGrad", curve, dCurve);
        const dThis = scope.call("AddV2", dc, fromState);
        const dFresh = scope.call("Mul", dThis, i[t]);
        steps[0][t] = gateGradient(i[t], fresh[t], dThis);
        steps[1][t] = gateGradient(f[t], before[t], dThis);
        steps[2][t] = scope.call("TanhGrad", fresh[t], dFresh);
        steps[3][t] = gateGradient(o[t], curve, dh);
        for (const [k, block] of blocks.entries()) terms.push(scope.product(steps[k][t], block, false, true));
        const fromOutside = step > 0 ? outside[order[step - 1]] : null;
        if (fromOutside !== null) terms.push(fromOutside);
        dState = scope.sum(...terms);
        dCell = scope.call("Mul", dThis, f[t]);
        if (skippedCell !== null) {
          const through = dCell;
          dCell = scope.call("AddV2", through, skippedCell);
          scope.free(through, skippedCell);
        }
        scope.free(dh, dc, curve, dCurve, fromState, dThis, dFresh, ...terms);
        scope.free(i[t], f[t], fresh[t], o[t], before[t], after[t]);
      }
      return {
        dGates: steps.map((parts) => asRows(scope.tensor(scope.pack(parts)))),
        dInitial: scope.tensor(dState),
        dInitialCell: scope.tensor(dCell),
      };
    });
    return {
      x: () => inputGradient(dGates, kernel, time),
      kernel: () => kernelGradient(inputs, dGates),
      recurrentKernel: () => kernelGradient(asRows(statesOf(all, "before", reverse)), dGates),
      bias: () => biasGradient(dGates),
      initial: () => tf.clone(dInitial),
      initialCell: () => tf.clone(dInitialCell),
    };
  };

  const inputs = { x, kernel, recurrentKernel, bias, initial, initialCell };
  return lazyGradient({ inputs, forward, backward });
}

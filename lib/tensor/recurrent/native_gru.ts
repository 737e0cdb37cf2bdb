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

/** What the native GRU needs beside its tensors. */
export interface NativeGruSettings {
  resetAfter: boolean;
  activation: GateActivation;
  reverse: boolean;
  returnSequences: boolean;
}

/**
 * A GRU over a whole sequence on native TensorFlow: per step two dozen of its operations without tfjs in between, the
 * products with the input and the weights' gradients once for all steps.
 *
 * @param x `[batch, time, features]`
 * @param bias `[3 units]`, or `[2, 3 units]` (input, recurrent) with `resetAfter`
 * @param initial `[batch, units]`
 * @param mask `[batch, time]` float zeros and ones, or null
 * @returns the states `[batch, time, units]`, or without `returnSequences` the last one taken, `[batch, units]`.
 */
export function nativeGru(
  x: tf.Tensor3D,
  kernel: tf.Tensor2D,
  recurrentKernel: tf.Tensor2D,
  bias: tf.Tensor,
  initial: tf.Tensor2D,
  mask: tf.Tensor2D | null,
  settings: NativeGruSettings,
): tf.Tensor {
  const [batch, time] = x.shape;
  const units = recurrentKernel.shape[0];
  const { resetAfter, activation, reverse, returnSequences } = settings;
  const order = stepOrder(time, reverse);

  const forward = (save: (tensors: tf.Tensor[]) => void, training: boolean): tf.Tensor =>
    NativeScope.run((scope) => {
      const inputs = maskedInputs(x, mask), seen = maskSteps(scope, mask);
      const projected = projectedSteps(scope, inputs, kernel, 3, time);
      const { updateBias, resetBias, candidateBias, productBias } = rows(bias, resetAfter, batch);
      const addedToUpdate = scope.of(updateBias), addedToReset = scope.of(resetBias);
      const addedToCandidate = scope.of(candidateBias), addedToProduct = productBias && scope.of(productBias);
      const stepKernel = resetAfter ? recurrentKernel : tf.slice(recurrentKernel, [0, 0], [units, 2 * units]);
      const candidateKernel = tf.slice(recurrentKernel, [0, 2 * units], [units, units]);
      const weights = scope.of(stepKernel), candidateWeights = scope.of(candidateKernel);
      const constants = gateConstants(scope);

      const states: Handle[] = new Array(time), updates: Handle[] = new Array(time);
      const resets: Handle[] = new Array(time);
      const candidates: Handle[] = new Array(time), products: Handle[] = new Array(time);
      let state = scope.of(initial);
      for (const t of order) {
        const recurrent = scope.product(state, weights);
        const [forUpdate, forReset, forCandidate] = scope.columns(recurrent, resetAfter ? 3 : 2);
        const updateSum = scope.sum(projected[0][t], forUpdate, addedToUpdate);
        const resetSum = scope.sum(projected[1][t], forReset, addedToReset);
        const z = nativeGate(scope, updateSum, activation, constants);
        const r = nativeGate(scope, resetSum, activation, constants);
        let product: Handle, inner: Handle;
        if (resetAfter) {
          product = scope.call("AddV2", forCandidate, addedToProduct!);
          inner = scope.call("Mul", r, product);
        } else {
          product = scope.call("Mul", r, state);
          inner = scope.product(product, candidateWeights);
        }
        const candidateSum = scope.sum(projected[2][t], inner, addedToCandidate);
        const candidate = scope.call("Tanh", candidateSum);
        const difference = scope.call("Sub", state, candidate), part = scope.call("Mul", z, difference);
        let next = scope.call("AddV2", candidate, part);
        scope.free(
          recurrent,
          forUpdate,
          forReset,
          updateSum,
          resetSum,
          inner,
          candidateSum,
          difference,
          part,
        );
        if (resetAfter) scope.free(forCandidate);
        scope.free(projected[0][t], projected[1][t], projected[2][t]);
        if (seen) {
          const fresh = next;
          next = scope.call("Select", seen[t], fresh, state);
          scope.free(fresh);
        }
        if (training) {
          [updates[t], resets[t], candidates[t], products[t]] = [z, r, candidate, product];
        } else {
          scope.free(z, r, candidate, product);
          // Without a gradient and a sequence, only the last state is wanted.
          if (!returnSequences) scope.free(state);
        }
        states[t] = state = next;
      }
      if (!training && !returnSequences) return scope.tensor(state);
      const last = returnSequences ? null : scope.tensor(scope.call("Identity", state));
      const all = packStates(scope, scope.of(initial), states, reverse);
      if (training) {
        const gates = [updates, resets, candidates, products].map((parts) => scope.tensor(scope.pack(parts)));
        save([kernel, recurrentKernel, inputs, all, ...gates, ...(mask ? [mask] : [])]);
      }
      return last ?? tf.transpose(statesOf(all, "after", reverse), [1, 0, 2]);
    });

  const backward = (dy: tf.Tensor, saved: tf.Tensor[]) => {
    const [kernel, recurrentKernel, inputs, all, updates, resets, candidates, products, mask] = saved;
    const { gates, dProduct, dInitial } = NativeScope.run((scope) => {
      const unpack = (tensor: tf.Tensor) => scope.unpack(scope.of(tensor), time);
      const [z, r, candidate, product] = [updates, resets, candidates, products].map(unpack);
      const before = unpack(statesOf(all as tf.Tensor3D, "before", reverse));
      const seen = mask ? unpack(tf.expandDims(tf.transpose(mask as tf.Tensor2D), 2)) : null;
      const blocks = tf.split(recurrentKernel as tf.Tensor2D, 3, 1).map((block) => scope.of(block));
      const [updateWeights, resetWeights, candidateWeights] = blocks;
      const constants = gateConstants(scope);
      const outside = gradientSteps(scope, dy, time, reverse);

      const dUpdates: Handle[] = new Array(time), dResets: Handle[] = new Array(time);
      const dCandidates: Handle[] = new Array(time), dProducts: Handle[] = new Array(time);
      let dState = outside[order[time - 1]]!;
      for (let step = time - 1; step >= 0; step--) {
        const t = order[step], terms: Handle[] = [];
        let dh = dState;
        if (seen) {
          // The gradient of the rows that took this step; that of the others goes through to the state before.
          dh = scope.call("Mul", dState, seen[t]);
          terms.push(scope.call("Sub", dState, dh));
          scope.free(dState, seen[t]);
        }
        const difference = scope.call("Sub", before[t], candidate[t]);
        const dz = scope.call("Mul", dh, difference);
        dUpdates[t] = nativeGateGradient(scope, z[t], dz, activation, constants);
        const through = scope.call("Mul", dh, z[t]), rest = scope.call("Sub", dh, through);
        const dCandidate = dCandidates[t] = scope.call("TanhGrad", candidate[t], rest);
        terms.push(through);
        if (resetAfter) {
          const dr = scope.call("Mul", dCandidate, product[t]);
          dResets[t] = nativeGateGradient(scope, r[t], dr, activation, constants);
          const dp = dProducts[t] = scope.call("Mul", dCandidate, r[t]);
          terms.push(scope.product(dp, candidateWeights, false, true));
        } else {
          const dp = scope.product(dCandidate, candidateWeights, false, true);
          const dr = scope.call("Mul", dp, before[t]);
          dResets[t] = nativeGateGradient(scope, r[t], dr, activation, constants);
          terms.push(scope.call("Mul", dp, r[t]));
          scope.free(dp);
        }
        terms.push(scope.product(dUpdates[t], updateWeights, false, true));
        terms.push(scope.product(dResets[t], resetWeights, false, true));
        const fromOutside = step > 0 ? outside[order[step - 1]] : null;
        if (fromOutside !== null) terms.push(fromOutside);
        dState = scope.sum(...terms);
        scope.free(dh, difference, rest, ...terms);
        scope.free(z[t], r[t], candidate[t], product[t], before[t]);
      }
      const packed = (parts: Handle[]) => asRows(scope.tensor(scope.pack(parts)));
      return {
        gates: [packed(dUpdates), packed(dResets), packed(dCandidates)],
        dProduct: resetAfter ? packed(dProducts) : null,
        dInitial: scope.tensor(dState),
      };
    });
    const [dUpdate, dReset, dCandidate] = gates;
    const recurrentGates = [dUpdate, dReset, dProduct ?? dCandidate];
    return {
      x: () => inputGradient(gates, kernel as tf.Tensor2D, time),
      kernel: () => kernelGradient(inputs as tf.Tensor2D, gates),
      recurrentKernel: () => {
        const before = asRows(statesOf(all as tf.Tensor3D, "before", reverse));
        if (resetAfter) return kernelGradient(before, recurrentGates);
        const candidatePart = tf.matMul(asRows(products), dCandidate, true);
        return tf.concat([kernelGradient(before, [dUpdate, dReset]), candidatePart], 1);
      },
      bias: () => {
        if (!resetAfter) return biasGradient(gates);
        return tf.stack([biasGradient(gates), biasGradient(recurrentGates)]);
      },
      initial: () => tf.clone(dInitial),
    };
  };

  return lazyGradient({ inputs: { x, kernel, recurrentKernel, bias, initial }, forward, backward });
}

/** The biases of the gates for every row of a batch; that of the product only with `resetAfter`. */
function rows(bias: tf.Tensor, resetAfter: boolean, batch: number) {
  const [input, recurrent] = resetAfter ? tf.unstack(bias) : [bias, null];
  const [update, reset, candidate] = tf.split(input, 3);
  const [updateToo, resetToo, product] = recurrent ? tf.split(recurrent, 3) : [null, null, null];
  return {
    updateBias: inEveryRow(updateToo ? tf.add(update, updateToo) : update, batch),
    resetBias: inEveryRow(resetToo ? tf.add(reset, resetToo) : reset, batch),
    candidateBias: inEveryRow(candidate, batch),
    productBias: product && inEveryRow(product, batch),
  };
}

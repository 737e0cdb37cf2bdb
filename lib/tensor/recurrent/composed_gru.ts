import { tf } from "../tf.ts";
import {
  columns,
  gate,
  gateSlope,
  rowsAt,
  statesBefore,
  sumRows,
  toBatchMajor,
  toTimeMajor,
} from "./composed_gate.ts";
import { lazyGradient } from "./lazy_gradient.ts";
import type { GateActivation } from "./options.ts";

/** What the composed GRU needs beside its tensors. */
export interface ComposedGruSettings {
  resetAfter: boolean;
  activation: GateActivation;
}

/**
 * A GRU over a whole sequence out of a few generic operations a step, for every backend without a kernel of its own.
 * The input projection and all weight gradients are single matrix products over all steps; what the backward loop
 * needs of the gates is prepared for all steps at once. Nothing is read back to the processor.
 *
 * @param x `[batch, time, features]`
 * @param bias `[3 units]`, or `[2, 3 units]` (input, recurrent) with `resetAfter`
 * @param initial `[batch, units]`
 * @param mask `[batch, time]` float zeros and ones, or null
 * @returns all states `[batch, time, units]`.
 */
export function composedGru(
  x: tf.Tensor3D,
  kernel: tf.Tensor2D,
  recurrentKernel: tf.Tensor2D,
  bias: tf.Tensor,
  initial: tf.Tensor2D,
  mask: tf.Tensor2D | null,
  settings: ComposedGruSettings,
): tf.Tensor3D {
  const [batch, time] = x.shape;
  const units = recurrentKernel.shape[0];
  const { resetAfter, activation } = settings;
  const recurrentColumns = resetAfter ? 3 * units : 2 * units;

  const forward = (save: (tensors: tf.Tensor[]) => void, training: boolean): tf.Tensor3D => {
    const inputs = maskedInputs(x, mask);
    const maskColumn = mask && tf.reshape(tf.transpose(mask), [time * batch, 1]);
    const [inputBias, recurrentBias] = resetAfter
      ? tf.unstack(bias) as [tf.Tensor1D, tf.Tensor1D]
      : [bias as tf.Tensor1D, null];
    const projected = tf.add(tf.matMul(inputs, kernel), inputBias) as tf.Tensor2D;
    const stepKernel = resetAfter ? recurrentKernel : columns(recurrentKernel, 0, recurrentColumns);
    const candidateKernel = resetAfter ? null : columns(recurrentKernel, 2 * units, 3 * units);

    const gates: tf.Tensor2D[] = [], candidates: tf.Tensor2D[] = [], products: tf.Tensor2D[] = [];
    const states: tf.Tensor2D[] = [];
    let state = initial;
    for (let t = 0; t < time; t++) {
      const [zr, candidate, product, next] = tf.tidy(() => {
        const input = rowsAt(projected, t, batch);
        let recurrent: tf.Tensor2D = tf.matMul(state, stepKernel);
        if (recurrentBias) recurrent = tf.add(recurrent, recurrentBias);
        const sum = tf.add(columns(input, 0, 2 * units), columns(recurrent, 0, 2 * units)) as tf.Tensor2D;
        const zr = gate(sum, activation);
        const [z, r] = tf.split(zr, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
        const product = candidateKernel
          ? tf.mul(r, state)
          : columns(recurrent as tf.Tensor2D, 2 * units, 3 * units);
        const inner = candidateKernel
          ? tf.matMul(product as tf.Tensor2D, candidateKernel)
          : tf.mul(r, product);
        const candidate = tf.tanh(tf.add(columns(input, 2 * units, 3 * units), inner));
        const fresh = tf.add(candidate, tf.mul(z, tf.sub(state, candidate)));
        const next = maskColumn
          ? tf.where(tf.cast(rowsAt(maskColumn as tf.Tensor2D, t, batch), "bool"), fresh, state)
          : fresh;
        return [zr, candidate, product, next] as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
      });
      if (training) {
        gates.push(zr);
        candidates.push(candidate);
        products.push(product);
      } else {
        tf.dispose([zr, candidate, product]);
      }
      states.push(next);
      state = next;
    }
    const sequence = tf.concat(states, 0) as tf.Tensor2D;
    if (training) {
      const kept = [inputs, sequence, tf.concat(gates, 0), tf.concat(candidates, 0), tf.concat(products, 0)];
      save([kernel, recurrentKernel, initial, ...kept, ...(maskColumn ? [maskColumn] : [])]);
    }
    return toBatchMajor(sequence, batch, time);
  };

  const backward = (dy: tf.Tensor, saved: tf.Tensor[]) => {
    const [kernel, recurrentKernel, initial, inputs, sequence, gates, candidates, products, maskColumn] =
      saved as tf.Tensor2D[];
    // Per step only products with these remain: the candidate's, the update gate's and the reset gate's slopes.
    const prepared = tf.tidy(() => {
      const before = statesBefore(initial, sequence);
      const [z, r] = tf.split(gates, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
      const slope = gateSlope(gates, activation);
      let candidateSlope: tf.Tensor = tf.mul(tf.sub(1, z), tf.sub(1, tf.square(candidates)));
      let updateSlope: tf.Tensor = tf.mul(tf.sub(before, candidates), columns(slope, 0, units));
      const resetSlope = tf.mul(resetAfter ? products : before, columns(slope, units, 2 * units));
      let through: tf.Tensor = z;
      if (maskColumn) {
        candidateSlope = tf.mul(candidateSlope, maskColumn);
        updateSlope = tf.mul(updateSlope, maskColumn);
        through = tf.add(tf.sub(1, maskColumn), tf.mul(maskColumn, z));
      }
      return [
        candidateSlope,
        updateSlope,
        resetSlope,
        tf.clone(through),
        tf.clone(r),
        before,
        toTimeMajor(dy),
      ];
    }) as tf.Tensor2D[];
    const [candidateSlope, updateSlope, resetSlope, through, reset, before, dyTime] = prepared;
    const stepKernel = resetAfter ? recurrentKernel : tf.tidy(() => columns(recurrentKernel, 0, 2 * units));
    const candidateKernel = tf.tidy(() => columns(recurrentKernel, 2 * units, 3 * units));

    const inputSteps: tf.Tensor2D[] = new Array(time), recurrentSteps: tf.Tensor2D[] = new Array(time);
    let dh: tf.Tensor2D = tf.tidy(() => tf.clone(rowsAt(dyTime, time - 1, batch)));
    for (let t = time - 1; t >= 0; t--) {
      const [da, dRecurrent, previous] = tf.tidy(() => {
        const at = (all: tf.Tensor2D) => rowsAt(all, t, batch);
        const dCandidate = tf.mul(dh, at(candidateSlope));
        const dUpdate = tf.mul(dh, at(updateSlope));
        let through2 = tf.mul(dh, at(through));
        const r = at(reset);
        let da: tf.Tensor, dRecurrent: tf.Tensor;
        if (resetAfter) {
          const dReset = tf.mul(dCandidate, at(resetSlope));
          da = tf.concat([dUpdate, dReset, dCandidate], 1);
          dRecurrent = tf.concat([dUpdate, dReset, tf.mul(dCandidate, r)], 1);
        } else {
          const dProduct = tf.matMul(dCandidate as tf.Tensor2D, candidateKernel, false, true);
          dRecurrent = tf.concat([dUpdate, tf.mul(dProduct, at(resetSlope))], 1);
          da = tf.concat([dRecurrent, dCandidate], 1);
          through2 = tf.add(through2, tf.mul(dProduct, r));
        }
        let previous = tf.add(through2, tf.matMul(dRecurrent as tf.Tensor2D, stepKernel, false, true));
        if (t > 0) previous = tf.add(previous, rowsAt(dyTime, t - 1, batch));
        return [da, dRecurrent, previous] as tf.Tensor2D[];
      });
      inputSteps[t] = da;
      recurrentSteps[t] = dRecurrent;
      dh.dispose();
      dh = previous;
    }
    const dInput = tf.concat(inputSteps, 0), dRecurrent = tf.concat(recurrentSteps, 0);
    tf.dispose([inputSteps, recurrentSteps, candidateSlope, updateSlope, resetSlope, through, dyTime]);

    return {
      x: () => toBatchMajor(tf.matMul(dInput, kernel, false, true), batch, time),
      kernel: () => tf.matMul(inputs, dInput, true),
      recurrentKernel: () => {
        const steps = tf.matMul(before, dRecurrent, true);
        if (resetAfter) return steps;
        const dCandidate = columns(dInput, 2 * units, 3 * units);
        return tf.concat([steps, tf.matMul(products, dCandidate, true)], 1);
      },
      bias: () => resetAfter ? tf.stack([sumRows(dInput), sumRows(dRecurrent)]) : sumRows(dInput),
      initial: () => tf.clone(dh),
    };
  };

  const inputs = { x, kernel, recurrentKernel, bias, initial };
  return lazyGradient({ name: "gru", inputs, forward, backward }) as tf.Tensor3D;
}

/** The inputs time-major, with zeros where the mask is 0: whatever pads a short sequence, NaN too, has no effect. */
export function maskedInputs(x: tf.Tensor3D, mask: tf.Tensor2D | null): tf.Tensor2D {
  if (!mask) return toTimeMajor(x);
  return toTimeMajor(tf.where(tf.cast(tf.expandDims(mask, 2), "bool"), x, tf.zerosLike(x)));
}

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
import { maskedInputs } from "./composed_gru.ts";
import { lazyGradient } from "./lazy_gradient.ts";
import type { GateActivation } from "./options.ts";

/**
 * An LSTM over a whole sequence out of a few generic operations a step, for every backend without a kernel of its
 * own; built like {@link composedGru}.
 *
 * @param x `[batch, time, features]`
 * @param bias `[4 units]`, gates i, f, c, o
 * @param initial hidden state `[batch, units]`
 * @param initialCell cell state `[batch, units]`
 * @param mask `[batch, time]` float zeros and ones, or null
 * @returns all hidden states `[batch, time, units]`.
 */
export function composedLstm(
  x: tf.Tensor3D,
  kernel: tf.Tensor2D,
  recurrentKernel: tf.Tensor2D,
  bias: tf.Tensor1D,
  initial: tf.Tensor2D,
  initialCell: tf.Tensor2D,
  mask: tf.Tensor2D | null,
  activation: GateActivation,
): tf.Tensor3D {
  const [batch, time] = x.shape;
  const units = recurrentKernel.shape[0];

  const forward = (save: (tensors: tf.Tensor[]) => void, training: boolean): tf.Tensor3D => {
    const inputs = maskedInputs(x, mask);
    const maskColumn = mask && tf.reshape(tf.transpose(mask), [time * batch, 1]) as tf.Tensor2D;
    const projected = tf.add(tf.matMul(inputs, kernel), bias) as tf.Tensor2D;
    const gates: tf.Tensor2D[] = [], cells: tf.Tensor2D[] = [], states: tf.Tensor2D[] = [];
    let state = initial, cell = initialCell;
    for (let t = 0; t < time; t++) {
      const [all, nextCell, next] = tf.tidy(() => {
        const sum = tf.add(rowsAt(projected, t, batch), tf.matMul(state, recurrentKernel)) as tf.Tensor2D;
        const inputForget = gate(columns(sum, 0, 2 * units), activation);
        const fresh = tf.tanh(columns(sum, 2 * units, 3 * units));
        const output = gate(columns(sum, 3 * units, 4 * units), activation);
        const [i, f] = tf.split(inputForget, 2, 1);
        let nextCell = tf.add(tf.mul(f, cell), tf.mul(i, fresh)) as tf.Tensor2D;
        let next = tf.mul(output, tf.tanh(nextCell)) as tf.Tensor2D;
        if (maskColumn) {
          const seen = tf.cast(rowsAt(maskColumn, t, batch), "bool");
          nextCell = tf.where(seen, nextCell, cell);
          next = tf.where(seen, next, state);
        }
        return [training ? tf.concat([inputForget, fresh, output], 1) : nextCell, nextCell, next];
      }) as tf.Tensor2D[];
      if (training) gates.push(all);
      else if (t > 0) cell.dispose();
      cells.push(nextCell);
      states.push(next);
      state = next;
      cell = nextCell;
    }
    const sequence = tf.concat(states, 0) as tf.Tensor2D;
    if (training) {
      const kept = [inputs, sequence, tf.concat(gates, 0), tf.concat(cells, 0)];
      save([kernel, recurrentKernel, initial, initialCell, ...kept, ...(maskColumn ? [maskColumn] : [])]);
    }
    return toBatchMajor(sequence, batch, time);
  };

  const backward = (dy: tf.Tensor, saved: tf.Tensor[]) => {
    const [kernel, recurrentKernel, initial, initialCell, inputs, sequence, gates, cells, maskColumn] =
      saved as tf.Tensor2D[];
    const [cellSlopes, forget, outputSlope, cellFromState, skip, dyTime] = tf.tidy(() => {
      const cellsBefore = statesBefore(initialCell, cells);
      const [i, f, fresh, o] = tf.split(gates, 4, 1) as tf.Tensor2D[];
      const curve = tf.tanh(cells);
      let slopes: tf.Tensor = tf.concat([
        tf.mul(fresh, gateSlope(i, activation)),
        tf.mul(cellsBefore, gateSlope(f, activation)),
        tf.mul(i, tf.sub(1, tf.square(fresh))),
      ], 1);
      let outputSlope: tf.Tensor = tf.mul(curve, gateSlope(o, activation));
      let cellFromState: tf.Tensor = tf.mul(o, tf.sub(1, tf.square(curve)));
      let forget: tf.Tensor = tf.clone(f);
      if (maskColumn) {
        slopes = tf.mul(slopes, maskColumn);
        outputSlope = tf.mul(outputSlope, maskColumn);
        cellFromState = tf.mul(cellFromState, maskColumn);
        forget = tf.add(tf.sub(1, maskColumn), tf.mul(maskColumn, f));
      }
      const skip = maskColumn ? tf.sub(1, maskColumn) : tf.scalar(0);
      return [slopes, forget, outputSlope, cellFromState, skip, toTimeMajor(dy)];
    }) as tf.Tensor2D[];

    const steps: tf.Tensor2D[] = new Array(time);
    let dh: tf.Tensor2D = tf.tidy(() => tf.clone(rowsAt(dyTime, time - 1, batch)));
    let dc: tf.Tensor2D = tf.zeros([batch, units]);
    for (let t = time - 1; t >= 0; t--) {
      const [da, previousCell, previous] = tf.tidy(() => {
        const at = (all: tf.Tensor2D) => rowsAt(all, t, batch);
        const dCell = tf.add(dc, tf.mul(dh, at(cellFromState)));
        const da = tf.concat([
          tf.mul(tf.concat([dCell, dCell, dCell], 1), at(cellSlopes)),
          tf.mul(dh, at(outputSlope)),
        ], 1) as tf.Tensor2D;
        let previous = tf.matMul(da, recurrentKernel, false, true) as tf.Tensor;
        if (maskColumn) previous = tf.add(previous, tf.mul(dh, at(skip)));
        if (t > 0) previous = tf.add(previous, rowsAt(dyTime, t - 1, batch));
        return [da, tf.mul(dCell, at(forget)), previous];
      }) as tf.Tensor2D[];
      steps[t] = da;
      tf.dispose([dh, dc]);
      dh = previous;
      dc = previousCell;
    }
    const da = tf.concat(steps, 0);
    tf.dispose([steps, cellSlopes, forget, outputSlope, cellFromState, skip, dyTime]);
    return {
      x: () => toBatchMajor(tf.matMul(da, kernel, false, true), batch, time),
      kernel: () => tf.matMul(inputs, da, true),
      recurrentKernel: () => tf.matMul(statesBefore(initial, sequence), da, true),
      bias: () => sumRows(da),
      initial: () => tf.clone(dh),
      initialCell: () => tf.clone(dc),
    };
  };

  const inputs = { x, kernel, recurrentKernel, bias, initial, initialCell };
  return lazyGradient({ name: "lstm", inputs, forward, backward }) as tf.Tensor3D;
}

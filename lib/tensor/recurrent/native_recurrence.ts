import { type Handle, NativeScope, runProgram } from "../native/mod.ts";
import { tf } from "../tf.ts";
import { maskedInputs } from "./composed_gru.ts";
import { lazyGradient } from "./lazy_gradient.ts";
import { chunkBackward, chunkForward, type ChunkSettings, type NativeCell } from "./native_chunk.ts";

/** The tensors of a recurrence. */
export interface NativeInputs {
  x: tf.Tensor3D;
  kernel: tf.Tensor2D;
  recurrentKernel: tf.Tensor2D;
  bias: tf.Tensor;
  /** `[batch, units]` each, as many as the cell has states. */
  initial: tf.Tensor2D[];
  /** `[batch, time]` float zeros and ones, or null. */
  mask: tf.Tensor2D | null;
}

/** How a recurrence is run. */
export interface NativeSettings {
  /** From the last time step to the first; the states stay aligned with the input. */
  reverse: boolean;
  /** All states or the last one taken. */
  returnSequences: boolean;
}

/** A cell, and how its bias is made of the vectors that a step adds. */
export interface NativeKind {
  cell: NativeCell;
  /** The vectors `[units]` that a step adds. */
  biases: (bias: tf.Tensor) => tf.Tensor[];
  /** The bias's gradient from the sums `[gates * units]` of the gates' gradients, and of the recurrent gates'. */
  biasGradient: (sums: tf.Tensor, recurrentSums: tf.Tensor | undefined) => tf.Tensor;
}

/** Most steps of one program, and most rows of all its steps: all that lies between its ends is in memory at once. */
const MOST_STEPS = 16, MOST_ROWS = 16_384;

/** Numbers of steps of the programs that follow one another: few different ones, powers of two, the largest first. */
function chunkCounts(time: number, batch: number): number[] {
  const counts: number[] = [];
  let count = MOST_STEPS;
  for (let left = time; left > 0; left -= count) {
    while (count > 1 && (count > left || count * batch > MOST_ROWS)) count /= 2;
    counts.push(count);
  }
  return counts;
}

/**
 * A recurrence over a whole sequence on native TensorFlow, differentiable in everything but the mask. Up to sixteen steps
 * are one program. The gradient of the input is computed although nobody may ask for it: to keep what it needs would cost
 * more memory and, unless the input is wide, more time.
 *
 * @returns the states `[batch, time, units]`, or without `returnSequences` the last one taken, `[batch, units]`.
 */
export function nativeRecurrence(kind: NativeKind, inputs: NativeInputs, how: NativeSettings): tf.Tensor {
  const { cell } = kind, { x, kernel, recurrentKernel, bias, initial, mask } = inputs;
  const { reverse, returnSequences: sequence } = how;
  const [batch, time] = x.shape, units = recurrentKernel.shape[0];
  const counts = chunkCounts(time, batch), rowCounts = counts.map((count) => count * batch);
  const chunks = counts.map((count, index) => ({ index, count }));
  if (reverse) chunks.reverse();
  const settingsOf = (count: number): ChunkSettings => ({ count, reverse, sequence, masked: mask !== null });
  const keyOf = (direction: string, count: number) =>
    JSON.stringify([cell.name, direction, settingsOf(count)]);
  const rowsOf = (scope: NativeScope, rows: tf.Tensor) => scope.blocks(scope.of(rows), rowCounts, 0);
  const maskRowsOf = (scope: NativeScope, mask: tf.Tensor | null | undefined) =>
    mask ? rowsOf(scope, tf.reshape(tf.transpose(mask), [time * batch, 1])) : null;

  const forward = (save: (tensors: tf.Tensor[]) => void, training: boolean): tf.Tensor =>
    NativeScope.run((scope) => {
      const rows = maskedInputs(x, mask), rowBlocks = rowsOf(scope, rows), seen = maskRowsOf(scope, mask);
      // In every row of the batch: sums of equal shapes are faster than those that broadcast.
      const biases = kind.biases(bias).map((each) => tf.tile(tf.reshape(each, [1, units]), [batch, 1]));
      const constant = [kernel, recurrentKernel, ...biases].map((each) => scope.of(each));
      const kept: tf.Tensor[] = [], all: Handle[] = [];
      let states = initial.map((each) => scope.of(each));
      for (const { index, count } of chunks) {
        const given = [rowBlocks[index], ...constant, ...states, ...(seen ? [seen[index]] : [])];
        const results = runProgram(
          scope,
          keyOf(training ? "training" : "forward", count),
          given,
          (operations, given) => chunkForward(cell, operations, given, settingsOf(count), training),
        );
        scope.free(rowBlocks[index], ...states);
        states = results.splice(0, cell.states);
        if (sequence) all[index] = results.shift()!;
        if (training) kept.push(...results.map((each) => scope.tensor(each)));
      }
      if (training) save([kernel, recurrentKernel, rows, ...kept, ...(mask ? [mask] : [])]);
      return scope.tensor(sequence ? joinedInTime(scope, all) : states[0]);
    });

  const backward = (dy: tf.Tensor, saved: tf.Tensor[]) => {
    const [kernel, recurrentKernel, rows] = saved, keptEach = cell.states + cell.kept;
    const { dStates, sums, dx } = NativeScope.run((scope) => {
      const rowBlocks = rowsOf(scope, rows), seen = maskRowsOf(scope, saved[3 + keptEach * chunks.length]);
      const outside = sequence ? scope.blocks(scope.of(dy), counts, 1) : null;
      const constant = [scope.of(kernel), scope.of(recurrentKernel)];
      const nothing = scope.of(tf.zeros([batch, units]));
      let gradients: Handle[] = initial.map((_, state) => !sequence && state === 0 ? scope.of(dy) : nothing);
      let sums: Handle[] = [];
      const dInputs: Handle[] = [];
      for (const [place, { index, count }] of [...chunks.entries()].reverse()) {
        const kept = saved.slice(3 + keptEach * place, 3 + keptEach * (place + 1));
        const given = [rowBlocks[index], ...constant, ...kept.map((each) => scope.of(each)), ...gradients];
        if (outside) given.push(outside[index]);
        if (seen) given.push(seen[index]);
        const results = runProgram(
          scope,
          keyOf("backward", count),
          given,
          (operations, given) => chunkBackward(cell, operations, given, settingsOf(count)),
        );
        scope.free(rowBlocks[index], ...gradients);
        gradients = results.splice(0, cell.states);
        dInputs[index] = results.shift()!;
        const before = sums;
        sums = results.map((each, i) => before.length === 0 ? each : scope.sum(before[i], each));
        if (before.length > 0) scope.free(...before, ...results);
      }
      return {
        dStates: gradients.map((each) => scope.tensor(each)),
        sums: sums.map((each) => scope.tensor(each)),
        dx: scope.tensor(joinedInTime(scope, dInputs)),
      };
    });
    const [dKernel, dRecurrentKernel, gateSums, recurrentSums] = sums;
    return {
      x: () => tf.clone(dx),
      kernel: () => tf.clone(dKernel),
      recurrentKernel: () => tf.clone(dRecurrentKernel),
      bias: () => kind.biasGradient(gateSums, recurrentSums),
      ...Object.fromEntries(dStates.map((each, k) => [`initial${k}`, () => tf.clone(each)])),
    };
  };

  const states = Object.fromEntries(initial.map((each, k) => [`initial${k}`, each]));
  return lazyGradient({
    name: cell.name,
    inputs: { x, kernel, recurrentKernel, bias, ...states },
    forward,
    backward,
  });
}

/** Joins `[batch, steps, n]` along time, and frees the parts. */
function joinedInTime(scope: NativeScope, parts: Handle[]): Handle {
  const whole = scope.join(parts, 1);
  if (parts.length > 1) scope.free(...parts);
  return whole;
}

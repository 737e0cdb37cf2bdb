// Some consecutive steps of a recurrence as one program for native TensorFlow. Each gate has tensors of its own, `[batch,
// units]` a step: to join them into one matrix takes longer than one product saves.
import type { Handle, NativeOperations } from "../native/mod.ts";

/** What one step of a cell has made. */
export interface NativeStep {
  /** The states after it; the first one is what the recurrence returns. */
  states: Handle[];
  /** What the backward pass needs beside the states before the step. */
  kept: Handle[];
}

/** What one step backward has made. */
export interface NativeStepBack {
  /** Gradients of what went into each gate, as the input sees it. */
  gates: Handle[];
  /** The same as the state sees it: for most gates the same handle. */
  recurrentGates: Handle[];
  /** For each state before the step, the terms of its gradient. */
  states: Handle[][];
}

/** The mathematics of one step. */
export interface NativeCell {
  /** Names the cell with all its settings. */
  name: string;
  /** Number of gates, in the order of the kernels' columns. */
  gates: number;
  /** Number of states. */
  states: number;
  /** Number of tensors that a step keeps beside the states before it. */
  kept: number;
  /** Number of biases that a step adds. */
  biases: number;
  /** Whether the recurrent gates have sums of their own for the bias's gradient. */
  recurrentBias: boolean;
  /** For each gate, the number of the kept tensor that its recurrent kernel multiplies, or null for the first state. */
  multiplied: readonly (number | null)[];
  /** One step: the input's part of each gate, the states, the gates' blocks of the recurrent kernel, biases for each row. */
  forward(
    operations: NativeOperations,
    projected: Handle[],
    states: Handle[],
    weights: Handle[],
    biases: Handle[],
  ): NativeStep;
  /** One step back: the states before it, what it kept, the blocks, the gradients of the states after it. */
  backward(
    operations: NativeOperations,
    states: Handle[],
    kept: Handle[],
    weights: Handle[],
    gradients: Handle[],
  ): NativeStepBack;
}

/** What distinguishes the programs of one cell. */
export interface ChunkSettings {
  /** Number of steps. */
  count: number;
  /** Whether they are taken from the last to the first. */
  reverse: boolean;
  /** Whether all states are wanted, or their gradients given, `[batch, count, units]`. */
  sequence: boolean;
  /** Whether a mask is given, `[count * batch, 1]`. */
  masked: boolean;
}

/** The places of the steps in the order in which they are taken. */
function places({ count, reverse }: ChunkSettings): number[] {
  return Array.from({ length: count }, (_, k) => reverse ? count - 1 - k : k);
}

/** Joins what steps have made; of one step, a result that is not an input of the program. */
function joined(operations: NativeOperations, parts: Handle[]): Handle {
  return parts.length === 1 ? operations.call("Identity", parts[0]) : operations.join(parts);
}

/**
 * Steps forward.
 *
 * @param given the input's rows `[count * batch, features]`, the kernel, the recurrent kernel, the biases for each row,
 * the states, the mask
 * @returns the states after the steps; with `sequence` all of the first one; with `training`, each `[count * batch,
 * units]`, the states before each step and what they kept.
 */
export function chunkForward(
  cell: NativeCell,
  operations: NativeOperations,
  given: Handle[],
  settings: ChunkSettings,
  training: boolean,
): Handle[] {
  const [rows, kernel, recurrentKernel, ...more] = given;
  const biases = more.slice(0, cell.biases), seen = settings.masked ? more.at(-1)! : null;
  const projected = operations.split(kernel, cell.gates, 1)
    .map((block) => operations.split(operations.product(rows, block), settings.count));
  const weights = operations.split(recurrentKernel, cell.gates, 1);
  const zero = operations.scalar(0);
  const taken = seen === null
    ? null
    : operations.split(seen, settings.count).map((each) => operations.call("Greater", each, zero));
  const kept: Handle[][] = Array.from({ length: cell.states + cell.kept }, () => []), sequence: Handle[] = [];
  let states = more.slice(cell.biases, cell.biases + cell.states);
  for (const k of places(settings)) {
    const step = cell.forward(operations, projected.map((gate) => gate[k]), states, weights, biases);
    [...states, ...step.kept].forEach((each, i) => kept[i][k] = each);
    states = taken === null
      ? step.states
      : step.states.map((fresh, i) => operations.call("SelectV2", taken[k], fresh, states[i]));
    sequence[k] = states[0];
  }
  return [
    ...states,
    ...(settings.sequence ? [operations.pack(sequence, 1)] : []),
    ...(training ? kept.map((parts) => joined(operations, parts)) : []),
  ];
}

/**
 * Steps backward.
 *
 * @param given the input's rows, the kernel, the recurrent kernel, what {@link chunkForward} kept, the gradients of the
 * states after the steps, with `sequence` the gradient of all states, the mask
 * @returns the gradients of the states before the steps, the input's `[batch, count, features]`, the kernel's, the
 * recurrent kernel's, the sums of the gates' over rows and steps, and those of the recurrent gates' if the cell has them.
 */
export function chunkBackward(
  cell: NativeCell,
  operations: NativeOperations,
  given: Handle[],
  settings: ChunkSettings,
): Handle[] {
  const [rows, kernel, recurrentKernel, ...more] = given, { count, sequence, masked } = settings;
  const blocks = operations.split(kernel, cell.gates, 1);
  const weights = operations.split(recurrentKernel, cell.gates, 1);
  const kept = more.splice(0, cell.states + cell.kept);
  const stepsOfKept = kept.map((each) => operations.split(each, count));
  let terms = more.splice(0, cell.states).map((gradient) => [gradient]);
  const outside = sequence ? operations.unpack(more.shift()!, count, 1) : null;
  const seen = masked ? operations.split(more.shift()!, count) : null;
  const gates: Handle[][] = Array.from({ length: cell.gates }, () => []);
  const recurrentGates: Handle[][] = Array.from({ length: cell.gates }, () => []);
  for (const k of places(settings).reverse()) {
    if (outside !== null) terms[0].push(outside[k]);
    let gradients = terms.map((each) => operations.sum(...each)), skipped: Handle[] | null = null;
    if (seen !== null) {
      // The gradients of the rows that took this step; those of the others go through to the states before.
      const all = gradients;
      gradients = all.map((each) => operations.call("Mul", each, seen[k]));
      skipped = all.map((each, i) => operations.call("Sub", each, gradients[i]));
    }
    const here = stepsOfKept.map((steps) => steps[k]), states = here.splice(0, cell.states);
    const step = cell.backward(operations, states, here, weights, gradients);
    step.gates.forEach((each, g) => gates[g][k] = each);
    step.recurrentGates.forEach((each, g) => recurrentGates[g][k] = each);
    terms = step.states.map((each, i) => skipped === null ? each : [...each, skipped[i]]);
  }
  const all = gates.map((steps) => joined(operations, steps));
  const recurrent = recurrentGates.map((steps, g) =>
    steps.every((each, k) => each === gates[g][k]) ? all[g] : joined(operations, steps)
  );
  const left = cell.multiplied.map((which) => kept[which === null ? 0 : cell.states + which]);
  const sums = all.map((gate) => operations.call("BiasAddGrad", gate));
  const recurrentSums = recurrent.map((gate, g) =>
    gate === all[g] ? sums[g] : operations.call("BiasAddGrad", gate)
  );
  const dRows = operations.sum(...all.map((gate, g) => operations.product(gate, blocks[g], false, true)));
  return [
    ...terms.map((each) => operations.sum(...each)),
    operations.pack(operations.split(dRows, count), 1),
    operations.join(all.map((gate) => operations.product(rows, gate, true)), 1),
    operations.join(recurrent.map((gate, g) => operations.product(left[g], gate, true)), 1),
    operations.join(sums),
    ...(cell.recurrentBias ? [operations.join(recurrentSums)] : []),
  ];
}

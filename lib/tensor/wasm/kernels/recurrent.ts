// EphemeraGru, EphemeraLstm and their backward passes: whole sequences in one call, the batch divided over threads.
import type { tf } from "../../tf.ts";
import { type KernelCall, registerWasmKernel, type WasmEngine } from "../engine.ts";
import { withOutputs, withScratch } from "./scratch.ts";

/** Attributes of the four kernels. */
export interface RecurrentAttributes {
  hard: boolean;
  resetAfter: boolean;
  reverse: boolean;
  /** Forward: write all states. Backward: `dy` is the gradient of all states, otherwise of the last one. */
  states: boolean;
  /** Forward: write the last state. */
  last: boolean;
  /** The gates are kept for the backward pass, or computed there again. */
  kept: boolean;
  /** Forward: something records, so that what the backward pass needs must be written. */
  training: boolean;
  /** Backward: the gradient of the input is wanted. */
  inputGradient: boolean;
}

/** Fields of the module's `Plan`, in its order (assembly/recurrent_parts.ts). */
const planFields = [
  "batch",
  "time",
  "features",
  "units",
  "hard",
  "resetAfter",
  "reverse",
  "kept",
  "x",
  "kernel",
  "recurrent",
  "bias",
  "initial",
  "initialCell",
  "mask",
  "y",
  "last",
  "gates",
  "cells",
  "dy",
  "dyLast",
  "dx",
  "dKernel",
  "dRecurrent",
  "dBias",
  "dInitial",
  "dInitialCell",
] as const;

type Plan = Partial<Record<typeof planFields[number], number>>;

/** Rows of the module's panels. */
const PANEL_ROWS = 6;
/** Multiply-adds that pay a second thread. */
const WORTH_A_THREAD = 2e5;

/** Gates of a cell as its kernels name them. */
export type Cell = "gru" | "lstm";

/** Floats that the kept gates of a call take, and the kept LSTM cells; units are padded to a multiple of `panel`. */
export function keptFloats(
  cell: Cell,
  resetAfter: boolean,
  [batch, time, units]: readonly [batch: number, time: number, units: number],
  panel: number,
): { gates: number; cells: number } {
  const width = Math.ceil(units / panel) * panel, rows = Math.ceil(batch / PANEL_ROWS) * PANEL_ROWS * time;
  if (cell === "lstm") return { gates: 4 * width * rows, cells: width * rows };
  return { gates: (resetAfter ? 4 : 3) * width * rows, cells: 0 };
}

/** What both passes take from the call: sizes, conventions and the addresses of the given tensors. */
function basePlan(engine: WasmEngine, { inputs }: KernelCall, attributes: RecurrentAttributes): Plan {
  const address = (name: string) => inputs[name] ? engine.pointer(inputs[name]) : 0;
  const [batch, time, features] = inputs.x.shape;
  return {
    batch,
    time,
    features,
    units: inputs.recurrentKernel.shape[0],
    hard: Number(attributes.hard),
    resetAfter: Number(attributes.resetAfter),
    reverse: Number(attributes.reverse),
    kept: Number(attributes.kept),
    x: address("x"),
    kernel: address("kernel"),
    recurrent: address("recurrentKernel"),
    bias: address("bias"),
    initial: address("initial"),
    initialCell: address("initialCell"),
    mask: address("mask"),
  };
}

/** Writes the plan and calls `name` on ranges of panels; returns what must be freed after reading the scratch. */
function runPlan(
  engine: WasmEngine,
  cell: Cell,
  name: string,
  plan: Plan,
  backward: boolean,
  finish?: string,
): void {
  const { batch = 0, time = 0, features = 0, units = 0 } = plan;
  withScratch(engine, (scratch) => {
    const pointer = scratch(4 * planFields.length), words = engine.heap.integers;
    planFields.forEach((field, index) => words[pointer / 4 + index] = plan[field] ?? 0);
    const stride = Math.ceil(engine.exports[`${cell}Scratch`](pointer, Number(backward)) / 64) * 64;
    const small = batch * time * units * (features + units) < WORTH_A_THREAD;
    const shards = engine.shards(Math.ceil(batch / PANEL_ROWS), 1, small ? 1 : undefined);
    const workspace = scratch(stride * shards.length);
    engine.run(name, shards.map(([first, last], k) => [pointer, first, last, workspace + k * stride]));
    if (finish) engine.exports[finish](pointer, workspace, stride, shards.length);
  });
}

function forward(cell: Cell) {
  return (engine: WasmEngine, call: KernelCall): tf.TensorInfo[] => {
    const attributes = call.attrs as unknown as RecurrentAttributes;
    const plan = basePlan(engine, call, attributes);
    const { batch = 0, time = 0, units = 0 } = plan;
    const kept = keptFloats(cell, attributes.resetAfter, [batch, time, units], engine.exports.panelColumns());
    const keeps = attributes.kept && attributes.training;
    const wanted: [field: "y" | "last" | "gates" | "cells", wanted: boolean, shape: number[]][] = [
      ["y", attributes.states || attributes.training, [batch, time, units]],
      ["last", attributes.last, [batch, units]],
      ["gates", keeps, [kept.gates]],
      ["cells", attributes.training && kept.cells > 0, [kept.cells]],
    ];
    const given = wanted.filter(([, wanted]) => wanted);
    plan.kept = Number(keeps);
    return withOutputs(engine, given.map(([, , shape]) => shape), (tensors) => {
      given.forEach(([field], k) => plan[field] = engine.pointer(tensors[k]));
      runPlan(engine, cell, `${cell}Forward`, plan, false);
    });
  };
}

/**
 * The backward pass fills the given gradients of weights and initial states, and returns that of the input only where
 * it is wanted: its caller finds out which of them are asked for one after the other.
 */
function backward(cell: Cell) {
  return (engine: WasmEngine, call: KernelCall): tf.TensorInfo[] => {
    const attributes = call.attrs as unknown as RecurrentAttributes, { inputs } = call;
    const plan = basePlan(engine, call, attributes);
    const address = (name: string) => inputs[name] ? engine.pointer(inputs[name]) : 0;
    plan.y = address("y");
    plan.gates = address("gates");
    plan.cells = address("cells");
    plan[attributes.states ? "dy" : "dyLast"] = address("dy");
    plan.dKernel = address("dKernel");
    plan.dRecurrent = address("dRecurrentKernel");
    plan.dBias = address("dBias");
    plan.dInitial = address("dInitial");
    plan.dInitialCell = address("dInitialCell");
    return withOutputs(engine, attributes.inputGradient ? [inputs.x.shape] : [], ([input]) => {
      plan.dx = input ? engine.pointer(input) : 0;
      runPlan(engine, cell, `${cell}Backward`, plan, true, `${cell}Reduce`);
    });
  };
}

/** Registers the recurrences, and a kernel that makes a tensor of undefined content for them to fill in. */
export function registerRecurrences(): void {
  registerWasmKernel(
    "EphemeraUndefined",
    (engine, call) => engine.output((call.attrs as { shape: number[] }).shape),
  );
  registerWasmKernel("EphemeraGru", forward("gru"));
  registerWasmKernel("EphemeraGruBackward", backward("gru"));
  registerWasmKernel("EphemeraLstm", forward("lstm"));
  registerWasmKernel("EphemeraLstmBackward", backward("lstm"));
}

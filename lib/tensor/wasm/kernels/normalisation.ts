// Layer and batch normalisation, forward and backward, and tfjs's FusedBatchNorm.
import { tf } from "../../tf.ts";
import { type KernelCall, registerWasmKernel, type WasmEngine } from "../engine.ts";
import { outputs, withScratch } from "./scratch.ts";

/** Elements below which a second thread costs more than it saves. */
const THREADED = 50_000;

interface Epsilon {
  epsilon: number;
}

/** Rows and width of a tensor whose last axis is normalised over, or is the channels, and the division of the rows. */
function rowsOf(engine: WasmEngine, x: tf.TensorInfo): { rows: number; width: number; parts: number[][] } {
  const width = x.shape.at(-1)!, rows = tf.util.sizeFromShape(x.shape) / width;
  return { rows, width, parts: engine.shards(rows, 1, rows * width < THREADED ? 1 : engine.threads) };
}

type Scratch = (bytes: number) => number;

/** Calls a function that leaves sums in double precision on each part of the rows, and adds the parts up. */
function sumParts(
  engine: WasmEngine,
  name: string,
  parts: number[][],
  sums: number,
  count: number,
  factor: number,
  target: number,
  call: (sums: number, part: number[]) => number[],
): void {
  engine.run(name, parts.map((part, k) => call(sums + 8 * count * k, part)));
  engine.exports.gatherSums(sums, parts.length, count, factor, target);
}

function layerNorm(engine: WasmEngine, { inputs, attrs }: KernelCall<Epsilon>): tf.TensorInfo[] {
  const { x, gain, offset } = inputs, { rows, width, parts } = rowsOf(engine, x);
  const given = [x, gain, offset].map((tensor) => engine.pointer(tensor));
  const made = outputs(engine, x.shape, [rows, 2]);
  const all = [...given, ...made.map((tensor) => engine.pointer(tensor))];
  engine.run("layerNormForward", parts.map(([from, to]) => [...all, from, to, width, attrs.epsilon]));
  return made;
}

function layerNormBackward(engine: WasmEngine, { inputs }: KernelCall): tf.TensorInfo[] {
  const { x, gain, statistics, dy } = inputs, { width, parts } = rowsOf(engine, x);
  const given = [x, gain, dy, statistics].map((tensor) => engine.pointer(tensor));
  return withScratch(engine, (scratch) => {
    const both = scratch(8 * width), sums = scratch(16 * width * parts.length);
    const made = outputs(engine, x.shape, [width], [width]), dx = engine.pointer(made[0]);
    sumParts(
      engine,
      "layerNormBackward",
      parts,
      sums,
      2 * width,
      1,
      both,
      (sums, [from, to]) => [...given, dx, sums, from, to, width],
    );
    splitPair(engine, both, width, made);
    return made;
  });
}

/** Copies two rows of `width` floats into the second and the third tensor. */
function splitPair(engine: WasmEngine, both: number, width: number, made: tf.TensorInfo[]): void {
  for (const k of [0, 1]) {
    const to = engine.pointer(made[k + 1]) / 4, from = both / 4 + k * width;
    engine.heap.floats.copyWithin(to, from, from + width);
  }
}

/** Mean and biased variance of each channel. */
function batchMoments(engine: WasmEngine, { inputs }: KernelCall): tf.TensorInfo[] {
  const { x } = inputs, { rows, width, parts } = rowsOf(engine, x), from = engine.pointer(x);
  return withScratch(engine, (scratch) => {
    const sums = scratch(8 * width * parts.length), made = outputs(engine, [width], [width]);
    const [mean, variance] = made.map((tensor) => engine.pointer(tensor));
    const add = (name: string, target: number, given: number[]) =>
      sumParts(
        engine,
        name,
        parts,
        sums,
        width,
        1 / rows,
        target,
        (sums, [first, last]) => [...given, sums, first, last, width],
      );
    add("columnSums", mean, [from]);
    add("columnSquares", variance, [from, mean]);
    return made;
  });
}

/** 1 / sqrt(variance + epsilon) of each channel. */
function factors(
  engine: WasmEngine,
  scratch: Scratch,
  variance: tf.TensorInfo,
  width: number,
  epsilon: number,
): number {
  const from = engine.pointer(variance), pointer = scratch(4 * width);
  engine.exports.inverseRoots(from, width, epsilon, pointer);
  return pointer;
}

interface Normalisation {
  x: tf.TensorInfo;
  mean: tf.TensorInfo;
  variance: tf.TensorInfo;
  /** Addresses of the channels' values. */
  gain: number;
  offset: number;
  epsilon: number;
}

function normalise(
  engine: WasmEngine,
  scratch: Scratch,
  { x, mean, variance, gain, offset, epsilon }: Normalisation,
): tf.TensorInfo {
  const { width, parts } = rowsOf(engine, x), from = engine.pointer(x), m = engine.pointer(mean);
  const factor = factors(engine, scratch, variance, width, epsilon), out = engine.output(x.shape);
  const to = engine.pointer(out);
  engine.run(
    "normaliseColumns",
    parts.map(([first, last]) => [from, m, factor, gain, offset, to, first, last, width]),
  );
  return out;
}

function batchNorm(engine: WasmEngine, { inputs, attrs }: KernelCall<Epsilon>): tf.TensorInfo {
  const { x, mean, variance } = inputs, { epsilon } = attrs;
  const gain = engine.pointer(inputs.gain), offset = engine.pointer(inputs.offset);
  return withScratch(
    engine,
    (scratch) => normalise(engine, scratch, { x, mean, variance, gain, offset, epsilon }),
  );
}

function batchNormBackward(engine: WasmEngine, { inputs, attrs }: KernelCall<Epsilon>): tf.TensorInfo[] {
  const { x, mean, variance } = inputs, { rows, width, parts } = rowsOf(engine, x);
  const [from, dy, m, gain] = [x, inputs.dy, mean, inputs.gain].map((tensor) => engine.pointer(tensor));
  return withScratch(engine, (scratch) => {
    const factor = factors(engine, scratch, variance, width, attrs.epsilon);
    const both = scratch(8 * width), sums = scratch(16 * width * parts.length);
    const made = outputs(engine, x.shape, [width], [width]), dx = engine.pointer(made[0]);
    sumParts(
      engine,
      "columnGradients",
      parts,
      sums,
      2 * width,
      1,
      both,
      (sums, [first, last]) => [from, dy, m, factor, sums, first, last, width],
    );
    engine.run(
      "batchNormBackward",
      parts.map(([first, last]) => [
        ...[from, dy, m, factor, gain, both, both + 4 * width, dx],
        ...[first, last, width, rows],
      ]),
    );
    splitPair(engine, both, width, made);
    return made;
  });
}

/** tfjs's own normalisation by given statistics: `x` of rank 4, the others one value a channel. */
function fusedBatchNorm(engine: WasmEngine, call: KernelCall<{ varianceEpsilon?: number }>) {
  const { x, mean, variance } = call.inputs, width = x.shape.at(-1)!;
  const scale: tf.TensorInfo | undefined = call.inputs.scale;
  const offset: tf.TensorInfo | undefined = call.inputs.offset;
  const given = [mean, variance, ...[scale, offset].filter((tensor) => tensor)] as tf.TensorInfo[];
  const fits = x.dtype === "float32" && tf.util.sizeFromShape(x.shape) > 0 &&
    given.every(({ shape, dtype }) => shape.length === 1 && shape[0] === width && dtype === "float32");
  if (!fits) return engine.fallback("FusedBatchNorm", call);
  const epsilon = call.attrs.varianceEpsilon ?? 0.001;
  return withScratch(engine, (scratch) => {
    const channels = (tensor: tf.TensorInfo | undefined, value: number): number => {
      if (tensor) return engine.pointer(tensor);
      const pointer = scratch(4 * width);
      engine.heap.floats.fill(value, pointer / 4, pointer / 4 + width);
      return pointer;
    };
    const gain = channels(scale, 1), shift = channels(offset, 0);
    return normalise(engine, scratch, { x, mean, variance, gain, offset: shift, epsilon });
  });
}

/** Registers the normalisations. */
export function registerNormalisations(): void {
  registerWasmKernel("EphemeraLayerNorm", layerNorm);
  registerWasmKernel("EphemeraLayerNormBackward", layerNormBackward);
  registerWasmKernel("EphemeraBatchMoments", batchMoments);
  registerWasmKernel("EphemeraBatchNorm", batchNorm);
  registerWasmKernel("EphemeraBatchNormBackward", batchNormBackward);
  registerWasmKernel("FusedBatchNorm", fusedBatchNorm);
}

// Layer and batch normalisation, forward and backward, and tfjs's FusedBatchNorm.
import { tf } from "../../tf.ts";
import { type KernelCall, registerWasmKernel, type WasmEngine } from "../engine.ts";

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

/** Calls a function that leaves sums in double precision on each part of the rows, and adds the parts up. */
function sumParts(
  engine: WasmEngine,
  name: string,
  parts: number[][],
  count: number,
  factor: number,
  target: number,
  call: (sums: number, part: number[]) => number[],
): void {
  const sums = engine.scratch(8 * count * parts.length);
  engine.run(name, parts.map((part, k) => call(sums + 8 * count * k, part)));
  engine.exports.gatherSums(sums, parts.length, count, factor, target);
  engine.free(sums);
}

function layerNorm(engine: WasmEngine, { inputs, attrs }: KernelCall<Epsilon>): tf.TensorInfo[] {
  const { x, gain, offset } = inputs, { rows, width, parts } = rowsOf(engine, x);
  const out = engine.output(x.shape), statistics = engine.output([rows, 2]);
  const given = [x, gain, offset, out, statistics].map((tensor) => engine.pointer(tensor));
  engine.run("layerNormForward", parts.map(([from, to]) => [...given, from, to, width, attrs.epsilon]));
  return [out, statistics];
}

function layerNormBackward(engine: WasmEngine, { inputs }: KernelCall): tf.TensorInfo[] {
  const { x, gain, statistics, dy } = inputs, { width, parts } = rowsOf(engine, x);
  const dx = engine.output(x.shape), both = engine.scratch(8 * width);
  const given = [x, gain, dy, statistics, dx].map((tensor) => engine.pointer(tensor));
  sumParts(
    engine,
    "layerNormBackward",
    parts,
    2 * width,
    1,
    both,
    (sums, [from, to]) => [...given, sums, from, to, width],
  );
  return [dx, ...splitPair(engine, both, width)];
}

/** Two rows of `width` floats as two tensors; the rows are freed. */
function splitPair(engine: WasmEngine, both: number, width: number): tf.TensorInfo[] {
  const tensors = [0, 1].map((k) => {
    const tensor = engine.output([width]), to = engine.pointer(tensor) / 4, from = both / 4 + k * width;
    engine.heap.floats.copyWithin(to, from, from + width);
    return tensor;
  });
  engine.free(both);
  return tensors;
}

/** Mean and biased variance of each channel. */
function batchMoments(engine: WasmEngine, { inputs }: KernelCall): tf.TensorInfo[] {
  const { x } = inputs, { rows, width, parts } = rowsOf(engine, x), from = engine.pointer(x);
  const mean = engine.output([width]), variance = engine.output([width]);
  const m = engine.pointer(mean), v = engine.pointer(variance);
  sumParts(
    engine,
    "columnSums",
    parts,
    width,
    1 / rows,
    m,
    (sums, [first, last]) => [from, sums, first, last, width],
  );
  sumParts(
    engine,
    "columnSquares",
    parts,
    width,
    1 / rows,
    v,
    (sums, [first, last]) => [from, m, sums, first, last, width],
  );
  return [mean, variance];
}

/** 1 / sqrt(variance + epsilon) of each channel, as memory to be freed. */
function factors(engine: WasmEngine, variance: tf.TensorInfo, width: number, epsilon: number): number {
  const from = engine.pointer(variance), pointer = engine.scratch(4 * width);
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
  { x, mean, variance, gain, offset, epsilon }: Normalisation,
): tf.TensorInfo {
  const { width, parts } = rowsOf(engine, x), out = engine.output(x.shape);
  const factor = factors(engine, variance, width, epsilon);
  const [from, m, to] = [x, mean, out].map((tensor) => engine.pointer(tensor));
  engine.run(
    "normaliseColumns",
    parts.map(([first, last]) => [from, m, factor, gain, offset, to, first, last, width]),
  );
  engine.free(factor);
  return out;
}

function batchNorm(engine: WasmEngine, { inputs, attrs }: KernelCall<Epsilon>): tf.TensorInfo {
  const { x, mean, variance } = inputs, { epsilon } = attrs;
  const gain = engine.pointer(inputs.gain), offset = engine.pointer(inputs.offset);
  return normalise(engine, { x, mean, variance, gain, offset, epsilon });
}

function batchNormBackward(engine: WasmEngine, { inputs, attrs }: KernelCall<Epsilon>): tf.TensorInfo[] {
  const { x, mean, variance } = inputs, { rows, width, parts } = rowsOf(engine, x);
  const dx = engine.output(x.shape), both = engine.scratch(8 * width);
  const factor = factors(engine, variance, width, attrs.epsilon);
  const [from, dy, m, gain, to] = [x, inputs.dy, mean, inputs.gain, dx].map((t) => engine.pointer(t));
  sumParts(
    engine,
    "columnGradients",
    parts,
    2 * width,
    1,
    both,
    (sums, [first, last]) => [from, dy, m, factor, sums, first, last, width],
  );
  engine.run(
    "batchNormBackward",
    parts.map(([first, last]) => [
      ...[from, dy, m, factor, gain, both, both + 4 * width, to],
      ...[first, last, width, rows],
    ]),
  );
  engine.free(factor);
  return [dx, ...splitPair(engine, both, width)];
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
  const channels = (tensor: tf.TensorInfo | undefined, value: number): number => {
    const pointer = engine.scratch(4 * width);
    const values = tensor ? engine.pointer(tensor) / 4 : 0, { floats } = engine.heap;
    if (tensor) floats.copyWithin(pointer / 4, values, values + width);
    else floats.fill(value, pointer / 4, pointer / 4 + width);
    return pointer;
  };
  const gain = channels(scale, 1), shift = channels(offset, 0);
  const epsilon = call.attrs.varianceEpsilon ?? 0.001;
  const out = normalise(engine, { x, mean, variance, gain, offset: shift, epsilon });
  engine.free(gain);
  engine.free(shift);
  return out;
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

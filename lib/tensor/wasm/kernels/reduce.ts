// Sums, means, extremes, softmax and running sums.
import { tf } from "../../tf.ts";
import { type KernelCall, registerWasmKernel, type WasmEngine } from "../engine.ts";

/** Elements read below which a second thread costs more than it saves. */
const THREADED = 100_000;
const THREADED_SOFTMAX = 20_000;

/** The module's functions for one reduction: along the last axis, and along an axis before the last. */
interface Reduction {
  inner: string;
  middle: string;
}

const sum: Reduction = { inner: "sumInner", middle: "sumMiddle" };
const largest: Reduction = { inner: "maxInner", middle: "maxMiddle" };
const smallest: Reduction = { inner: "minInner", middle: "minMiddle" };

/** Neighbouring reduced axes count as one: the runs of them, last first, as [outer, length, inner] sizes. */
export function reducedRuns(
  shape: number[],
  axes: number[],
): [outer: number, length: number, inner: number][] {
  const reduced = new Set(axes), runs: [number, number, number][] = [];
  let inner = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (!reduced.has(d) || shape[d] === 1) {
      inner *= shape[d];
      continue;
    }
    let length = shape[d];
    while (d > 0 && (reduced.has(d - 1) || shape[d - 1] === 1)) length *= shape[--d];
    runs.push([tf.util.sizeFromShape(shape.slice(0, d)), length, inner]);
  }
  return runs;
}

function reduceOnce(
  engine: WasmEngine,
  { inner: alongLast, middle: alongMiddle }: Reduction,
  source: number,
  target: number,
  [outer, length, inner]: [number, number, number],
  factor: number,
): void {
  const limit = outer * length * inner < THREADED ? 1 : engine.threads;
  if (inner === 1 && outer === 1 && limit > 1) {
    // One long row: a part of it for each thread, then the parts.
    const ranges = engine.shards(length, 4096, limit), parts = engine.scratch(4 * ranges.length);
    engine.run(
      alongLast,
      ranges.map(([from, to], i) => [source + 4 * from, parts + 4 * i, 0, 1, to - from, 1]),
    );
    engine.exports[alongLast](parts, target, 0, 1, ranges.length, factor);
    engine.free(parts);
  } else if (inner === 1) {
    engine.run(
      alongLast,
      engine.shards(outer, 1, limit).map(([from, to]) => [source, target, from, to, length, factor]),
    );
  } else if (outer >= limit) {
    engine.run(
      alongMiddle,
      engine.shards(outer, 1, limit).map((
        [from, to],
      ) => [source, target, from, to, length, inner, 0, inner, factor]),
    );
  } else {
    engine.run(
      alongMiddle,
      engine.shards(inner, 16, limit).map((
        [from, to],
      ) => [source, target, 0, outer, length, inner, from, to, factor]),
    );
  }
}

function reduce(
  engine: WasmEngine,
  reduction: Reduction,
  x: tf.TensorInfo,
  axis: number | number[] | null | undefined,
  keepDims: boolean,
  mean: boolean,
): tf.TensorInfo {
  const axes = tf.util.parseAxisParam(axis!, x.shape);
  const [outShape, reducedShape] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
  const shape = keepDims ? tf.backend_util.expandShapeToKeepDim(outShape, axes) : outShape;
  const count = tf.util.sizeFromShape(reducedShape), runs = reducedRuns(x.shape, axes);
  if (runs.length === 0 && tf.util.sizeFromShape(x.shape) > 0) return engine.alias(x, shape);
  const out = engine.output(shape), target = engine.pointer(out), size = tf.util.sizeFromShape(shape);
  if (count === 0 || size === 0) {
    engine.heap.floats.fill(mean ? NaN : 0, target / 4, target / 4 + size);
    return out;
  }
  let source = engine.pointer(x), owned = 0;
  runs.forEach(([outer, length, inner], i) => {
    const last = i === runs.length - 1;
    const next = last ? target : engine.scratch(4 * outer * inner);
    reduceOnce(engine, reduction, source, next, [outer, length, inner], last && mean ? 1 / count : 1);
    if (owned) engine.free(owned);
    owned = last ? 0 : next;
    source = next;
  });
  return out;
}

interface ReduceAttributes {
  axis?: number | number[];
  reductionIndices?: number | number[];
  keepDims: boolean;
}

function argExtreme(
  engine: WasmEngine,
  name: string,
  call: KernelCall<{ axis: number | number[] }>,
  isMax: boolean,
) {
  const { x } = call.inputs, [axis] = tf.util.parseAxisParam(call.attrs.axis, x.shape);
  const length = x.shape[axis], size = tf.util.sizeFromShape(x.shape);
  if (x.dtype !== "float32" || axis !== x.shape.length - 1 || size === 0) return engine.fallback(name, call);
  const out = engine.output(x.shape.slice(0, -1), "int32"), rows = size / length;
  const from = engine.pointer(x), to = engine.pointer(out);
  engine.exports.argExtreme(from, to, 0, rows, length, isMax ? 1 : 0);
  return out;
}

function softmax(engine: WasmEngine, call: KernelCall<{ dim: number }>): tf.TensorInfo | tf.TensorInfo[] {
  const { logits } = call.inputs, rank = logits.shape.length, { dim } = call.attrs;
  const size = tf.util.sizeFromShape(logits.shape), length = logits.shape[rank - 1];
  if (logits.dtype !== "float32" || (dim !== -1 && dim !== rank - 1) || size === 0) {
    return engine.fallback("Softmax", call);
  }
  const out = engine.output(logits.shape), from = engine.pointer(logits), to = engine.pointer(out);
  const ranges = engine.shards(size / length, 1, size < THREADED_SOFTMAX ? 1 : engine.threads);
  engine.run("softmaxRows", ranges.map(([first, last]) => [from, to, first, last, length]));
  return out;
}

interface CumsumAttributes {
  axis: number;
  exclusive: boolean;
  reverse: boolean;
}

function cumsum(engine: WasmEngine, call: KernelCall<CumsumAttributes>): tf.TensorInfo | tf.TensorInfo[] {
  const { x } = call.inputs, { exclusive, reverse } = call.attrs;
  const [axis] = tf.util.parseAxisParam(call.attrs.axis, x.shape);
  const size = tf.util.sizeFromShape(x.shape);
  if (x.dtype !== "float32" || size === 0) return engine.fallback("Cumsum", call);
  const out = engine.output(x.shape), from = engine.pointer(x), to = engine.pointer(out);
  const outer = tf.util.sizeFromShape(x.shape.slice(0, axis)),
    inner = tf.util.sizeFromShape(x.shape.slice(axis + 1));
  engine.run(
    "cumulativeSum",
    engine.shards(outer, 1, size < THREADED ? 1 : engine.threads).map((
      [first, last],
    ) => [from, to, first, last, x.shape[axis], inner, exclusive ? 1 : 0, reverse ? 1 : 0]),
  );
  return out;
}

/** Registers the reductions. */
export function registerReductions(): void {
  registerWasmKernel<ReduceAttributes>("Sum", (engine, call) => {
    const { x } = call.inputs, { axis, keepDims } = call.attrs;
    return x.dtype === "float32"
      ? reduce(engine, sum, x, axis, keepDims, false)
      : engine.fallback("Sum", call);
  });
  registerWasmKernel<ReduceAttributes>("Mean", (engine, call) => {
    const { x } = call.inputs, { axis, keepDims } = call.attrs;
    return x.dtype === "float32"
      ? reduce(engine, sum, x, axis, keepDims, true)
      : engine.fallback("Mean", call);
  });
  for (const [name, reduction] of [["Max", largest], ["Min", smallest]] as const) {
    registerWasmKernel<ReduceAttributes>(name, (engine, call) => {
      const { x } = call.inputs,
        { keepDims } = call.attrs,
        axis = call.attrs.reductionIndices ?? call.attrs.axis;
      const empty = tf.util.sizeFromShape(x.shape) === 0;
      if (x.dtype !== "float32" || empty) return engine.fallback(name, call);
      return reduce(engine, reduction, x, axis, keepDims, false);
    });
  }
  registerWasmKernel<{ axis: number | number[] }>(
    "ArgMax",
    (engine, call) => argExtreme(engine, "ArgMax", call, true),
  );
  registerWasmKernel<{ axis: number | number[] }>(
    "ArgMin",
    (engine, call) => argExtreme(engine, "ArgMin", call, false),
  );
  registerWasmKernel("Softmax", softmax);
  registerWasmKernel("Cumsum", cumsum);
}

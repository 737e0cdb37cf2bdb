// Kernels that only move elements: slices, concatenation, padding, tiling, transposition, gathering.
import { demand } from "../../../core/mod.ts";
import { tf } from "../../tf.ts";
import { type KernelCall, registerWasmKernel, type WasmEngine } from "../engine.ts";

/** Bytes moved below which a second thread costs more than it saves. */
const THREADED = 1 << 20;

/** Bytes of one element, 0 for the types that the kernels do not move. */
function elementBytes(dtype: tf.DataType): number {
  if (dtype === "float32" || dtype === "int32") return 4;
  return dtype === "bool" ? 1 : 0;
}

/** One axis of a box that is copied: its size and the elements by which it moves source and target. */
interface Axis {
  size: number;
  source: number;
  target: number;
}

/** Drops axes of size 1 and merges axes that are contiguous with their inner neighbour in source and target. */
function merge(axes: Axis[]): Axis[] {
  const merged: Axis[] = [];
  for (let d = axes.length - 1; d >= 0; d--) {
    const { size, source, target } = axes[d], inner = merged[0];
    if (size === 1) continue;
    if (inner && source === inner.source * inner.size && target === inner.target * inner.size) {
      inner.size *= size;
    } else {
      merged.unshift({ size, source, target });
    }
  }
  return merged;
}

/** Copies a box of elements of `bytes` bytes each from one address to another. */
function copyBox(engine: WasmEngine, source: number, target: number, axes: Axis[], bytes: number): void {
  if (axes.some(({ size }) => size === 0)) return;
  const outer = merge(axes);
  let run = bytes;
  const last = outer.at(-1);
  if (last && last.source === 1 && last.target === 1) {
    run *= last.size;
    outer.pop();
  }
  const table = engine.scratch(12 * Math.max(1, outer.length)), words = engine.heap.integers;
  outer.forEach((axis, d) => {
    words[table / 4 + 3 * d] = axis.size;
    words[table / 4 + 3 * d + 1] = axis.source * bytes;
    words[table / 4 + 3 * d + 2] = axis.target * bytes;
  });
  const total = outer.reduce((product, { size }) => product * size, run);
  const ranges = outer.length === 0
    ? [[0, 1]]
    : engine.shards(outer[0].size, 1, total < THREADED ? 1 : engine.threads);
  engine.run("copyBox", ranges.map(([from, to]) => [source, target, table, outer.length, run, from, to]));
  engine.free(table);
}

/** Elements from one index to the next, for each axis of a dense tensor. */
function strides(shape: number[]): number[] {
  const steps = new Array<number>(shape.length);
  for (let d = shape.length - 1, step = 1; d >= 0; d--) {
    steps[d] = step;
    step *= shape[d];
  }
  return steps;
}

function sliceOf(engine: WasmEngine, x: tf.TensorInfo, begin: number[], size: number[]): tf.TensorInfo {
  const out = engine.output(size, x.dtype), bytes = elementBytes(x.dtype);
  const from = strides(x.shape), to = strides(size);
  const first = begin.reduce((at, b, d) => at + b * from[d], 0);
  const axes = size.map((n, d) => ({ size: n, source: from[d], target: to[d] }));
  copyBox(engine, engine.pointer(x) + bytes * first, engine.pointer(out), axes, bytes);
  return out;
}

type Result = tf.TensorInfo | tf.TensorInfo[];

function slice(
  engine: WasmEngine,
  call: KernelCall<{ begin: number | number[]; size: number | number[] }>,
): Result {
  const { x } = call.inputs;
  if (elementBytes(x.dtype) === 0) return engine.fallback("Slice", call);
  const [begin, size] = tf.slice_util.parseSliceParams(x as tf.Tensor, call.attrs.begin, call.attrs.size);
  tf.slice_util.assertParamsValid(x, begin, size);
  return sliceOf(engine, x, begin, size);
}

function stridedSlice(engine: WasmEngine, call: KernelCall<tf.StridedSliceAttrs>): Result {
  const { x } = call.inputs, a = call.attrs, bytes = elementBytes(x.dtype);
  const info = tf.slice_util.sliceInfo(
    x.shape,
    a.begin,
    a.end,
    a.strides,
    a.beginMask,
    a.endMask,
    a.ellipsisMask,
    a.newAxisMask,
    a.shrinkAxisMask,
  );
  if (bytes === 0 || info.isIdentity || info.sliceDim0 || info.isSimpleSlice) {
    return engine.fallback("StridedSlice", call);
  }
  const out = engine.output(info.finalShape, x.dtype), from = strides(x.shape);
  const full = tf.slice_util.computeOutShape(info.begin, info.end, info.strides), to = strides(full);
  const first = info.begin.reduce((at, b, d) => at + b * from[d], 0);
  const axes = full.map((n, d) => ({ size: n, source: from[d] * info.strides[d], target: to[d] }));
  copyBox(engine, engine.pointer(x) + bytes * first, engine.pointer(out), axes, bytes);
  return out;
}

function reverse(engine: WasmEngine, call: KernelCall<{ dims: number | number[] }>): Result {
  const { x } = call.inputs, bytes = elementBytes(x.dtype);
  if (bytes === 0 || x.shape.length === 0) return engine.fallback("Reverse", call);
  const turned = new Set(tf.util.parseAxisParam(call.attrs.dims, x.shape));
  const out = engine.output(x.shape, x.dtype), steps = strides(x.shape);
  const first = x.shape.reduce((at, n, d) => turned.has(d) ? at + (n - 1) * steps[d] : at, 0);
  const axes = x.shape.map((size, d) => ({
    size,
    source: turned.has(d) ? -steps[d] : steps[d],
    target: steps[d],
  }));
  copyBox(engine, engine.pointer(x) + bytes * first, engine.pointer(out), axes, bytes);
  return out;
}

function concatenate(engine: WasmEngine, tensors: tf.TensorInfo[], axis: number): tf.TensorInfo {
  const shape = tf.backend_util.computeOutShape(tensors.map((tensor) => tensor.shape), axis);
  const { dtype } = tensors[0], bytes = elementBytes(dtype), out = engine.output(shape, dtype);
  const outer = tf.util.sizeFromShape(shape.slice(0, axis)), row = tf.util.sizeFromShape(shape.slice(axis));
  let target = engine.pointer(out);
  for (const tensor of tensors) {
    const width = tf.util.sizeFromShape(tensor.shape.slice(axis));
    const axes = [{ size: outer, source: width, target: row }, { size: width, source: 1, target: 1 }];
    copyBox(engine, engine.pointer(tensor), target, axes, bytes);
    target += width * bytes;
  }
  return out;
}

function concat(engine: WasmEngine, call: KernelCall<{ axis: number }>): Result {
  const tensors = Object.values(call.inputs), { dtype } = tensors[0];
  const mixed = elementBytes(dtype) === 0 || tensors.some((tensor) => tensor.dtype !== dtype);
  if (mixed) return engine.fallback("Concat", call);
  const [axis] = tf.util.parseAxisParam(call.attrs.axis, tensors[0].shape);
  tf.backend_util.assertParamsConsistent(tensors.map((tensor) => tensor.shape), axis);
  return concatenate(engine, tensors, axis);
}

function pack(engine: WasmEngine, call: KernelCall<{ axis: number }>): Result {
  const tensors = Object.values(call.inputs), { dtype, shape } = tensors[0];
  const mixed = elementBytes(dtype) === 0 ||
    tensors.some((tensor) => tensor.dtype !== dtype || !tf.util.arraysEqual(tensor.shape, shape));
  if (mixed) return engine.fallback("Pack", call);
  const axis = call.attrs.axis < 0 ? call.attrs.axis + shape.length + 1 : call.attrs.axis;
  const expanded = [...shape.slice(0, axis), 1, ...shape.slice(axis)];
  const views = tensors.map((tensor) => ({ ...tensor, shape: expanded }));
  return concatenate(engine, views, axis);
}

function unpack(engine: WasmEngine, call: KernelCall<{ axis: number }>): Result {
  const { value } = call.inputs, rank = value.shape.length;
  if (elementBytes(value.dtype) === 0) return engine.fallback("Unpack", call);
  const axis = call.attrs.axis < 0 ? call.attrs.axis + rank : call.attrs.axis;
  const size = value.shape.slice(), shape = [...value.shape.slice(0, axis), ...value.shape.slice(axis + 1)];
  size[axis] = 1;
  return Array.from({ length: value.shape[axis] }, (_, i) => {
    const begin = value.shape.map((_, d) => d === axis ? i : 0);
    return { ...sliceOf(engine, value, begin, size), shape };
  });
}

function split(
  engine: WasmEngine,
  call: KernelCall<{ numOrSizeSplits: number | number[]; axis: number }>,
): Result {
  const { x } = call.inputs;
  if (elementBytes(x.dtype) === 0) return engine.fallback("SplitV", call);
  const [axis] = tf.util.parseAxisParam(call.attrs.axis, x.shape);
  const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, call.attrs.numOrSizeSplits, axis);
  let start = 0;
  return sizes.map((n) => {
    const begin = x.shape.map((_, d) => d === axis ? start : 0),
      size = x.shape.map((all, d) => d === axis ? n : all);
    start += n;
    return sliceOf(engine, x, begin, size);
  });
}

function tile(engine: WasmEngine, call: KernelCall<{ reps: number[] }>): Result {
  const { x } = call.inputs, { reps } = call.attrs, bytes = elementBytes(x.dtype);
  if (bytes === 0) return engine.fallback("Tile", call);
  const shape = x.shape.map((n, d) => n * reps[d]), out = engine.output(shape, x.dtype);
  const from = strides(x.shape), to = strides(shape);
  const axes = x.shape.flatMap((size, d) => [
    { size: reps[d], source: 0, target: size * to[d] },
    { size, source: from[d], target: to[d] },
  ]);
  copyBox(engine, engine.pointer(x), engine.pointer(out), axes, bytes);
  return out;
}

function pad(
  engine: WasmEngine,
  call: KernelCall<{ paddings: [number, number][]; constantValue: number }>,
): Result {
  const { x } = call.inputs, { paddings, constantValue } = call.attrs, bytes = elementBytes(x.dtype);
  if (bytes === 0) return engine.fallback("PadV2", call);
  const shape = x.shape.map((n, d) => n + paddings[d][0] + paddings[d][1]);
  const out = fillNew(engine, shape, x.dtype, constantValue), from = strides(x.shape), to = strides(shape);
  const first = paddings.reduce((at, [before], d) => at + before * to[d], 0);
  const axes = x.shape.map((size, d) => ({ size, source: from[d], target: to[d] }));
  copyBox(engine, engine.pointer(x), engine.pointer(out) + bytes * first, axes, bytes);
  return out;
}

/** A new tensor with one value everywhere. */
export function fillNew(
  engine: WasmEngine,
  shape: number[],
  dtype: tf.DataType,
  value: number,
): tf.TensorInfo {
  const out = engine.output(shape, dtype), n = tf.util.sizeFromShape(shape), at = engine.pointer(out);
  if (dtype === "bool") engine.heap.bytes.fill(value, at, at + n);
  else if (dtype === "int32") engine.heap.integers.fill(value, at / 4, at / 4 + n);
  else engine.heap.floats.fill(value, at / 4, at / 4 + n);
  return out;
}

function transpose(engine: WasmEngine, call: KernelCall<{ perm: number[] }>): Result {
  const { x } = call.inputs, { perm } = call.attrs, bytes = elementBytes(x.dtype);
  if (bytes === 0) return engine.fallback("Transpose", call);
  const shape = perm.map((d) => x.shape[d]);
  const from = strides(x.shape), to = strides(shape);
  const axes = merge(perm.map((d, i) => ({ size: x.shape[d], source: from[d], target: to[i] })));
  if (axes.every(({ source, target }) => source === target)) return engine.alias(x, shape);
  const out = engine.output(shape, x.dtype), ps = engine.pointer(x), pd = engine.pointer(out);
  const columns = axes.find(({ source }) => source === 1), rows = axes.find(({ target }) => target === 1);
  if (bytes !== 4 || !columns || !rows || columns === rows) {
    copyBox(engine, ps, pd, axes, bytes);
    return out;
  }
  const outer = axes.filter((axis) => axis !== columns && axis !== rows);
  const m = rows.size, n = columns.size, ls = 4 * rows.source, ld = 4 * columns.target;
  const limit = 4 * tf.util.sizeFromShape(shape) < THREADED ? 1 : engine.threads;
  if (outer.length === 0) {
    engine.run(
      "transposeBox",
      engine.shards(m, 32, limit).map(([a, b]) => [ps + a * ls, pd + 4 * a, 0, 0, b - a, n, ls, ld, 0, 0]),
    );
    return out;
  }
  const table = engine.scratch(12 * outer.length), words = engine.heap.integers;
  outer.forEach(({ size, source, target }, d) =>
    words.set([size, 4 * source, 4 * target], table / 4 + 3 * d)
  );
  engine.run(
    "transposeBox",
    engine.shards(outer[0].size, 1, limit).map(([a, b]) => [ps, pd, table, outer.length, m, n, ls, ld, a, b]),
  );
  engine.free(table);
  return out;
}

function gather(engine: WasmEngine, call: KernelCall<{ axis: number; batchDims: number }>): Result {
  const { x, indices } = call.inputs, bytes = elementBytes(x.dtype);
  if (bytes === 0 || indices.dtype !== "int32") return engine.fallback("GatherV2", call);
  const [axis] = tf.util.parseAxisParam(call.attrs.axis, x.shape), length = x.shape[axis];
  for (const index of engine.backend.holder(indices.dataId).values as Int32Array) {
    demand(index >= 0 && index < length, () => ({
      expected: `an index from 0 to ${length - 1}`,
      found: `${index}`,
      where: "gather",
    }));
  }
  const { batchSize, outerSize, sliceSize, outputShape } = tf.backend_util.segment_util
    .collectGatherOpShapeInfo(
      x as tf.Tensor,
      indices as tf.Tensor,
      axis,
      call.attrs.batchDims ?? 0,
    );
  const out = engine.output(outputShape, x.dtype);
  if (tf.util.sizeFromShape(outputShape) === 0) return out;
  const count = tf.util.sizeFromShape(indices.shape) / batchSize, run = sliceSize * bytes;
  const px = engine.pointer(x), pi = engine.pointer(indices), po = engine.pointer(out);
  const rows = batchSize * outerSize, limit = rows * count * run < THREADED ? 1 : engine.threads;
  engine.run(
    "gatherRows",
    engine.shards(rows, 1, limit).map(([from, to]) => [px, pi, po, from, to, length, count, run, outerSize]),
  );
  return out;
}

function segmentSum(engine: WasmEngine, call: KernelCall<{ numSegments: number }>): Result {
  const { x, segmentIds } = call.inputs, { numSegments } = call.attrs, rank = segmentIds.shape.length;
  if (x.dtype !== "float32" || segmentIds.dtype !== "int32" || rank !== 1) {
    return engine.fallback("UnsortedSegmentSum", call);
  }
  const rows = x.shape[0], tail = x.shape.slice(1), inner = tf.util.sizeFromShape(tail);
  const out = fillNew(engine, [numSegments, ...tail], "float32", 0);
  const px = engine.pointer(x), ps = engine.pointer(segmentIds), po = engine.pointer(out);
  const limit = 4 * rows * inner < THREADED ? 1 : engine.threads;
  engine.run(
    "segmentSum",
    engine.shards(inner, 4, limit).map(([from, to]) => [px, ps, po, rows, numSegments, inner, from, to]),
  );
  return out;
}

interface OneHotAttributes {
  depth: number;
  onValue: number;
  offValue: number;
  dtype?: tf.DataType;
}

function oneHot(engine: WasmEngine, call: KernelCall<OneHotAttributes>): Result {
  const { indices } = call.inputs, { depth, onValue, offValue, dtype = "int32" } = call.attrs;
  if (dtype !== "float32" && dtype !== "int32") return engine.fallback("OneHot", call);
  const out = fillNew(engine, [...indices.shape, depth], dtype, offValue), at = engine.pointer(out) / 4;
  const target = dtype === "int32" ? engine.heap.integers : engine.heap.floats;
  (engine.backend.holder(indices.dataId).values as Int32Array).forEach((index, i) => {
    if (index >= 0 && index < depth) target[at + i * depth + index] = onValue;
  });
  return out;
}

interface FillAttributes {
  shape: number[];
  value: number | string;
  dtype?: tf.DataType;
}

function fill(engine: WasmEngine, call: KernelCall<FillAttributes>): Result {
  const { shape, value, dtype = "float32" } = call.attrs;
  if (typeof value === "string" || elementBytes(dtype) === 0) return engine.fallback("Fill", call);
  return fillNew(engine, shape, dtype, value);
}

/** Registers the kernels that move elements. */
export function registerMoves(): void {
  registerWasmKernel("Slice", slice);
  registerWasmKernel("StridedSlice", stridedSlice);
  registerWasmKernel("Reverse", reverse);
  registerWasmKernel("Concat", concat);
  registerWasmKernel("Pack", pack);
  registerWasmKernel("Unpack", unpack);
  registerWasmKernel("SplitV", split);
  registerWasmKernel("Tile", tile);
  registerWasmKernel("PadV2", pad);
  registerWasmKernel("Transpose", transpose);
  registerWasmKernel("GatherV2", gather);
  registerWasmKernel("UnsortedSegmentSum", segmentSum);
  registerWasmKernel("OneHot", oneHot);
  registerWasmKernel("Fill", fill);
  for (const [name, value] of [["ZerosLike", 0], ["OnesLike", 1]] as const) {
    registerWasmKernel(name, (engine, call) => {
      const { x } = call.inputs;
      return elementBytes(x.dtype) === 0
        ? engine.fallback(name, call)
        : fillNew(engine, x.shape, x.dtype, value);
    });
  }
}

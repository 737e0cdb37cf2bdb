// Element-wise functions of two tensors, with broadcasting; sums of several; selection by a mask.
import { tf } from "../../tf.ts";
import { type KernelCall, registerWasmKernel, type WasmEngine } from "../engine.ts";
import { runUnary } from "./unary.ts";

/** Elements of the result below which a second thread costs more than it saves. */
const THREADED = 100_000;

/** tfjs's kernels and the module's functions; comparisons give one byte an element. */
const arithmetic: Record<string, string> = {
  Add: "binaryAdd",
  Sub: "binarySub",
  Multiply: "binaryMultiply",
  RealDiv: "binaryDivide",
  Maximum: "binaryMaximum",
  Minimum: "binaryMinimum",
  SquaredDifference: "binarySquaredDifference",
};
const comparisons: Record<string, string> = {
  Equal: "binaryEqual",
  NotEqual: "binaryNotEqual",
  Less: "binaryLess",
  LessEqual: "binaryLessEqual",
  Greater: "binaryGreater",
  GreaterEqual: "binaryGreaterEqual",
};

/** Two broadcast operands as rows: see assembly/binary.ts. */
interface Rows {
  inner: number;
  stepA: number;
  stepB: number;
  count: number;
  /** Size and byte steps of a and b for each outer axis, outermost first. */
  axes: number[];
}

/** Merges neighbouring axes that broadcast alike; the innermost becomes the rows. */
export function broadcastRows(shapeA: number[], shapeB: number[], shape: number[]): Rows {
  const rank = shape.length;
  const own = (from: number[], d: number) => {
    const at = d - (rank - from.length);
    return at < 0 ? 1 : from[at];
  };
  // From the innermost axis outwards: size and whether each operand moves along it.
  const merged: { size: number; a: boolean; b: boolean }[] = [];
  for (let d = rank - 1; d >= 0; d--) {
    const size = shape[d];
    if (size === 1) continue;
    const a = own(shapeA, d) !== 1, b = own(shapeB, d) !== 1, last = merged.at(-1);
    if (last && last.a === a && last.b === b) last.size *= size;
    else merged.push({ size, a, b });
  }
  const [first = { size: 1, a: true, b: true }, ...outer] = merged;
  const axes: number[] = [];
  let count = 1, lengthA = first.a ? first.size : 1, lengthB = first.b ? first.size : 1;
  for (const { size, a, b } of outer) {
    axes.unshift(size, a ? 4 * lengthA : 0, b ? 4 * lengthB : 0);
    count *= size;
    if (a) lengthA *= size;
    if (b) lengthB *= size;
  }
  return { inner: first.size, stepA: first.a ? 1 : 0, stepB: first.b ? 1 : 0, count, axes };
}

/** Runs one of the `binary...` functions of the module on two float32 tensors. */
export function runBinary(
  engine: WasmEngine,
  name: string,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  dtype: "float32" | "bool" = "float32",
): tf.TensorInfo {
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const out = engine.output(shape, dtype), size = tf.util.sizeFromShape(shape);
  if (size === 0) return out;
  const pa = engine.pointer(a),
    pb = engine.pointer(b),
    po = engine.pointer(out),
    bytes = dtype === "bool" ? 1 : 4;
  const { inner, stepA, stepB, count, axes } = broadcastRows(a.shape, b.shape, shape);
  const limit = size < THREADED ? 1 : engine.threads;
  if (count === 1) {
    engine.run(
      name,
      engine.shards(inner, 16, limit).map(([from, to]) => [
        ...[pa + 4 * from * stepA, pb + 4 * from * stepB, po + bytes * from, to - from, stepA, stepB],
        ...[0, 1, 0, 0],
      ]),
    );
    return out;
  }
  const table = engine.scratch(4 * axes.length);
  engine.heap.integers.set(axes, table / 4);
  engine.run(
    name,
    engine.shards(count, 1, limit).map((
      [from, to],
    ) => [pa, pb, po + bytes * from * inner, inner, stepA, stepB, from, to, table, axes.length / 3]),
  );
  engine.free(table);
  return out;
}

function bothFloat({ a, b }: Record<string, tf.TensorInfo>): boolean {
  return a.dtype === "float32" && b.dtype === "float32";
}

/** Powers that are one cheap function; the others go through the cpu kernel, which is exact. */
const cheapPowers: Record<string, string> = {
  "2": "unarySquare",
  "0.5": "unarySqrt",
  "-1": "unaryReciprocal",
};

function pow(engine: WasmEngine, call: KernelCall): tf.TensorInfo | tf.TensorInfo[] {
  const { a, b } = call.inputs;
  const size = tf.util.sizeFromShape(b.shape);
  if (bothFloat(call.inputs) && size === 1 && b.shape.length <= a.shape.length) {
    const exponent = (engine.backend.holder(b.dataId).values as Float32Array)[0];
    if (exponent === 1) return engine.alias(a, a.shape);
    const name = cheapPowers[`${exponent}`];
    // The square root of -0 is -0 and of -infinity NaN, the power 0.5 of them 0 and infinity: no model lives there.
    if (name) {
      const out = engine.output(a.shape), from = engine.pointer(a), to = engine.pointer(out);
      runUnary(engine, name, from, to, tf.util.sizeFromShape(a.shape), [0, 0], false);
      return out;
    }
  }
  return engine.fallback("Pow", call);
}

function addN(engine: WasmEngine, call: KernelCall): tf.TensorInfo | tf.TensorInfo[] {
  const tensors = Object.values(call.inputs) as tf.TensorInfo[];
  if (tensors.length < 2 || tensors.some(({ dtype }) => dtype !== "float32")) {
    return engine.fallback("AddN", call);
  }
  const n = tf.util.sizeFromShape(tensors[0].shape),
    out = runBinary(engine, "binaryAdd", tensors[0], tensors[1]);
  const target = engine.pointer(out);
  for (const tensor of tensors.slice(2)) {
    const source = engine.pointer(tensor);
    engine.run(
      "binaryAdd",
      engine.shards(n, 16, n < THREADED ? 1 : engine.threads).map(([from, to]) => [
        ...[target + 4 * from, source + 4 * from, target + 4 * from, to - from, 1, 1],
        ...[0, 1, 0, 0],
      ]),
    );
  }
  return out;
}

function select(engine: WasmEngine, call: KernelCall): tf.TensorInfo | tf.TensorInfo[] {
  const { condition, t, e } = call.inputs;
  const same = tf.util.arraysEqual(condition.shape, t.shape) && tf.util.arraysEqual(t.shape, e.shape);
  if (!same || condition.dtype !== "bool" || t.dtype !== "float32" || e.dtype !== "float32") {
    return engine.fallback("Select", call);
  }
  const out = engine.output(t.shape), n = tf.util.sizeFromShape(t.shape);
  const pc = engine.pointer(condition),
    pt = engine.pointer(t),
    pe = engine.pointer(e),
    po = engine.pointer(out);
  engine.run(
    "selectWords",
    engine.shards(n, 16, n < THREADED ? 1 : engine.threads).map((
      [from, to],
    ) => [pc + from, pt + 4 * from, pe + 4 * from, po + 4 * from, to - from]),
  );
  return out;
}

/** Logical operations on masks of the same shape; they are cheap enough for one thread. */
function logical(name: string, exported: string) {
  return (engine: WasmEngine, call: KernelCall): tf.TensorInfo | tf.TensorInfo[] => {
    const { a, b } = call.inputs;
    const masks = a.dtype === "bool" && b.dtype === "bool" && tf.util.arraysEqual(a.shape, b.shape);
    if (!masks) return engine.fallback(name, call);
    const out = engine.output(a.shape, "bool"), pa = engine.pointer(a), pb = engine.pointer(b);
    engine.exports[exported](pa, pb, engine.pointer(out), tf.util.sizeFromShape(a.shape));
    return out;
  };
}

/** Registers the element-wise functions of two tensors. */
export function registerBinary(): void {
  for (const [kernelName, name] of Object.entries(arithmetic)) {
    registerWasmKernel(kernelName, (engine, call) => {
      if (!bothFloat(call.inputs)) return engine.fallback(kernelName, call);
      return runBinary(engine, name, call.inputs.a, call.inputs.b);
    });
  }
  for (const [kernelName, name] of Object.entries(comparisons)) {
    registerWasmKernel(kernelName, (engine, call) => {
      if (!bothFloat(call.inputs)) return engine.fallback(kernelName, call);
      return runBinary(engine, name, call.inputs.a, call.inputs.b, "bool");
    });
  }
  registerWasmKernel(
    "EluGrad",
    (engine, call) => runBinary(engine, "binaryEluGrad", call.inputs.dy, call.inputs.y),
  );
  for (const name of ["ReluGradient", "GeluGradient"]) {
    const run = (engine: WasmEngine, { inputs }: KernelCall) =>
      runBinary(engine, `binary${name}`, inputs.dy, inputs.x);
    registerWasmKernel(`Ephemera${name}`, run);
  }
  registerWasmKernel("Prelu", (engine, call) => {
    const { x, alpha } = call.inputs;
    if (x.dtype !== "float32" || alpha.dtype !== "float32") return engine.fallback("Prelu", call);
    return runBinary(engine, "binaryPrelu", x, alpha);
  });
  registerWasmKernel("LogicalAnd", logical("LogicalAnd", "logicalAnd"));
  registerWasmKernel("LogicalOr", logical("LogicalOr", "logicalOr"));
  registerWasmKernel("LogicalNot", (engine, call) => {
    const { x } = call.inputs;
    if (x.dtype !== "bool") return engine.fallback("LogicalNot", call);
    const out = engine.output(x.shape, "bool"), from = engine.pointer(x);
    engine.exports.logicalNot(from, engine.pointer(out), tf.util.sizeFromShape(x.shape));
    return out;
  });
  registerWasmKernel("Pow", pow);
  registerWasmKernel("AddN", addN);
  registerWasmKernel("Select", select);
}

// Element-wise functions of one tensor.
import { tf } from "../../tf.ts";
import { type KernelCall, registerWasmKernel, type WasmEngine } from "../engine.ts";

/** Elements below which a second thread costs more than it saves; the cheap functions are bound by memory. */
const THREADED_CHEAP = 200_000;
const THREADED_DEAR = 30_000;

interface UnaryAttributes {
  alpha?: number;
  clipValueMin?: number;
  clipValueMax?: number;
}

interface Unary {
  /** Name of the exported function; it takes source, target, number, a and b. */
  name: string;
  /** Whether it takes tens of instructions an element. */
  dear?: boolean;
  /** Largest absolute value that the function takes; beyond it the cpu kernel computes. */
  limit?: number;
  parameters?: (attrs: UnaryAttributes) => [a: number, b: number];
}

const none: [number, number] = [0, 0];

const unaries: Record<string, Unary> = {
  Abs: { name: "unaryAbs" },
  Neg: { name: "unaryNeg" },
  Square: { name: "unarySquare" },
  Sqrt: { name: "unarySqrt" },
  Rsqrt: { name: "unaryRsqrt" },
  Reciprocal: { name: "unaryReciprocal" },
  Exp: { name: "unaryExp", dear: true },
  Expm1: { name: "unaryExpm1", dear: true },
  Log: { name: "unaryLog", dear: true },
  Log1p: { name: "unaryLog1p", dear: true },
  Sigmoid: { name: "unarySigmoid", dear: true },
  Tanh: { name: "unaryTanh", dear: true },
  Sin: { name: "unarySin", dear: true, limit: 8192 },
  Cos: { name: "unaryCos", dear: true, limit: 8192 },
  Erf: { name: "unaryErf", dear: true },
  EphemeraGelu: { name: "unaryGelu", dear: true },
  Relu: { name: "unaryRelu" },
  Relu6: { name: "unaryRelu6" },
  Elu: { name: "unaryElu", dear: true },
  Selu: { name: "unarySelu", dear: true },
  LeakyRelu: { name: "unaryLeakyRelu", parameters: ({ alpha = 0.2 }) => [alpha, 0] },
  Softplus: { name: "unarySoftplus", dear: true },
  Step: { name: "unaryStep", parameters: ({ alpha = 0 }) => [alpha, 0] },
  Floor: { name: "unaryFloor" },
  Ceil: { name: "unaryCeil" },
  Round: { name: "unaryRound" },
  Sign: { name: "unarySign" },
  ClipByValue: {
    name: "unaryClip",
    parameters: ({ clipValueMin = -Infinity, clipValueMax = Infinity }) => [clipValueMin, clipValueMax],
  },
};

/** Calls a unary function of the module on n floats, on as many threads as pay. */
export function runUnary(
  engine: WasmEngine,
  name: string,
  source: number,
  target: number,
  n: number,
  [a, b]: [number, number],
  dear: boolean,
): void {
  if (n < (dear ? THREADED_DEAR : THREADED_CHEAP) || engine.threads === 1) {
    engine.exports[name](source, target, n, a, b);
    return;
  }
  engine.run(
    name,
    engine.shards(n, 16).map(([from, to]) => [source + 4 * from, target + 4 * from, to - from, a, b]),
  );
}

/** Largest value that becomes an integer without wrapping around. */
const INTEGER_LIMIT = 2147483520;

function cast(engine: WasmEngine, call: KernelCall<{ dtype: tf.DataType }>): tf.TensorInfo | tf.TensorInfo[] {
  const { x } = call.inputs, { dtype } = call.attrs;
  if (x.dtype !== "float32" || (dtype !== "int32" && dtype !== "bool")) return engine.fallback("Cast", call);
  const from = engine.pointer(x), n = tf.util.sizeFromShape(x.shape);
  if (dtype === "int32") {
    if (!engine.exports.allWithin(from, n, INTEGER_LIMIT)) return engine.fallback("Cast", call);
    const out = engine.output(x.shape, dtype);
    engine.exports.truncateToIntegers(from, engine.pointer(out), n);
    return out;
  }
  const out = engine.output(x.shape, dtype), zero = engine.scratch(4);
  engine.heap.floats[zero / 4] = 0;
  engine.exports.binaryNotEqual(from, zero, engine.pointer(out), n, 1, 0, 0, 1, 0, 0);
  engine.free(zero);
  return out;
}

/** Registers the element-wise functions of one tensor. */
export function registerUnary(): void {
  registerWasmKernel("Cast", cast);
  for (const [kernelName, { name, dear = false, limit, parameters }] of Object.entries(unaries)) {
    registerWasmKernel<UnaryAttributes>(kernelName, (engine, call: KernelCall<UnaryAttributes>) => {
      const { x } = call.inputs;
      if (x.dtype !== "float32") return engine.fallback(kernelName, call);
      const from = engine.pointer(x), n = tf.util.sizeFromShape(x.shape);
      if (limit !== undefined && !engine.exports.allWithin(from, n, limit)) {
        return engine.fallback(kernelName, call);
      }
      const out = engine.output(x.shape);
      runUnary(engine, name, from, engine.pointer(out), n, parameters?.(call.attrs) ?? none, dear);
      return out;
    });
  }
}

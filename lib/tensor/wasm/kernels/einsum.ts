// Einsum through transpositions and batched matrix products.
import { demand } from "../../../core/mod.ts";
import { contract, type ContractionOperations, readEquation } from "../../einsum.ts";
import type { tf } from "../../tf.ts";
import { type KernelCall, registerWasmKernel, type WasmEngine } from "../engine.ts";

function einsum(engine: WasmEngine, call: KernelCall<{ equation: string }>): tf.TensorInfo | tf.TensorInfo[] {
  const tensors = Object.values(call.inputs);
  if (tensors.some(({ dtype }) => dtype !== "float32")) return engine.fallback("Einsum", call);
  const { operands, output } = readEquation(call.attrs.equation);
  demand(operands.length === tensors.length, () => ({
    expected: `${operands.length} tensors for "${call.attrs.equation}"`,
    found: `${tensors.length}`,
    where: "einsum",
  }));
  const made: tf.TensorInfo[] = [];
  const keep = (tensor: tf.TensorInfo) => {
    made.push(tensor);
    return tensor;
  };
  const operations: ContractionOperations<tf.TensorInfo> = {
    reshape: (x, shape) => keep(engine.alias(x, shape)),
    transpose: (x, perm) => keep(engine.call("Transpose", { x }, { perm })),
    sum: (x, axis) => keep(engine.call("Sum", { x }, { axis, keepDims: false })),
    matMul: (a, b, transposeA, transposeB) =>
      keep(engine.call("BatchMatMul", { a, b }, { transposeA, transposeB })),
  };
  const result = contract(operations, operands, output, tensors);
  // The result is one more reference to its data, the others are given back.
  const out = engine.alias(result, result.shape);
  made.forEach((tensor) => engine.dispose(tensor));
  return out;
}

/** Registers Einsum. */
export function registerEinsum(): void {
  registerWasmKernel("Einsum", einsum);
}

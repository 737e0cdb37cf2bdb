// Kernels of the stock cpu backend that give wrong results, replaced. The wasm backend takes its fallbacks from here too.
import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { contract, type ContractionOperations, readEquation } from "./einsum.ts";
import * as tf from "./tf_namespace.ts";

interface CpuCall {
  inputs: Record<string, tf.TensorInfo>;
  attrs: object;
  backend: MathBackendCPU;
}

function replace(kernelName: string, kernel: (call: CpuCall, stock: tf.KernelFunc) => tf.TensorInfo): void {
  const stock = tf.getKernel(kernelName, "cpu").kernelFunc;
  tf.unregisterKernel(kernelName, "cpu");
  tf.registerKernel({
    kernelName,
    backendName: "cpu",
    kernelFunc: (call) => kernel(call as unknown as CpuCall, stock),
  });
}

function alias(backend: MathBackendCPU, x: tf.TensorInfo, shape: number[]): tf.TensorInfo {
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape, dtype: x.dtype };
}

/** The stock kernel returns the wrong shape when an index that only one operand has is summed ("ij,kj->k"). */
function einsum({ inputs, attrs, backend }: CpuCall): tf.TensorInfo {
  const { operands, output } = readEquation((attrs as { equation: string }).equation);
  const made: tf.TensorInfo[] = [];
  const keep = (x: tf.TensorInfo) => {
    made.push(x);
    return x;
  };
  const call = (name: string, given: Record<string, tf.TensorInfo>, options: object) =>
    keep(
      tf.getKernel(name, "cpu").kernelFunc({
        inputs: given,
        attrs: options as tf.NamedAttrMap,
        backend,
      }) as tf.TensorInfo,
    );
  const operations: ContractionOperations<tf.TensorInfo> = {
    reshape: (x, shape) => keep(alias(backend, x, shape)),
    transpose: (x, perm) => call("Transpose", { x }, { perm }),
    sum: (x, axis) => call("Sum", { x }, { axis, keepDims: false }),
    matMul: (a, b, transposeA, transposeB) => call("BatchMatMul", { a, b }, { transposeA, transposeB }),
  };
  const result = contract(operations, operands, output, Object.values(inputs));
  const out = alias(backend, result, result.shape);
  made.forEach((x) => backend.disposeIntermediateTensorInfo(x));
  return out;
}

interface StridedSliceAttributes {
  begin: number[];
  end: number[];
  strides: number[];
  beginMask: number;
  endMask: number;
  ellipsisMask: number;
  newAxisMask: number;
  shrinkAxisMask: number;
}

/** The stock kernel mistakes the axes when one of them is dropped and another has a stride. */
function stridedSlice({ inputs, attrs, backend }: CpuCall, stock: tf.KernelFunc): tf.TensorInfo {
  const a = attrs as StridedSliceAttributes, { x } = inputs;
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
  // A backward slice that reaches the first element ends at -1, which as an argument would mean the last.
  const open = info.end.reduce((mask, end, d) => end < 0 ? mask | (1 << d) : mask, 0);
  const full = stock({
    inputs,
    backend,
    attrs: {
      begin: info.begin,
      end: info.end,
      strides: info.strides,
      beginMask: 0,
      endMask: open,
      ellipsisMask: 0,
      newAxisMask: 0,
      shrinkAxisMask: 0,
    },
  }) as tf.TensorInfo;
  const out = alias(backend, full, info.finalShape);
  backend.disposeIntermediateTensorInfo(full);
  return out;
}

/** Replaces the wrong kernels; done once, when `tf` is made. */
export function repairCpuKernels(): void {
  replace("Einsum", einsum);
  replace("StridedSlice", stridedSlice);
}

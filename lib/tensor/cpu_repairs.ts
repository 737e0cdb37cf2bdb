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

/** The stock kernel mistakes the axes when one of them is dropped and another has a stride. */
function stridedSlice({ inputs, attrs, backend }: CpuCall, stock: tf.KernelFunc): tf.TensorInfo {
  const a = attrs as tf.StridedSliceAttrs, { x } = inputs;
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

interface PoolAttributes {
  filterSize: [number, number] | number;
  strides: [number, number] | number;
  pad: "valid" | "same" | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** The stock kernel divides by the whole window at a padded rim, where the mean is over the elements that are there. */
function avgPoolGrad({ inputs, attrs, backend }: CpuCall): tf.TensorInfo {
  const { dy, input } = inputs, { filterSize, strides, pad, dimRoundingMode } = attrs as PoolAttributes;
  const shape = input.shape as [number, number, number, number];
  const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, padInfo } = info;
  const given = backend.data.get(dy.dataId).values as Float32Array;
  const result = new Float32Array(tf.util.sizeFromShape(shape));
  for (let n = 0; n < batchSize; n++) {
    for (let i = 0; i < outHeight; i++) {
      const top = i * info.strideHeight - padInfo.top;
      const firstRow = Math.max(0, top), lastRow = Math.min(inHeight, top + info.filterHeight);
      for (let j = 0; j < outWidth; j++) {
        const left = j * info.strideWidth - padInfo.left;
        const first = Math.max(0, left), last = Math.min(inWidth, left + info.filterWidth);
        const share = 1 / ((lastRow - firstRow) * (last - first));
        const from = ((n * outHeight + i) * outWidth + j) * inChannels;
        for (let row = firstRow; row < lastRow; row++) {
          for (let column = first; column < last; column++) {
            const to = ((n * inHeight + row) * inWidth + column) * inChannels;
            for (let c = 0; c < inChannels; c++) result[to + c] += given[from + c] * share;
          }
        }
      }
    }
  }
  return backend.makeTensorInfo(shape, "float32", result);
}

/** Replaces the wrong kernels; done once, when `tf` is made. */
export function repairCpuKernels(): void {
  replace("AvgPoolGrad", avgPoolGrad);
  replace("Einsum", einsum);
  replace("StridedSlice", stridedSlice);
}

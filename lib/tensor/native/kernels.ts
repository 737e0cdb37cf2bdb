import { tf } from "../tf.ts";
import { NativeScope } from "./scope.ts";

interface ProductCall {
  inputs: { a: tf.Tensor; b: tf.Tensor };
  attrs: { transposeA: boolean; transposeB: boolean };
}

/**
 * Replaces stock kernels of the native backend that have a faster way: the product of two matrices, which it gives to
 * TensorFlow as a batch of one.
 */
export function replaceNativeKernels(): void {
  const kernelName = "BatchMatMul", backendName = "tensorflow";
  const stock = tf.getKernel(kernelName, backendName).kernelFunc;
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: (call) => {
      const { inputs: { a, b }, attrs } = call as unknown as ProductCall;
      if (a.shape.length !== 2 || b.shape.length !== 2 || a.dtype !== "float32" || b.dtype !== "float32") {
        return stock(call);
      }
      const { transposeA, transposeB } = attrs;
      return NativeScope.run((scope) =>
        scope.tensor(scope.product(scope.of(a), scope.of(b), transposeA, transposeB))
      );
    },
  });
}

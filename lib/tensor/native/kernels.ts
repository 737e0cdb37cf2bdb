import { tf } from "../tf.ts";
import { hasNativeOperations, NativeScope } from "./scope.ts";

interface ProductCall {
  inputs: { a: tf.Tensor; b: tf.Tensor };
  attrs: { transposeA: boolean; transposeB: boolean };
}

/** The product of two matrices, which the stock kernel gives to TensorFlow as a batch of one. */
function replaceProduct(): void {
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

/** The gradient of relu, which the stock one makes of seven operations on native TensorFlow. */
function replaceReluGradient(): void {
  const kernelName = "Relu", stock = tf.getGradient(kernelName);
  tf.unregisterGradient(kernelName);
  tf.registerGradient({
    ...stock,
    gradFunc: (dy, saved, attributes) => {
      if (!hasNativeOperations() || saved[0].dtype !== "float32") {
        return stock.gradFunc(dy, saved, attributes);
      }
      const x = () =>
        NativeScope.run((scope) =>
          scope.tensor(scope.call("ReluGrad", scope.of(dy as tf.Tensor), scope.of(saved[0])))
        );
      return { x };
    },
  });
}

/** Replaces stock kernels and gradients for which TensorFlow has an operation of its own. */
export function replaceNativeKernels(): void {
  replaceProduct();
  replaceReluGradient();
}

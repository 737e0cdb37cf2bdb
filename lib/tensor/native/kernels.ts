import { tf } from "../tf.ts";
import { NativeScope } from "./scope.ts";

interface ProductCall {
  inputs: { a: tf.Tensor; b: tf.Tensor };
  attrs: { transposeA: boolean; transposeB: boolean };
}

/** Numbers in a matrix above which it does not stay in the cache of a processor. */
const LARGE = 2 ** 20;

/**
 * The product of two matrices, which the stock kernel gives to TensorFlow as a batch of one. That is the better way only
 * for a large second matrix that is transposed, which the product of matrices copies first.
 */
function replaceProduct(): void {
  const kernelName = "BatchMatMul", backendName = "tensorflow";
  const stock = tf.getKernel(kernelName, backendName).kernelFunc;
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: (call) => {
      const { inputs: { a, b }, attrs: { transposeA, transposeB } } = call as unknown as ProductCall;
      const matrices = [a, b].every(({ shape, dtype }) => shape.length === 2 && dtype === "float32");
      const [sizeOfA, sizeOfB] = [a, b].map(({ shape }) => tf.util.sizeFromShape(shape));
      const copies = transposeB && !transposeA && sizeOfB >= LARGE && sizeOfB > sizeOfA;
      if (!matrices || copies) return stock(call);
      return NativeScope.run((scope) =>
        scope.tensor(scope.product(scope.of(a), scope.of(b), transposeA, transposeB))
      );
    },
  });
}

/** The gradient of relu as one operation; see lib/tensor/gradients.ts. */
function addReluGradient(): void {
  tf.registerKernel({
    kernelName: "EphemeraReluGradient",
    backendName: "tensorflow",
    kernelFunc: ({ inputs }) => {
      const { dy, x } = inputs as unknown as { dy: tf.Tensor; x: tf.Tensor };
      return NativeScope.run((scope) => scope.tensor(scope.call("ReluGrad", scope.of(dy), scope.of(x))));
    },
  });
}

/** Gives native TensorFlow kernels of its own operations. */
export function replaceNativeKernels(): void {
  replaceProduct();
  addReluGradient();
}

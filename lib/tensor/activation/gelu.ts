import { refuseSecondDerivative } from "../first_derivative.ts";
import { tf } from "../tf.ts";

/**
 * The same of stock operations, for backends without the kernel, with a gradient of its own that keeps two tensors where
 * theirs would keep six.
 */
function composedGelu<T extends tf.Tensor>(x: T): T {
  const operation = tf.customGrad((...given) => {
    const [x, save] = given as [tf.Tensor, tf.GradSaveFunc];
    const distribution = tf.add(tf.mul(tf.erf(tf.mul(x, Math.SQRT1_2)), 0.5), 0.5);
    save([x, distribution]);
    return {
      value: tf.mul(x, distribution),
      // The engine keeps what a backward pass makes until its end: the tidy frees the steps between.
      gradFunc: (dy: tf.Tensor, [x, distribution]: tf.Tensor[]) => {
        refuseSecondDerivative("gelu");
        return tf.tidy(() => {
          const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
          return tf.mul(dy, tf.add(distribution, tf.mul(x, density)));
        });
      },
    };
  });
  return operation(x) as T;
}

/**
 * The Gaussian error linear unit (Hendrycks & Gimpel 2016), x Phi(x) with the distribution function Phi of the standard
 * normal distribution, exact up to the error function's 3e-7 (no approximation by tanh). Differentiable once;
 * one kernel forward and one backward on the wasm backend.
 *
 * @param x float32, any shape
 * @returns a tensor of the same shape; the caller disposes it.
 * @throws EphemeraError when a derivative of a derivative is asked for.
 *
 * @example
 * ```ts
 * import { gelu, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const [low, zero, high] = gelu(tf.tensor1d([-1, 0, 1])).dataSync();
 * assert.ok(Math.abs(low + 0.158655) < 1e-5 && zero === 0 && Math.abs(high - 0.841345) < 1e-5);
 * ```
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  return tf.tidy(() => {
    const given = (x.dtype === "float32" ? x : tf.cast(x, "float32")) as T;
    if (!tf.getKernel("EphemeraGelu", tf.getBackend())) return composedGelu(given);
    return tf.engine().runKernel("EphemeraGelu", { x: given }) as unknown as T;
  });
}

import { tf } from "../tf.ts";

/** The same of stock operations, for backends without the kernel. */
export function composedGelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

/**
 * The Gaussian error linear unit (Hendrycks & Gimpel 2016), x Phi(x) with the distribution function Phi of the standard
 * normal distribution, exact up to the error function's 3e-7 (no approximation by tanh). Differentiable; one kernel
 * forward and one backward on the wasm backend.
 *
 * @param x float32, any shape
 * @returns a tensor of the same shape; the caller disposes it.
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
    const given = x.dtype === "float32" ? x : tf.cast(x, "float32");
    if (!tf.getKernel("EphemeraGelu", tf.getBackend())) return composedGelu(given) as T;
    const operation = tf.customGrad((...inputs) => {
      const [x, save] = inputs as [tf.Tensor, tf.GradSaveFunc];
      save([x]);
      return {
        value: tf.engine().runKernel("EphemeraGelu", { x }) as tf.Tensor,
        gradFunc: (dy: tf.Tensor, [x]: tf.Tensor[]) =>
          tf.engine().runKernel("EphemeraGeluGradient", { dy, x }) as tf.Tensor,
      };
    });
    return operation(given) as T;
  });
}

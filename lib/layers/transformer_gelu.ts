import { tf } from "../tensor/mod.ts";

/**
 * Returns the Gaussian error linear unit x Phi(x), Phi the standard normal distribution function, by the error function
 * and not by the approximation with tanh (Hendrycks & Gimpel 2016, section 2). Differentiable: x' = Phi(x) + x phi(x).
 *
 * @param x any shape
 * @returns a tensor of the shape of `x`; the caller disposes it.
 *
 * @example
 * ```ts
 * import { gelu } from "ephemera/layers";
 * import { tf, useBackend } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * await useBackend("cpu");
 * const [, one] = await gelu(tf.tensor1d([0, 1])).data();
 * assert.ok(Math.abs(one - 0.8413447) < 1e-6); // Phi(1)
 * ```
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  // With a gradient of its own it keeps two tensors for the backward pass where the stock operations keep six.
  const operation = tf.customGrad((...given) => {
    const [x, save] = given as [tf.Tensor, tf.GradSaveFunc];
    const distribution = tf.add(tf.mul(tf.erf(tf.mul(x, Math.SQRT1_2)), 0.5), 0.5);
    save([x, distribution]);
    return {
      value: tf.mul(x, distribution),
      // The engine keeps what a backward pass makes until its end: the tidy frees the steps between.
      gradFunc: (dy: tf.Tensor, [x, distribution]: tf.Tensor[]) =>
        tf.tidy(() => {
          const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
          return tf.mul(dy, tf.add(distribution, tf.mul(x, density)));
        }),
    };
  });
  return operation(x) as T;
}

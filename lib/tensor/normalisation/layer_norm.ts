import { tf } from "../tf.ts";
import { checkNormalisation } from "./checks.ts";

/** Options of {@link layerNorm}. */
export interface LayerNormOptions {
  /** Added to the variance. Default 1e-5 (PyTorch; Keras has 1e-3). */
  epsilon?: number;
}

/** The same of stock operations, for backends without the kernel. */
export function composedLayerNorm(
  x: tf.Tensor,
  gain: tf.Tensor,
  offset: tf.Tensor,
  epsilon: number,
): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), gain), offset);
}

/**
 * Layer normalisation (Ba, Kiros & Hinton 2016): each row along the last axis less its mean, divided by
 * sqrt(variance + epsilon) with the biased variance, times `gain`, plus `offset`. Differentiable in all three; the backward
 * pass is one kernel on the wasm backend.
 *
 * @param x `[..., width]`
 * @param gain `[width]`, or null for ones
 * @param offset `[width]`, or null for zeros
 * @returns a tensor of the shape of `x`; the caller disposes it.
 * @throws EphemeraError when shapes do not fit.
 *
 * @example
 * ```ts
 * import { layerNorm, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const y = layerNorm(tf.tensor2d([[1, 3], [10, 30]]), null, null);
 * assert.ok(Math.abs(y.dataSync()[3] - 1) < 1e-5);
 * ```
 */
export function layerNorm(
  x: tf.Tensor,
  gain: tf.Tensor1D | null,
  offset: tf.Tensor1D | null,
  options: LayerNormOptions = {},
): tf.Tensor {
  const { epsilon = 1e-5 } = options, width = checkNormalisation("layerNorm", x, { gain, offset }, epsilon);
  return tf.tidy(() => {
    const factor = gain ?? tf.ones([width]), shift = offset ?? tf.zeros([width]);
    if (!tf.getKernel("EphemeraLayerNorm", tf.getBackend())) {
      return composedLayerNorm(x, factor, shift, epsilon);
    }
    const run = (name: string, inputs: Record<string, tf.Tensor>): tf.Tensor[] =>
      tf.engine().runKernel(name, inputs, { epsilon }) as unknown as tf.Tensor[];
    const operation = tf.customGrad((...given) => {
      const [x, gain, offset, save] = given as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
      const [value, statistics] = run("EphemeraLayerNorm", { x, gain, offset });
      save([x, gain, statistics]);
      return {
        value,
        gradFunc: (dy: tf.Tensor, [x, gain, statistics]: tf.Tensor[]) =>
          run("EphemeraLayerNormBackward", { x, gain, statistics, dy }),
      };
    });
    return operation(x, factor, shift);
  });
}

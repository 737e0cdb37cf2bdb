import { tf } from "../tf.ts";
import { checkNormalisation } from "./checks.ts";

/** Options of {@link batchNorm}. */
export interface BatchNormOptions {
  /** Added to the variance. Default 1e-3 (Keras; PyTorch has 1e-5). */
  epsilon?: number;
}

/** What {@link batchNorm} returns; the caller disposes all three. */
export interface BatchNormResult {
  /** The normalised tensor, of the shape of `x`. */
  value: tf.Tensor;
  /** Mean of each channel over the batch, `[channels]`, for a running mean. Not differentiable. */
  mean: tf.Tensor1D;
  /** Biased variance of each channel over the batch, `[channels]`. Not differentiable. */
  variance: tf.Tensor1D;
}

function run(name: string, inputs: Record<string, tf.Tensor>, epsilon: number): tf.Tensor[] {
  return [tf.engine().runKernel(name, inputs, { epsilon }) as unknown as tf.Tensor].flat();
}

/** The same of stock operations, for backends without the kernels. */
export function composedBatchNorm(
  x: tf.Tensor,
  gain: tf.Tensor,
  offset: tf.Tensor,
  epsilon: number,
): BatchNormResult {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const mean = tf.mean(x, axes), centred = tf.sub(x, mean), variance = tf.mean(tf.square(centred), axes);
  const value = tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), gain), offset);
  return { value, mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D };
}

/**
 * Batch normalisation while training (Ioffe & Szegedy 2015, algorithm 1): each channel (last axis) less its mean over all
 * other axes, divided by sqrt(variance + epsilon), times `gain`, plus `offset`. Differentiable in all three, with the
 * gradient through the batch's own statistics. For prediction with running statistics there is `tf.batchNorm`.
 *
 * @param x `[batch, ..., channels]`
 * @param gain `[channels]`, or null for ones
 * @param offset `[channels]`, or null for zeros
 * @returns the normalised tensor and the batch's statistics.
 * @throws EphemeraError when shapes do not fit.
 *
 * @example
 * ```ts
 * import { batchNorm, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const { value, mean } = batchNorm(tf.tensor2d([[1, 5], [3, 9]]), null, null);
 * assert.deepEqual([...mean.dataSync()], [2, 7]);
 * assert.ok(Math.abs(value.dataSync()[0] + 1) < 1e-3);
 * ```
 */
export function batchNorm(
  x: tf.Tensor,
  gain: tf.Tensor1D | null,
  offset: tf.Tensor1D | null,
  options: BatchNormOptions = {},
): BatchNormResult {
  const { epsilon = 1e-3 } = options, width = checkNormalisation("batchNorm", x, { gain, offset }, epsilon);
  return tf.tidy(() => {
    const factor = gain ?? tf.ones([width]), shift = offset ?? tf.zeros([width]);
    // One row is its own mean; the reduction over no axis would leave it as it is.
    const rows = x.rank === 1 ? tf.reshape(x, [1, width]) : x;
    const result = tf.getKernel("EphemeraBatchNorm", tf.getBackend())
      ? fusedBatchNorm(rows, factor, shift, epsilon)
      : composedBatchNorm(rows, factor, shift, epsilon);
    return { ...result, value: tf.reshape(result.value, x.shape) };
  }) as BatchNormResult;
}

function fusedBatchNorm(x: tf.Tensor, gain: tf.Tensor, offset: tf.Tensor, epsilon: number): BatchNormResult {
  const [mean, variance] = run("EphemeraBatchMoments", { x }, epsilon);
  const operation = tf.customGrad((...given) => {
    const [x, gain, offset, save] = given as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const [value] = run("EphemeraBatchNorm", { x, gain, offset, mean, variance }, epsilon);
    save([x, gain, mean, variance]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, [x, gain, mean, variance]: tf.Tensor[]) =>
        run("EphemeraBatchNormBackward", { x, gain, mean, variance, dy }, epsilon),
    };
  });
  return {
    value: operation(x, gain, offset),
    mean: mean as tf.Tensor1D,
    variance: variance as tf.Tensor1D,
  };
}

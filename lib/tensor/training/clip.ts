import { tf } from "../tf.ts";
import { mapTensors } from "./map_tensors.ts";

/** Returns the norm over all gradients together. */
export function gradientNorm(gradients: Readonly<Record<string, tf.Tensor>>): tf.Scalar {
  return tf.tidy(() => {
    const squares = Object.values(gradients).map((g) => tf.sum(tf.square(g)));
    return tf.sqrt(tf.addN(squares)) as tf.Scalar;
  });
}

/** Options of {@link clipGradients}. */
export interface ClipOptions {
  /** Largest norm of all gradients together; above it all are scaled down by the same factor. Default: no limit. */
  clipNorm?: number;
  /** Largest size of a single component; applied before the norm. Default: no limit. */
  clipValue?: number;
}

/** Returns clipped gradients, which must be finite; disposes those given. */
export function clipGradients(
  gradients: Record<string, tf.Tensor>,
  options: ClipOptions,
): Record<string, tf.Tensor> {
  const { clipNorm, clipValue } = options;
  let clipped = gradients;
  if (clipValue !== undefined) clipped = mapTensors(clipped, (g) => tf.clipByValue(g, -clipValue, clipValue));
  if (clipNorm !== undefined) {
    const scale = tf.tidy(() => tf.div(clipNorm, tf.maximum(gradientNorm(clipped), clipNorm)));
    clipped = mapTensors(clipped, (g) => tf.mul(g, scale));
    scale.dispose();
  }
  return clipped;
}

/** The three losses of paper 004 and their sum (eqs. 1, 3, 6, 7). Each returns a scalar that the caller disposes. */
import { mixtureFromMemberships, sampleEnergy } from "../../layers/mod.ts";
import { tf } from "../../tensor/mod.ts";
import type { NoveltyTrainingOptions } from "./configuration.ts";

/** L_AE, eq. 1: the mean over sequences and observations of weight times squared difference. All `[batch, epochs]`. */
export function reconstructionLoss(
  value: tf.Tensor2D,
  reconstruction: tf.Tensor2D,
  weight: tf.Tensor2D,
): tf.Scalar {
  return tf.tidy(() => tf.mean(tf.mul(weight, tf.square(tf.sub(value, reconstruction)))));
}

/**
 * L_CE, eq. 3: the mean of -y . log gamma. With class weights c, the mean is sum(c_y loss) / sum(c_y).
 *
 * @param logGamma `[batch, classes]`
 * @param target one-hot classes, `[batch, classes]`
 * @param classWeights `[classes]`
 */
export function classificationLoss(
  logGamma: tf.Tensor2D,
  target: tf.Tensor2D,
  classWeights?: tf.Tensor1D,
): tf.Scalar {
  return tf.tidy(() => {
    const each = tf.neg(tf.sum(tf.mul(target, logGamma), 1));
    if (classWeights === undefined) return tf.mean(each);
    const weight = tf.sum(tf.mul(target, classWeights), 1);
    return tf.div(tf.sum(tf.mul(weight, each)), tf.sum(weight)) as tf.Scalar;
  });
}

/** L_GMM, eq. 6: the mean energy of a batch under the mixture of its own memberships. `[batch, l]` and `[batch, classes]`. */
export function mixtureLoss(features: tf.Tensor2D, logGamma: tf.Tensor2D, ridge: number): tf.Scalar {
  return tf.tidy(() =>
    tf.mean(sampleEnergy(features, mixtureFromMemberships(features, tf.exp(logGamma), { ridge })))
  );
}

/** Returns the weight of each class for {@link classificationLoss}, with mean 1 over the sequences, or undefined for none. */
export function classWeightsOf(
  codes: Int32Array,
  classes: number,
  rule: NoveltyTrainingOptions["classWeights"],
): Float32Array | undefined {
  if (rule === "none") return undefined;
  const counts = new Float64Array(classes);
  for (const code of codes) counts[code]++;
  const raw = counts.map((count) => count === 0 ? 0 : Math.pow(count, rule === "inverse" ? -1 : -0.5));
  const mean = raw.reduce((sum, weight, k) => sum + weight * counts[k], 0) / codes.length;
  return Float32Array.from(raw, (weight) => weight / mean);
}

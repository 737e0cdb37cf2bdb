/** The variational autoencoder of paper 000 (appendix A.1) as functions of named parameters. */
import { demand } from "../../core/mod.ts";
import {
  createParameters,
  glorotUniform,
  type Initializer,
  type ParameterSet,
  tf,
  zeros,
} from "../../tensor/mod.ts";

/**
 * Returns the sizes of the layers from pixels to latent numbers: int(pixels (1 - w) + latent w) for each w.
 *
 * @param weights from 0 (the input) to 1 (the latent space), ascending; the paper's are 0, 0.25, 0.5, 0.75, 1.
 *
 * @example
 * ```ts
 * import { layerSizes } from "ephemera/chapters/follow_up";
 * import assert from "node:assert/strict";
 * assert.deepEqual(layerSizes(3794, 7, [0, 0.25, 0.5, 0.75, 1]), [3794, 2847, 1900, 953, 7]);
 * ```
 */
export function layerSizes(pixels: number, latent: number, weights: readonly number[]): number[] {
  const ascending = weights.every((w, k) => k === 0 || w > weights[k - 1]);
  demand(weights.length >= 2 && weights[0] === 0 && weights[weights.length - 1] === 1 && ascending, () => ({
    expected: "ascending weights from 0 to 1",
    found: weights.join(", "),
    where: "layerSizes",
  }));
  return weights.map((w) => Math.trunc(pixels * (1 - w) + latent * w));
}

/**
 * Returns new parameters of an encoder and a decoder with the given layer sizes: kernels Glorot uniform, biases zero.
 * The encoder ends in `encoder/mean` and `encoder/log variance`, the decoder mirrors it.
 */
export function createSpectrumNetwork(sizes: readonly number[], seed: number | string): ParameterSet {
  const plan: Record<string, Initializer> = {}, last = sizes.length - 1;
  const dense = (name: string, inputs: number, outputs: number) => {
    plan[`${name}/kernel`] = glorotUniform([inputs, outputs]);
    plan[`${name}/bias`] = zeros([outputs]);
  };
  for (let k = 1; k < last; k++) dense(`encoder/hidden ${k}`, sizes[k - 1], sizes[k]);
  dense("encoder/mean", sizes[last - 1], sizes[last]);
  dense("encoder/log variance", sizes[last - 1], sizes[last]);
  for (let k = last; k > 1; k--) dense(`decoder/hidden ${k - 1}`, sizes[k], sizes[k - 1]);
  dense("decoder/output", sizes[1], sizes[0]);
  return createParameters(plan, { seed });
}

/** Where the encoder sees a batch of spectra in the latent space; both tensors `[batch, latent]`. */
export interface LatentNormal {
  mean: tf.Tensor2D;
  logVariance: tf.Tensor2D;
}

function dense(parameters: ParameterSet, name: string, x: tf.Tensor): tf.Tensor2D {
  const kernel = parameters[`${name}/kernel`] as tf.Tensor2D;
  return tf.add(tf.matMul(x as tf.Tensor2D, kernel), parameters[`${name}/bias`]) as tf.Tensor2D;
}

/** Encodes spectra `[batch, pixels]`; hidden layers are ReLU. The caller disposes both tensors. */
export function encodeSpectra(parameters: ParameterSet, spectra: tf.Tensor2D): LatentNormal {
  return tf.tidy(() => {
    let x: tf.Tensor = spectra;
    for (let k = 1; `encoder/hidden ${k}/kernel` in parameters; k++) {
      x = tf.relu(dense(parameters, `encoder/hidden ${k}`, x));
    }
    return {
      mean: dense(parameters, "encoder/mean", x),
      logVariance: dense(parameters, "encoder/log variance", x),
    };
  });
}

/** Decodes latent numbers `[batch, latent]` to spectra in [0, 1], `[batch, pixels]`: ReLU, then a sigmoid. */
export function decodeSpectra(parameters: ParameterSet, latent: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const names = Object.keys(parameters).filter((name) => /^decoder\/hidden \d+\/kernel$/.test(name));
    let x: tf.Tensor = latent;
    for (let k = names.length; k >= 1; k--) x = tf.relu(dense(parameters, `decoder/hidden ${k}`, x));
    return tf.sigmoid(dense(parameters, "decoder/output", x));
  });
}

/** Draws z = mean + exp(log variance / 2) noise; `noise` is standard normal, `[batch, latent]`. */
export function drawLatent({ mean, logVariance }: LatentNormal, noise: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise)) as tf.Tensor2D);
}

/** Mean over the batch of the sum over pixels of squared differences. */
export function reconstructionError(spectra: tf.Tensor2D, reconstruction: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => tf.mean(tf.sum(tf.square(tf.sub(spectra, reconstruction)), 1)));
}

/** Mean over the batch of KL(N(mean, variance) || N(0, 1)) = sum (mean^2 + variance - 1 - log variance) / 2. */
export function latentDivergence({ mean, logVariance }: LatentNormal): tf.Scalar {
  return tf.tidy(() => {
    const each = tf.sub(tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), 1), logVariance);
    return tf.mul(tf.mean(tf.sum(each, 1)), 0.5) as tf.Scalar;
  });
}

/** Loss of a batch, with its two parts: `reconstruction + weight divergence`. */
export interface SpectrumLoss {
  loss: tf.Scalar;
  reconstruction: tf.Scalar;
  divergence: tf.Scalar;
}

/**
 * Returns the loss of a batch of spectra for given noise. The caller disposes all three scalars.
 * @param weight beta, the annealed weight of the divergence.
 */
export function spectrumLoss(
  parameters: ParameterSet,
  spectra: tf.Tensor2D,
  noise: tf.Tensor2D,
  weight: number,
): SpectrumLoss {
  return tf.tidy(() => {
    const normal = encodeSpectra(parameters, spectra);
    const reconstruction = reconstructionError(spectra, decodeSpectra(parameters, drawLatent(normal, noise)));
    const divergence = latentDivergence(normal);
    return {
      loss: tf.add(reconstruction, tf.mul(divergence, weight)) as tf.Scalar,
      reconstruction,
      divergence,
    };
  });
}

/** The ResNet encoder and decoder of paper 001, section 3.3.4: stacks of the blocks of `residual_1d.ts`. */
import { demand } from "../core/mod.ts";
import { type Initializer, type ParameterSet, tf } from "../tensor/mod.ts";
import type { Normalised } from "./batch_renormalisation.ts";
import {
  lengthen,
  lengthenParameters,
  type ResidualBlockOptions,
  type ResidualMode,
  shorten,
  shortenParameters,
} from "./residual_1d.ts";
import { demandCount, dense, denseParameters } from "./dense.ts";

/** Sizes of a stack of residual blocks; maps, kernel and scale as in {@link ResidualBlockOptions}. */
export interface ResidualStackOptions extends ResidualBlockOptions {
  /**
   * Blocks, one after the other. The paper does not tell how many. Default 4: they bring its 128 points down to one, and
   * the decoder's 3 up to 243.
   */
  blocks?: number;
}

/** Declares the parameters of {@link residualEncoder} under `name`. @param inputs numbers at each time */
export function residualEncoderParameters(
  name: string,
  inputs: number,
  options: ResidualStackOptions = {},
): Record<string, Initializer> {
  const { blocks = 4, maps = 32 } = options, plan: Record<string, Initializer> = {};
  demandCount(blocks, "blocks", name);
  for (let k = 1; k <= blocks; k++) {
    Object.assign(plan, shortenParameters(`${name}/block ${k}`, k === 1 ? inputs : maps, options));
  }
  return plan;
}

/**
 * Encodes sequences: residual blocks that shorten them ({@link shorten}), ReLU, mean over the times that are left.
 *
 * With a mask, the mean is over those times that at least one observed time went into; all times enter convolutions and
 * batch statistics. Without any observed time the result is 0.
 *
 * @param parameters as declared by {@link residualEncoderParameters}
 * @param x `[batch, time, inputs]` with at least scale^blocks times
 * @param mask `[batch, time]`, 1 where observed and 0 elsewhere, or null for all observed
 * @param mode whether statistics are those of the batch, and how they move
 * @returns `[batch, maps]` and the new moving statistics; the caller disposes them.
 * @throws EphemeraError when shapes do not fit or there are too few times
 *
 * @example
 * ```ts
 * import { isMovingStatistic, residualEncoder, residualEncoderParameters } from "ephemera/layers";
 * import { createParameters, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const options = { blocks: 2, maps: 6 };
 * const parameters = createParameters(residualEncoderParameters("encoder", 2, options), {
 *   seed: 1,
 *   frozen: isMovingStatistic,
 * });
 * const x: tf.Tensor3D = tf.ones([5, 20, 2]);
 * const { value } = residualEncoder(parameters, "encoder", x, null, options, { training: false });
 * assert.deepEqual(value.shape, [5, 6]);
 * ```
 */
export function residualEncoder(
  parameters: ParameterSet,
  name: string,
  x: tf.Tensor3D,
  mask: tf.Tensor2D | null,
  options: ResidualStackOptions,
  mode: ResidualMode,
): Normalised<tf.Tensor2D> {
  const { blocks = 4, scale = 3 } = options;
  demand(!mask || (mask.shape[0] === x.shape[0] && mask.shape[1] === x.shape[1]), () => ({
    expected: `a mask of shape [${x.shape.slice(0, 2).join(", ")}]`,
    found: `[${mask!.shape.join(", ")}]`,
    where: name,
  }));
  return tf.tidy(() => {
    const statistics: Record<string, tf.Tensor1D> = {};
    let value = x, seen = mask && tf.reshape(mask, [...mask.shape, 1, 1]) as tf.Tensor4D;
    for (let k = 1; k <= blocks; k++) {
      const block = shorten(parameters, `${name}/block ${k}`, value, options, mode);
      Object.assign(statistics, block.statistics);
      value = block.value;
      if (seen) seen = tf.maxPool(seen, [scale, 1], [scale, 1], "valid");
    }
    value = tf.relu(value);
    if (!seen) return { value: tf.mean(value, 1) as tf.Tensor2D, statistics };
    const weights = tf.reshape(seen, [...value.shape.slice(0, 2), 1]);
    const sum = tf.sum(tf.mul(value, weights), 1), count = tf.maximum(tf.sum(weights, 1), 1);
    return { value: tf.div(sum, count) as tf.Tensor2D, statistics };
  });
}

/** Options of {@link residualDecoder}. */
export interface ResidualDecoderOptions extends ResidualStackOptions {
  /** Times of the first feature maps. Default 3 (paper 001). */
  first?: number;
}

/** Declares the parameters of {@link residualDecoder} under `name`. @param latent length of the latent vector */
export function residualDecoderParameters(
  name: string,
  latent: number,
  options: ResidualDecoderOptions = {},
): Record<string, Initializer> {
  const { blocks = 4, maps = 32, first = 3 } = options;
  demandCount(blocks, "blocks", name);
  const plan = denseParameters(`${name}/first maps`, latent, first * maps);
  for (let k = 1; k <= blocks; k++) {
    Object.assign(plan, lengthenParameters(`${name}/block ${k}`, maps, options));
  }
  return plan;
}

/**
 * Decodes latent vectors to sequences: a linear layer to `first` times of `maps` numbers, then residual blocks that
 * lengthen them ({@link lengthen}). What times the sequence stands for is told by what follows (a post-decoder).
 *
 * @param parameters as declared by {@link residualDecoderParameters}
 * @param z `[batch, latent]`
 * @param mode whether statistics are those of the batch, and how they move
 * @returns `[batch, first scale^blocks, maps]` and the new moving statistics; the caller disposes them.
 * @throws EphemeraError when shapes do not fit
 *
 * @example
 * ```ts
 * import { isMovingStatistic, residualDecoder, residualDecoderParameters } from "ephemera/layers";
 * import { createParameters, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const options = { blocks: 2, maps: 6 };
 * const parameters = createParameters(residualDecoderParameters("decoder", 4, options), {
 *   seed: 1,
 *   frozen: isMovingStatistic,
 * });
 * const { value } = residualDecoder(parameters, "decoder", tf.ones([5, 4]), options, { training: true });
 * assert.deepEqual(value.shape, [5, 27, 6]);
 * ```
 */
export function residualDecoder(
  parameters: ParameterSet,
  name: string,
  z: tf.Tensor2D,
  options: ResidualDecoderOptions,
  mode: ResidualMode,
): Normalised<tf.Tensor3D> {
  const { blocks = 4, maps = 32, first = 3 } = options;
  return tf.tidy(() => {
    const statistics: Record<string, tf.Tensor1D> = {};
    const flat = dense(parameters, `${name}/first maps`, z);
    let value: tf.Tensor3D = tf.reshape(flat, [z.shape[0], first, maps]);
    for (let k = 1; k <= blocks; k++) {
      const block = lengthen(parameters, `${name}/block ${k}`, value, options, mode);
      Object.assign(statistics, block.statistics);
      value = block.value;
    }
    return { value, statistics };
  });
}

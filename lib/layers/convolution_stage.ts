/** The image stage of the recurrent convolutional network of paper 003 (section 3.2.2, table 3.3). */
import { demand } from "../core/mod.ts";
import { heNormal, type Initializer, type ParameterSet, type StepContext, tf, zeros } from "../tensor/mod.ts";
import { demandCount, dense, denseParameters, parameterOf } from "./dense.ts";
import { applyNormalisation, normalisationParameters } from "./batch_renormalisation.ts";
import type { NormalisationMode, Normalised } from "./batch_renormalisation.ts";

/** Sizes of the {@link convolutionStage}; the defaults are those of paper 003. */
export interface ConvolutionStageOptions {
  /** Height of the images in pixels. Default 21. */
  height?: number;
  /** Width of the images in pixels. Default 21. */
  width?: number;
  /** Images stacked as channels. Default 3. */
  images?: number;
  /** Filters of each convolution. Default 64. */
  filters?: number;
  /** Side of the filters in pixels. Default 3. */
  kernel?: number;
  /** Convolutions before each pooling. Default 3. */
  convolutions?: number;
  /** Poolings. Default 2. */
  poolings?: number;
  /** Numbers that come out for each image. Default 1024. */
  units?: number;
  /** Share of these that dropout sets to zero in training; the paper does not tell it. Default 0.5. */
  dropout?: number;
}

/** How the {@link convolutionStage} works in one call. */
export interface ConvolutionStageMode extends NormalisationMode {
  /** A step's context, for dropout; it draws nothing in prediction. Default: no dropout. */
  context?: Pick<StepContext, "dropout">;
}

/**
 * Declares the parameters of {@link convolutionStage} under `name`: kernels He normal where a ReLU of a convolution
 * follows, Glorot uniform in the dense layer, biases zero. The first kernel is `[3, 3, images, 64]`, where table 3.3 has a
 * depth of 64 for all of them.
 */
export function convolutionStageParameters(
  name: string,
  options: ConvolutionStageOptions = {},
): Record<string, Initializer> {
  const { height = 21, width = 21, images = 3, filters = 64, kernel = 3, units = 1024 } = options;
  const { convolutions = 3, poolings = 2 } = options;
  Object.entries({ height, width, images, filters, kernel, convolutions, poolings }).forEach((
    [size, count],
  ) => demandCount(count, size, name));
  const plan = normalisationParameters(`${name}/input normalisation`, images);
  layersOf(name, options).forEach((layer, k) => {
    plan[`${layer}/kernel`] = heNormal([kernel, kernel, k === 0 ? images : filters, filters]);
    plan[`${layer}/bias`] = zeros([filters]);
    Object.assign(plan, normalisationParameters(`${layer}/normalisation`, filters));
  });
  const halved = (pixels: number) => Math.ceil(pixels / 2 ** poolings);
  const flat = halved(height) * halved(width) * filters;
  return { ...plan, ...denseParameters(`${name}/dense`, flat, units) };
}

/** Names of the convolutions, in order: `convolution 1.1` is the first before the first pooling. */
function layersOf(name: string, { convolutions = 3, poolings = 2 }: ConvolutionStageOptions): string[] {
  return Array.from(
    { length: convolutions * poolings },
    (_, k) => `${name}/convolution ${Math.floor(k / convolutions) + 1}.${k % convolutions + 1}`,
  );
}

/**
 * Turns stacks of images into vectors (paper 003, table 3.3): batch renormalisation of the input; three times a
 * convolution with ReLU and batch renormalisation, then the maximum of each 2 x 2 pixels (a rim of one pixel counts too);
 * the same again; a dense layer with ReLU and dropout. The thesis leaves open the dense layer's activation, the rate of
 * dropout and the limits of the renormalisation. In training give the `limits` of the step
 * ({@link renormalisationLimits}); without, they are the widest.
 *
 * All rows enter the batch's statistics. Sequences of different lengths give their valid steps alone (`tf.gather`), and
 * their losses are coupled.
 *
 * @param parameters as declared by {@link convolutionStageParameters}
 * @param images `[rows, height, width, images]`, one row for each step of each sequence
 * @param mode whether statistics are those of the batch, how they move and correct, and dropout
 * @returns `[rows, units]` and the new moving statistics; the caller disposes them.
 * @throws EphemeraError when shapes do not fit
 *
 * @example
 * ```ts
 * import { convolutionStage, convolutionStageParameters, isMovingStatistic } from "ephemera/layers";
 * import { createParameters, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const options = { filters: 4, units: 10 };
 * const plan = convolutionStageParameters("images", options);
 * assert.deepEqual(plan["images/dense/kernel"].shape, [6 * 6 * 4, 10]);
 * const parameters = createParameters(plan, { seed: 1, frozen: isMovingStatistic });
 * const images: tf.Tensor4D = tf.ones([2, 21, 21, 3]);
 * const { value } = convolutionStage(parameters, "images", images, options, { training: false });
 * assert.deepEqual(value.shape, [2, 10]);
 * ```
 */
export function convolutionStage(
  parameters: ParameterSet,
  name: string,
  images: tf.Tensor4D,
  options: ConvolutionStageOptions,
  mode: ConvolutionStageMode,
): Normalised<tf.Tensor2D> {
  const { height = 21, width = 21, images: depth = 3, convolutions = 3, dropout = 0.5 } = options;
  demand(images.rank === 4 && images.shape.slice(1).join() === `${height},${width},${depth}`, () => ({
    expected: `images of shape [rows, ${height}, ${width}, ${depth}]`,
    found: `[${images.shape.join(", ")}]`,
    where: name,
  }));
  return tf.tidy(() => {
    const statistics: Record<string, tf.Tensor1D> = {};
    const normalise = (layer: string, given: tf.Tensor) => {
      const result = applyNormalisation(parameters, layer, given, mode);
      Object.assign(statistics, result.statistics);
      return result.value as tf.Tensor4D;
    };
    let x = normalise(`${name}/input normalisation`, images);
    layersOf(name, options).forEach((layer, k) => {
      const filter = parameterOf(parameters, `${layer}/kernel`, name) as tf.Tensor as tf.Tensor4D;
      const bias = parameterOf(parameters, `${layer}/bias`, name);
      x = tf.fused.conv2d({ x, filter, strides: 1, pad: "same", bias, activation: "relu" });
      x = normalise(`${layer}/normalisation`, x);
      if ((k + 1) % convolutions === 0) x = tf.maxPool(x, 2, 2, "same");
    });
    const flat: tf.Tensor2D = tf.reshape(x, [images.shape[0], x.size / images.shape[0]]);
    const value = tf.relu(dense(parameters, `${name}/dense`, flat));
    const kept = mode.training && mode.context ? mode.context.dropout(value, dropout) : value;
    return { value: kept, statistics };
  });
}

/**
 * The residual blocks of convolutions along time of paper 001, section 3.3.4, after BigGAN (Brock et al. 2019): one that
 * shortens a sequence, one that lengthens it. Sequences are `[batch, time, maps]`.
 */
import { demand } from "../core/mod.ts";
import { glorotUniform, type Initializer, type ParameterSet, tf, zeros } from "../tensor/mod.ts";
import { demandCount, parameterOf } from "./dense.ts";
import { applyNormalisation, normalisationParameters } from "./batch_renormalisation.ts";
import type { MovingStatistics, NormalisationMode, Normalised } from "./batch_renormalisation.ts";

/** Sizes of a residual block; the defaults are those of paper 001. */
export interface ResidualBlockOptions {
  /** Feature maps that come out. Default 32. */
  maps?: number;
  /** Times under a convolution; the ends are padded with zeros, so that the length stays. Default 4. */
  kernel?: number;
  /** Factor by which the sequence becomes shorter or longer. Default 3. */
  scale?: number;
}

/**
 * How a network of residual blocks normalises: plain batch normalisation with PyTorch's epsilon (1e-5) and rate (0.1) if
 * nothing else is given. What moves is the deviation, where PyTorch moves the unbiased variance.
 */
export type ResidualMode = NormalisationMode;

function withDefaults(mode: ResidualMode): NormalisationMode {
  return { limits: { ratio: 1, shift: 0 }, rate: 0.1, epsilon: 1e-5, ...mode };
}

function sizesOf(name: string, options: ResidualBlockOptions): Required<ResidualBlockOptions> {
  const { maps = 32, kernel = 4, scale = 3 } = options;
  Object.entries({ maps, kernel, scale }).forEach(([size, count]) => demandCount(count, size, name));
  return { maps, kernel, scale };
}

function convolutionParameters(
  name: string,
  shape: [kernel: number, inputs: number, outputs: number],
  bias: boolean,
): Record<string, Initializer> {
  const plan: Record<string, Initializer> = { [`${name}/kernel`]: glorotUniform(shape) };
  if (bias) plan[`${name}/bias`] = zeros([shape[2]]);
  return plan;
}

/** A convolution at stride 1 that keeps the length. An even kernel has one zero more at the end, as PyTorch's "same". */
function convolve(parameters: ParameterSet, name: string, x: tf.Tensor3D): tf.Tensor3D {
  const kernel = parameterOf(parameters, `${name}/kernel`, name) as tf.Tensor as tf.Tensor3D,
    bias = parameters[`${name}/bias`];
  const result = tf.conv1d(x, kernel, 1, "same");
  return bias ? tf.add(result, bias) as tf.Tensor3D : result;
}

/** Demands a sequence of at least `shortest` times and as many numbers at each as the first convolution of the block takes. */
function checkSequence(parameters: ParameterSet, x: tf.Tensor, shortest: number, where: string): void {
  const inputs = parameterOf(parameters, `${where}/first/kernel`, where).shape[1]!;
  demand(x.rank === 3 && x.shape[2] === inputs && x.shape[1]! >= shortest, () => ({
    expected: `[batch, time, ${inputs}] with at least ${shortest} times`,
    found: `[${x.shape.join(", ")}]`,
    where,
  }));
}

/** Declares the parameters of {@link shorten} under `name`: kernels Glorot uniform, biases zero. @param inputs feature maps that come in */
export function shortenParameters(
  name: string,
  inputs: number,
  options: ResidualBlockOptions = {},
): Record<string, Initializer> {
  const { maps, kernel, scale } = sizesOf(name, options);
  return {
    // No bias before a normalisation: it would be subtracted with the mean.
    ...convolutionParameters(`${name}/first`, [kernel, inputs, maps], false),
    ...normalisationParameters(`${name}/first normalisation`, maps),
    ...convolutionParameters(`${name}/second`, [kernel, maps, maps], false),
    ...normalisationParameters(`${name}/second normalisation`, maps),
    ...(inputs !== maps || scale > 1
      ? convolutionParameters(`${name}/shortcut`, [1, inputs, maps], true)
      : {}),
  };
}

/**
 * A residual block of an encoder: convolution, normalisation, ReLU, convolution, normalisation, mean over each `scale`
 * neighbours; plus the input, which takes a 1 x 1 convolution and the same mean where its shape changes. Times beyond a
 * multiple of `scale` are left out.
 *
 * @param parameters as declared by {@link shortenParameters}
 * @param x `[batch, time, inputs]`
 * @param mode whether statistics are those of the batch, and how they move
 * @returns `[batch, floor(time / scale), maps]` and the new moving statistics; the caller disposes them.
 * @throws EphemeraError when shapes do not fit or there are fewer than `scale` times
 */
export function shorten(
  parameters: ParameterSet,
  name: string,
  x: tf.Tensor3D,
  options: ResidualBlockOptions,
  mode: ResidualMode,
): Normalised<tf.Tensor3D> {
  const { scale = 3 } = options;
  checkSequence(parameters, x, scale, name);
  return tf.tidy(() => {
    const normalisation = normaliser(parameters, name, mode);
    let main = normalisation.apply("first normalisation", convolve(parameters, `${name}/first`, x));
    main = convolve(parameters, `${name}/second`, tf.relu(main));
    main = meanOfNeighbours(normalisation.apply("second normalisation", main), scale);
    // The mean and a 1 x 1 convolution may be exchanged: the mean first leaves less to convolve.
    let shortcut = meanOfNeighbours(x, scale);
    if (`${name}/shortcut/kernel` in parameters) {
      shortcut = convolve(parameters, `${name}/shortcut`, shortcut);
    }
    return { value: tf.add(main, shortcut) as tf.Tensor3D, statistics: normalisation.statistics };
  });
}

/** Declares the parameters of {@link lengthen} under `name`: kernels Glorot uniform, biases zero. @param inputs feature maps that come in */
export function lengthenParameters(
  name: string,
  inputs: number,
  options: ResidualBlockOptions = {},
): Record<string, Initializer> {
  const { maps, kernel, scale } = sizesOf(name, options);
  return {
    ...normalisationParameters(`${name}/first normalisation`, inputs),
    ...convolutionParameters(`${name}/first`, [kernel, inputs, maps], false),
    ...normalisationParameters(`${name}/second normalisation`, maps),
    ...convolutionParameters(`${name}/second`, [kernel, maps, maps], true),
    ...(inputs !== maps || scale > 1
      ? convolutionParameters(`${name}/shortcut`, [1, inputs, maps], true)
      : {}),
  };
}

/**
 * A residual block of a decoder: normalisation, ReLU, each time `scale` times over, convolution, normalisation, ReLU,
 * convolution; plus the input, lengthened likewise, through a 1 x 1 convolution where its shape changes.
 *
 * @param parameters as declared by {@link lengthenParameters}
 * @param x `[batch, time, inputs]`
 * @param mode whether statistics are those of the batch, and how they move
 * @returns `[batch, time scale, maps]` and the new moving statistics; the caller disposes them.
 * @throws EphemeraError when shapes do not fit
 */
export function lengthen(
  parameters: ParameterSet,
  name: string,
  x: tf.Tensor3D,
  options: ResidualBlockOptions,
  mode: ResidualMode,
): Normalised<tf.Tensor3D> {
  const { scale = 3 } = options;
  checkSequence(parameters, x, 1, name);
  return tf.tidy(() => {
    const normalisation = normaliser(parameters, name, mode);
    let main = repeated(tf.relu(normalisation.apply("first normalisation", x)), scale);
    main = normalisation.apply("second normalisation", convolve(parameters, `${name}/first`, main));
    main = convolve(parameters, `${name}/second`, tf.relu(main));
    // A 1 x 1 convolution sees each time by itself: before the repetition it does a part of the work.
    const changed = `${name}/shortcut/kernel` in parameters;
    const shortcut = repeated(changed ? convolve(parameters, `${name}/shortcut`, x) : x, scale);
    return { value: tf.add(main, shortcut) as tf.Tensor3D, statistics: normalisation.statistics };
  });
}

/** Applies the normalisations of one block and gathers their statistics. */
function normaliser(parameters: ParameterSet, name: string, mode: ResidualMode) {
  const statistics: Record<string, tf.Tensor1D> = {}, full = withDefaults(mode);
  return {
    statistics: statistics as MovingStatistics,
    apply(layer: string, x: tf.Tensor3D): tf.Tensor3D {
      const result = applyNormalisation(parameters, `${name}/${layer}`, x, full);
      Object.assign(statistics, result.statistics);
      return result.value as tf.Tensor3D;
    },
  };
}

function meanOfNeighbours(x: tf.Tensor3D, scale: number): tf.Tensor3D {
  if (scale === 1) return x;
  return tf.squeeze(tf.avgPool(tf.expandDims(x, 2) as tf.Tensor4D, [scale, 1], [scale, 1], "valid"), [2]);
}

/** Nearest-neighbour upsampling. */
function repeated(x: tf.Tensor3D, scale: number): tf.Tensor3D {
  const [batch, time, maps] = x.shape;
  if (scale === 1) return x;
  return tf.reshape(tf.tile(tf.expandDims(x, 2), [1, 1, scale, 1]), [batch, time * scale, maps]);
}

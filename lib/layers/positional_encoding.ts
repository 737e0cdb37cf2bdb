/**
 * Sines and cosines of the time of an observation, to be added to its embedding: the encoding of Vaswani et al. (2017,
 * section 3.5) at times that are not whole numbers, and the same with frequencies that are learned.
 */
import { demand } from "../core/mod.ts";
import { type Initializer, type ParameterSet, tf } from "../tensor/mod.ts";
import { parameterOf } from "./dense.ts";

/** Options of {@link sinusoidalEncoding}. */
export interface SinusoidalOptions {
  /** Numbers d that a time becomes, even. */
  width: number;
  /**
   * The frequencies fall from 1 radian a unit of time to nearly 1 / base. Default 10000 (Vaswani et al.). The ablation of
   * ATAT's authors takes Tmax, 1500 days, with the encoding added to the embedding, the same in all bands.
   */
  base?: number;
}

/**
 * Returns the angular frequencies base^(-2 i / width), i = 0 ... width / 2 - 1, in radians a unit of time.
 * @throws EphemeraError for a width that is not positive and even, and a base that is not positive
 */
export function sinusoidalFrequencies(options: SinusoidalOptions): Float32Array {
  const { width, base = 10000 } = options;
  demand(Number.isInteger(width) && width >= 2 && width % 2 === 0, () => ({
    expected: "a positive even width",
    found: String(width),
    where: "sinusoidal encoding",
  }));
  demand(Number.isFinite(base) && base > 0, () => ({
    expected: "a positive base",
    found: String(base),
    where: "sinusoidal encoding",
  }));
  return Float32Array.from({ length: width / 2 }, (_, i) => base ** (-2 * i / width));
}

/**
 * Returns PE(t, 2i) = sin(t base^(-2i/width)) and PE(t, 2i + 1) = cos(t base^(-2i/width)) of each time. Differentiable in
 * the time.
 *
 * @param time times after a reference near the observations, of any shape: a 32-bit MJD is only good to six minutes
 * @returns a tensor of the shape of `time` with one more axis, `[..., width]`; the caller disposes it.
 * @throws EphemeraError for a width that is not positive and even, and a base that is not positive
 *
 * @example
 * ```ts
 * import { sinusoidalEncoding } from "ephemera/layers";
 * import { tf, useBackend } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * await useBackend("cpu");
 * const encoding = sinusoidalEncoding(tf.tensor2d([[0, 2.5, 7.25]]), { width: 4 });
 * assert.deepEqual(encoding.shape, [1, 3, 4]);
 * const [sine0, cosine0] = await encoding.data();
 * assert.deepEqual([sine0, cosine0], [0, 1]);
 * ```
 */
export function sinusoidalEncoding(time: tf.Tensor, options: SinusoidalOptions): tf.Tensor {
  return tf.tidy(() => sinesAndCosines(time, tf.tensor1d(sinusoidalFrequencies(options))));
}

/**
 * Returns the plan of an encoding whose frequencies are learned: `name/frequency`, `[width / 2]`, in radians a unit of
 * time, which begin as those of {@link sinusoidalEncoding}.
 *
 * @throws EphemeraError for a width that is not positive and even, and a base that is not positive
 */
export function learnedEncodingParameters(
  name: string,
  options: SinusoidalOptions,
): Record<string, Initializer> {
  const frequencies = sinusoidalFrequencies(options);
  return { [`${name}/frequency`]: { shape: [frequencies.length], draw: () => frequencies.slice() } };
}

/**
 * The same as {@link sinusoidalEncoding} with the frequencies `name/frequency`; before training it gives the same numbers.
 * Differentiable in the time and the frequencies.
 *
 * @param parameters has those of {@link learnedEncodingParameters} under `name`
 * @param time times after a reference near the observations, of any shape
 * @returns a tensor of the shape of `time` with one more axis, `[..., width]`; the caller disposes it.
 * @throws EphemeraError when the frequencies are missing
 *
 * @example
 * ```ts
 * import { learnedEncoding, learnedEncodingParameters } from "ephemera/layers";
 * import { createParameters, disposeParameters, tf, useBackend } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * await useBackend("cpu");
 * const plan = learnedEncodingParameters("time", { width: 6, base: 1500 });
 * const parameters = createParameters(plan, { seed: 1 });
 * assert.deepEqual(learnedEncoding(parameters, "time", tf.tensor1d([0, 1.5])).shape, [2, 6]);
 * disposeParameters(parameters);
 * ```
 */
export function learnedEncoding(parameters: ParameterSet, name: string, time: tf.Tensor): tf.Tensor {
  const frequency = parameterOf(parameters, `${name}/frequency`, "learnedEncoding");
  return tf.tidy(() => sinesAndCosines(time, frequency));
}

/** Sine and cosine of each product side by side: `[..., n]` times and `[m]` frequencies give `[..., n, 2 m]`. */
function sinesAndCosines(time: tf.Tensor, frequency: tf.Tensor): tf.Tensor {
  const angles = tf.mul(tf.reshape(time, [time.size, 1]), tf.reshape(frequency, [1, frequency.size]));
  const pairs = tf.stack([tf.sin(angles), tf.cos(angles)], 2);
  return tf.reshape(pairs, [...time.shape, 2 * frequency.size]);
}

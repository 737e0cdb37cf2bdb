/**
 * Multi-time attention (mTAN; Shukla & Marlin 2021; paper 001, section 2.1.2): irregular observations are read at the
 * points of a regular grid by attention between embedded times, and a regular sequence at the times of observations.
 */
import { demand } from "../core/mod.ts";
import { type Initializer, multiHeadAttention, type ParameterSet, tf } from "../tensor/mod.ts";
import { demandCount, dense, denseParameters } from "./dense.ts";
import {
  embeddingSize,
  embedTimes,
  type TimeEmbedding,
  timeEmbeddingParameters,
} from "./multi_time_attention_embedding.ts";

/** Options of {@link multiTimeAttention} and {@link multiTimeReadout}, and of the functions that declare their parameters. */
export interface MultiTimeOptions {
  /** Numbers of each output. Default 48 (paper 001); the compiled code's own default is 32. */
  hidden?: number;
  /** Number of heads. Default 1 (paper 001). */
  heads?: number;
  /**
   * Width d_k of one head's queries and keys. Default the embedding's size divided by the heads, as in the original. Paper
   * 001 asks for at least the embedding's size; more than that only changes the scale 1 / sqrt(d_k) and the first values,
   * since the product of the two matrices has that rank at most.
   */
  headSize?: number;
  /** How times become vectors. Default the fixed embedding of paper 001, size 16. */
  embedding?: TimeEmbedding;
  /** Give the last linear map a bias. Default false (paper 001); its compiled code and the original have one. */
  bias?: boolean;
  /** Give the maps to queries and keys a bias. Default false (paper 001, eq. 2.15); the original has them. */
  projectionBias?: boolean;
  /** Times of the grid. Default 128 points from 0 to 1, both included ({@link equallySpaced}). */
  reference?: ArrayLike<number>;
}

/** Observations of a batch, one padded sequence a band; what stands where the mask is 0 is never looked at. */
export interface MultiTimeObservations {
  /** In the unit of the grid, `[batch, bands, steps]`. */
  time: tf.Tensor3D;
  /**
   * `[batch, bands, steps]`, or with several numbers an observation `[batch, bands, steps, channels]`: a channel of ones
   * tells the network whether a band has observations (the result is 1) or not (0), as the original does with its mask.
   */
  value: tf.Tensor3D | tf.Tensor4D;
  /** Not 0 where there is an observation, `[batch, bands, steps]`. */
  mask: tf.Tensor3D;
}

/** A regular sequence that is read at given times. */
export interface MultiTimeSequence {
  /** At the points of the grid: `[batch, points, width]`, or one a band, `[batch, bands, points, width]`. */
  sequence: tf.Tensor3D | tf.Tensor4D;
  /** Where it is read, `[batch, bands, steps]`. */
  time: tf.Tensor3D;
  /** Not 0 where `time` counts; the output is 0 elsewhere. Default everywhere. */
  mask?: tf.Tensor3D;
}

/**
 * Returns `count` points from 0 to `span`, both included.
 * @param count at least 2; default 128 (paper 001)
 * @param span default 1
 */
export function equallySpaced(count = 128, span = 1): Float64Array {
  demand(Number.isInteger(count) && count >= 2 && span > 0, () => ({
    expected: "at least 2 points over a positive span",
    found: `${count} points over ${span}`,
    where: "equallySpaced",
  }));
  return Float64Array.from({ length: count }, (_, k) => span * k / (count - 1));
}

/** The grid as one row of times, `[1, points]`. */
function gridOf(reference: ArrayLike<number>): tf.Tensor2D {
  demand(reference.length >= 1 && Array.from(reference).every(Number.isFinite), () => ({
    expected: "at least one point of the grid, each a finite number",
    found: `[${Array.from(reference).join(", ")}]`,
    where: "multi-time attention: reference",
  }));
  return tf.tensor2d(Float32Array.from(reference), [1, reference.length]);
}

interface Sizes {
  hidden: number;
  heads: number;
  headSize: number;
  embedding: TimeEmbedding;
}

function complete(options: MultiTimeOptions): Sizes {
  const { hidden = 48, heads = 1, embedding = { kind: "fixed" } } = options;
  const { headSize = embeddingSize(embedding) / heads } = options;
  demandCount(hidden, "hidden size", "multi-time attention");
  demandCount(heads, "number of heads", "multi-time attention");
  demand(Number.isInteger(headSize) && headSize > 0, () => ({
    expected: "a number of heads that divides the size of the embedding",
    found: `heads ${heads}, headSize ${headSize}`,
    where: "multi-time attention",
    remedy: "choose headSize",
  }));
  return { hidden, heads, headSize, embedding };
}

function plan(prefix: string, inputs: number, options: MultiTimeOptions): Record<string, Initializer> {
  const { hidden, heads, headSize, embedding } = complete(options), size = embeddingSize(embedding);
  const { bias = false, projectionBias = false } = options;
  return {
    ...timeEmbeddingParameters(`${prefix}/embedding`, embedding),
    ...denseParameters(`${prefix}/query`, size, heads * headSize, { bias: projectionBias }),
    ...denseParameters(`${prefix}/key`, size, heads * headSize, { bias: projectionBias }),
    ...denseParameters(`${prefix}/output`, heads * inputs, hidden, { bias }),
  };
}

/**
 * Returns the parameters of {@link multiTimeAttention}: `PREFIX/query/kernel`, `PREFIX/key/kernel`,
 * `PREFIX/output/kernel`, biases as the options say, and those of a learned embedding. Kernels Glorot uniform, biases zero.
 * @param sizes bands, and numbers an observation (default 1)
 */
export function multiTimeAttentionParameters(
  prefix: string,
  sizes: { bands: number; channels?: number },
  options: MultiTimeOptions = {},
): Record<string, Initializer> {
  const { bands, channels = 1 } = sizes;
  demandCount(bands, "number of bands", "multiTimeAttentionParameters");
  demandCount(channels, "number of channels", "multiTimeAttentionParameters");
  return plan(prefix, bands * channels, options);
}

/**
 * Returns the parameters of {@link multiTimeReadout}, named like those of {@link multiTimeAttentionParameters}.
 * @param sizes width of the sequence that is read
 */
export function multiTimeReadoutParameters(
  prefix: string,
  sizes: { width: number },
  options: MultiTimeOptions = {},
): Record<string, Initializer> {
  return plan(prefix, sizes.width, options);
}

function checkShapes(where: string, shapes: Record<string, { found: tf.Tensor; expected: number[] }>): void {
  for (const [name, { found, expected }] of Object.entries(shapes)) {
    demand(found.shape.join() === expected.join(), () => ({
      expected: `${name} of shape [${expected.join(", ")}]`,
      found: `[${found.shape.join(", ")}]`,
      where,
    }));
  }
}

/** The times where the mask is not 0, and 0 elsewhere: a time that is not a number would reach an embedding's gradient. */
function shown(time: tf.Tensor3D, mask: tf.Tensor3D | undefined): { time: tf.Tensor3D; seen?: tf.Tensor3D } {
  if (mask === undefined) return { time };
  const seen = tf.notEqual(mask, 0) as tf.Tensor3D;
  return { time: tf.where(seen, time, tf.zerosLike(time)), seen };
}

/** Every head attends to the same values: they are repeated, one copy a head. */
function forHeads(values: tf.Tensor3D, heads: number): tf.Tensor3D {
  return heads === 1 ? values : tf.tile(values, [1, 1, heads]);
}

/**
 * Returns what the observations look like at the points of the grid, `[batch, points, hidden]` (eqs. 2.15 to 2.18 of paper
 * 001). For each band and head, softmax over the observations of q k^T / sqrt(d_k) with queries from the grid's times and
 * keys from the observations' times weighs the values; the results of all bands (outer) and heads are put side by side
 * and mapped to the hidden size. Bands share the maps to queries and keys. A band without any observation gives zeros.
 * Differentiable in parameters, values and times. The caller disposes it.
 *
 * @param parameters those of {@link multiTimeAttentionParameters} under the same prefix and options
 * @throws EphemeraError when shapes do not fit each other or the parameters
 *
 * @example
 * ```ts
 * import { multiTimeAttention, multiTimeAttentionParameters } from "ephemera/layers";
 * import { createParameters, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const parameters = createParameters(multiTimeAttentionParameters("mtan", { bands: 2 }), { seed: 1 });
 * const hidden = multiTimeAttention(parameters, "mtan", {
 *   time: tf.tensor3d([0.1, 0.4, 0.9, 0.2, 0, 0], [1, 2, 3]),
 *   value: tf.tensor3d([1.5, 1.2, 0.7, 2.1, 0, 0], [1, 2, 3]),
 *   mask: tf.tensor3d([1, 1, 1, 1, 0, 0], [1, 2, 3]),
 * });
 * assert.deepEqual(hidden.shape, [1, 128, 48]);
 * ```
 */
export function multiTimeAttention(
  parameters: ParameterSet,
  prefix: string,
  observations: MultiTimeObservations,
  options: MultiTimeOptions = {},
): tf.Tensor3D {
  const { heads, embedding, hidden } = complete(options), { reference = equallySpaced() } = options;
  const { value, mask } = observations, [batch, bands, steps] = observations.time.shape;
  const channels = value.rank === 4 ? value.shape[3]! : 1, points = reference.length;
  checkShapes("multiTimeAttention", {
    mask: { found: mask, expected: [batch, bands, steps] },
    value: { found: value, expected: [batch, bands, steps, ...value.rank === 4 ? [channels] : []] },
  });
  return tf.tidy(() => {
    const rows = batch * bands, { time, seen } = shown(observations.time, mask);
    const embed = (times: tf.Tensor) => embedTimes(parameters, `${prefix}/embedding`, times, embedding);
    const key = dense(parameters, `${prefix}/key`, embed(tf.reshape(time, [rows, steps])));
    const grid = gridOf(reference);
    const query = tf.tile(dense(parameters, `${prefix}/query`, embed(grid)), [rows, 1, 1]);
    const mixed = multiHeadAttention(
      query as tf.Tensor3D,
      key as tf.Tensor3D,
      forHeads(tf.reshape(value, [rows, steps, channels]), heads),
      { heads, mask: tf.reshape(seen!, [rows, steps]) },
    );
    const byBand = tf.reshape(mixed, [batch, bands, points, heads * channels]);
    const together = tf.reshape(tf.transpose(byBand, [0, 2, 1, 3]), [
      batch,
      points,
      bands * heads * channels,
    ]);
    return tf.reshape(dense(parameters, `${prefix}/output`, together), [batch, points, hidden]);
  });
}

/**
 * Returns a regular sequence read at the times of observations, `[batch, bands, steps, hidden]`: the same attention with
 * the roles of times and grid exchanged (the post-decoder of paper 001). Queries come from the times, keys from the
 * grid. Where the mask is 0 the result is 0. Differentiable in parameters, sequence and times. The caller disposes it.
 *
 * @param parameters those of {@link multiTimeReadoutParameters} under the same prefix and options
 * @throws EphemeraError when shapes do not fit each other, the grid or the parameters
 *
 * @example
 * ```ts
 * import { multiTimeReadout, multiTimeReadoutParameters } from "ephemera/layers";
 * import { createParameters, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const parameters = createParameters(multiTimeReadoutParameters("read", { width: 8 }), { seed: 1 });
 * const sequence: tf.Tensor3D = tf.randomNormal([2, 128, 8], 0, 1, "float32", 1);
 * const time: tf.Tensor3D = tf.randomUniform([2, 3, 5], 0, 1, "float32", 2);
 * assert.deepEqual(multiTimeReadout(parameters, "read", { sequence, time }).shape, [2, 3, 5, 48]);
 * ```
 */
export function multiTimeReadout(
  parameters: ParameterSet,
  prefix: string,
  input: MultiTimeSequence,
  options: MultiTimeOptions = {},
): tf.Tensor4D {
  const { heads, embedding, hidden } = complete(options), { reference = equallySpaced() } = options;
  const { sequence, mask } = input, [batch, bands, steps] = input.time.shape, points = reference.length;
  const width = sequence.shape[sequence.rank - 1]!, perBand = sequence.rank === 4;
  checkShapes("multiTimeReadout", {
    sequence: { found: sequence, expected: [batch, ...perBand ? [bands] : [], points, width] },
    ...mask && { mask: { found: mask, expected: [batch, bands, steps] } },
  });
  return tf.tidy(() => {
    // Bands that read one sequence are queries of one attention; bands with their own are rows of the batch.
    const rows = perBand ? batch * bands : batch, { time, seen } = shown(input.time, mask);
    const embed = (times: tf.Tensor) => embedTimes(parameters, `${prefix}/embedding`, times, embedding);
    const times = tf.reshape(time, [rows, batch * bands * steps / rows]);
    const query = dense(parameters, `${prefix}/query`, embed(times));
    const grid = gridOf(reference);
    const key = tf.tile(dense(parameters, `${prefix}/key`, embed(grid)), [rows, 1, 1]);
    const mixed = multiHeadAttention(
      query as tf.Tensor3D,
      key as tf.Tensor3D,
      forHeads(tf.reshape(sequence, [rows, points, width]), heads),
      { heads },
    );
    const out = tf.reshape(dense(parameters, `${prefix}/output`, mixed), [batch, bands, steps, hidden]);
    return seen
      ? tf.where(tf.expandDims(seen, 3), out, tf.zerosLike(out)) as tf.Tensor4D
      : out as tf.Tensor4D;
  });
}

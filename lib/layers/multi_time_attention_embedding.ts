/** Embeddings of continuous time, by which attention compares an observation's time with a point of a grid. */
import { demand } from "../core/mod.ts";
import { type Initializer, type ParameterSet, tf, uniform } from "../tensor/mod.ts";
import { parameterOf } from "./dense.ts";

/**
 * Sines and cosines of fixed frequencies d_k = exp(-2 k ln(base) / size), k = 0 ... size / 2 - 1: the sines first, then
 * the cosines, of the time as it is. That is the form of paper 001. The original mTAN multiplies times in [0, 1] by 48
 * and interleaves sines and cosines: `{ kind: "fixed", scale: 48, layout: "interleaved" }`. The layout only orders the
 * rows of the matrices behind it; the scale decides how narrow a weight can be: with scale 1 the fastest sine turns by
 * one radian over [0, 1].
 */
export interface FixedTimeEmbedding {
  kind: "fixed";
  /** Numbers a time, even. Default 16. */
  size?: number;
  /** Factor on times. Default 1 (paper 001); 48 in the original. */
  scale?: number;
  /** Order of sines and cosines. Default concatenated (paper 001); the original interleaves them. */
  layout?: "concatenated" | "interleaved";
  /** Ratio of the first frequency to the one after the last. Default 10, in both. */
  base?: number;
}

/**
 * The learnable embedding of the original (Shukla & Marlin 2021, eq. 3; paper 001 has no such): the first number is
 * w_0 t + b_0, the i-th sin(w_i t + b_i). Frequencies and phases begin uniform in [-1, 1).
 */
export interface LearnedTimeEmbedding {
  kind: "learned";
  /** Numbers a time. Default 16. */
  size?: number;
}

/** How a time becomes a vector. */
export type TimeEmbedding = FixedTimeEmbedding | LearnedTimeEmbedding;

/**
 * Returns the number of values that an embedding makes of a time.
 * @throws EphemeraError for another kind, or a size that is not a positive whole number, even where the kind is fixed
 */
export function embeddingSize(embedding: TimeEmbedding): number {
  const { kind, size = 16 } = embedding;
  demand(kind === "fixed" || kind === "learned", () => ({
    expected: 'a "fixed" or "learned" time embedding',
    found: `"${kind}"`,
    where: "time embedding",
  }));
  demand(Number.isInteger(size) && size > 0 && (kind === "learned" || size % 2 === 0), () => ({
    expected: kind === "learned" ? "a positive whole size" : "a positive even size",
    found: String(size),
    where: `${kind} time embedding`,
  }));
  return size;
}

/** Returns the parameters of an embedding: `PREFIX/frequency` and `PREFIX/phase` of a learned one, none of a fixed one. */
export function timeEmbeddingParameters(
  prefix: string,
  embedding: TimeEmbedding,
): Record<string, Initializer> {
  const size = embeddingSize(embedding);
  if (embedding.kind === "fixed") return {};
  return { [`${prefix}/frequency`]: uniform([size], 1), [`${prefix}/phase`]: uniform([size], 1) };
}

/**
 * Returns the embedding of each time, with one more axis than `time`, at the end. Differentiable in the times and in a
 * learned embedding's parameters. The caller disposes it.
 *
 * @param parameters those of {@link timeEmbeddingParameters} under the same prefix
 * @param time any shape, in the unit that the embedding's frequencies are meant for
 *
 * @example
 * ```ts
 * import { embedTimes } from "ephemera/layers";
 * import { tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const [sine, cosine] = embedTimes({}, "", tf.tensor1d([0.5]), { kind: "fixed", size: 2 }).dataSync();
 * assert.ok(Math.abs(sine - Math.sin(0.5)) < 1e-6 && Math.abs(cosine - Math.cos(0.5)) < 1e-6);
 * ```
 */
export function embedTimes(
  parameters: ParameterSet,
  prefix: string,
  time: tf.Tensor,
  embedding: TimeEmbedding,
): tf.Tensor {
  const size = embeddingSize(embedding);
  return tf.tidy(() => {
    const column = tf.reshape(time, [time.size, 1]);
    let rows: tf.Tensor;
    if (embedding.kind === "learned") {
      const frequency = parameterOf(parameters, `${prefix}/frequency`, "embedTimes");
      const phase = parameterOf(parameters, `${prefix}/phase`, "embedTimes");
      const angle = tf.add(tf.mul(column, frequency), phase) as tf.Tensor2D;
      const line = tf.slice(angle, [0, 0], [time.size, 1]);
      rows = size === 1 ? line : tf.concat([line, tf.sin(tf.slice(angle, [0, 1], [time.size, size - 1]))], 1);
    } else {
      const { scale = 1, layout = "concatenated", base = 10 } = embedding;
      const frequencies = Array.from(
        { length: size / 2 },
        (_, k) => scale * Math.exp(-2 * k * Math.log(base) / size),
      );
      const angle = tf.mul(column, tf.tensor1d(frequencies)), parts = [tf.sin(angle), tf.cos(angle)];
      rows = layout === "concatenated" ? tf.concat(parts, 1) : tf.stack(parts, 2);
    }
    return tf.reshape(rows, [...time.shape, size]);
  });
}

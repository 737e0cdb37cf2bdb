/**
 * The time modulation of paper 001 (eqs. 3.5, 3.6, 4.1 and 4.2): an embedding of what was measured is scaled and shifted
 * by two vector-valued Fourier series of the time of measurement, with coefficients of their own for each band.
 */
import { demand } from "../core/mod.ts";
import { type Initializer, normal, type ParameterSet, tf } from "../tensor/mod.ts";
import { demandCount, parameterOf } from "./dense.ts";
import { type BandGroups, groupByBand } from "./time_modulation_groups.ts";

/** Options of {@link timeModulation} and its parameters. */
export interface TimeModulationOptions {
  /** Width E of the embedding and of the series. Paper: 192. */
  width: number;
  /** Number M of harmonics of a series. Paper: 64. */
  harmonics: number;
  /** Tmax in the unit of the times, the period of the first harmonic. Paper: 1500 days in chapter 4, 1 in chapter 3. */
  period: number;
  /** Number of bands, each with coefficients of its own. Default 1. */
  bands?: number;
  /**
   * Number of the first harmonic: 1, the thesis (h = 1 ... M), or 0, its authors' public code (h = 0 ... M - 1, so that a
   * series has a constant term, and the sine's coefficient of h = 0 does nothing). Default 1.
   */
  firstHarmonic?: 0 | 1;
}

/** Tokens for which products are taken at once: it bounds what is computed on the way, whatever the batch. */
const TOKENS_AT_ONCE = 8192;

function checkOptions(options: TimeModulationOptions, where: string): void {
  const { width, harmonics, period, bands = 1, firstHarmonic = 1 } = options;
  demandCount(width, "width", where);
  demandCount(harmonics, "number of harmonics", where);
  demandCount(bands, "number of bands", where);
  demand(Number.isFinite(period) && period > 0, () => ({
    expected: "a positive period (Tmax)",
    found: String(period),
    where,
  }));
  demand(firstHarmonic === 0 || firstHarmonic === 1, () => ({
    expected: "0 or 1 as the first harmonic",
    found: String(firstHarmonic),
    where,
  }));
}

/**
 * Returns the plan of the coefficients, standard normal as in the paper's code: `name/scale` of the series g1 and
 * `name/offset` of g2, each `[bands, 2 harmonics, width]`, the sines' coefficients (alpha) before the cosines' (beta).
 * In that code the four parts of a band are four matrices: alpha_sin above alpha_cos is the scale, beta_sin above beta_cos
 * the offset.
 *
 * @throws EphemeraError for sizes that are not positive integers and a period that is not positive
 */
export function timeModulationParameters(
  name: string,
  options: TimeModulationOptions,
): Record<string, Initializer> {
  checkOptions(options, name);
  const shape = [options.bands ?? 1, 2 * options.harmonics, options.width];
  return { [`${name}/scale`]: normal(shape, 1), [`${name}/offset`]: normal(shape, 1) };
}

/**
 * Returns e g1(t) + g2(t) for each token, with g(t) = sum_h alpha_h sin(2 pi h t / Tmax) + beta_h cos(2 pi h t / Tmax) of
 * the token's band; the padding becomes zeros, whatever stands in it. Differentiable in the embedding and the
 * coefficients, not in the time.
 *
 * Sines and cosines are `[tokens, 2 M]` and the series products with them, so that nothing of the size tokens x M x E is
 * ever made; both are computed again for the gradient, so that nothing beside the embedding is kept for it.
 *
 * @param parameters has those of {@link timeModulationParameters} under `name`
 * @param embedding e, `[..., width]`, e.g. `[batch, length, width]` or `[batch, bands, length, width]`
 * @param time t of each token, in row-major order, in the unit of the period. Numbers may be 64-bit: they are reduced to
 * one period before they become 32-bit. A tensor is taken as it is
 * @param options of the parameters, and `groups`, the bands of the tokens ({@link groupByBand}, with
 * {@link bandsOfArrays} for one array a band); without it there is one band and no padding
 * @returns a tensor of the shape of `embedding`; the caller disposes it.
 * @throws EphemeraError when sizes do not fit, or a time in an array is not finite
 *
 * @example
 * ```ts
 * import { groupByBand, timeModulation, timeModulationParameters } from "ephemera/layers";
 * import { createParameters, disposeParameters, tf, useBackend } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * await useBackend("cpu");
 * const options = { width: 8, harmonics: 4, period: 1500, bands: 2 };
 * const parameters = createParameters(timeModulationParameters("time", options), { seed: 1 });
 * const embedding = tf.ones([1, 3, 8]), days = Float64Array.of(0, 10.5, 0);
 * const groups = groupByBand([0, 1, 0], 2, [1, 1, 0]); // the third token is padding
 * const tokens = timeModulation(parameters, "time", embedding, days, { ...options, groups });
 * assert.deepEqual(tokens.shape, [1, 3, 8]);
 * disposeParameters(parameters);
 * ```
 */
export function timeModulation<T extends tf.Tensor>(
  parameters: ParameterSet,
  name: string,
  embedding: T,
  time: ArrayLike<number> | tf.Tensor,
  options: TimeModulationOptions & { groups?: BandGroups },
): T {
  const { width, bands = 1 } = options, where = `time modulation ${name}`;
  checkOptions(options, where);
  demand(embedding.rank >= 2 && embedding.shape[embedding.rank - 1] === width, () => ({
    expected: `an embedding whose last axis has ${width} elements`,
    found: `[${embedding.shape.join(", ")}]`,
    where,
  }));
  const tokens = embedding.size / width;
  demand(options.groups !== undefined || bands === 1, () => ({
    expected: `the bands of ${tokens} tokens`,
    found: "none",
    where,
    remedy: "give them as groups, by groupByBand",
  }));
  const groups = options.groups ?? groupByBand(new Int32Array(tokens), 1);
  demand(groups.tokens === tokens, () => ({
    expected: `groups of ${tokens} tokens, as many as the embedding has`,
    found: String(groups.tokens),
    where,
  }));
  return tf.tidy(() => {
    const rows = tf.gather(tf.reshape(embedding, [tokens, width]), index(groups.order));
    const ofGroups = time instanceof tf.Tensor
      ? gatherTimes(time, groups, where)
      : orderTimes(time, groups, where);
    const out = modulateGroups(parameters, name, rows as tf.Tensor2D, ofGroups, { ...options, groups });
    return tf.reshape(out, embedding.shape) as tf.Tensor as T;
  });
}

/**
 * The same for embeddings that are in the order of the groups already: what is padding is never computed at all.
 *
 * @param embedding `[observations, width]`, in the order of `groups.order`
 * @param time of each observation, in the same order
 * @returns `[tokens, width]`, with zeros in the padding; the caller disposes it.
 * @throws EphemeraError when sizes do not fit, or a time in an array is not finite
 */
export function modulateGroups(
  parameters: ParameterSet,
  name: string,
  embedding: tf.Tensor2D,
  time: ArrayLike<number> | tf.Tensor,
  options: TimeModulationOptions & { groups: BandGroups },
): tf.Tensor2D {
  const { width, harmonics, period, bands = 1, firstHarmonic = 1, groups } = options;
  const where = `time modulation ${name}`, observations = groups.order.length;
  checkOptions(options, where);
  demand(groups.counts.length === bands, () => ({
    expected: `groups of ${bands} bands`,
    found: String(groups.counts.length),
    where,
  }));
  demand(embedding.shape[0] === observations && embedding.shape[1] === width, () => ({
    expected: `an embedding of shape [${observations}, ${width}]`,
    found: `[${embedding.shape.join(", ")}]`,
    where,
  }));
  const timeCount = time instanceof tf.Tensor ? time.size : time.length;
  demand(timeCount === observations, () => ({
    expected: `${observations} times`,
    found: String(timeCount),
    where,
  }));
  const [scale, offset] = ["scale", "offset"].map((part) => {
    const coefficients = parameterOf(parameters, `${name}/${part}`, where);
    demand(coefficients.shape.join() === [bands, 2 * harmonics, width].join(), () => ({
      expected: `coefficients of shape [${bands}, ${2 * harmonics}, ${width}]`,
      found: `[${coefficients.shape.join(", ")}]`,
      where: `${name}/${part}`,
    }));
    return coefficients as tf.Tensor as tf.Tensor3D;
  });
  const frequencies = Float32Array.from({ length: harmonics }, (_, k) => 2 * Math.PI * (k + firstHarmonic));
  return tf.tidy(() => {
    const turns = time instanceof tf.Tensor ? turnsOfTensor(time, period) : turnsOf(time, period, where);
    return modulate(embedding, scale, offset, turns, { groups, frequencies });
  });
}

/** Times in periods, less the nearest whole number: sines and cosines of the harmonics are the same. */
function turnsOf(time: ArrayLike<number>, period: number, where: string): tf.Tensor1D {
  const turns = new Float32Array(time.length);
  for (let i = 0; i < turns.length; i++) {
    const periods = time[i] / period;
    demand(Number.isFinite(periods), () => ({
      expected: "finite times",
      found: String(time[i]),
      where: `${where}, observation ${i}`,
      remedy: "mask what is not an observation",
    }));
    turns[i] = periods - Math.round(periods);
  }
  return tf.tensor1d(turns);
}

function turnsOfTensor(time: tf.Tensor, period: number): tf.Tensor1D {
  const periods = tf.div(tf.reshape(time, [time.size]), period);
  return tf.sub(periods, tf.round(periods)) as tf.Tensor1D;
}

function orderTimes(time: ArrayLike<number>, { tokens, order }: BandGroups, where: string): Float64Array {
  demandTimes(time.length, tokens, where);
  return Float64Array.from(order, (i) => time[i]);
}

function gatherTimes(time: tf.Tensor, { tokens, order }: BandGroups, where: string): tf.Tensor {
  demandTimes(time.size, tokens, where);
  return tf.gather(tf.reshape(time, [tokens]), index(order));
}

function demandTimes(found: number, tokens: number, where: string): void {
  demand(found === tokens, () => ({ expected: `${tokens} times, one a token`, found: String(found), where }));
}

function index(numbers: Int32Array): tf.Tensor1D {
  return tf.tensor1d(numbers, "int32");
}

/** Consecutive observations of one band. */
interface Range {
  band: number;
  from: number;
  count: number;
}

function rangesOf({ counts }: BandGroups): Range[] {
  const ranges: Range[] = [];
  let from = 0;
  counts.forEach((count, band) => {
    for (const end = from + count; from < end;) {
      const part = Math.min(TOKENS_AT_ONCE, end - from);
      ranges.push({ band, from, count: part });
      from += part;
    }
  });
  return ranges;
}

/** Sines and cosines of the harmonics, `[count, 2 M]`. Angles stay below pi M, good to 1e-5 in 32 bits for M = 64. */
function fourierBasis(turns: tf.Tensor1D, { from, count }: Range, frequencies: Float32Array): tf.Tensor2D {
  const own = tf.reshape(tf.slice(turns, [from], [count]), [count, 1]);
  const angles = tf.mul(own, tf.tensor2d(frequencies, [1, frequencies.length]));
  return tf.concat([tf.sin(angles), tf.cos(angles)], 1) as tf.Tensor2D;
}

function rowsOf(x: tf.Tensor, { from, count }: Range): tf.Tensor2D {
  return tf.slice(x, [from, 0], [count, x.shape[1]!]) as tf.Tensor2D;
}

function ofBand(coefficients: tf.Tensor, band: number): tf.Tensor2D {
  const [, rows, width] = coefficients.shape as number[];
  return tf.reshape(tf.slice(coefficients, [band, 0, 0], [1, rows, width]), [rows, width]);
}

/** The modulation as one operation with its own gradient; observations in the order of the groups, result in that of the tokens. */
function modulate(
  embedding: tf.Tensor2D,
  scale: tf.Tensor3D,
  offset: tf.Tensor3D,
  turns: tf.Tensor1D,
  { groups, frequencies }: { groups: BandGroups; frequencies: Float32Array },
): tf.Tensor2D {
  const ranges = rangesOf(groups), width = embedding.shape[1];
  const operation = tf.customGrad((...given) => {
    const [embedding, scale, offset, save] = given as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([embedding, scale, turns]);
    const pieces: tf.Tensor[] = ranges.map((range) =>
      tf.tidy(() => {
        const basis = fourierBasis(turns, range, frequencies);
        const factor = tf.matMul(basis, ofBand(scale, range.band));
        const shift = tf.matMul(basis, ofBand(offset, range.band));
        return tf.add(tf.mul(rowsOf(embedding, range), factor), shift);
      })
    );
    // The padding is the row after the last observation.
    const value = tf.gather(tf.concat([...pieces, tf.zeros([1, width])], 0), index(groups.place));
    return {
      value,
      gradFunc: (dy: tf.Tensor, [embedding, scale, turns]: tf.Tensor[]) =>
        tf.tidy(() => gradients(dy, embedding, scale, turns as tf.Tensor1D, { groups, frequencies, ranges })),
    };
  });
  return operation(embedding, scale, offset) as tf.Tensor2D;
}

/** Gradients with respect to embedding, scale and offset: dy g1, B'(dy e) and B' dy with the basis B of each band. */
function gradients(
  dy: tf.Tensor,
  embedding: tf.Tensor,
  scale: tf.Tensor,
  turns: tf.Tensor1D,
  { groups, frequencies, ranges }: { groups: BandGroups; frequencies: Float32Array; ranges: Range[] },
): tf.Tensor[] {
  const received = tf.gather(dy, index(groups.order)), [bands, rows, width] = scale.shape as number[];
  const parts = ranges.map((range) =>
    tf.tidy(() => {
      const basis = fourierBasis(turns, range, frequencies), own = rowsOf(received, range);
      return {
        embedding: tf.mul(own, tf.matMul(basis, ofBand(scale, range.band))),
        scale: tf.matMul(basis, tf.mul(own, rowsOf(embedding, range)), true),
        offset: tf.matMul(basis, own, true),
      };
    })
  );
  const sumByBand = (name: "scale" | "offset") =>
    tf.stack(Array.from({ length: bands }, (_, band) => {
      const own = parts.filter((_, i) => ranges[i].band === band).map((part) => part[name] as tf.Tensor);
      return own.length === 0 ? tf.zeros([rows, width]) : own.length === 1 ? own[0] : tf.addN(own);
    }));
  return [
    parts.length === 0 ? tf.zerosLike(embedding) : tf.concat(parts.map((part) => part.embedding), 0),
    sumByBand("scale"),
    sumByBand("offset"),
  ];
}

/**
 * Tokens of light curves (paper 001, section 4.3.2): one token an observation, whose flux and error pass through a linear
 * map that all bands share and are modulated by the time in the way of their band; the tokens of all bands in one
 * sequence, by time. What is sorted, masked and gathered is settled on plain arrays before anything is a tensor.
 */
import { demand } from "../core/mod.ts";
import { type Initializer, type ParameterSet, tf } from "../tensor/mod.ts";
import { demandCount, dense, denseParameters, type KernelRule } from "./dense.ts";
import { learnedEncoding, learnedEncodingParameters, sinusoidalEncoding } from "./positional_encoding.ts";
import { modulateGroups, type TimeModulationOptions, timeModulationParameters } from "./time_modulation.ts";
import { type BandGroups, groupByBand } from "./time_modulation_groups.ts";

/**
 * Light curves as padded arrays, row-major `[size, sequences, steps]`: one sequence a band, or one for all with the band
 * of each observation. A `PaddedBatch` of `ephemera/observations` is one.
 */
export interface LightCurveArrays {
  /** Number of objects. */
  size: number;
  /** Sequences per object: the number of bands, or 1 with `band`. */
  sequences: number;
  /** Length of each sequence. */
  steps: number;
  /** Days after a reference of the object. */
  time: ArrayLike<number>;
  /** Flux or magnitude. */
  value: ArrayLike<number>;
  /** One-sigma errors. */
  error?: ArrayLike<number>;
  /** Band of each observation, where an object has one sequence. */
  band?: ArrayLike<number>;
  /** 0 where there is no observation; what the other arrays have there is never looked at. */
  mask: ArrayLike<number>;
}

/** Options of {@link sortLightCurves}. */
export interface LightCurveSortOptions {
  /** Number of bands. Default 1. */
  bands?: number;
  /** Whether a token holds the error beside the value. Default true (eq. 4.1); the paper's public code leaves it out. */
  useError?: boolean;
  /**
   * Tokens of an object; none may have more observations. Default: those of the object with the most. The paper's 390, 65 a
   * band, give the same tokens with more padding.
   */
  length?: number;
}

/** Light curves ready to become tokens. Arrays are plain and row-major, `[size, length]` where nothing else is said. */
export interface SortedLightCurves {
  size: number;
  /** Tokens of an object. */
  length: number;
  /**
   * Where each token stands in the arrays that were given, -1 in the padding. Times ascend, equal times are in the order of
   * their bands, then in that of the arrays; the padding is last.
   */
  order: Int32Array;
  /** 1 where a token is an observation, 0 in the padding: the mask of an attention. */
  mask: Float32Array;
  /** Time of each token, 0 in the padding. */
  time: Float64Array;
  /** Band of each token, -1 in the padding. */
  band: Int32Array;
  /** The tokens by band. */
  groups: BandGroups;
  /** What each observation holds, `[observations, 1 or 2]`: value and error, in the order of the groups. */
  inputs: Float32Array;
}

/**
 * Puts the observations of each object in the order of their times, all bands together, the padding last.
 *
 * @throws EphemeraError when arrays differ in length, a band is outside of the range, an observation is not finite, errors
 * are wanted and missing, or an object has more observations than tokens
 *
 * @example
 * ```ts
 * import { sortLightCurves } from "ephemera/layers";
 * import assert from "node:assert/strict";
 * // One object, two bands of two steps; the second band was seen once.
 * const curves = { size: 1, sequences: 2, steps: 2, time: [0, 5, 3, 0], value: [1, 2, 3, 0], mask: [1, 1, 1, 0] };
 * const sorted = sortLightCurves(curves, { bands: 2, useError: false });
 * assert.deepEqual([...sorted.order], [0, 2, 1]);
 * assert.deepEqual([...sorted.band], [0, 1, 0]);
 * ```
 */
export function sortLightCurves(
  curves: LightCurveArrays,
  options: LightCurveSortOptions = {},
): SortedLightCurves {
  const { size, sequences, steps } = curves, { bands = 1, useError = true } = options;
  checkArrays(curves, bands, useError);
  const bandOf = (i: number) => curves.band?.[i] ?? Math.floor(i / steps) % sequences;
  const places: number[][] = [];
  for (let object = 0; object < size; object++) {
    const own: number[] = [];
    for (let i = object * sequences * steps; i < (object + 1) * sequences * steps; i++) {
      if (curves.mask[i] === 0) continue;
      checkObservation(curves, i, bandOf(i), { bands, useError, object });
      own.push(i);
    }
    places.push(own.sort((a, b) => curves.time[a] - curves.time[b] || bandOf(a) - bandOf(b) || a - b));
  }
  const length = options.length ?? places.reduce((most, own) => Math.max(most, own.length), 1);
  demandCount(length, "number of tokens", "sortLightCurves");
  const order = new Int32Array(size * length).fill(-1), band = new Int32Array(size * length).fill(-1);
  const mask = new Float32Array(size * length), time = new Float64Array(size * length);
  places.forEach((own, object) => {
    demand(own.length <= length, () => ({
      expected: `at most ${length} observations`,
      found: String(own.length),
      where: `object ${object} of the batch`,
      remedy: "raise the length, or thin the curve",
    }));
    own.forEach((i, k) => {
      const token = object * length + k;
      order[token] = i;
      mask[token] = 1;
      time[token] = curves.time[i];
      band[token] = bandOf(i);
    });
  });
  const groups = groupByBand(band, bands, mask), columns = useError ? 2 : 1;
  const inputs = new Float32Array(groups.order.length * columns);
  groups.order.forEach((token, k) => {
    inputs[k * columns] = curves.value[order[token]];
    if (useError) inputs[k * columns + 1] = curves.error![order[token]];
  });
  return { size, length, order, mask, time, band, groups, inputs };
}

function checkArrays(curves: LightCurveArrays, bands: number, useError: boolean): void {
  const where = "sortLightCurves", { size, sequences, steps } = curves, cells = size * sequences * steps;
  demandCount(bands, "number of bands", where);
  for (const name of ["time", "value", "error", "band", "mask"] as const) {
    const array = curves[name];
    demand(array === undefined || array.length === cells, () => ({
      expected: `${cells} numbers in ${name}, [${size}, ${sequences}, ${steps}]`,
      found: String(array!.length),
      where,
    }));
  }
  demand(!useError || curves.error !== undefined, {
    expected: "the errors of the observations",
    found: "none",
    where,
    remedy: "set useError to false",
  });
  demand(curves.band === undefined || sequences === 1, () => ({
    expected: "one sequence an object where the observations have bands of their own",
    found: String(sequences),
    where,
  }));
}

function checkObservation(
  curves: LightCurveArrays,
  i: number,
  band: number,
  { bands, useError, object }: { bands: number; useError: boolean; object: number },
): void {
  const where = `observation ${i % (curves.sequences * curves.steps)} of object ${object} of the batch`;
  for (const name of ["time", "value", "error"] as const) {
    if (name === "error" && !useError) continue;
    demand(Number.isFinite(Math.fround(curves[name]![i])), () => ({
      expected: `a ${name} that is finite in 32 bits`,
      found: String(curves[name]![i]),
      where,
      remedy: "set its mask to 0",
    }));
  }
  demand(Number.isInteger(band) && band >= 0 && band < bands, () => ({
    expected: `a band from 0 to ${bands - 1}`,
    found: String(band),
    where,
  }));
}

/** Options of {@link lightCurveTokens} and its parameters: those of the modulation, and the linear map's. */
export interface LightCurveTokenOptions extends TimeModulationOptions {
  /**
   * How the time enters. Default `"modulation"` (eq. 4.1). `"sinusoidal"` adds an encoding with the base `period` instead,
   * the same in all bands, with which the paper's authors compare; `"learned"` the same with frequencies that are learned.
   * Both have no use for `harmonics` and `firstHarmonic`.
   */
  encoding?: "modulation" | "sinusoidal" | "learned";
  /** As in {@link sortLightCurves}. Default true. */
  useError?: boolean;
  /** First values of the linear map. Default a normal law of standard deviation 0.02, as in the paper's code. */
  kernel?: KernelRule;
}

/**
 * Returns the plan of the tokens' parameters: the linear map `name/embedding` of value and error, which all bands share,
 * and those of the modulation or the learned frequencies, `name/time`.
 *
 * @throws EphemeraError for sizes that are not positive integers and a period that is not positive
 */
export function lightCurveTokenParameters(
  name: string,
  options: LightCurveTokenOptions,
): Record<string, Initializer> {
  const { width, period, useError = true, kernel = { normal: 0.02 }, encoding = "modulation" } = options;
  const embedding = denseParameters(`${name}/embedding`, useError ? 2 : 1, width, { kernel });
  if (encoding === "modulation") {
    return { ...embedding, ...timeModulationParameters(`${name}/time`, options) };
  }
  const learned = learnedEncodingParameters(`${name}/time`, { width, base: period });
  return encoding === "learned" ? { ...embedding, ...learned } : embedding;
}

/**
 * Returns the tokens of light curves, with zeros in the padding. Differentiable in the parameters. Only observations are
 * computed: the padding costs no more than its room.
 *
 * @param parameters has those of {@link lightCurveTokenParameters} under `name`, with the same options
 * @param sorted of {@link sortLightCurves}, with the same `bands` and `useError`
 * @returns `[size, length, width]`; the caller disposes it. `sorted.mask` is the mask of its tokens.
 * @throws EphemeraError when the sizes do not fit
 *
 * @example
 * ```ts
 * import { lightCurveTokenParameters, lightCurveTokens, sortLightCurves } from "ephemera/layers";
 * import { createParameters, disposeParameters, useBackend } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * await useBackend("cpu");
 * const options = { width: 8, harmonics: 4, period: 1500, bands: 2 };
 * const parameters = createParameters(lightCurveTokenParameters("light curve", options), { seed: 1 });
 * const curves = { size: 1, sequences: 1, steps: 3, time: [0, 4, 2], value: [9, 8, 7], error: [1, 1, 1],
 *   band: [0, 1, 0], mask: [1, 1, 1] };
 * const tokens = lightCurveTokens(parameters, "light curve", sortLightCurves(curves, options), options);
 * assert.deepEqual(tokens.shape, [1, 3, 8]);
 * disposeParameters(parameters);
 * ```
 */
export function lightCurveTokens(
  parameters: ParameterSet,
  name: string,
  sorted: SortedLightCurves,
  options: LightCurveTokenOptions,
): tf.Tensor3D {
  const { size, length, groups, inputs } = sorted, columns = options.useError ?? true ? 2 : 1;
  const { width, period, encoding = "modulation" } = options, observations = groups.order.length;
  const encode = (time: tf.Tensor1D) =>
    encoding === "learned"
      ? learnedEncoding(parameters, `${name}/time`, time)
      : sinusoidalEncoding(time, { width, base: period });
  demand(inputs.length === observations * columns, () => ({
    expected: `${columns} input${columns === 1 ? "" : "s"} an observation`,
    found: String(inputs.length / observations),
    where: `light-curve tokens ${name}`,
    remedy: "sort the curves with the same useError",
  }));
  return tf.tidy(() => {
    const embedding = dense(parameters, `${name}/embedding`, tf.tensor2d(inputs, [observations, columns]));
    const time = Float64Array.from(groups.order, (token) => sorted.time[token]);
    const tokens = encoding === "modulation"
      ? modulateGroups(parameters, `${name}/time`, embedding, time, { ...options, groups })
      : place(tf.add(embedding, encode(tf.tensor1d(Float32Array.from(time)))), groups);
    return tf.reshape(tokens, [size, length, width]);
  });
}

/** Rows of the observations in the places of their tokens; the padding is the row of zeros after the last. */
function place(rows: tf.Tensor, groups: BandGroups): tf.Tensor {
  const padded = tf.concat([rows, tf.zeros([1, rows.shape[1]!])], 0);
  return tf.gather(padded, tf.tensor1d(groups.place, "int32"));
}

/** Padded batches with masks, as plain arrays: what a network takes, without any tensor library. */
import { demand, Random } from "../core/mod.ts";
import type { LightCurve, LightCurveSet } from "./light_curve_set.ts";

/** Options of {@link padBatch}. */
export interface PadOptions {
  /** Steps of each sequence. Default: the longest of the batch. */
  steps?: number;
  /** What happens to longer curves: refuse them, or keep their first or last observations. Default refuse. */
  overlong?: "refuse" | "first" | "last";
  /**
   * Time in days that becomes zero, before times are made 32-bit: an MJD in float32 is only good to six minutes. Default
   * each object's first observation.
   */
  reference?: number | ((curve: LightCurve) => number);
  /** Give each band a sequence of its own: arrays are [objects, bands, steps] instead of [objects, steps]. Default false. */
  perBand?: boolean;
}

/** Sequences of equal length; padding is zero in every array. Row-major, `[size, (bands,) steps]`. */
export interface PaddedBatch {
  /** Numbers of the objects in the set. */
  objects: Uint32Array;
  /** Number of objects. */
  size: number;
  /** Sequences per object: 1, or the number of bands. */
  sequences: number;
  /** Length of each sequence. */
  steps: number;
  /** Days after the reference. */
  time: Float32Array;
  /** Magnitude or flux. */
  value: Float32Array;
  /** One-sigma errors; absent when the set has none. */
  error?: Float32Array;
  /** Band of each observation, in batches that are not per band. */
  band?: Int32Array;
  /** 1 where there is an observation, 0 in the padding. */
  mask: Float32Array;
  /** Number of observations of each sequence, `[size, sequences]`. */
  lengths: Int32Array;
  /** Time in days that is zero in `time`, one per object. */
  references: Float64Array;
  /** Classes of the objects, when the set has labels. */
  labels?: Int32Array;
}

/**
 * Returns the objects with the given numbers as one padded batch.
 * @throws EphemeraError when a curve is longer than `steps` and `overlong` is `"refuse"`.
 *
 * @example
 * ```ts
 * import { LightCurveSet, padBatch } from "ephemera/observations";
 * import assert from "node:assert/strict";
 * const set = new LightCurveSet({ ids: ["a", "b"], offsets: Uint32Array.of(0, 2, 3), time: Float64Array.of(57000.5, 57001, 3),
 *   value: Float64Array.of(15, 16, 17) });
 * const batch = padBatch(set, [0, 1]);
 * assert.deepEqual(batch.time, Float32Array.of(0, 0.5, 0, 0));
 * assert.deepEqual(batch.mask, Float32Array.of(1, 1, 1, 0));
 * ```
 */
export function padBatch(
  set: LightCurveSet,
  objects: ArrayLike<number>,
  options: PadOptions = {},
): PaddedBatch {
  const { overlong = "refuse", reference, perBand = false } = options;
  const curves = Array.from(objects, (i) => set.at(i));
  const sequences = perBand ? set.bands.length : 1;
  // Places of the observations of every sequence inside its curve.
  const places = curves.flatMap((curve) => sequencesOf(curve, sequences));
  const steps = options.steps ?? Math.max(1, ...places.map((list) => list.length));
  demand(Number.isInteger(steps) && steps > 0, () => ({
    expected: "a positive whole number of steps",
    found: String(steps),
    where: "padBatch",
  }));
  const cells = curves.length * sequences * steps;
  const time = new Float32Array(cells), value = new Float32Array(cells), mask = new Float32Array(cells);
  const error = set.error && new Float32Array(cells), band = perBand ? undefined : new Int32Array(cells);
  const lengths = new Int32Array(curves.length * sequences), references = new Float64Array(curves.length);
  curves.forEach((curve, b) => {
    const zero = typeof reference === "function" ? reference(curve) : reference ?? curve.time[0] ?? 0;
    demand(Number.isFinite(zero), () => ({
      expected: "a finite reference time",
      found: String(zero),
      where: `object ${curve.id}`,
    }));
    references[b] = zero;
    for (let s = 0; s < sequences; s++) {
      let list = places[b * sequences + s];
      if (list.length > steps) {
        demand(overlong !== "refuse", () => ({
          expected: `at most ${steps} observations`,
          found: String(list.length),
          where: `object ${curve.id}`,
          remedy: 'raise steps, or set overlong to "first" or "last"',
        }));
        list = overlong === "first" ? list.subarray(0, steps) : list.subarray(list.length - steps);
      }
      lengths[b * sequences + s] = list.length;
      const row = (b * sequences + s) * steps;
      for (let k = 0; k < list.length; k++) {
        const j = list[k];
        time[row + k] = curve.time[j] - zero;
        value[row + k] = curve.value[j];
        mask[row + k] = 1;
        if (error) error[row + k] = curve.error![j];
        if (band) band[row + k] = curve.band?.[j] ?? 0;
      }
    }
  });
  return {
    objects: Uint32Array.from(objects),
    size: curves.length,
    sequences,
    steps,
    time,
    value,
    error,
    band,
    mask,
    lengths,
    references,
    labels: set.labels && Int32Array.from(objects, (i) => set.labels![i]),
  };
}

function sequencesOf(curve: LightCurve, sequences: number): Uint32Array[] {
  const all = Uint32Array.from({ length: curve.time.length }, (_, j) => j);
  if (sequences === 1) return [all];
  return Array.from({ length: sequences }, (_, s) => all.filter((j) => (curve.band?.[j] ?? 0) === s));
}

/** Options of {@link batchIndices} and {@link padBatches}. */
export interface BatchOptions {
  /** Objects in a batch. */
  batchSize: number;
  /** Seed of the shuffle; without it objects keep their order. Give another seed each epoch. */
  seed?: number | string;
  /** Leave out the last batch when it is smaller. Default false. */
  dropLast?: boolean;
}

/** Returns the numbers 0 to `length` - 1 in batches. */
export function batchIndices(length: number, options: BatchOptions): Uint32Array[] {
  const { batchSize, seed, dropLast = false } = options;
  demand(Number.isInteger(batchSize) && batchSize > 0, () => ({
    expected: "a positive whole batch size",
    found: String(batchSize),
    where: "batchIndices",
  }));
  const order = seed === undefined
    ? Uint32Array.from({ length }, (_, i) => i)
    : new Random(seed).stream("batches").permutation(length);
  const batches: Uint32Array[] = [];
  for (let at = 0; at < length; at += batchSize) {
    if (dropLast && at + batchSize > length) break;
    batches.push(order.slice(at, at + batchSize));
  }
  return batches;
}

/** Yields a set in padded batches; each is padded to its own longest curve unless `steps` is given. */
export function* padBatches(set: LightCurveSet, options: BatchOptions & PadOptions): Generator<PaddedBatch> {
  for (const objects of batchIndices(set.length, options)) yield padBatch(set, objects, options);
}

/** What a selection was worth, with the true spectra: the metrics of section 8.3 at any size, with bootstrap bands. */
import { demand, Random } from "../../core/mod.ts";
import type { Labels } from "../../learn/mod.ts";
import { type Matrix, quantileOfSorted } from "../../numerics/mod.ts";
import { firstLargest } from "./plain_forest.ts";

/** What the true spectrum of each object changes; one entry an object. */
export interface Outcomes {
  /** P_ts(y) - P_t(y), y the true class: the gain in ground-truth probability. */
  probabilityGain: Float64Array;
  /** 1 where P_t names the true class; ties go to the first class. */
  rightTime: Uint8Array;
  /** 1 where P_ts does. */
  rightBoth: Uint8Array;
}

/** Returns the outcomes of objects from both probabilities. Throws an EphemeraError on differing sizes or a missing P_ts. */
export function outcomes(labels: Labels, time: Matrix, both: Matrix): Outcomes {
  const n = labels.codes.length, K = labels.classNames.length;
  demand(n > 0 && [time, both].every(({ rows, columns }) => rows === n && columns === K), {
    expected: `${n} x ${K} probabilities, of at least one object`,
    found: `${time.rows} x ${time.columns} and ${both.rows} x ${both.columns}`,
    where: "outcomes",
  });
  for (let at = 0; at < n * K; at++) {
    demand(time.data[at] >= 0 && both.data[at] >= 0, () => ({
      expected: "probabilities with and without a spectrum",
      found: "a missing one",
      where: `outcomes, object ${Math.floor(at / K)}`,
      remedy: "keep to objects that have a spectrum",
    }));
  }
  const right = ({ data }: Matrix) =>
    Uint8Array.from(labels.codes, (y, i) => firstLargest(data, i * K, K) === y ? 1 : 0);
  return {
    probabilityGain: Float64Array.from(labels.codes, (y, i) => both.data[i * K + y] - time.data[i * K + y]),
    rightTime: right(time),
    rightBoth: right(both),
  };
}

/** The metrics of one selection. */
export interface SelectionMetrics {
  /** Objects selected. */
  size: number;
  /** Mean gain in ground-truth probability over the selection. */
  probabilityGain: number;
  /** Accuracy with spectra minus accuracy without, over the selection. */
  accuracyGain: number;
  /** Objects of the selection whose class was wrong and becomes right. */
  corrected: number;
  /** Their share of the selection (the paper's false-positive correction ratio). */
  correctedShare: number;
  /** Objects of the selection whose class was right and becomes wrong. */
  spoiled: number;
  /** Share of the selection whose ground-truth probability rises; see {@link MetricOptions.orEqual}. */
  increasedShare: number;
  /** Accuracy over all objects when the selection is classified with spectra and the rest without. */
  overallAccuracy: number;
}

/** Options of {@link selectionMetrics}. */
export interface MetricOptions {
  /**
   * Whether an unchanged ground-truth probability counts as increased. The paper speaks of improvement "in any positive amount",
   * which is the default; the public code counts equality too.
   */
  orEqual?: boolean;
}

/** Returns the metrics of the first `size` objects of an order, for each size. */
export function selectionMetrics(
  found: Outcomes,
  order: ArrayLike<number>,
  sizes: readonly number[],
  options: MetricOptions = {},
): SelectionMetrics[] {
  return weightedMetrics(found, order, sizes, null, options);
}

/**
 * Returns the expectation of the metrics over random selections: those of the whole set, in proportion.
 *
 * @example
 * ```ts
 * import { randomMetrics } from "ephemera/chapters/follow_up";
 * import assert from "node:assert/strict";
 * const found = {
 *   probabilityGain: Float64Array.of(0.4, 0),
 *   rightTime: Uint8Array.of(0, 1),
 *   rightBoth: Uint8Array.of(1, 1),
 * };
 * const [half] = randomMetrics(found, [1]);
 * assert.equal(half.probabilityGain, 0.2);
 * assert.equal(half.corrected, 0.5);
 * assert.equal(half.overallAccuracy, 0.75);
 * ```
 */
export function randomMetrics(
  found: Outcomes,
  sizes: readonly number[],
  options: MetricOptions = {},
): SelectionMetrics[] {
  const n = found.rightTime.length, everything = Uint32Array.from({ length: n }, (_, i) => i);
  return fromWhole(weightedMetrics(found, everything, [n], null, options)[0], found, null, sizes);
}

function fromWhole(
  whole: SelectionMetrics,
  found: Outcomes,
  counts: Uint32Array | null,
  sizes: readonly number[],
): SelectionMetrics[] {
  const n = found.rightTime.length;
  let right = 0;
  found.rightTime.forEach((value, i) => right += value * (counts?.[i] ?? 1));
  return sizes.map((size) => ({
    ...whole,
    size,
    corrected: whole.corrected * size / n,
    spoiled: whole.spoiled * size / n,
    overallAccuracy: (right + size * whole.accuracyGain) / n,
  }));
}

/** Metrics with each object counted `counts[i]` times (once without counts), along an order. */
function weightedMetrics(
  { probabilityGain, rightTime, rightBoth }: Outcomes,
  order: ArrayLike<number>,
  sizes: readonly number[],
  counts: Uint32Array | null,
  { orEqual = false }: MetricOptions,
): SelectionMetrics[] {
  const n = rightTime.length;
  demand(order.length === n, {
    expected: `an order of ${n} objects`,
    found: `${order.length}`,
    where: "metrics",
  });
  for (const size of sizes) {
    demand(Number.isInteger(size) && size >= 1 && size <= n, {
      expected: `sizes from 1 to ${n}`,
      found: `${size}`,
      where: "metrics",
    });
  }
  let rightBefore = 0;
  for (let i = 0; i < n; i++) rightBefore += rightTime[i] * (counts?.[i] ?? 1);
  const ascending = sizes.map((size, k) => ({ size, k })).sort((a, b) => a.size - b.size);
  const result = new Array<SelectionMetrics>(sizes.length);
  let taken = 0, gain = 0, corrected = 0, spoiled = 0, increased = 0, at = 0, left = -1;
  for (const { size, k } of ascending) {
    while (taken < size) {
      const i = order[at];
      if (left < 0) left = counts?.[i] ?? 1;
      const times = Math.min(left, size - taken);
      taken += times;
      left -= times;
      gain += times * probabilityGain[i];
      if (rightTime[i] < rightBoth[i]) corrected += times;
      if (rightTime[i] > rightBoth[i]) spoiled += times;
      if (probabilityGain[i] > 0 || (orEqual && probabilityGain[i] === 0)) increased += times;
      if (left === 0) {
        at++;
        left = -1;
      }
    }
    result[k] = {
      size,
      probabilityGain: gain / size,
      accuracyGain: (corrected - spoiled) / size,
      corrected,
      correctedShare: corrected / size,
      spoiled,
      increasedShare: increased / size,
      overallAccuracy: (rightBefore + corrected - spoiled) / n,
    };
  }
  return result;
}

/** A number with its bootstrap interval. */
export interface Band {
  estimate: number;
  low: number;
  high: number;
}

/** Metrics whose bands are given; the last two are this strategy's divided by the expectation of random selection. */
export type BandedMetric =
  | "probabilityGain"
  | "accuracyGain"
  | "corrected"
  | "correctedShare"
  | "increasedShare"
  | "overallAccuracy"
  | "correctedOverRandom"
  | "probabilityGainOverRandom";

const BANDED: readonly BandedMetric[] = [
  "probabilityGain",
  "accuracyGain",
  "corrected",
  "correctedShare",
  "increasedShare",
  "overallAccuracy",
  "correctedOverRandom",
  "probabilityGainOverRandom",
];

/** Options of {@link metricBands}. */
export interface BandOptions extends MetricOptions {
  seed: number | string;
  /** Default 500. */
  resamples?: number;
  /** Probability that a band holds. Default 0.95. */
  level?: number;
}

/** Bands of one strategy at one size. */
export type MetricBands = { size: number } & Record<BandedMetric, Band>;

/**
 * Returns for each order the metrics with percentile bootstrap bands over objects. The order and the models are held fixed; a
 * resample draws as many objects with replacement, and its selection is its first `size` objects along the order. All
 * orders see the same resamples. A ratio over random is NaN where random selection corrects nothing.
 *
 * @param orders an order of the objects by name; null stands for the expectation of random selection.
 */
export function metricBands<Name extends string>(
  found: Outcomes,
  orders: Readonly<Record<Name, ArrayLike<number> | null>>,
  sizes: readonly number[],
  options: BandOptions,
): Record<Name, MetricBands[]> {
  const { seed, resamples = 500, level = 0.95, ...metric } = options, n = found.rightTime.length;
  demand(Number.isInteger(resamples) && resamples >= 10 && level > 0 && level < 1, {
    expected: "at least 10 resamples and a level between 0 and 1",
    found: `${resamples}, ${level}`,
    where: "metricBands",
  });
  const names = Object.keys(orders) as Name[], everything = Uint32Array.from({ length: n }, (_, i) => i);
  const all = (counts: Uint32Array | null) => {
    const chance = fromWhole(
      weightedMetrics(found, everything, [n], counts, metric)[0],
      found,
      counts,
      sizes,
    );
    return names.map((name) => {
      const order = orders[name];
      const own = order === null ? chance : weightedMetrics(found, order, sizes, counts, metric);
      return own.map((m, s) => ({
        ...m,
        correctedOverRandom: m.correctedShare / chance[s].correctedShare,
        probabilityGainOverRandom: m.probabilityGain / chance[s].probabilityGain,
      }));
    });
  };
  const estimates = all(null), random = new Random(seed).stream("bands");
  const drawn: ReturnType<typeof all>[] = [];
  for (let b = 0; b < resamples; b++) {
    const counts = new Uint32Array(n);
    for (let d = 0; d < n; d++) counts[random.integer(0, n)]++;
    drawn.push(all(counts));
  }
  return Object.fromEntries(names.map((name, k) => [
    name,
    sizes.map((size, s) => {
      const bands = BANDED.map((metric) => {
        const values = Float64Array.from(drawn, (resample) => resample[k][s][metric])
          .filter(Number.isFinite).sort();
        const quantile = (q: number) => values.length === 0 ? NaN : quantileOfSorted(values, q);
        return [metric, {
          estimate: estimates[k][s][metric],
          low: quantile((1 - level) / 2),
          high: quantile((1 + level) / 2),
        }];
      });
      return { size, ...Object.fromEntries(bands) } as MetricBands;
    }),
  ])) as Record<Name, MetricBands[]>;
}

/** Returns the smallest selection after which the overall accuracy is at least `accuracy`; null when none is. */
export function sizeForAccuracy(found: Outcomes, order: ArrayLike<number>, accuracy: number): number | null {
  const sizes = Array.from({ length: order.length }, (_, k) => k + 1);
  return selectionMetrics(found, order, sizes).find((m) => m.overallAccuracy >= accuracy)?.size ?? null;
}

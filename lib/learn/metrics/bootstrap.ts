import { demand, Random } from "../../core/mod.ts";
import { quantileOfSorted } from "../../numerics/mod.ts";

/** Options of {@link bootstrapInterval}. */
export interface BootstrapOptions {
  /** Seed of the resampling. */
  seed: number | string;
  /** Number of resamples. Default 1000. */
  resamples?: number;
  /** Probability that the interval holds. Default 0.95. */
  level?: number;
  /** Group of each object, for instance the star that a chunk was cut from: whole groups are drawn. Default: each alone. */
  groups?: ArrayLike<number | string>;
}

/** A value with its bootstrap interval. */
export interface BootstrapInterval {
  /** The statistic on all objects. */
  estimate: number;
  /** Lower end of the interval. */
  low: number;
  /** Upper end of the interval. */
  high: number;
  /** Standard deviation over the resamples. */
  standardError: number;
  /** The statistic on each usable resample, ascending. */
  samples: Float64Array;
  /** Resamples on which the statistic was undefined (it threw or was not finite), for instance for want of a class. */
  undefinedResamples: number;
}

/**
 * Returns the percentile bootstrap interval of any statistic (Efron 1979). `statistic` receives object numbers, repeats
 * included, and returns a number. With `groups`, groups are drawn with replacement and all objects of a drawn group enter,
 * since objects of one star are not independent.
 * Throws an EphemeraError when more than half of the resamples leave the statistic undefined.
 *
 * @example
 * ```ts
 * import { bootstrapInterval, rocAuc } from "ephemera/learn";
 * import assert from "node:assert/strict";
 * const positive = [0, 0, 0, 1, 1, 1], score = [1, 2, 4, 3, 5, 6];
 * const interval = bootstrapInterval(
 *   6,
 *   (rows) => rocAuc(Array.from(rows, (i) => positive[i]), Array.from(rows, (i) => score[i])),
 *   { seed: 1 },
 * );
 * assert.equal(interval.estimate, 8 / 9);
 * assert.ok(interval.low < 8 / 9 && interval.high === 1);
 * ```
 */
export function bootstrapInterval(
  objects: number,
  statistic: (rows: Uint32Array) => number,
  options: BootstrapOptions,
): BootstrapInterval {
  const { seed, resamples = 1000, level = 0.95, groups } = options;
  demand(objects > 0 && (groups === undefined || groups.length === objects), {
    expected: groups === undefined ? "at least one object" : `${objects} groups, one an object`,
    found: `${groups?.length ?? objects}`,
    where: "bootstrapInterval",
  });
  const estimate = statistic(Uint32Array.from({ length: objects }, (_, i) => i));
  const members = groups === undefined ? null : collect(groups);
  const random = new Random(seed).stream("bootstrap");
  const values: number[] = [];
  for (let b = 0; b < resamples; b++) {
    let rows: Uint32Array;
    if (members === null) {
      rows = new Uint32Array(objects);
      for (let i = 0; i < objects; i++) rows[i] = Math.floor(random.bits() / 4294967296 * objects);
    } else {
      const drawn: number[] = [];
      for (let g = 0; g < members.length; g++) drawn.push(...members[random.integer(0, members.length)]);
      rows = Uint32Array.from(drawn);
    }
    let value: number;
    try {
      value = statistic(rows);
    } catch {
      continue; // counted below as undefined
    }
    if (Number.isFinite(value)) values.push(value);
  }
  demand(values.length * 2 > resamples, () => ({
    expected: "a statistic that is defined on most resamples",
    found: `${resamples - values.length} of ${resamples} undefined`,
    where: "bootstrapInterval",
    remedy: "use more objects of the rarest class",
  }));
  const samples = Float64Array.from(values).sort();
  const mean = samples.reduce((sum, x) => sum + x, 0) / samples.length;
  const variance = samples.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, samples.length - 1);
  return {
    estimate,
    low: quantileOfSorted(samples, (1 - level) / 2),
    high: quantileOfSorted(samples, (1 + level) / 2),
    standardError: Math.sqrt(variance),
    samples,
    undefinedResamples: resamples - samples.length,
  };
}

function collect(groups: ArrayLike<number | string>): number[][] {
  const byName = new Map<number | string, number[]>();
  for (let i = 0; i < groups.length; i++) {
    const list = byName.get(groups[i]);
    if (list) list.push(i);
    else byName.set(groups[i], [i]);
  }
  return [...byName.values()];
}

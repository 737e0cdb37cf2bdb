import { demand } from "../core/mod.ts";

/** Equally spaced frequencies `start + k step`, k = 0 ... count - 1, in cycles per day. */
export interface FrequencyGrid {
  /** Lowest frequency, cycles per day. */
  start: number;
  /** Distance of neighbours, cycles per day. */
  step: number;
  /** Number of frequencies. */
  count: number;
}

/** Options of {@link adviseFrequencyGrid}. */
export interface FrequencyGridOptions {
  /**
   * Points across the width `1 / baseline` of a peak; 5 keeps the loss at a peak's top below about 3 per
   * cent.
   */
  oversampling?: number;
  /** Lowest frequency; default half a step. */
  minimum?: number;
  /** Highest frequency; default `nyquistFactor` times the frequency `n / (2 baseline)`. */
  maximum?: number;
  /**
   * Used when `maximum` is not given. Irregular sampling has no sharp Nyquist limit, so a factor above 1 is
   * right.
   */
  nyquistFactor?: number;
}

/**
 * A frequency grid that resolves every peak of a curve sampled at these times (VanderPlas 2018, ApJS 236, 16,
 * section 7.1).
 *
 * @param time days, at least two different ones.
 *
 * @example
 * ```ts
 * import { adviseFrequencyGrid } from "ephemera/signal";
 * import assert from "node:assert/strict";
 * const grid = adviseFrequencyGrid(new Float64Array([0, 3, 10]), { maximum: 2 });
 * assert.deepEqual(grid, { start: 0.01, step: 0.02, count: 101 });
 * ```
 */
export function adviseFrequencyGrid(time: Float64Array, options: FrequencyGridOptions = {}): FrequencyGrid {
  const { oversampling = 5, nyquistFactor = 5 } = options;
  let low = Infinity;
  let high = -Infinity;
  for (const t of time) {
    if (t < low) low = t;
    if (t > high) high = t;
  }
  const baseline = high - low;
  demand(baseline > 0 && Number.isFinite(baseline), {
    expected: "at least two different, finite times",
    found: `a baseline of ${baseline} days`,
    where: "adviseFrequencyGrid",
  });
  const step = 1 / (baseline * oversampling);
  const start = options.minimum ?? step / 2;
  const maximum = options.maximum ?? nyquistFactor * 0.5 * time.length / baseline;
  demand(start >= 0 && maximum > start, {
    expected: "a maximum frequency above the minimum",
    found: `${start} to ${maximum} cycles per day`,
    where: "adviseFrequencyGrid",
  });
  return { start, step, count: 1 + Math.round((maximum - start) / step) };
}

/** The frequencies of a grid, cycles per day. */
export function gridFrequencies(grid: FrequencyGrid): Float64Array {
  demandGrid(grid);
  return Float64Array.from({ length: grid.count }, (_, k) => grid.start + k * grid.step);
}

/** Refuses a grid that is empty, steps back or begins below zero. */
export function demandGrid(grid: FrequencyGrid): void {
  demand(grid.start >= 0 && grid.step > 0 && Number.isInteger(grid.count) && grid.count > 0, {
    expected: "a grid with start >= 0, step > 0 and a whole positive count",
    found: `start ${grid.start}, step ${grid.step}, count ${grid.count}`,
    where: "frequency grid",
  });
}

import { demand } from "../core/mod.ts";
import type { Curve } from "./curve.ts";

/** A curve folded on a period: points in order of phase. */
export interface FoldedCurve {
  /** Phases in [0, 1), ascending. */
  phase: Float64Array;
  /** Values in order of phase. */
  value: Float64Array;
  /** Errors in order of phase, when the curve has them. */
  error?: Float64Array;
  /** `order[k]` is the row of the unfolded curve that stands at place k. */
  order: Uint32Array;
}

/**
 * The phases `((t - epoch) mod period) / period` in [0, 1), in the order of `time`.
 *
 * @param time days.
 * @param period days, positive.
 * @param epoch the time of phase 0, days.
 *
 * @example
 * ```ts
 * import { phases } from "ephemera/signal";
 * import assert from "node:assert/strict";
 * assert.deepEqual([...phases(new Float64Array([0, 0.5, 2.5, -0.5]), 2)], [0, 0.25, 0.25, 0.75]);
 * ```
 */
export function phases(time: Float64Array, period: number, epoch = 0): Float64Array {
  demand(period > 0 && Number.isFinite(period), {
    expected: "a positive period",
    found: `${period}`,
    where: "phases",
  });
  const phase = new Float64Array(time.length);
  for (let i = 0; i < time.length; i++) {
    const cycles = (time[i] - epoch) / period;
    const fraction = cycles - Math.floor(cycles);
    // A tiny negative number of cycles rounds up to one whole cycle, which is phase 0.
    phase[i] = fraction >= 1 ? 0 : fraction;
  }
  return phase;
}

/** The order that sorts `keys` upwards; equal keys keep their order. */
export function ascendingOrder(keys: Float64Array): Uint32Array {
  const order = new Uint32Array(keys.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  return order.sort((a, b) => keys[a] - keys[b] || a - b);
}

/** `values` taken in the given order. */
export function taken(values: Float64Array, order: Uint32Array): Float64Array {
  const result = new Float64Array(order.length);
  for (let i = 0; i < order.length; i++) result[i] = values[order[i]];
  return result;
}

/**
 * The curve folded on `period`: phases ascending, values and errors beside them.
 *
 * @param period days, positive.
 * @param epoch the time of phase 0, days; the default, 0, keeps phases of different bands comparable.
 */
export function fold(curve: Curve, period: number, epoch = 0): FoldedCurve {
  const unsorted = phases(curve.time, period, epoch);
  const order = ascendingOrder(unsorted);
  return {
    phase: taken(unsorted, order),
    value: taken(curve.value, order),
    ...(curve.error === undefined ? {} : { error: taken(curve.error, order) }),
    order,
  };
}

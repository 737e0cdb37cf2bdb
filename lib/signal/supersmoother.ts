import { demand } from "../core/mod.ts";
import { type Curve, demandCurve, demandVarying } from "./curve.ts";
import { ascendingOrder, phases, taken } from "./folding.ts";
import { runningLines } from "./running_line.ts";

/** Options of {@link supersmoother}. */
export interface SupersmootherOptions {
  /** Smooth over phase on this period (days) instead of over time. */
  period?: number;
  /**
   * Friedman's bass control, 0 to 10: how far spans are drawn to the widest. Left out, they are not drawn at
   * all.
   */
  bass?: number;
  /** Fractions of the points in the tweeter, midrange and woofer windows, ascending. */
  primarySpans?: readonly number[];
  /** Span of the smooths of residuals and of chosen spans. */
  residualSpan?: number;
  /** Span of the last smooth. */
  finalSpan?: number;
  /** What to call the curve in an error. */
  where?: string;
}

/** A fitted supersmoother. */
export interface Supersmooth {
  /** Smoothed value at each point, in the order of the curve. */
  value: Float64Array;
  /** The span chosen for each point (a fraction of the points), in the order of the curve. */
  span: Float64Array;
  /** The smooth at other times (days; the same period applies). */
  predict(time: Float64Array): Float64Array;
}

/**
 * Friedman's supersmoother: a smooth whose span follows the data, chosen at each point by cross-validation.
 *
 * 1. Running lines with three spans, each leaving its own point out. 2. The absolute residuals (in units of
 * the error) are smoothed with the residual span; the span of least smoothed residual wins at each point, is
 * drawn to the widest by `(r_min / r_widest)^(10 - bass)`, and is smoothed itself. 3. The value is
 * interpolated between the three smooths at that span and smoothed once more. Points weigh `1 / error^2`.
 * With a period the windows go round, so the two ends meet.
 *
 * Where all points of a window share one x the local line is their mean, so repeated times are legal.
 *
 * Friedman, J. H. (1984), "A variable span smoother", Stanford LCS technical report 5 (SLAC-PUB-3477).
 *
 * @example
 * ```ts
 * import { supersmoother } from "ephemera/signal";
 * import assert from "node:assert/strict";
 * const time = Float64Array.from({ length: 50 }, (_, i) => i);
 * const value = time.map((t) => 3 + 2 * t);
 * const smooth = supersmoother({ time, value });
 * assert.ok(smooth.value.every((v, i) => Math.abs(v - value[i]) < 1e-9));
 * ```
 */
export function supersmoother(curve: Curve, options: SupersmootherOptions = {}): Supersmooth {
  const { period, bass, primarySpans = [0.05, 0.2, 0.5], residualSpan = 0.2, finalSpan = 0.05, where } =
    options;
  demandCurve(curve, { minimumPoints: 3, where });
  demand(
    primarySpans.length >= 2 &&
      primarySpans.every((s, i) => s > (i === 0 ? 0 : primarySpans[i - 1]) && s <= 1),
    { expected: "at least two ascending spans in (0, 1]", found: `[${primarySpans}]`, where: "primarySpans" },
  );
  demand(bass === undefined || (bass >= 0 && bass <= 10), {
    expected: "a bass between 0 and 10",
    found: `${bass}`,
    where: "supersmoother",
  });
  const n = curve.time.length;
  // Times count from the first: beside a Julian date the differences within a window would lose their digits.
  const start = curve.time[0];
  const place = (time: Float64Array) =>
    period === undefined ? time.map((t) => t - start) : phases(time, period);
  const unsorted = place(curve.time);
  const order = ascendingOrder(unsorted);
  const x = taken(unsorted, order);
  const y = taken(curve.value, order);
  const error = curve.error === undefined ? new Float64Array(n).fill(1) : taken(curve.error, order);
  const weight = error.map((e) => 1 / (e * e));
  const around = period === undefined ? {} : { period: 1 };

  const smooths = primarySpans.map((s) => runningLines(x, y, weight, s, { ...around, leaveOut: true }).value);
  const residuals = smooths.map((smooth) => {
    const size = smooth.map((v, i) => Math.abs(v - y[i]) / error[i]);
    return runningLines(x, size, weight, residualSpan, around).value;
  });
  const chosen = chosenSpans(residuals, primarySpans, bass);
  const spans = runningLines(x, chosen, weight, residualSpan, around).value;
  const raw = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    spans[i] = Math.min(Math.max(spans[i], primarySpans[0]), primarySpans[primarySpans.length - 1]);
    let k = 0;
    while (k < primarySpans.length - 2 && spans[i] >= primarySpans[k + 1]) k++;
    const share = (spans[i] - primarySpans[k]) / (primarySpans[k + 1] - primarySpans[k]);
    raw[i] = smooths[k][i] + share * (smooths[k + 1][i] - smooths[k][i]);
  }
  const last = runningLines(x, raw, weight, finalSpan, around);

  const value = new Float64Array(n);
  const span = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    value[order[k]] = last.value[k];
    span[order[k]] = spans[k];
  }
  const predict = (time: Float64Array): Float64Array => {
    return place(time).map((position) => {
      // The line of the first point at or after the asked place, as in Friedman's tables.
      let low = 0;
      let high = n - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (x[middle] < position) low = middle + 1;
        else high = middle;
      }
      return last.value[low] + last.slope[low] * (position - x[low]);
    });
  };
  return { value, span, predict };
}

function chosenSpans(residuals: Float64Array[], spans: readonly number[], bass?: number): Float64Array {
  const widest = residuals.length - 1;
  return residuals[0].map((_, i) => {
    let best = 0;
    for (let k = 1; k <= widest; k++) if (residuals[k][i] < residuals[best][i]) best = k;
    if (bass === undefined || best === widest) return spans[best];
    // A smoothed residual may dip below zero at an end; it then counts as none at all.
    const ratio = residuals[best][i] > 0 ? residuals[best][i] / residuals[widest][i] : 0;
    return spans[best] + ratio ** (10 - bass) * (spans[widest] - spans[best]);
  });
}

/**
 * How badly a smooth curve describes the data: `sqrt(mean((y - smooth)^2)) / std(y)` of the supersmoother
 * (population standard deviation). Near 0 for a clean signal, near 1 for noise. With `period` it says how
 * well the period folds the curve: paper 004 keeps the curves below 0.7. A constant curve has no scale and is
 * refused.
 */
export function supersmootherResidual(curve: Curve, options: SupersmootherOptions = {}): number {
  demandCurve(curve, { minimumPoints: 3, where: options.where });
  demandVarying(curve.value, options.where ?? "supersmootherResidual");
  const { value } = supersmoother(curve, options);
  const n = value.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += curve.value[i] / n;
  let squares = 0;
  let spread = 0;
  for (let i = 0; i < n; i++) {
    squares += (curve.value[i] - value[i]) ** 2;
    spread += (curve.value[i] - mean) ** 2;
  }
  return Math.sqrt(squares / spread);
}

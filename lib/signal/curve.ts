import { demand } from "../core/mod.ts";

/**
 * One object in one band: the input of every single-band function of `signal` and `features`.
 *
 * `time` is in days and ascends (equal times are legal), `value` is a magnitude or a flux, `error` its
 * standard deviation in the same unit. The three columns have the same length; without `error` all points
 * weigh the same.
 */
export interface Curve {
  /** Days. */
  time: Float64Array;
  /** Magnitudes or fluxes. */
  value: Float64Array;
  /** One-sigma errors of the values, positive. */
  error?: Float64Array;
}

/**
 * Refuses a curve that no formula can use: columns of unequal length, fewer than `minimumPoints` points, a
 * time, value or error that is not finite, an error that is not positive, or (with `ascending`) times that
 * step back.
 *
 * @param where what to call the curve in the message, e.g. an object identifier.
 */
export function demandCurve(
  curve: Curve,
  options: { minimumPoints?: number; ascending?: boolean; where?: string } = {},
): void {
  const { minimumPoints = 1, ascending = false, where } = options;
  const { time, value, error } = curve;
  demand(time.length === value.length && (error === undefined || error.length === value.length), () => ({
    expected: "time, value and error of one length",
    found: `${time.length}, ${value.length}${error === undefined ? "" : ` and ${error.length}`} entries`,
    where,
  }));
  demand(time.length >= minimumPoints, () => ({
    expected: `at least ${minimumPoints} points`,
    found: `${time.length}`,
    where,
    remedy: "leave the object out or ask for what fewer points can give",
  }));
  for (let i = 0; i < time.length; i++) {
    // One sum finds any NaN or infinity; which column it was is looked up only when there is one.
    if (!Number.isFinite(time[i] + value[i] + (error === undefined ? 0 : error[i]))) {
      const column = !Number.isFinite(time[i]) ? "time" : !Number.isFinite(value[i]) ? "value" : "error";
      const found = column === "time" ? time[i] : column === "value" ? value[i] : error![i];
      demand(false, {
        expected: "finite numbers",
        found: `${column} ${found} at row ${i}`,
        where,
        remedy: "drop the row before the analysis",
      });
    }
    demand(error === undefined || error[i] > 0, () => ({
      expected: "positive errors",
      found: `${error![i]} at row ${i}`,
      where,
      remedy: "drop the row, or leave out the error column",
    }));
    demand(!ascending || i === 0 || time[i] >= time[i - 1], () => ({
      expected: "ascending times",
      found: `time ${time[i]} after ${time[i - 1]} at row ${i}`,
      where,
      remedy: "sort the curve by time",
    }));
  }
}

/** Refuses a curve whose values are all equal: nothing can be scaled by its spread. */
export function demandVarying(value: Float64Array, where?: string): void {
  let i = 1;
  while (i < value.length && value[i] === value[0]) i++;
  demand(i < value.length, () => ({
    expected: "a curve that varies",
    found: `${value.length} equal values`,
    where,
    remedy: "leave constant curves out, or ask for features that need no variability",
  }));
}

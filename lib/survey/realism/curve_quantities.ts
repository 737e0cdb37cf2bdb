/** Plain numbers of light curves, for holding one set against another. */
import { FLUXCAL_ZERO_POINT, magnitudeOf } from "../../astronomy/mod.ts";
import { demand } from "../../core/mod.ts";
import { median } from "../../numerics/mod.ts";
import type { LightCurve, LightCurveSet } from "../../observations/mod.ts";

/** Columns of numbers, one an object, by name. */
export type Quantities = Record<string, Float64Array>;

/** A flux counts as measured from this many errors on. */
const MEASURED = 5;
/** Points below this many errors show the noise of the sky alone. */
const EMPTY = 3;

/**
 * Returns numbers of each light curve of difference or supernova fluxes (zero point 27.5), NaN where an object has none:
 * `points`, `duration` (days from the first to the last), `gap` and `longest gap` (days between successive points of one band: median over all
 * bands, and the longest), `significance` (largest flux over error), and for each band b `peak b` (magnitude of the brightest
 * point of at least 5 errors) and `depth b` (5-sigma magnitude by the median error of points below 3 errors); for neighbouring bands
 * `a - b`, the difference of peaks.
 *
 * @throws EphemeraError for a set of magnitudes, without errors, or with another zero point.
 *
 * @example
 * ```ts
 * import { curveQuantities } from "ephemera/survey/realism";
 * import { LightCurveSet } from "ephemera/observations";
 * import assert from "node:assert/strict";
 * const set = new LightCurveSet({
 *   ids: ["a"], offsets: Uint32Array.of(0, 3), bands: ["r"], quantity: "flux", zeroPoint: 27.5,
 *   time: Float64Array.of(1, 3, 8), value: Float64Array.of(2, 1000, 10), error: Float64Array.of(10, 10, 10),
 * });
 * const { "peak r": peak, gap, duration } = curveQuantities(set);
 * assert.deepEqual([peak[0], gap[0], duration[0]], [20, 3.5, 7]);
 * ```
 */
export function curveQuantities(set: LightCurveSet): Quantities {
  checkFluxes(set, "curveQuantities");
  const { bands } = set, rows = Array.from(set, (curve) => describeCurve(curve, bands));
  const names = Object.keys(rows[0] ?? describeCurve(EMPTY_CURVE, bands));
  return Object.fromEntries(names.map((name) => [name, Float64Array.from(rows, (row) => row[name])]));
}

const EMPTY_CURVE: LightCurve = { id: "", time: new Float64Array(), value: new Float64Array() };

/** @throws EphemeraError unless a set holds fluxes of zero point 27.5 with errors. */
function checkFluxes(set: LightCurveSet, where: string): void {
  demand(set.quantity === "flux" && set.zeroPoint === FLUXCAL_ZERO_POINT && set.error !== undefined, () => ({
    expected: `fluxes of zero point ${FLUXCAL_ZERO_POINT} with errors`,
    found: `${set.quantity}, zero point ${set.zeroPoint}${set.error === undefined ? ", no errors" : ""}`,
    where,
  }));
}

function describeCurve(
  { time, value, error, band }: LightCurve,
  bands: readonly string[],
): Record<string, number> {
  const brightest = new Float64Array(bands.length).fill(NaN), last = new Float64Array(bands.length).fill(NaN);
  const faint: number[][] = bands.map(() => []), gaps: number[] = [];
  let significance = NaN;
  for (let i = 0; i < time.length; i++) {
    const b = band?.[i] ?? 0, ratio = value[i] / error![i];
    if (!Number.isNaN(last[b])) gaps.push(time[i] - last[b]);
    last[b] = time[i];
    if (!(significance >= ratio)) significance = ratio;
    if (ratio >= MEASURED && !(brightest[b] >= value[i])) brightest[b] = value[i];
    if (Math.abs(ratio) < EMPTY) faint[b].push(error![i]);
  }
  const peaks = brightest.map((flux) => Number.isNaN(flux) ? NaN : magnitudeOf(flux, FLUXCAL_ZERO_POINT));
  const row: Record<string, number> = {
    points: time.length,
    duration: time.length === 0 ? NaN : time[time.length - 1] - time[0],
    gap: gaps.length === 0 ? NaN : median(gaps),
    "longest gap": gaps.length === 0 ? NaN : gaps.reduce((a, b) => Math.max(a, b)),
    significance,
  };
  bands.forEach((name, b) => row[`peak ${name}`] = peaks[b]);
  bands.forEach((name, b) =>
    row[`depth ${name}`] = faint[b].length < 3
      ? NaN
      : magnitudeOf(MEASURED * median(faint[b]), FLUXCAL_ZERO_POINT)
  );
  for (let b = 1; b < bands.length; b++) row[`${bands[b - 1]} - ${bands[b]}`] = peaks[b - 1] - peaks[b];
  return row;
}

/** Errors of the points of one band in one interval of magnitude. */
export interface ErrorBin {
  /** Name of the band. */
  band: string;
  /** Middle of the interval, magnitudes. */
  magnitude: number;
  /** Points in it. */
  count: number;
  /** 16th, 50th and 84th percentile of the errors, magnitudes (1.0857 error / flux). */
  low: number;
  /** See `low`. */
  middle: number;
  /** See `low`. */
  high: number;
}

/**
 * Returns how errors grow with magnitude: for each band and half magnitude the 16th, 50th and 84th percentile of the
 * errors of points with a flux of at least 3 errors. Intervals with fewer than `minimum` points (default 10) are left out.
 *
 * @throws EphemeraError as {@link curveQuantities}.
 */
export function errorsByMagnitude(set: LightCurveSet, options: { minimum?: number } = {}): ErrorBin[] {
  checkFluxes(set, "errorsByMagnitude");
  const { minimum = 10 } = options, errors = new Map<string, number[]>();
  for (let i = 0; i < set.time.length; i++) {
    const flux = set.value[i], error = set.error![i];
    if (!(flux >= EMPTY * error)) continue;
    const key = `${set.band?.[i] ?? 0} ${Math.floor(2 * magnitudeOf(flux, FLUXCAL_ZERO_POINT))}`;
    const relative = 2.5 / Math.LN10 * error / flux, list = errors.get(key);
    if (list === undefined) errors.set(key, [relative]);
    else list.push(relative);
  }
  return [...errors].filter(([, list]) => list.length >= minimum).map(([key, list]) => {
    const [band, half] = key.split(" ").map(Number), ascending = list.sort((a, b) => a - b);
    const at = (share: number) => ascending[Math.round(share * (ascending.length - 1))];
    return {
      band: set.bands[band],
      magnitude: half / 2 + 0.25,
      count: list.length,
      low: at(0.16),
      middle: at(0.5),
      high: at(0.84),
    };
  }).sort((a, b) => set.bands.indexOf(a.band) - set.bands.indexOf(b.band) || a.magnitude - b.magnitude);
}

/** Exposures out of a survey's log. */
import { demand } from "../core/mod.ts";
import type { Table } from "../observations/mod.ts";
import type { Exposure } from "./exposure_image.ts";

/** Options of {@link exposuresOf}. */
export interface ExposureLogOptions {
  /** Bands to keep. Default all. */
  bands?: readonly string[];
  /** Exposures with a larger seeing are left out, arcsec. Default 2, as in the HiTS simulations. */
  largestSeeing?: number;
  /**
   * What the log's seeing is multiplied by, after the cut. Default 1. Stars in the real HiTS stamps are 0.88 times as
   * wide by a Gaussian fit as the log of HiTS says (median), so 0.89 gives simulated stars, whose fits come out at
   * 0.99 of what is asked for, the width of real ones.
   */
  seeingScale?: number;
  /**
   * What is done with an exposure whose zero point is NaN: `"skip"` leaves it out (default), `"previous"` takes that
   * of the exposure of its band before it, as the HiTS simulations did.
   */
  gaps?: "skip" | "previous";
}

/** Columns of a log and what of an {@link Exposure} they are. */
const COLUMNS = {
  exposureTime: "exp_time",
  seeing: "seeing",
  sky: "back_level",
  zeroPoint: "zp_ps",
} as const;

/**
 * Returns the exposures of one field in order of time.
 * @param log a table with columns `field`, `filter` (text), `mjd`, `exp_time` (s), `seeing` (arcsec), `back_level`
 * (ADU a pixel) and `zp_ps` (mag of one ADU a second), such as that of `hitsObservingConditions` in
 * `ephemera/datasets`.
 * @throws EphemeraError for a missing column and for a field that the log has not.
 *
 * @example
 * ```ts
 * import { exposuresOf } from "ephemera/imaging";
 * import assert from "node:assert/strict";
 * const numbers = (...values: number[]) => Float64Array.from(values);
 * const log = { field: ["a", "a", "b"], filter: ["g", "r", "g"], mjd: numbers(2, 1, 1), exp_time: numbers(86, 86, 86),
 *   seeing: numbers(1.2, 1.5, 1.1), back_level: numbers(120, 400, 110), zp_ps: numbers(25, 25.4, 25) };
 * assert.deepEqual(exposuresOf(log, "a").map(({ time, band }) => [time, band]), [[1, "r"], [2, "g"]]);
 * ```
 */
export function exposuresOf(log: Table, field: string, options: ExposureLogOptions = {}): Exposure[] {
  const { bands, largestSeeing = 2, seeingScale = 1, gaps = "skip" } = options, where = "exposuresOf";
  demand(seeingScale > 0 && Number.isFinite(seeingScale), () => ({
    expected: "a positive scale of the seeing",
    found: String(seeingScale),
    where,
  }));
  const numbers = (name: string): Float64Array => {
    const column = log[name];
    demand(column instanceof Float64Array, () => ({
      expected: `a column "${name}" of numbers`,
      found: column === undefined ? `the columns ${Object.keys(log).join(", ")}` : "texts",
      where,
    }));
    return column;
  };
  const texts = (name: string): readonly string[] => {
    const column = log[name];
    demand(column !== undefined && !(column instanceof Float64Array), () => ({
      expected: `a column "${name}" of texts`,
      found: column === undefined ? `the columns ${Object.keys(log).join(", ")}` : "numbers",
      where,
    }));
    return column;
  };
  const fields = texts("field"), filters = texts("filter"), mjd = numbers("mjd");
  const [exposureTime, seeing, sky, zeroPoint] = Object.values(COLUMNS).map(numbers);
  const rows = Array.from(mjd.keys()).filter((row) => fields[row] === field);
  demand(rows.length > 0, () => ({
    expected: `one of the fields ${[...new Set(fields)].slice(0, 5).join(", ")}, ...`,
    found: JSON.stringify(field),
    where,
  }));
  const known = new Map<string, number>(), exposures: Exposure[] = [];
  for (const row of rows.sort((a, b) => mjd[a] - mjd[b])) {
    const band = filters[row],
      own = zeroPoint[row],
      used = Number.isNaN(own) && gaps === "previous" ? known.get(band) ?? NaN : own;
    known.set(band, used);
    const usable = seeing[row] > 0 && seeing[row] <= largestSeeing && Number.isFinite(used);
    if (!usable || (bands !== undefined && !bands.includes(band))) continue;
    exposures.push({
      time: mjd[row],
      band,
      exposureTime: exposureTime[row],
      zeroPoint: used,
      seeing: seeingScale * seeing[row],
      sky: sky[row],
    });
  }
  return exposures;
}

/** What can be wrong with one observation of SNANA's, or with a set to be written so, as FITS or text. */
import { demand, EphemeraError } from "../core/mod.ts";
import type { LightCurveSet } from "../observations/mod.ts";
import type { BadRow, BadRowReason } from "./csv_light_curves.ts";

/** Number of a band whose name is none of those wanted. */
export const UNKNOWN_BAND = 255;

/** What is wrong with an observation, as parts of a sentence. */
export interface ObservationFault {
  reason: BadRowReason;
  expected: string;
  found: string;
  remedy: string;
}

/** Returns what is wrong with an observation, or undefined. */
export function faultOf(
  mjd: number,
  flux: number,
  error: number,
  band: number,
): ObservationFault | undefined {
  const remedy = 'take the row out, or read with onBadRow: "skip"';
  if (!Number.isFinite(mjd + flux + error)) {
    const found = `MJD ${mjd}, FLUXCAL ${flux}, FLUXCALERR ${error}`;
    return { reason: "not a number", expected: "finite numbers", found, remedy };
  }
  if (error < 0) {
    const expected = "an error that is not negative";
    return { reason: "negative error", expected, found: `FLUXCALERR ${error}`, remedy };
  }
  if (band === UNKNOWN_BAND) {
    return {
      reason: "unknown band",
      expected: "one of the bands named",
      found: "another",
      remedy: "name all bands of the file in the option bands",
    };
  }
  return undefined;
}

/** Throws the sentence about a bad observation, or adds it to the list. */
export function refuse(
  bad: BadRow[],
  line: number,
  where: string,
  { reason, ...facts }: ObservationFault,
  onBadRow: "fail" | "skip" = "fail",
): void {
  const error = new EphemeraError({ ...facts, where });
  if (onBadRow === "fail") throw error;
  bad.push({ reason, line, message: error.message, facts: { ...facts, where } });
}

/**
 * Returns the errors of a set that SNANA's formats can hold.
 * @throws EphemeraError for magnitudes, fluxes without zero point, a set without errors, times that are not MJD.
 */
export function demandSnana(set: LightCurveSet, where: string): Float64Array {
  const { error } = set;
  const need = (condition: boolean, expected: string, found: string, remedy: string) =>
    demand(condition, { expected, found, where, remedy });
  need(set.quantity === "flux", "fluxes", "magnitudes", "turn them into fluxes with zero point 27.5");
  need(set.zeroPoint !== undefined, "a zero point of the fluxes", "none", "make the set with its zeroPoint");
  need(set.timeScale === "MJD", "times in MJD", set.timeScale, "convert the times");
  demand(error !== undefined, { expected: "errors of the fluxes", found: "none", where });
  return error;
}

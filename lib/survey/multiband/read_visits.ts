/** A real list of visits from a file. */
import { FLUXCAL_ZERO_POINT } from "../../astronomy/mod.ts";
import { demand } from "../../core/mod.ts";
import { type ByteSource, readTable, type ReadTableOptions, sourceName } from "../../formats/mod.ts";
import type { Table } from "../../observations/mod.ts";
import { cameraNoise, sensitivity } from "./band_noise.ts";
import type { SkySurvey } from "./sky_survey.ts";
import { type Visit, type Visits, visitsFrom } from "./visits.ts";

/** Options of {@link readVisits}. */
export interface ReadVisitsOptions extends Pick<ReadTableOptions, "delimiter" | "where"> {
  /** Side of a pixel in arcseconds, for lists that give the sky and not the depth. Default 0.2. */
  pixelScale?: number;
  /** Read noise of a visit in electrons per pixel, for the same. Default 9. */
  readNoise?: number;
}

/**
 * Returns the visits in a table with a header: `mjd`, `band` (a name of the survey's), and either `depth` (5-sigma
 * magnitude of a point source) or `sky` (magnitudes per square arcsecond) with `seeing` (effective full width at half
 * maximum, arcseconds) and `zeroPoint` (magnitude of one photoelectron in the visit). With `depth` the column
 * `zeroPoint` is optional: without it the survey's own gain holds. An optional column `saturation` (magnitude) replaces
 * the survey's. More columns are left alone.
 * @throws EphemeraError for a missing column, an unknown band, or a value that is no number, with its row.
 *
 * @example
 * ```ts
 * import { readVisits, skySurvey } from "ephemera/survey";
 * import assert from "node:assert/strict";
 * const text = "mjd,band,depth\n60001.2,r,24.1\n60000.1,g,24.5\n";
 * const visits = await readVisits(new TextEncoder().encode(text), skySurvey("lsst-wide"));
 * assert.deepEqual([...visits.time], [60000.1, 60001.2]);
 * assert.deepEqual([...visits.band], [1, 2]);
 * ```
 */
export async function readVisits(
  source: ByteSource,
  survey: SkySurvey,
  options: ReadVisitsOptions = {},
): Promise<Visits> {
  const { delimiter, pixelScale = 0.2, readNoise = 9 } = options, where = sourceName(source, options.where);
  const table = await readTable(source, { delimiter, where, required: ["mjd", "band"], text: ["band"] });
  const simple = Object.hasOwn(table, "depth");
  demand(simple || ["sky", "seeing", "zeroPoint"].every((name) => Object.hasOwn(table, name)), () => ({
    expected: 'a column "depth", or the columns "sky", "seeing" and "zeroPoint"',
    found: `the columns ${Object.keys(table).join(", ")}`,
    where,
  }));
  const names = survey.bands.map(({ name }) => name), rows: Visit[] = [];
  for (let i = 0; i < table.mjd.length; i++) {
    const name = (table.band[i] as string).trim(),
      band = names.indexOf(name),
      place = `${where}, row ${i + 1}`;
    demand(band >= 0, () => ({
      expected: `one of the bands ${names.join(", ")}`,
      found: `"${name}"`,
      where: place,
    }));
    const { noise, saturation } = survey.bands[band];
    const zeroPoint = Object.hasOwn(table, "zeroPoint")
      ? cell(table, "zeroPoint", i, 0, 60, place)
      : FLUXCAL_ZERO_POINT + 2.5 * Math.log10(noise.gain);
    const depth = simple ? cell(table, "depth", i, 0, 40, place) : sensitivity(cameraNoise({
      zeroPoint,
      exposures: 1,
      exposureTime: 1,
      skyBrightness: cell(table, "sky", i, 0, 40, place),
      seeing: cell(table, "seeing", i, 0.01, 100, place),
      pixelScale,
      readNoise,
      extinction: 0,
    })).depth;
    rows.push({
      time: cell(table, "mjd", i, 0, 1e6, place),
      band,
      depth,
      zeroPoint,
      saturation: Object.hasOwn(table, "saturation")
        ? cell(table, "saturation", i, -30, 40, place)
        : saturation,
    });
  }
  return visitsFrom(rows, where);
}

function cell(table: Table, name: string, row: number, low: number, high: number, where: string): number {
  const value = table[name][row];
  demand(typeof value === "number" && value >= low && value <= high, () => ({
    expected: `a number from ${low} to ${high}`,
    found: `"${value}"`,
    where: `${where}, column "${name}"`,
    remedy: "correct the value or take the row out",
  }));
  return value;
}

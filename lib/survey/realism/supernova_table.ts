/** Supernovae as rows of numbers that a forest can read. */
import { extractFeatures } from "../../features/mod.ts";
import { type Matrix, matrix } from "../../numerics/mod.ts";
import { LightCurveSet } from "../../observations/mod.ts";

/** Rows of features, one an object, with the objects' types. */
export interface SupernovaTable {
  /** Names of the columns. */
  names: readonly string[];
  /** One row an object; NaN where an object does not have a number. */
  rows: Matrix;
  /** `"Ia"` or `"core collapse"`, one an object. */
  types: readonly string[];
}

/** Families of features: paper 001's of the detections, colours of fluxes, and the parametric fit in each band. */
const FEATURES = ["supernova", "flux_colors", "SPM"] as const;

/**
 * Returns the supernova features of paper 001 (section 4.4.2) of each object: statistics around the first detection, colours of fluxes and
 * the parametric model in each band, from the light curve alone.
 *
 * @param set fluxes with errors and labels; the class `Ia` against all others.
 */
export async function supernovaTable(
  set: LightCurveSet,
  options: { workers?: number } = {},
): Promise<SupernovaTable> {
  // Without flags and metadata: nothing but time, band, flux and error is known of both sets.
  const { flags: _, metadata: __, ...columns } = set.columns();
  const bare = new LightCurveSet(columns);
  const { names, data } = await extractFeatures(bare, { features: FEATURES, workers: options.workers });
  return { names, rows: matrix(data, set.length, names.length), types: supernovaTypes(set) };
}

/** Returns the type of each object: `"Ia"`, or `"core collapse"` for every other class. */
export function supernovaTypes(set: LightCurveSet): string[] {
  return set.ids.map((_, i) => set.className(i) === "Ia" ? "Ia" : "core collapse");
}

/** Returns a table with one more column. */
export function withColumn(table: SupernovaTable, name: string, values: ArrayLike<number>): SupernovaTable {
  const { rows, names, types } = table, width = rows.columns + 1;
  const data = new Float64Array(rows.rows * width);
  for (let i = 0; i < rows.rows; i++) {
    data.set(rows.data.subarray(i * rows.columns, (i + 1) * rows.columns), i * width);
    data[i * width + rows.columns] = values[i];
  }
  return { names: [...names, name], rows: matrix(data, rows.rows, width), types };
}

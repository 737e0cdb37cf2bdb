/** Which rows of a PHOT table are an object's. */
import { demand, EphemeraError } from "../core/mod.ts";
import type { FitsColumn, FitsTable } from "./fits/mod.ts";

/** MJD of the row between objects. */
export const SNANA_SEPARATOR = -777;

/** The rows of each object of a HEAD table in PHOT. */
export interface SnanaRows {
  /** First row of each object, from 0. */
  first: Float64Array;
  /** Number of rows of each object. */
  count: Float64Array;
  /** Rows of all objects. */
  total: number;
  /** By PTROBS_MIN and PTROBS_MAX, or by the separators. */
  foundBy: "pointers" | "separators";
}

/** Returns a column with one value a row: lists of values would not fit the rows of an observation. */
export function oneARow(table: FitsTable, name: string): FitsColumn {
  const column = table.column(name);
  demand(column.list === undefined && column.count === 1, {
    expected: `one value a row in column "${name}"`,
    found: column.list === undefined ? `${column.count} a row` : "lists",
    where: table.where,
  });
  return column;
}

/**
 * Returns the rows of each object: by HEAD's row numbers where these respect the separators, otherwise by the separators
 * where their runs agree with NOBS for every object.
 * @throws EphemeraError when neither fits.
 */
export function snanaRows(head: FitsTable, mjd: Float64Array, ids: readonly string[]): SnanaRows {
  const number = (name: string) => (oneARow(head, name), head.numbers(name));
  const low = number("PTROBS_MIN"), high = number("PTROBS_MAX");
  const declared = head.has("NOBS") ? number("NOBS") : undefined;
  const fault = pointerFault(low, high, declared, mjd);
  if (fault === undefined) {
    const count = high.map((last, i) => last - low[i] + 1);
    return {
      first: low.map((first) => first - 1),
      count,
      total: count.reduce((a, b) => a + b, 0),
      foundBy: "pointers",
    };
  }
  const runs = runsOf(mjd);
  if (runs.length === ids.length + 1 && runs[ids.length].count === 0) runs.pop();
  if (
    declared !== undefined && runs.length === ids.length &&
    runs.every(({ count }, i) => count === declared[i])
  ) {
    return {
      first: Float64Array.from(runs, ({ first }) => first),
      count: declared,
      total: mjd.length - Math.max(0, ids.length - 1) - (mjd.at(-1) === SNANA_SEPARATOR ? 1 : 0),
      foundBy: "separators",
    };
  }
  throw new EphemeraError({
    expected: fault.expected,
    found: fault.found,
    where: `${head.where}, object ${ids[fault.object]}`,
    remedy: "check that HEAD and PHOT belong together and are complete",
  });
}

/** Returns what is wrong with the row numbers, or undefined: bounds, NOBS, separators within and around, rows used twice. */
function pointerFault(
  low: Float64Array,
  high: Float64Array,
  declared: Float64Array | undefined,
  mjd: Float64Array,
) {
  const rows = mjd.length, separators = new Uint32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    separators[row + 1] = separators[row] + (mjd[row] === SNANA_SEPARATOR ? 1 : 0);
  }
  let total = 0;
  for (let object = 0; object < low.length; object++) {
    const from = low[object], to = high[object], length = to - from + 1;
    const found = `PTROBS_MIN ${from}, PTROBS_MAX ${to}`;
    if (!(Number.isInteger(from) && Number.isInteger(to) && length >= 0 && length <= rows)) {
      return { object, expected: `rows within 1 to ${rows}`, found };
    }
    total += length;
    if ((length > 0 && (from < 1 || to > rows)) || total > rows) {
      return { object, expected: `rows within 1 to ${rows}, the rows of PHOT, each of one object`, found };
    }
    if (declared !== undefined && declared[object] !== length) {
      return { object, expected: `${declared[object]} rows, as NOBS says`, found: `${length} by ${found}` };
    }
    if (length === 0 || separators[rows] === 0) continue;
    const within = separators[to] - separators[from - 1];
    const around = (from === 1 || mjd[from - 2] === SNANA_SEPARATOR) &&
      (to === rows || mjd[to] === SNANA_SEPARATOR);
    if (within > 0 || !around) {
      return { object, expected: "rows from one separator (MJD -777) to the next", found };
    }
  }
  return undefined;
}

/** Returns the runs of rows between separators. */
function runsOf(mjd: Float64Array): { first: number; count: number }[] {
  const runs: { first: number; count: number }[] = [];
  let first = 0;
  for (let row = 0; row <= mjd.length; row++) {
    if (row < mjd.length && mjd[row] !== SNANA_SEPARATOR) continue;
    runs.push({ first, count: row - first });
    first = row + 1;
  }
  return runs;
}

/** A column of a {@link Table}: numbers (NaN where missing) or texts (empty where missing). */
export type Column = Float64Array | readonly string[];

/** Named columns of equal length, one row per object. */
export type Table = Readonly<Record<string, Column>>;

/** Returns the table's rows with the given numbers, in that order. */
export function tableRows(table: Table, rows: ArrayLike<number>): Table {
  return Object.fromEntries(
    Object.entries(table).map(([name, column]) => [
      name,
      column instanceof Float64Array
        ? Float64Array.from(rows, (i) => column[i])
        : Array.from(rows, (i) => column[i]),
    ]),
  );
}

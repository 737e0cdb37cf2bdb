import type { Matrix } from "../../numerics/mod.ts";

/**
 * A table prepared for growing trees: each value is replaced by its rank among the distinct values of its column. Splits
 * depend on order alone, so ranks lose nothing, and small integers sort by counting instead of by comparing.
 */
export interface RankedTable {
  rows: number;
  columns: number;
  /** Rank of (row, column) at `column * rows + row`; in shared memory where there is any, so that workers need no copy. */
  ranks: Uint16Array | Uint32Array;
  /** Distinct values of all columns, each ascending, one column after another. */
  values: Float64Array;
  /** Where each column's distinct values begin in `values`. */
  offsets: Uint32Array;
}

/** Returns the ranked form of a table without NaN. -Infinity is allowed and stands for "missing". */
export function rankTable({ data, rows, columns }: Matrix): RankedTable {
  const ascending = new Float64Array(rows);
  const distinct: Float64Array[] = [];
  const offsets = new Uint32Array(columns + 1);
  for (let j = 0; j < columns; j++) {
    for (let i = 0, at = j; i < rows; i++, at += columns) ascending[i] = data[at];
    ascending.sort();
    let count = 0;
    for (let i = 0; i < rows; i++) {
      if (i === 0 || ascending[i] !== ascending[count - 1]) ascending[count++] = ascending[i];
    }
    distinct.push(ascending.slice(0, count));
    offsets[j + 1] = offsets[j] + count;
  }
  const values = new Float64Array(offsets[columns]);
  distinct.forEach((list, j) => values.set(list, offsets[j]));
  const small = distinct.every((list) => list.length <= 65536);
  const bytes = rows * columns * (small ? 2 : 4);
  const buffer = typeof SharedArrayBuffer === "undefined"
    ? new ArrayBuffer(bytes)
    : new SharedArrayBuffer(bytes);
  const ranks = small ? new Uint16Array(buffer) : new Uint32Array(buffer);
  for (let j = 0; j < columns; j++) {
    const list = distinct[j];
    for (let i = 0, at = j; i < rows; i++, at += columns) {
      const value = data[at];
      let low = 0, high = list.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (list[middle] < value) low = middle + 1;
        else high = middle;
      }
      ranks[j * rows + i] = low;
    }
  }
  return { rows, columns, ranks, values, offsets };
}

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
  /** Smallest value of each rank, ascending within a column, one column after another. */
  lowest: Float64Array;
  /** Largest value of each rank, in the same layout. */
  highest: Float64Array;
  /** Where each column's ranks begin in `lowest` and `highest`. */
  offsets: Uint32Array;
}

/**
 * Returns the ranked form of a table without NaN. -Infinity is allowed and stands for "missing".
 * @param resolution share of a column's range within which values get one rank.
 */
export function rankTable({ data, rows, columns }: Matrix, resolution: number): RankedTable {
  const ascending = new Float64Array(rows);
  const lows: Float64Array[] = [], highs: Float64Array[] = [];
  const offsets = new Uint32Array(columns + 1);
  for (let j = 0; j < columns; j++) {
    for (let i = 0, at = j; i < rows; i++, at += columns) ascending[i] = data[at];
    ascending.sort();
    const first = ascending.findIndex((value) => value > -Infinity);
    const gap = first < 0 ? 0 : resolution * (ascending[rows - 1] - ascending[first]);
    const low = new Float64Array(rows), high = new Float64Array(rows);
    let count = 0;
    for (let i = 0; i < rows; i++) {
      const value = ascending[i];
      // -Infinity minus itself is NaN, which is not above the gap: missing values share their rank.
      if (i === 0 || value - low[count - 1] > gap) low[count++] = value;
      high[count - 1] = value;
    }
    lows.push(low.slice(0, count));
    highs.push(high.slice(0, count));
    offsets[j + 1] = offsets[j] + count;
  }
  const lowest = new Float64Array(offsets[columns]), highest = new Float64Array(offsets[columns]);
  lows.forEach((list, j) => lowest.set(list, offsets[j]));
  highs.forEach((list, j) => highest.set(list, offsets[j]));
  const small = lows.every((list) => list.length <= 65536);
  const bytes = rows * columns * (small ? 2 : 4);
  const buffer = typeof SharedArrayBuffer === "undefined"
    ? new ArrayBuffer(bytes)
    : new SharedArrayBuffer(bytes);
  const ranks = small ? new Uint16Array(buffer) : new Uint32Array(buffer);
  for (let j = 0; j < columns; j++) {
    const list = highs[j];
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
  return { rows, columns, ranks, lowest, highest, offsets };
}

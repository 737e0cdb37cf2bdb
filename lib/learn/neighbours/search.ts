/** The k nearest rows of a table: a KD-tree where it pays, blocks of brute force elsewhere. */
import { demand } from "../../core/mod.ts";
import { type Matrix, zeros } from "../../numerics/mod.ts";

/** Neighbours of each query row, nearest first; of equal distances the lower row number comes first. */
export interface Neighbours {
  /** Row numbers in the searched table: `queries x k`, row-major. */
  indices: Int32Array;
  /** Euclidean distances in the same layout. */
  distances: Matrix;
}

/** Rows a leaf of the tree holds at most. */
const LEAF = 24;
/** Above this many columns a tree visits nearly every leaf, and plain scanning is faster. */
const MOST_TREE_COLUMNS = 16;

/** A searchable table. */
export interface NeighbourIndex {
  readonly table: Matrix;
  /** Returns the `k` nearest rows of each query; `excludeSelf` drops, for query i, table row i. */
  query(queries: Matrix, k: number, excludeSelf?: boolean): Neighbours;
}

/**
 * Returns an index over the rows of `table` for Euclidean distances.
 * @param method `"auto"` takes a KD-tree up to 16 columns and brute force above.
 *
 * @example
 * ```ts
 * import { neighbourIndex } from "ephemera/learn";
 * import { matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const { indices, distances } = neighbourIndex(matrix([0, 3, 7], 3, 1)).query(matrix([4], 1, 1), 2);
 * assert.deepEqual([...indices], [1, 2]);
 * assert.deepEqual([...distances.data], [1, 3]);
 * ```
 */
export function neighbourIndex(table: Matrix, method: "auto" | "tree" | "brute" = "auto"): NeighbourIndex {
  const useTree = method === "tree" ||
    (method === "auto" && table.columns <= MOST_TREE_COLUMNS && table.rows > 4 * LEAF);
  const search = useTree ? treeSearch(table) : bruteSearch(table);
  return {
    table,
    query(queries, k, excludeSelf = false) {
      const available = table.rows - (excludeSelf ? 1 : 0);
      demand(Number.isInteger(k) && k >= 1 && k <= available, {
        expected: `from 1 to ${available} neighbours`,
        found: `${k}`,
        where: "nearest neighbours",
      });
      demand(queries.columns === table.columns, {
        expected: `${table.columns} columns, as in the table`,
        found: `${queries.columns}`,
        where: "nearest neighbours",
      });
      const indices = new Int32Array(queries.rows * k);
      const distances = zeros(queries.rows, k);
      const best = new BestList(k);
      for (let q = 0; q < queries.rows; q++) {
        best.clear();
        search(queries.data, q * queries.columns, excludeSelf ? q : -1, best);
        for (let n = 0; n < k; n++) {
          indices[q * k + n] = best.index[n];
          distances.data[q * k + n] = Math.sqrt(best.square[n]);
        }
      }
      return { indices, distances };
    },
  };
}

type Search = (queries: Float64Array, start: number, excluded: number, best: BestList) => void;

/** The k smallest squared distances so far, ascending; few enough that insertion beats a heap. */
class BestList {
  readonly index: Int32Array;
  readonly square: Float64Array;
  constructor(readonly k: number) {
    this.index = new Int32Array(k);
    this.square = new Float64Array(k);
  }
  clear() {
    this.square.fill(Infinity);
    this.index.fill(2 ** 31 - 1);
  }
  /** Largest squared distance still of interest. */
  get limit(): number {
    return this.square[this.k - 1];
  }
  offer(square: number, index: number) {
    let slot = this.k - 1;
    if (square > this.square[slot] || (square === this.square[slot] && index > this.index[slot])) return;
    while (
      slot > 0 &&
      (square < this.square[slot - 1] || (square === this.square[slot - 1] && index < this.index[slot - 1]))
    ) {
      this.square[slot] = this.square[slot - 1];
      this.index[slot] = this.index[slot - 1];
      slot--;
    }
    this.square[slot] = square;
    this.index[slot] = index;
  }
}

function squaredDistance(
  a: Float64Array,
  atA: number,
  b: Float64Array,
  atB: number,
  d: number,
  limit: number,
): number {
  let sum = 0;
  for (let j = 0; j < d; j++) {
    const difference = a[atA + j] - b[atB + j];
    sum += difference * difference;
    // Most rows of a scan are far: leave as soon as that is known, but look only now and then.
    if ((j & 7) === 7 && sum > limit) return sum;
  }
  return sum;
}

function bruteSearch({ data, rows, columns }: Matrix): Search {
  return (queries, start, excluded, best) => {
    for (let i = 0; i < rows; i++) {
      if (i === excluded) continue;
      best.offer(squaredDistance(queries, start, data, i * columns, columns, best.limit), i);
    }
  };
}

/** A KD-tree in flat arrays: node n splits `order[from..to)` at its median along its widest column. */
function treeSearch({ data, rows, columns }: Matrix): Search {
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  const nodes: { from: number; to: number; column: number; value: number; left: number; right: number }[] =
    [];

  const build = (from: number, to: number): number => {
    const id = nodes.length;
    nodes.push({ from, to, column: -1, value: 0, left: -1, right: -1 });
    if (to - from <= LEAF) return id;
    let column = 0, widest = -1;
    for (let j = 0; j < columns; j++) {
      let low = Infinity, high = -Infinity;
      for (let t = from; t < to; t++) {
        const value = data[order[t] * columns + j];
        if (value < low) low = value;
        if (value > high) high = value;
      }
      if (high - low > widest) {
        widest = high - low;
        column = j;
      }
    }
    if (widest === 0) return id;
    order.subarray(from, to).sort((a, b) => data[a * columns + column] - data[b * columns + column]);
    const middle = (from + to) >> 1;
    const node = nodes[id];
    node.column = column;
    node.value = data[order[middle] * columns + column];
    node.left = build(from, middle);
    node.right = build(middle, to);
    return id;
  };
  build(0, rows);

  return (queries, start, excluded, best) => {
    const visit = (id: number) => {
      const { from, to, column, value, left, right } = nodes[id];
      if (column < 0) {
        for (let t = from; t < to; t++) {
          const i = order[t];
          if (i !== excluded) {
            best.offer(squaredDistance(queries, start, data, i * columns, columns, best.limit), i);
          }
        }
        return;
      }
      const offset = queries[start + column] - value;
      visit(offset < 0 ? left : right);
      // Equality is visited too: a tie with a lower row number may lie on the other side.
      if (offset * offset <= best.limit) visit(offset < 0 ? right : left);
    };
    visit(0);
  };
}

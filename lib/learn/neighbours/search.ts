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
/** Above this many columns a tree visits so many leaves that plain scanning is faster (measured on 20,000 rows in 8 clusters). */
const MOST_TREE_COLUMNS = 8;
/** Rows scanned at once; a multiple of the tile below. */
const BLOCK = 64;

/** A searchable table. */
export interface NeighbourIndex {
  /** The rows that are searched. */
  readonly table: Matrix;
  /** Returns the `k` nearest rows of each query; `excludeSelf` drops, for query i, table row i. */
  query(queries: Matrix, k: number, excludeSelf?: boolean): Neighbours;
}

/**
 * Returns an index over the rows of `table` for Euclidean distances.
 * @param method `"auto"` takes a KD-tree up to 8 columns and brute force above.
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
      const lists = Array.from({ length: TOGETHER }, () => new BestList(k));
      for (let q = 0; q < queries.rows; q += TOGETHER) {
        const count = Math.min(TOGETHER, queries.rows - q);
        lists.forEach((list) => list.clear());
        search(queries.data, q, count, excludeSelf, lists);
        for (let t = 0; t < count; t++) {
          for (let n = 0; n < k; n++) {
            indices[(q + t) * k + n] = lists[t].index[n];
            distances.data[(q + t) * k + n] = Math.sqrt(lists[t].square[n]);
          }
        }
      }
      return { indices, distances };
    },
  };
}

/** Queries answered at once. */
const TOGETHER = 2;

/** Fills the lists of `count` queries from number `first` on. */
type Search = (
  queries: Float64Array,
  first: number,
  count: number,
  excludeSelf: boolean,
  lists: BestList[],
) => void;

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
  columns: number,
): number {
  let sum = 0;
  for (let j = 0; j < columns; j++) {
    const difference = a[atA + j] - b[atB + j];
    sum += difference * difference;
  }
  return sum;
}

/**
 * Scans all rows. They are laid out in blocks, column after column, so that a tile of two queries by four rows keeps its eight sums
 * in registers.
 */
function bruteSearch({ data, rows, columns }: Matrix): Search {
  const blocks = Math.ceil(rows / BLOCK);
  const turned = new Float64Array(blocks * BLOCK * columns);
  for (let i = 0; i < rows; i++) {
    const start = Math.floor(i / BLOCK) * BLOCK * columns + i % BLOCK;
    for (let j = 0; j < columns; j++) turned[start + j * BLOCK] = data[i * columns + j];
  }
  const a = new Float64Array(BLOCK), b = new Float64Array(BLOCK);
  return (queries, first, count, excludeSelf, lists) => {
    // An odd query at the end is paired with itself.
    const second = first + count - 1;
    for (let block = 0; block < blocks; block++) {
      tileDistances(
        turned,
        block * BLOCK * columns,
        columns,
        queries,
        first * columns,
        second * columns,
        a,
        b,
      );
      const start = block * BLOCK, size = Math.min(BLOCK, rows - start);
      for (let t = 0; t < count; t++) {
        const list = lists[t], squares = t === 0 ? a : b, excluded = excludeSelf ? first + t - start : -1;
        let limit = list.limit;
        for (let r = 0; r < size; r++) {
          if (squares[r] > limit || r === excluded) continue;
          list.offer(squares[r], start + r);
          limit = list.limit;
        }
      }
    }
  };
}

/** Writes the squared distances of two queries to the rows of a block. */
function tileDistances(
  turned: Float64Array,
  start: number,
  columns: number,
  queries: Float64Array,
  first: number,
  second: number,
  a: Float64Array,
  b: Float64Array,
) {
  for (let r = 0; r < BLOCK; r += 4) {
    let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
    for (let j = 0, at = start + r; j < columns; j++, at += BLOCK) {
      const p = queries[first + j], q = queries[second + j];
      const x0 = turned[at], x1 = turned[at + 1], x2 = turned[at + 2], x3 = turned[at + 3];
      const p0 = p - x0, p1 = p - x1, p2 = p - x2, p3 = p - x3;
      const q0 = q - x0, q1 = q - x1, q2 = q - x2, q3 = q - x3;
      a0 += p0 * p0;
      a1 += p1 * p1;
      a2 += p2 * p2;
      a3 += p3 * p3;
      b0 += q0 * q0;
      b1 += q1 * q1;
      b2 += q2 * q2;
      b3 += q3 * q3;
    }
    a[r] = a0;
    a[r + 1] = a1;
    a[r + 2] = a2;
    a[r + 3] = a3;
    b[r] = b0;
    b[r + 1] = b1;
    b[r + 2] = b2;
    b[r + 3] = b3;
  }
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

  return (queries, first, count, excludeSelf, lists) => {
    for (let t = 0; t < count; t++) {
      const best = lists[t], start = (first + t) * columns, excluded = excludeSelf ? first + t : -1;
      const visit = (id: number) => {
        const { from, to, column, value, left, right } = nodes[id];
        if (column < 0) {
          for (let n = from; n < to; n++) {
            const i = order[n];
            if (i !== excluded) best.offer(squaredDistance(queries, start, data, i * columns, columns), i);
          }
          return;
        }
        const offset = queries[start + column] - value;
        visit(offset < 0 ? left : right);
        // Equality is visited too: a tie with a lower row number may lie on the other side.
        if (offset * offset <= best.limit) visit(offset < 0 ? right : left);
      };
      visit(0);
    }
  };
}

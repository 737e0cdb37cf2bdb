import type { Matrix } from "../../numerics/mod.ts";
import type { Tree } from "./grow_tree.ts";

/** Rows that pass through one tree before the next: so many that each tree is fetched into the cache but a few times. */
const BLOCK = 8192;

/** Writes into `target` (rows x classes) the mean over trees of leaf frequencies, or the share of trees that vote for each class. */
export function predictWithTrees(
  trees: readonly Tree[],
  x: Matrix,
  classes: number,
  votes: boolean,
  target: Float64Array,
): void {
  const { data, rows, columns } = x;
  const leafNumbers = new Int32Array(Math.min(BLOCK, rows));
  for (let from = 0; from < rows; from += BLOCK) {
    const size = Math.min(BLOCK, rows - from);
    for (const tree of trees) {
      findLeaves(tree, data, columns, from, size, leafNumbers);
      addLeaves(tree.leaves, leafNumbers, size, classes, votes, target, from * classes);
    }
  }
  for (let i = 0; i < rows * classes; i++) target[i] /= trees.length;
}

/** Writes the leaf of each row. Two rows descend at a time, so that one's fetches fill the other's waiting. */
function findLeaves(
  { feature, threshold, right }: Tree,
  data: Float64Array,
  columns: number,
  from: number,
  size: number,
  leafNumbers: Int32Array,
) {
  for (let i = 0; i < size; i += 2) {
    const a = (from + i) * columns, b = i + 1 < size ? a + columns : a;
    let m = 0, n = 0, j = feature[0], k = j;
    while (j >= 0 && k >= 0) {
      m = data[a + j] <= threshold[m] ? m + 1 : right[m];
      n = data[b + k] <= threshold[n] ? n + 1 : right[n];
      j = feature[m];
      k = feature[n];
    }
    while (j >= 0) {
      m = data[a + j] <= threshold[m] ? m + 1 : right[m];
      j = feature[m];
    }
    while (k >= 0) {
      n = data[b + k] <= threshold[n] ? n + 1 : right[n];
      k = feature[n];
    }
    leafNumbers[i] = right[m];
    if (i + 1 < size) leafNumbers[i + 1] = right[n];
  }
}

function addLeaves(
  leaves: Float64Array,
  leafNumbers: Int32Array,
  size: number,
  classes: number,
  votes: boolean,
  target: Float64Array,
  start: number,
) {
  for (let i = 0, at = start; i < size; i++, at += classes) {
    const leaf = leafNumbers[i] * classes;
    if (votes) {
      let best = 0;
      for (let c = 1; c < classes; c++) if (leaves[leaf + c] > leaves[leaf + best]) best = c;
      target[at + best]++;
    } else {
      for (let c = 0; c < classes; c++) target[at + c] += leaves[leaf + c];
    }
  }
}

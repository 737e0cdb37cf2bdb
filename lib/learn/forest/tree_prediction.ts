import type { Matrix } from "../../numerics/mod.ts";
import type { Tree } from "./grow_tree.ts";

/** Rows handled at once: their part of the table and of the result stays in the cache while the trees pass by. */
const BLOCK = 512;

/** Writes into `target` (rows x classes) the mean over trees of leaf frequencies, or the share of trees that vote for each class. */
export function predictWithTrees(
  trees: readonly Tree[],
  x: Matrix,
  classes: number,
  votes: boolean,
  target: Float64Array,
): void {
  const { data, rows, columns } = x;
  for (let from = 0; from < rows; from += BLOCK) {
    const to = Math.min(rows, from + BLOCK);
    for (const tree of trees) addTree(tree, data, columns, from, to, classes, votes, target);
  }
  for (let i = 0; i < rows * classes; i++) target[i] /= trees.length;
}

function addTree(
  { feature, threshold, right, leaves }: Tree,
  data: Float64Array,
  columns: number,
  from: number,
  to: number,
  classes: number,
  votes: boolean,
  target: Float64Array,
) {
  for (let i = from; i < to; i++) {
    const start = i * columns;
    let node = 0, j = feature[0];
    while (j >= 0) {
      node = data[start + j] <= threshold[node] ? node + 1 : right[node];
      j = feature[node];
    }
    const leaf = right[node] * classes, at = i * classes;
    if (votes) {
      let best = 0;
      for (let c = 1; c < classes; c++) if (leaves[leaf + c] > leaves[leaf + best]) best = c;
      target[at + best]++;
    } else {
      for (let c = 0; c < classes; c++) target[at + c] += leaves[leaf + c];
    }
  }
}

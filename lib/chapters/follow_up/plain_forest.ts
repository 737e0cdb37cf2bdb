/** Forests as plain data, fit for a trip to a worker, and what they say of an object. */
import type { RandomForestClassifier, Tree } from "../../learn/mod.ts";
import { type Matrix, zeros } from "../../numerics/mod.ts";

/** The trees of a random forest. */
export interface PlainForest {
  classNames: readonly string[];
  /** Number of features. */
  columns: number;
  trees: readonly Tree[];
  /** Whether trees vote; else their leaves' class frequencies are averaged. */
  votes: boolean;
  /** For each tree the most frequent class of each leaf, of equals the first. */
  leafClasses: readonly Uint8Array[];
}

/** Returns a fitted forest as plain data. */
export function plainForest(forest: RandomForestClassifier): PlainForest {
  const { classNames, trees } = forest, K = classNames.length;
  return {
    classNames,
    columns: trees[0].feature.reduce((most, j) => Math.max(most, j), 0) + 1,
    trees,
    votes: forest.options.probabilities === "votes",
    leafClasses: trees.map(({ leaves }) => leafClassesOf(leaves, K)),
  };
}

/** Returns the most frequent class of each leaf of a tree, of equals the first. */
export function leafClassesOf(leaves: Float64Array, classes: number): Uint8Array {
  return Uint8Array.from({ length: leaves.length / classes }, (_, leaf) => {
    const at = leaf * classes;
    let best = 0;
    for (let c = 1; c < classes; c++) if (leaves[at + c] > leaves[at + best]) best = c;
    return best;
  });
}

/** Returns the forest's probabilities, rows x classes: the same numbers, bit for bit, as the classifier's own. */
export function forestProbabilities(forest: PlainForest, x: Matrix): Matrix {
  const K = forest.classNames.length, result = zeros(x.rows, K);
  for (let i = 0; i < x.rows; i++) {
    addRow(forest, x.data, i * x.columns, result.data, i * K);
    for (let c = 0; c < K; c++) result.data[i * K + c] /= forest.trees.length;
  }
  return result;
}

/** Adds every tree's vote, or leaf frequencies, on the object at `start` to the classes at `target[at]` and on. */
export function addRow(
  forest: PlainForest,
  x: Float64Array,
  start: number,
  target: Float64Array,
  at: number,
): void {
  const { trees, votes, leafClasses, classNames } = forest, K = classNames.length;
  for (let t = 0; t < trees.length; t++) {
    const { feature, threshold, right, leaves } = trees[t];
    let node = 0, j = feature[0];
    while (j >= 0) {
      node = x[start + j] <= threshold[node] ? node + 1 : right[node];
      j = feature[node];
    }
    const leaf = right[node];
    if (votes) target[at + leafClasses[t][leaf]]++;
    else for (let c = 0; c < K; c++) target[at + c] += leaves[leaf * K + c];
  }
}

/** Returns the first of the largest of `count` numbers from `start` on: ties go to the class first in the list. */
export function firstLargest(values: ArrayLike<number>, start: number, count: number): number {
  let best = 0;
  for (let c = 1; c < count; c++) if (values[start + c] > values[start + best]) best = c;
  return best;
}

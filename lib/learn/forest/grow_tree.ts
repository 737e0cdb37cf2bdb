/** Growing one classification tree with exact splits. */
import type { Random } from "../../core/mod.ts";
import type { RankedTable } from "./ranked_table.ts";
import { RankSorter } from "./rank_sort.ts";

/** What a tree may do, with every choice resolved to a number. */
export interface GrowOptions {
  criterion: "gini" | "entropy";
  /** Columns tried at a node. */
  maxFeatures: number;
  /** Deepest level of a split; Infinity for none. */
  maxDepth: number;
  /** Least objects of a node that may be split. */
  minSamplesSplit: number;
  /** Least objects of a leaf. */
  minSamplesLeaf: number;
  /** Least decrease of impurity, weighted by the node's share of the training weight. */
  minImpurityDecrease: number;
}

/** A tree in flat arrays, nodes in preorder: the left child of node n is n + 1. */
export interface Tree {
  /** Column that each node looks at; -1 for a leaf. */
  feature: Int32Array;
  /** Objects with a value at most this go left. */
  threshold: Float64Array;
  /** Right child of a node; of a leaf, its number among the leaves. */
  right: Int32Array;
  /** Class frequencies of the leaves, one row a leaf; rows sum to 1. */
  leaves: Float64Array;
}

/** A grown tree with what only the training data can tell. */
export interface GrownTree {
  tree: Tree;
  /** Largest rank that goes left, a node: for descending training rows without their values. */
  splitRank: Uint32Array;
  /** Summed decrease of impurity by column. */
  importances: Float64Array;
}

/**
 * Returns a tree grown on the rows whose weight is positive.
 * @param codes class number of each row.
 * @param weights weight of each row: how often it was drawn, times the weight of its class.
 */
export function growTree(
  table: RankedTable,
  codes: Int32Array,
  classes: number,
  weights: Float64Array,
  options: GrowOptions,
  random: Random,
): GrownTree {
  const { rows: n, columns, ranks, lowest, highest, offsets } = table;
  const { maxFeatures, maxDepth, minSamplesSplit, minSamplesLeaf, minImpurityDecrease } = options;
  const entropy = options.criterion === "entropy";

  const members = new Uint32Array(n);
  let drawn = 0, totalWeight = 0;
  for (let i = 0; i < n; i++) {
    if (weights[i] <= 0) continue;
    members[drawn++] = i;
    totalWeight += weights[i];
  }
  const most = Math.max(1, 2 * drawn - 1);
  const feature = new Int32Array(most), right = new Int32Array(most), splitRank = new Uint32Array(most);
  const threshold = new Float64Array(most);
  const leaves: number[] = [];
  const importances = new Float64Array(columns);
  let nodes = 0, leafCount = 0;

  const sorter = new RankSorter(drawn);
  const nodeClass = new Int32Array(drawn), nodeWeight = new Float64Array(drawn);
  const total = new Float64Array(classes), left = new Float64Array(classes), rest = new Float64Array(classes);
  const candidates = Uint32Array.from({ length: columns }, (_, j) => j);

  // Each waiting node is four numbers: first member, end, depth, and the parent that it is the right child of (-1: none).
  const waiting: number[] = [0, drawn, 0, -1];
  while (waiting.length > 0) {
    const parent = waiting.pop()!, depth = waiting.pop()!, end = waiting.pop()!, start = waiting.pop()!;
    const size = end - start;
    const node = nodes++;
    if (parent >= 0) right[parent] = node;

    total.fill(0);
    let weight = 0;
    for (let i = 0; i < size; i++) {
      const row = members[start + i], code = codes[row], w = weights[row];
      nodeClass[i] = code;
      nodeWeight[i] = w;
      total[code] += w;
      weight += w;
    }
    let kinds = 0, squares = 0;
    for (let c = 0; c < classes; c++) {
      if (total[c] > 0) kinds++;
      squares += entropy ? xLogX(total[c]) : total[c] * total[c];
    }
    const purity = entropy ? squares - xLogX(weight) : squares / weight;

    let bestPurity = -Infinity, bestFeature = -1, bestRank = 0, bestNext = 0;
    if (kinds > 1 && size >= minSamplesSplit && size >= 2 * minSamplesLeaf && depth < maxDepth) {
      let varying = 0;
      for (let visited = 0; visited < columns && (visited < maxFeatures || varying === 0); visited++) {
        // The next column of a random order that is drawn no further than needed.
        const pick = visited + Math.floor(random.bits() / 4294967296 * (columns - visited));
        const j = candidates[pick];
        candidates[pick] = candidates[visited];
        candidates[visited] = j;

        const base = j * n;
        let keys = sorter.keys, payload = sorter.payload;
        let low = 0xffffffff, high = 0;
        for (let i = 0; i < size; i++) {
          const key = ranks[base + members[start + i]];
          keys[i] = key;
          payload[i] = i;
          if (key < low) low = key;
          if (key > high) high = key;
        }
        if (low === high) continue;
        varying++;
        for (let i = 0; i < size; i++) keys[i] -= low;
        sorter.sort(size, high - low);
        keys = sorter.keys;
        payload = sorter.payload;

        for (let c = 0; c < classes; c++) {
          left[c] = 0;
          rest[c] = total[c];
        }
        let leftWeight = 0, restWeight = weight, leftSum = 0, restSum = squares;
        const last = size - minSamplesLeaf;
        for (let i = 0; i < last; i++) {
          const at = payload[i], c = nodeClass[at], w = nodeWeight[at];
          const l = left[c], r = rest[c];
          // Moving w of class c to the left changes one term of each sum.
          if (entropy) {
            leftSum += xLogX(l + w) - xLogX(l);
            restSum += xLogX(r - w) - xLogX(r);
          } else {
            leftSum += w * (2 * l + w);
            restSum += w * (w - 2 * r);
          }
          left[c] = l + w;
          rest[c] = r - w;
          leftWeight += w;
          restWeight -= w;
          if (keys[i] === keys[i + 1] || i + 1 < minSamplesLeaf) continue;
          const found = entropy
            ? leftSum - xLogX(leftWeight) + restSum - xLogX(restWeight)
            : leftSum / leftWeight + restSum / restWeight;
          if (found > bestPurity) {
            bestPurity = found;
            bestFeature = j;
            bestRank = keys[i] + low;
            bestNext = keys[i + 1] + low;
          }
        }
      }
    }

    const decrease = (bestPurity - purity) / totalWeight;
    if (bestFeature < 0 || decrease + 1e-15 < minImpurityDecrease) {
      feature[node] = -1;
      right[node] = leafCount++;
      for (let c = 0; c < classes; c++) leaves.push(total[c] / weight);
      continue;
    }
    importances[bestFeature] += decrease;
    feature[node] = bestFeature;
    const first = offsets[bestFeature];
    threshold[node] = between(highest[first + bestRank], lowest[first + bestNext]);
    // Objects that this tree has not seen may lie between the two ranks: the threshold parts them, not the last rank seen.
    let low = bestRank, high = bestNext - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (highest[first + middle] <= threshold[node]) low = middle;
      else high = middle - 1;
    }
    splitRank[node] = low;

    const base = bestFeature * n;
    let a = start, b = end - 1;
    while (a <= b) {
      const row = members[a];
      if (ranks[base + row] <= bestRank) {
        a++;
      } else {
        members[a] = members[b];
        members[b--] = row;
      }
    }
    waiting.push(a, end, depth + 1, node, start, a, depth + 1, -1);
  }
  return {
    tree: {
      feature: feature.slice(0, nodes),
      threshold: threshold.slice(0, nodes),
      right: right.slice(0, nodes),
      leaves: Float64Array.from(leaves),
    },
    splitRank: splitRank.slice(0, nodes),
    importances,
  };
}

/** Returns the leaf of a training row. */
export function leafOfRow({ tree, splitRank }: GrownTree, { ranks, rows }: RankedTable, row: number): number {
  const { feature, right } = tree;
  let node = 0;
  while (feature[node] >= 0) {
    node = ranks[feature[node] * rows + row] <= splitRank[node] ? node + 1 : right[node];
  }
  return right[node];
}

/** x log2 x, with 0 at 0 and where rounding leaves a little less than 0. */
function xLogX(x: number): number {
  return x > 0 ? x * Math.log2(x) : 0;
}

/** A number from `low` up to but excluding `high`: their middle, unless rounding makes that `high`. */
function between(low: number, high: number): number {
  const middle = low / 2 + high / 2;
  return middle < high ? middle : low;
}

/** The work that one worker does for a forest: a few trees, each from its own stream of random numbers. */
import { Random } from "../../core/mod.ts";
import type { Labels } from "../labels.ts";
import { balancedBootstrap, membersByClass } from "../splitting/balance.ts";
import { type GrowOptions, growTree, leafOfRow, type Tree } from "./grow_tree.ts";
import type { RankedTable } from "./ranked_table.ts";

/** How the objects of a tree are drawn. */
export type Sampling = "bootstrap" | "balanced" | "all";

/** What all trees of a forest share. */
export interface ForestTask {
  table: RankedTable;
  codes: Int32Array;
  classNames: readonly string[];
  seed: string;
  sampling: Sampling;
  /** Objects of each class in a balanced draw; undefined for the size of the rarest class. */
  samplesPerClass?: number;
  /** Weight of each class; with "balanced-per-tree" from each draw anew. */
  classWeights: Float64Array | "balanced-per-tree";
  grow: GrowOptions;
  /** Whether to collect votes on the objects that a tree has not seen. */
  outOfBag: boolean;
}

/** Some trees, and what they say of objects that they have not seen. */
export interface GrownChunk {
  trees: Tree[];
  /** One array a tree. */
  importances: Float64Array[];
  /** Summed class frequencies of unseen objects, rows x classes; empty when not asked for. */
  outOfBag: Float64Array;
  /** How many trees have not seen each object. */
  outOfBagTrees: Uint32Array;
}

/** Grows the trees `first` to `first + count - 1`; the result depends on nothing else. */
export function growChunk({ first, count }: { first: number; count: number }, shared: unknown): GrownChunk {
  const task = shared as ForestTask;
  const { table, codes, classNames, outOfBag } = task;
  const K = classNames.length;
  const chunk: GrownChunk = {
    trees: [],
    importances: [],
    outOfBag: new Float64Array(outOfBag ? table.rows * K : 0),
    outOfBagTrees: new Uint32Array(outOfBag ? table.rows : 0),
  };
  for (let t = first; t < first + count; t++) {
    const random = new Random(task.seed).stream(`tree ${t}`);
    const weights = drawWeights(task, random);
    const grown = growTree(table, codes, K, weights, task.grow, random);
    chunk.trees.push(grown.tree);
    chunk.importances.push(grown.importances);
    if (!outOfBag) continue;
    for (let i = 0; i < table.rows; i++) {
      if (weights[i] > 0) continue;
      const leaf = leafOfRow(grown, table, i);
      for (let c = 0; c < K; c++) chunk.outOfBag[i * K + c] += grown.tree.leaves[leaf * K + c];
      chunk.outOfBagTrees[i]++;
    }
  }
  return chunk;
}

function drawWeights(task: ForestTask, random: Random): Float64Array {
  const { codes, classNames, sampling, classWeights, samplesPerClass } = task;
  const n = codes.length;
  const weights = new Float64Array(n);
  const labels = { codes, classNames };
  const fixed = classWeights === "balanced-per-tree" ? null : classWeights;
  if (sampling === "bootstrap") {
    drawInto(weights, labels, fixed, random);
  } else if (sampling === "balanced") {
    for (const i of balancedBootstrap(labels, random.stream("draw"), samplesPerClass)) weights[i]++;
  } else {
    weights.fill(1);
  }
  // A bootstrap has used fixed weights already.
  if (fixed !== null && sampling === "bootstrap") return weights;
  const perClass = fixed ?? balancedWeights(weights, codes, classNames.length);
  for (let i = 0; i < n; i++) weights[i] *= perClass[codes[i]];
  return weights;
}

/** Counts n draws with replacement, of chances proportional to the weights of the classes. */
function drawInto(counts: Float64Array, labels: Labels, classWeights: Float64Array | null, random: Random) {
  const n = counts.length;
  if (classWeights === null || classWeights.every((weight) => weight === classWeights[0])) {
    for (let d = 0; d < n; d++) counts[Math.floor(random.bits() / 4294967296 * n)]++;
    return;
  }
  const members = membersByClass(labels);
  const shares = classWeights.map((weight, c) => weight * members[c].length);
  const total = shares.reduce((sum, share) => sum + share, 0);
  for (let d = 0; d < n; d++) {
    let left = random.uniform() * total, c = 0;
    while (c + 1 < shares.length && (left >= shares[c] || shares[c] === 0)) left -= shares[c++];
    const list = members[c];
    counts[list[Math.floor(random.bits() / 4294967296 * list.length)]]++;
  }
}

/** Weights that make all classes of one draw count alike. */
function balancedWeights(drawn: Float64Array, codes: Int32Array, classes: number): Float64Array {
  const counts = new Float64Array(classes);
  let total = 0;
  for (let i = 0; i < codes.length; i++) {
    counts[codes[i]] += drawn[i];
    total += drawn[i];
  }
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => count > 0 ? total / (present * count) : 0);
}

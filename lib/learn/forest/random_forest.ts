import { demand, parallelMap, Random } from "../../core/mod.ts";
import { type Matrix, zeros } from "../../numerics/mod.ts";
import { checkLabels, checkTable, type Classifier, fitted } from "../estimator.ts";
import type { ClassProbabilities, LabelInput, Labels } from "../labels.ts";
import { encodeLabels, mostProbable } from "../labels.ts";
import { loadModel, type NumberArray, saveModel } from "../persistence.ts";
import { balancedClassWeights } from "../splitting/balance.ts";
import type { ForestTask, GrownChunk, Sampling } from "./grow_chunk.ts";
import type { Tree } from "./grow_tree.ts";
import { rankTable } from "./ranked_table.ts";
import { predictWithTrees } from "./tree_prediction.ts";

const KIND = "random-forest-classifier";

/**
 * Trees a worker grows between two messages: never a matter of the number of workers, so that sums do not depend on it, and at most
 * twenty messages, since each may carry out-of-bag votes on every object.
 */
function chunkSize(trees: number): number {
  return Math.max(5, Math.ceil(trees / 20));
}

/** Options of {@link RandomForestClassifier}; the defaults are scikit-learn's. */
export interface RandomForestOptions {
  /** Seed of the forest; tree i draws from its own stream. */
  seed: number | string;
  /** Number of trees. Default 100. */
  trees?: number;
  /** Impurity that splits lower: Gini's index or Shannon's entropy. Default `"gini"`. */
  criterion?: "gini" | "entropy";
  /** Columns tried at a node: a number, a share below 1, or a rule. Default `"sqrt"`. */
  maxFeatures?: number | "sqrt" | "log2" | "all";
  /** Deepest level of a split. Default: none. */
  maxDepth?: number;
  /** Least objects of a node that may be split. Default 2. */
  minSamplesSplit?: number;
  /** Least objects of a leaf. Default 1. */
  minSamplesLeaf?: number;
  /** Least decrease of impurity of a split, weighted by the node's share of the training weight. Default 0. */
  minImpurityDecrease?: number;
  /**
   * What each tree is grown on: as many objects drawn with replacement, equally many of each class drawn with replacement
   * (Chen, Liaw & Breiman 2004), or all. Default `"bootstrap"`.
   */
  sampling?: Sampling;
  /** Objects of each class in a balanced draw. Default: the size of the rarest class. */
  samplesPerClass?: number;
  /**
   * Weights by class name, or weights inverse to the class counts, of all objects or of each tree's draw. Default: all 1. In a
   * bootstrap, weights of all objects set the chance of being drawn (as scikit-learn does from version 1.9 on), since weights
   * on fully grown trees hardly matter; otherwise they weigh the impurity and the leaves.
   */
  classWeights?: Readonly<Record<string, number>> | "balanced" | "balanced-per-tree";
  /** Whether probabilities average the leaves' class frequencies or count the trees' votes. Default `"frequencies"`. */
  probabilities?: "frequencies" | "votes";
  /** Whether to keep what the trees say of objects that they have not seen. Default false. */
  outOfBag?: boolean;
  /** What a NaN does: an error, or it counts as lower than every number. Default `"refuse"`. */
  missing?: "refuse" | "lowest";
  /**
   * Values closer than this share of their column's range are not told apart. Default 1e-7, about the spacing of single
   * precision, in which scikit-learn works (its own limit of 1e-7 is absolute, so that columns of small numbers count as constant);
   * 0 splits between any two values that differ.
   */
  resolution?: number;
  /** Workers that grow trees. Default: one a core. */
  workers?: number;
}

/** What the trees say of training objects that they have not seen. */
export interface OutOfBag {
  /** Class frequencies averaged over the trees that have not seen the object; NaN where all have. */
  predicted: ClassProbabilities;
  /** How many trees have not seen each object. */
  treesUnseen: Uint32Array;
  /** Accuracy over objects that some tree has not seen. */
  score: number;
}

interface State {
  classNames: readonly string[];
  columns: number;
  trees: Tree[];
  importances: Float64Array;
  outOfBag: OutOfBag | null;
}

/**
 * A random forest (Breiman 2001): trees with exact splits on random columns, grown on random draws of the objects. The
 * forest depends on the seed and the data, never on the number of workers.
 *
 * @example
 * ```ts
 * import { RandomForestClassifier } from "ephemera/learn";
 * import { matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const x = matrix([1, 2, 3, 11, 12, 13], 6, 1), labels = ["short", "short", "short", "long", "long", "long"];
 * const forest = await new RandomForestClassifier({ seed: 1, trees: 20, workers: 1 }).fit(x, labels);
 * const { classNames, probabilities } = forest.predictProbabilities(matrix([0, 20], 2, 1));
 * assert.deepEqual(classNames, ["long", "short"]);
 * assert.ok(probabilities.data[1] > 0.8 && probabilities.data[2] > 0.8);
 * ```
 */
export class RandomForestClassifier implements Classifier {
  /** The options of the model. */
  readonly options: RandomForestOptions;
  #state: State | null = null;

  /** Takes the options; nothing is learned before `fit`. */
  constructor(options: RandomForestOptions) {
    checkOptions(options);
    // An infinite depth means none, and JSON could not keep it.
    const { maxDepth, ...others } = options;
    this.options = maxDepth === undefined || maxDepth === Infinity ? others : { ...others, maxDepth };
  }

  /** Grows the trees. Objects need two classes at least. */
  async fit(x: Matrix, labels: LabelInput): Promise<this> {
    const where = "RandomForestClassifier.fit";
    const { trees: count = 100, seed, outOfBag = false, sampling = "bootstrap", samplesPerClass, workers } =
      this.options;
    checkTable(x, where, { minimumRows: 2, allowMissing: this.options.missing === "lowest" });
    const { codes, classNames } = checkLabels(x, labels, where);
    const task: ForestTask = {
      table: rankTable(this.#filled(x), this.options.resolution ?? 1e-7),
      codes,
      classNames,
      seed: String(seed),
      sampling,
      samplesPerClass,
      classWeights: this.#classWeights({ codes, classNames }),
      grow: {
        criterion: this.options.criterion ?? "gini",
        maxFeatures: featuresTried(this.options.maxFeatures ?? "sqrt", x.columns),
        maxDepth: this.options.maxDepth ?? Infinity,
        minSamplesSplit: this.options.minSamplesSplit ?? 2,
        minSamplesLeaf: this.options.minSamplesLeaf ?? 1,
        minImpurityDecrease: this.options.minImpurityDecrease ?? 0,
      },
      outOfBag,
    };
    const size = chunkSize(count);
    const items = Array.from({ length: Math.ceil(count / size) }, (_, c) => ({
      first: c * size,
      count: Math.min(size, count - c * size),
    }));
    // Starting a worker takes longer than growing a small forest.
    const small = count * x.rows * task.grow.maxFeatures < 2e6;
    const chunks = await parallelMap<typeof items[0], GrownChunk>(
      import.meta.resolve("./grow_chunk.ts"),
      "growChunk",
      items,
      { workers: small ? 1 : workers, shared: task },
    );
    this.#state = {
      classNames,
      columns: x.columns,
      trees: chunks.flatMap(({ trees }) => trees),
      importances: meanImportances(chunks, x.columns),
      outOfBag: outOfBag ? collectOutOfBag(chunks, codes, classNames) : null,
    };
    return this;
  }

  get classNames(): readonly string[] {
    return fitted(this.#state, "RandomForestClassifier").classNames;
  }

  /** The trees, as flat arrays. */
  get trees(): readonly Tree[] {
    return fitted(this.#state, "RandomForestClassifier").trees;
  }

  /** Decrease of impurity that each column brought, averaged over trees, with sum 1 (Breiman's Gini importance). */
  get importances(): Float64Array {
    return fitted(this.#state, "RandomForestClassifier").importances;
  }

  /** What the trees say of training objects that they have not seen; needs the option `outOfBag`. */
  get outOfBag(): OutOfBag {
    const { outOfBag } = fitted(this.#state, "RandomForestClassifier");
    demand(outOfBag !== null, {
      expected: "a forest fitted with outOfBag: true",
      found: "one without",
      where: "RandomForestClassifier.outOfBag",
    });
    return outOfBag;
  }

  predictProbabilities(x: Matrix): ClassProbabilities {
    const { classNames, trees, columns } = fitted(this.#state, "RandomForestClassifier");
    const allowMissing = this.options.missing === "lowest";
    checkTable(x, "RandomForestClassifier", { columns, minimumRows: 0, allowMissing });
    const probabilities = zeros(x.rows, classNames.length);
    const votes = this.options.probabilities === "votes";
    predictWithTrees(trees, this.#filled(x), classNames.length, votes, probabilities.data);
    return { classNames, probabilities };
  }

  predict(x: Matrix): Labels {
    return mostProbable(this.predictProbabilities(x));
  }

  async save(directory: string): Promise<void> {
    const { classNames, columns, trees, importances } = fitted(this.#state, "RandomForestClassifier.save");
    const arrays: Record<string, NumberArray> = { importances };
    arrays.nodes = Uint32Array.from(trees, ({ feature }) => feature.length);
    arrays.leafNumbers = Uint32Array.from(trees, ({ leaves }) => leaves.length);
    arrays.feature = joined(Int32Array, trees.map((tree) => tree.feature));
    arrays.threshold = joined(Float64Array, trees.map((tree) => tree.threshold));
    arrays.right = joined(Int32Array, trees.map((tree) => tree.right));
    arrays.leaves = joined(Float64Array, trees.map((tree) => tree.leaves));
    const settings = { options: this.options, classNames, columns };
    await saveModel(directory, { kind: KIND, settings, arrays });
  }

  /** Returns the forest that `save` wrote into `directory`; out-of-bag results are not kept. */
  static async load(directory: string): Promise<RandomForestClassifier> {
    const { settings, arrays } = await loadModel(directory, KIND);
    const forest = new RandomForestClassifier(settings.options as RandomForestOptions);
    const { nodes, leafNumbers, feature, threshold, right, leaves } = arrays;
    let at = 0, leafAt = 0;
    const trees = Array.from(nodes, (count, t) => {
      const tree: Tree = {
        feature: Int32Array.from(feature.subarray(at, at + count)),
        threshold: Float64Array.from(threshold.subarray(at, at + count)),
        right: Int32Array.from(right.subarray(at, at + count)),
        leaves: Float64Array.from(leaves.subarray(leafAt, leafAt + leafNumbers[t])),
      };
      at += count;
      leafAt += leafNumbers[t];
      return tree;
    });
    const { classNames, columns } = settings as { classNames: string[]; columns: number };
    trees.forEach((tree, t) => checkTree(tree, columns, classNames.length, `${directory}, tree ${t}`));
    const importances = Float64Array.from(arrays.importances);
    forest.#state = { classNames, columns, trees, importances, outOfBag: null };
    return forest;
  }

  #filled(x: Matrix): Matrix {
    if (this.options.missing !== "lowest") return x;
    return { ...x, data: x.data.map((value) => Number.isNaN(value) ? -Infinity : value) };
  }

  #classWeights(labels: Labels): Float64Array | "balanced-per-tree" {
    const { classWeights } = this.options;
    if (classWeights === "balanced-per-tree") return classWeights;
    if (classWeights === "balanced") return balancedClassWeights(labels);
    return Float64Array.from(labels.classNames, (name) => classWeights?.[name] ?? 1);
  }
}

/**
 * Returns the permutation importance of each column (Breiman 2001): how much the accuracy falls, on average over `repeats`,
 * when the column's values are shuffled among the rows. Give rows that the forest was not grown on.
 */
export async function permutationImportances(
  model: Classifier,
  x: Matrix,
  labels: LabelInput,
  options: { seed: number | string; repeats?: number },
): Promise<{ means: Float64Array; deviations: Float64Array }> {
  const { seed, repeats = 5 } = options;
  const { codes } = encodeLabels(labels, model.classNames);
  const accuracy = async (table: Matrix) => {
    const predicted = (await model.predict(table)).codes;
    let right = 0;
    for (let i = 0; i < codes.length; i++) if (predicted[i] === codes[i]) right++;
    return right / codes.length;
  };
  const whole = await accuracy(x);
  const means = new Float64Array(x.columns), deviations = new Float64Array(x.columns);
  for (let j = 0; j < x.columns; j++) {
    const falls: number[] = [];
    for (let r = 0; r < repeats; r++) {
      const order = new Random(seed).stream(`column ${j}, repeat ${r}`).permutation(x.rows);
      const shuffled = { ...x, data: x.data.slice() };
      order.forEach((from, to) => shuffled.data[to * x.columns + j] = x.data[from * x.columns + j]);
      falls.push(whole - await accuracy(shuffled));
    }
    means[j] = falls.reduce((sum, fall) => sum + fall, 0) / repeats;
    deviations[j] = Math.sqrt(falls.reduce((sum, fall) => sum + (fall - means[j]) ** 2, 0) / repeats);
  }
  return { means, deviations };
}

function checkOptions(options: RandomForestOptions) {
  const {
    trees = 100,
    minSamplesLeaf = 1,
    minSamplesSplit = 2,
    maxDepth = 1,
    minImpurityDecrease = 0,
    resolution = 1e-7,
  } = options;
  const whole = (value: number, least: number, name: string) =>
    demand(Number.isInteger(value) && value >= least, {
      expected: `a whole number of at least ${least}`,
      found: `${value}`,
      where: `RandomForestClassifier, ${name}`,
    });
  whole(trees, 1, "trees");
  whole(minSamplesLeaf, 1, "minSamplesLeaf");
  whole(minSamplesSplit, 2, "minSamplesSplit");
  if (maxDepth !== Infinity) whole(maxDepth, 1, "maxDepth");
  demand(resolution >= 0 && resolution < 1, {
    expected: "a share from 0 up to 1",
    found: `${resolution}`,
    where: "RandomForestClassifier, resolution",
  });
  demand(minImpurityDecrease >= 0, {
    expected: "a number that is not negative",
    found: `${minImpurityDecrease}`,
    where: "RandomForestClassifier, minImpurityDecrease",
  });
}

function featuresTried(rule: number | "sqrt" | "log2" | "all", columns: number): number {
  if (rule === "sqrt") return Math.max(1, Math.floor(Math.sqrt(columns)));
  if (rule === "log2") return Math.max(1, Math.floor(Math.log2(columns)));
  if (rule === "all") return columns;
  demand(rule > 0, {
    expected: "a positive number or share of columns",
    found: `${rule}`,
    where: "RandomForestClassifier, maxFeatures",
  });
  return rule < 1 ? Math.max(1, Math.floor(rule * columns)) : Math.min(columns, Math.floor(rule));
}

/** Importances of each tree are brought to sum 1 before they are averaged; trees without a split do not count. */
function meanImportances(chunks: GrownChunk[], columns: number): Float64Array {
  const sum = new Float64Array(columns);
  for (const { importances } of chunks) {
    for (const tree of importances) {
      const total = tree.reduce((all, value) => all + value, 0);
      if (total > 0) tree.forEach((value, j) => sum[j] += value / total);
    }
  }
  const total = sum.reduce((all, value) => all + value, 0);
  return total > 0 ? sum.map((value) => value / total) : sum;
}

function collectOutOfBag(chunks: GrownChunk[], codes: Int32Array, classNames: readonly string[]): OutOfBag {
  const n = codes.length, K = classNames.length;
  const probabilities = zeros(n, K);
  const treesUnseen = new Uint32Array(n);
  for (const chunk of chunks) {
    for (let i = 0; i < n * K; i++) probabilities.data[i] += chunk.outOfBag[i];
    for (let i = 0; i < n; i++) treesUnseen[i] += chunk.outOfBagTrees[i];
  }
  for (let i = 0; i < n * K; i++) probabilities.data[i] /= treesUnseen[Math.floor(i / K)];
  const predicted = { classNames, probabilities };
  const { codes: guessed } = mostProbable(predicted);
  let right = 0, seen = 0;
  for (let i = 0; i < n; i++) {
    if (treesUnseen[i] === 0) continue;
    seen++;
    if (guessed[i] === codes[i]) right++;
  }
  return { predicted, treesUnseen, score: right / seen };
}

function joined<T extends Int32Array | Float64Array>(ArrayType: new (length: number) => T, parts: T[]): T {
  const result = new ArrayType(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** A tree from a file must not lead the descent out of its arrays or round in a circle. */
function checkTree({ feature, right, leaves }: Tree, columns: number, classes: number, where: string) {
  for (let node = 0; node < feature.length; node++) {
    const inside = feature[node] === -1
      ? right[node] >= 0 && (right[node] + 1) * classes <= leaves.length
      : feature[node] >= 0 && feature[node] < columns && right[node] > node + 1 &&
        right[node] < feature.length;
    demand(inside, {
      expected: "nodes whose columns, children and leaves exist",
      found: `column ${feature[node]}, right child or leaf ${right[node]}`,
      where: `${where}, node ${node}`,
    });
  }
}

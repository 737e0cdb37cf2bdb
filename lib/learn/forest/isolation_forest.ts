import { demand, Random } from "../../core/mod.ts";
import { type Matrix, quantile } from "../../numerics/mod.ts";
import { checkTable, fitted, type NoveltyScorer } from "../estimator.ts";
import { loadModel, saveModel } from "../persistence.ts";

const KIND = "isolation-forest";

/** Options of {@link IsolationForest}. */
export interface IsolationForestOptions {
  /** Seed of the forest; tree i draws from its own stream. */
  seed: number | string;
  /** Number of trees. Default 100. */
  trees?: number;
  /** Objects drawn without replacement for each tree. Default 256, or all when there are fewer. */
  samples?: number;
}

/** All trees in flat arrays, nodes of a tree in preorder: the left child of node n is n + 1. */
interface State {
  columns: number;
  samples: number;
  roots: Uint32Array;
  /** Column of a split; -1 for a leaf. */
  feature: Int32Array;
  /** Objects below this go left; of a leaf, the path length that ends there. */
  value: Float64Array;
  right: Int32Array;
}

/**
 * An isolation forest (Liu, Ting & Zhou 2008): random splits set unusual objects apart early. The score is
 * 2^(-mean path length / c(samples)), between 0 and 1; about 0.5 is usual, larger is more unusual.
 *
 * @example
 * ```ts
 * import { IsolationForest } from "ephemera/learn";
 * import { matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const x = matrix(Float64Array.from({ length: 100 }, (_, i) => Math.sin(i)), 100, 1);
 * const [inside, outside] = new IsolationForest({ seed: 1 }).fit(x).score(matrix([0, 9], 2, 1));
 * assert.ok(outside > inside);
 * ```
 */
export class IsolationForest implements NoveltyScorer {
  /** The options of the model. */
  readonly options: IsolationForestOptions;
  #state: State | null = null;

  /** Takes the options; nothing is learned before `fit`. */
  constructor(options: IsolationForestOptions) {
    const { trees = 100, samples = 256 } = options;
    demand(Number.isInteger(trees) && trees >= 1 && Number.isInteger(samples) && samples >= 2, {
      expected: "at least one tree of at least two samples",
      found: `${trees} trees of ${samples}`,
      where: "IsolationForest",
    });
    this.options = { ...options };
  }

  fit(x: Matrix): this {
    checkTable(x, "IsolationForest.fit", { minimumRows: 2 });
    const { seed, trees = 100 } = this.options;
    const samples = Math.min(this.options.samples ?? 256, x.rows);
    const limit = Math.ceil(Math.log2(samples));
    const feature: number[] = [], value: number[] = [], right: number[] = [];
    const roots = new Uint32Array(trees);
    for (let t = 0; t < trees; t++) {
      roots[t] = feature.length;
      const random = new Random(seed).stream(`tree ${t}`);
      growNode(x, draw(x.rows, samples, random), 0, limit, random, { feature, value, right });
    }
    this.#state = {
      columns: x.columns,
      samples,
      roots,
      feature: Int32Array.from(feature),
      value: Float64Array.from(value),
      right: Int32Array.from(right),
    };
    return this;
  }

  score(x: Matrix): Float64Array {
    const { columns, samples, roots, feature, value, right } = fitted(this.#state, "IsolationForest");
    checkTable(x, "IsolationForest", { columns, minimumRows: 0 });
    const scale = roots.length * averagePath(samples);
    return Float64Array.from({ length: x.rows }, (_, i) => {
      let sum = 0;
      for (const root of roots) {
        let node = root;
        while (feature[node] >= 0) {
          node = x.data[i * columns + feature[node]] < value[node] ? node + 1 : right[node];
        }
        sum += value[node];
      }
      return 2 ** (-sum / scale);
    });
  }

  /** Returns the score that the given share of the rows of `x` exceeds: a threshold from an expected contamination. */
  threshold(x: Matrix, contamination: number): number {
    return quantile(this.score(x), 1 - contamination);
  }

  async save(directory: string): Promise<void> {
    const { columns, samples, ...arrays } = fitted(this.#state, "IsolationForest.save");
    await saveModel(directory, { kind: KIND, settings: { options: this.options, columns, samples }, arrays });
  }

  /** Returns the forest that `save` wrote into `directory`. */
  static async load(directory: string): Promise<IsolationForest> {
    const { settings, arrays } = await loadModel(directory, KIND);
    const { options, columns, samples } = settings as {
      options: IsolationForestOptions;
      columns: number;
      samples: number;
    };
    const forest = new IsolationForest(options);
    const [feature, value, right] = [
      Int32Array.from(arrays.feature),
      Float64Array.from(arrays.value),
      Int32Array.from(arrays.right),
    ];
    for (let node = 0; node < feature.length; node++) {
      demand(
        feature[node] === -1 ||
          (feature[node] < columns && right[node] > node && right[node] < feature.length),
        {
          expected: "nodes whose columns and children exist",
          found: `column ${feature[node]}, right child ${right[node]}`,
          where: `${directory}, node ${node}`,
        },
      );
    }
    forest.#state = { columns, samples, roots: Uint32Array.from(arrays.roots), feature, value, right };
    return forest;
  }
}

/** Expected path length of an unsuccessful search among n values, c(n) = 2 H(n-1) - 2 (n-1)/n, with exact sums for small n. */
function averagePath(n: number): number {
  if (n <= 1) return 0;
  let harmonic = 0;
  if (n <= 100) { for (let k = 1; k < n; k++) harmonic += 1 / k; }
  else harmonic = Math.log(n - 1) + 0.5772156649015329 + 1 / (2 * (n - 1)) - 1 / (12 * (n - 1) ** 2);
  return 2 * harmonic - 2 * (n - 1) / n;
}

/** Draws `count` of `n` row numbers without replacement. */
function draw(n: number, count: number, random: Random): Uint32Array {
  const rows = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = random.integer(i, n);
    [rows[i], rows[j]] = [rows[j], rows[i]];
  }
  return rows.slice(0, count);
}

function growNode(
  x: Matrix,
  rows: Uint32Array,
  depth: number,
  limit: number,
  random: Random,
  nodes: { feature: number[]; value: number[]; right: number[] },
) {
  const node = nodes.feature.length;
  nodes.feature.push(-1);
  nodes.value.push(depth + averagePath(rows.length));
  nodes.right.push(0);
  if (depth >= limit || rows.length <= 1) return;
  // Columns in random order until one varies among these rows.
  const order = Array.from({ length: x.columns }, (_, j) => j);
  for (let tried = 0; tried < x.columns; tried++) {
    const pick = random.integer(tried, x.columns);
    [order[tried], order[pick]] = [order[pick], order[tried]];
    const j = order[tried];
    let low = Infinity, high = -Infinity;
    for (const i of rows) {
      const value = x.data[i * x.columns + j];
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (low === high) continue;
    const split = high - (high - low) * random.uniform(); // in (low, high], so that neither side is empty
    nodes.feature[node] = j;
    nodes.value[node] = split;
    const left = rows.filter((i) => x.data[i * x.columns + j] < split);
    growNode(x, left, depth + 1, limit, random, nodes);
    nodes.right[node] = nodes.feature.length;
    growNode(x, rows.filter((i) => !(x.data[i * x.columns + j] < split)), depth + 1, limit, random, nodes);
    return;
  }
}

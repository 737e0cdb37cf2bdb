/**
 * Exact expectations over Q(x_s | x_t), where x_s has one or two features. With x_t fixed a tree is constant on boxes of x_s,
 * and the forest on the cells of the grid that all thresholds make. A mixture's probability of a cell is known from the
 * (bivariate) normal distribution function. What is linear in the votes could do with boxes; entropies, largest
 * probabilities and classes are not linear, and are summed over cells.
 */
import { demand, parallelMap, type ProgressReporter } from "../../core/mod.ts";
import { type Matrix, normalCumulative, zeros } from "../../numerics/mod.ts";
import { bivariateNormal } from "./bivariate_normal.ts";
import { plainEntropy } from "./entropy.ts";
import { type Conditional, type ConditionalModel, conditionalModel } from "./joint_density.ts";
import { firstLargest, type PlainForest } from "./plain_forest.ts";
import type { PlainModel } from "./plain_model.ts";

/** Expectations of one object over all spectra that it may have. */
export interface ExactExpectation {
  /** E[P_ts], one number a class. */
  imagined: Float64Array;
  /** E[H(P_ts)], nats. */
  meanEntropy: number;
  /** Probability that P_ts names each class. */
  classProbability: Float64Array;
  /** E[max P_ts]. */
  meanLargest: number;
  /** Cells of the grid. */
  cells: number;
}

/** Components of less weight than this are left out, and values farther out than this many deviations: both are beyond rounding. */
const LEAST_WEIGHT = 1e-15, FARTHEST = 8.5;

/**
 * Returns the exact expectations for the object whose x_t begins at `x[start]`. Exact means: but for the rounding of double
 * precision, about 1e-10 in sums over a million cells.
 *
 * @throws EphemeraError when x_s has more than two features
 */
export function exactExpectation(
  forest: PlainForest,
  conditional: ConditionalModel,
  x: Float64Array,
  start = 0,
): ExactExpectation {
  const { revealed: S, known: T } = conditional, K = forest.classNames.length;
  demand(S === 1 || S === 2, {
    expected: "one or two features that the follow-up reveals",
    found: `${S}`,
    where: "exactExpectation",
    remedy: "use samples",
  });
  const given = conditional.room();
  conditional.at(x, start, given);
  const reach = reachOf(conditional, given);
  const boxes = collectBoxes(forest, x, start, T, S, reach);
  const axes = [0, 1].map((s) => s < S ? boxes.thresholds(s) : new Float64Array(0));
  const [nx, ny] = axes.map((axis) => axis.length + 1);
  const probability = cellProbabilities(conditional, given, axes);
  // Each box adds its leaf to the corners of a difference table; running sums over it are the votes of the cells.
  const width = (ny + 1) * K, table = new Float64Array((nx + 1) * width);
  boxes.each((x0, x1, y0, y1, tree, leaf) => {
    const a = indexOf(axes[0], x0), b = x1 === Infinity ? nx : indexOf(axes[0], x1);
    const c = indexOf(axes[1], y0), d = y1 === Infinity ? ny : indexOf(axes[1], y1);
    if (a >= b || c >= d) return;
    for (let k = 0; k < K; k++) {
      const value = forest.votes
        ? (forest.leafClasses[tree][leaf] === k ? 1 : 0)
        : forest.trees[tree].leaves[leaf * K + k];
      if (value === 0) continue;
      table[a * width + c * K + k] += value;
      table[a * width + d * K + k] -= value;
      table[b * width + c * K + k] -= value;
      table[b * width + d * K + k] += value;
    }
  });
  const imagined = new Float64Array(K), classProbability = new Float64Array(K), p = new Float64Array(K);
  const running = new Float64Array(K), trees = forest.trees.length;
  let meanEntropy = 0, meanLargest = 0;
  for (let i = 0; i < nx; i++) {
    running.fill(0);
    for (let j = 0; j < ny; j++) {
      const at = i * width + j * K, chance = probability[i * ny + j];
      for (let k = 0; k < K; k++) {
        if (i > 0) table[at + k] += table[at - width + k];
        running[k] += table[at + k];
        p[k] = Math.max(0, running[k]) / trees;
      }
      if (chance <= 0) continue;
      const best = firstLargest(p, 0, K);
      for (let k = 0; k < K; k++) imagined[k] += chance * p[k];
      classProbability[best] += chance;
      meanLargest += chance * p[best];
      meanEntropy += chance * plainEntropy(p, 0, K, 0);
    }
  }
  return { imagined, meanEntropy, classProbability, meanLargest, cells: nx * ny };
}

/** The interval of each feature that holds all of the mixture that double precision can tell. */
function reachOf(
  { components: K, revealed: S, covariances }: ConditionalModel,
  { weights, means }: Conditional,
) {
  const low = new Float64Array(2).fill(-Infinity), high = new Float64Array(2).fill(Infinity);
  for (let s = 0; s < S; s++) {
    low[s] = Infinity;
    high[s] = -Infinity;
    for (let k = 0; k < K; k++) {
      if (weights[k] < LEAST_WEIGHT) continue;
      const far = FARTHEST * Math.sqrt(covariances[k].data[s * S + s]);
      low[s] = Math.min(low[s], means[k * S + s] - far);
      high[s] = Math.max(high[s], means[k * S + s] + far);
    }
  }
  return { low, high };
}

/** Walks every tree with x_t fixed and keeps the boxes of x_s that its leaves are. */
function collectBoxes(
  forest: PlainForest,
  x: Float64Array,
  start: number,
  T: number,
  S: number,
  { low, high }: { low: Float64Array; high: Float64Array },
) {
  const bounds: number[] = [], leavesOf: number[] = [], limits: number[][] = [[], []];
  forest.trees.forEach(({ feature, threshold, right }, tree) => {
    const walk = (from: number, x0: number, x1: number, y0: number, y1: number) => {
      let node = from, j = feature[node];
      while (j >= 0 && j < T) {
        node = x[start + j] <= threshold[node] ? node + 1 : right[node];
        j = feature[node];
      }
      if (j < 0) {
        bounds.push(x0, x1, y0, y1);
        leavesOf.push(tree, right[node]);
        return;
      }
      const s = j - T, limit = threshold[node];
      // A threshold beyond the reach of the mixture parts nothing.
      if (limit < low[s]) return walk(right[node], x0, x1, y0, y1);
      if (limit >= high[s]) return walk(node + 1, x0, x1, y0, y1);
      limits[s].push(limit);
      if (s === 0) {
        if (x0 < limit) walk(node + 1, x0, Math.min(x1, limit), y0, y1);
        if (limit < x1) walk(right[node], Math.max(x0, limit), x1, y0, y1);
      } else {
        if (y0 < limit) walk(node + 1, x0, x1, y0, Math.min(y1, limit));
        if (limit < y1) walk(right[node], x0, x1, Math.max(y0, limit), y1);
      }
    };
    walk(0, -Infinity, Infinity, -Infinity, Infinity);
  });
  return {
    thresholds: (s: number) => s < S ? Float64Array.from(new Set(limits[s])).sort() : new Float64Array(0),
    each(
      use: (x0: number, x1: number, y0: number, y1: number, tree: number, leaf: number) => void,
    ) {
      for (let b = 0; b * 2 < leavesOf.length; b++) {
        const [x0, x1, y0, y1] = bounds.slice(4 * b, 4 * b + 4);
        use(x0, x1, y0, y1, leavesOf[2 * b], leavesOf[2 * b + 1]);
      }
    },
  };
}

/** The number of thresholds up to and including `value`: the cell that begins beyond it. */
function indexOf(axis: Float64Array, value: number): number {
  let low = 0, high = axis.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (axis[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns the mixture's probability of each cell, first axis by second. */
function cellProbabilities(
  { components: K, revealed: S, covariances }: ConditionalModel,
  { weights, means }: Conditional,
  axes: readonly Float64Array[],
): Float64Array {
  const [nx, ny] = axes.map((axis) => axis.length + 1), result = new Float64Array(nx * ny);
  const corner = new Float64Array(ny + 1), before = new Float64Array(ny + 1);
  for (let k = 0; k < K; k++) {
    if (weights[k] < LEAST_WEIGHT) continue;
    const C = covariances[k].data, deviations = [0, 1].map((s) => s < S ? Math.sqrt(C[s * S + s]) : 1);
    const z = axes.map((axis, s) => axis.map((limit) => (limit - means[k * S + s]) / deviations[s]));
    const phi = z.map((values) => values.map(normalCumulative));
    const joint = S === 2 ? bivariateNormal(C[1] / (deviations[0] * deviations[1])) : null;
    before.fill(0);
    for (let i = 0; i < nx; i++) {
      const last = i === nx - 1;
      corner[0] = 0;
      for (let j = 0; j < ny; j++) {
        if (j === ny - 1) corner[j + 1] = last ? 1 : phi[0][i];
        else corner[j + 1] = last ? phi[1][j] : joint!(z[0][i], z[1][j], phi[0][i], phi[1][j]);
        const cell = corner[j + 1] - corner[j] - before[j + 1] + before[j];
        result[i * ny + j] += weights[k] * Math.max(0, cell);
      }
      before.set(corner);
    }
  }
  return result;
}

/** Exact expectations of many objects; rows are the objects. */
export interface ExactScores {
  /** E[P_ts], objects x classes. */
  imagined: Matrix;
  /** E[H(P_ts)], nats. */
  meanEntropy: Float64Array;
  /** Probability that P_ts names each class, objects x classes. */
  classProbability: Matrix;
  /** E[max P_ts]. */
  meanLargest: Float64Array;
  /** Cells of each object's grid. */
  cells: Float64Array;
}

/** Resolves to {@link exactExpectation} of every row of `known`, on several workers. */
export async function exactScores(
  model: PlainModel,
  known: Matrix,
  options: { workers?: number; progress?: ProgressReporter } = {},
): Promise<ExactScores> {
  const T = known.columns, n = known.rows, K = model.bothForest.classNames.length;
  demand(T === model.joint.known, {
    expected: `${model.joint.known} features`,
    found: `${T}`,
    where: "exactScores",
  });
  const CHUNK = 20, chunks: Float64Array[] = [];
  for (let from = 0; from < n; from += CHUNK) chunks.push(known.data.slice(from * T, (from + CHUNK) * T));
  const found = await parallelMap<Float64Array, ExactExpectation[]>(
    import.meta.resolve("./exact_expectation.ts"),
    "exactChunk",
    chunks,
    { ...options, shared: model },
  );
  const each = found.flat(), imagined = zeros(n, K), classProbability = zeros(n, K);
  each.forEach((one, i) => {
    imagined.data.set(one.imagined, i * K);
    classProbability.data.set(one.classProbability, i * K);
  });
  const column = (name: "meanEntropy" | "meanLargest" | "cells") =>
    Float64Array.from(each, (one) => one[name]);
  return {
    imagined,
    classProbability,
    meanEntropy: column("meanEntropy"),
    meanLargest: column("meanLargest"),
    cells: column("cells"),
  };
}

/** The work of one worker: exact expectations of a few objects, x_t one after another. */
export function exactChunk(known: Float64Array, shared: unknown): ExactExpectation[] {
  const { bothForest, joint, densityFloor } = shared as PlainModel;
  const conditional = conditionalModel(joint, densityFloor), T = conditional.known;
  return Array.from(
    { length: known.length / T },
    (_, o) => exactExpectation(bothForest, conditional, known, o * T),
  );
}

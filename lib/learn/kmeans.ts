import { demand, Random } from "../core/mod.ts";
import { type Matrix, rowOf, zeros } from "../numerics/mod.ts";
import { checkTable } from "./estimator.ts";

/** Options of {@link kMeans}. */
export interface KMeansOptions {
  /** Seed of the starts. */
  seed: number | string;
  /** Starts, of which the one with the least inertia is kept. Default 1. */
  restarts?: number;
  /** Most iterations of Lloyd's algorithm a start. Default 300. */
  maxIterations?: number;
  /** Stop when the squared shift of all centres falls below this times the mean variance of the columns. Default 1e-4. */
  tolerance?: number;
}

/** Clusters found by {@link kMeans}. */
export interface KMeansResult {
  /** One row a cluster. */
  centres: Matrix;
  /** Cluster of each object. */
  clusters: Int32Array;
  /** Sum of squared distances to the own centre. */
  inertia: number;
  /** Iterations of the start that was kept. */
  iterations: number;
}

/**
 * Returns k clusters by Lloyd's algorithm from greedy k-means++ starts (Arthur & Vassilvitskii 2007; the best of
 * 2 + ln k candidates a centre). A cluster that runs empty takes the object farthest from its centre.
 *
 * @example
 * ```ts
 * import { kMeans } from "ephemera/learn";
 * import { matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const { centres } = kMeans(matrix([0, 1, 10, 11], 4, 1), 2, { seed: 1 });
 * assert.deepEqual([...centres.data].sort((a, b) => a - b), [0.5, 10.5]);
 * ```
 */
export function kMeans(x: Matrix, k: number, options: KMeansOptions): KMeansResult {
  const { seed, restarts = 1, maxIterations = 300, tolerance = 1e-4 } = options;
  checkTable(x, "kMeans", { minimumRows: k });
  demand(Number.isInteger(k) && k > 0, {
    expected: "a positive number of clusters",
    found: `${k}`,
    where: "kMeans",
  });
  const stop = tolerance * meanVariance(x);
  let best: KMeansResult | null = null;
  for (let r = 0; r < restarts; r++) {
    const centres = plusPlus(x, k, new Random(seed).stream(`k-means ${r}`));
    const result = lloyd(x, centres, maxIterations, stop);
    if (best === null || result.inertia < best.inertia) best = result;
  }
  return best!;
}

/** Writes the cluster and the squared distance of each object's nearest centre; returns the sum of the distances. */
export function assignToCentres(
  x: Matrix,
  centres: Matrix,
  clusters: Int32Array,
  distances: Float64Array,
): number {
  const d = x.columns;
  let inertia = 0;
  for (let i = 0; i < x.rows; i++) {
    let best = Infinity, cluster = 0;
    for (let c = 0; c < centres.rows; c++) {
      let sum = 0;
      for (let j = 0, a = i * d, b = c * d; j < d; j++, a++, b++) {
        const difference = x.data[a] - centres.data[b];
        sum += difference * difference;
      }
      if (sum < best) {
        best = sum;
        cluster = c;
      }
    }
    clusters[i] = cluster;
    distances[i] = best;
    inertia += best;
  }
  return inertia;
}

function lloyd(x: Matrix, start: Matrix, maxIterations: number, stop: number): KMeansResult {
  const { rows, columns: d } = x;
  const k = start.rows;
  let centres = start;
  const clusters = new Int32Array(rows), distances = new Float64Array(rows);
  let iterations = 0;
  while (iterations < maxIterations) {
    iterations++;
    assignToCentres(x, centres, clusters, distances);
    const next = zeros(k, d), counts = new Float64Array(k);
    for (let i = 0; i < rows; i++) {
      counts[clusters[i]]++;
      const target = clusters[i] * d;
      for (let j = 0; j < d; j++) next.data[target + j] += x.data[i * d + j];
    }
    for (let c = 0; c < k; c++) {
      if (counts[c] === 0) {
        let farthest = 0;
        for (let i = 1; i < rows; i++) if (distances[i] > distances[farthest]) farthest = i;
        next.data.set(rowOf(x, farthest), c * d);
        distances[farthest] = 0;
      } else {
        for (let j = 0; j < d; j++) next.data[c * d + j] /= counts[c];
      }
    }
    let shift = 0;
    for (let t = 0; t < next.data.length; t++) shift += (next.data[t] - centres.data[t]) ** 2;
    centres = next;
    if (shift <= stop) break;
  }
  const inertia = assignToCentres(x, centres, clusters, distances);
  return { centres, clusters, inertia, iterations };
}

function plusPlus(x: Matrix, k: number, random: Random): Matrix {
  const { rows, columns: d } = x;
  const centres = zeros(k, d);
  const candidates = 2 + Math.floor(Math.log(k));
  let nearest = new Float64Array(rows).fill(Infinity);
  const withCentre = (i: number) => {
    const result = new Float64Array(rows);
    let sum = 0;
    for (let o = 0; o < rows; o++) {
      let distance = 0;
      for (let j = 0; j < d; j++) distance += (x.data[o * d + j] - x.data[i * d + j]) ** 2;
      result[o] = Math.min(nearest[o], distance);
      sum += result[o];
    }
    return { result, sum };
  };
  for (let c = 0; c < k; c++) {
    let best: { result: Float64Array<ArrayBuffer>; sum: number } | null = null;
    let chosen = 0;
    const total = c === 0 ? 0 : nearest.reduce((sum, value) => sum + value, 0);
    for (let t = 0; t < (c === 0 ? 1 : candidates); t++) {
      let i = rows - 1;
      if (total > 0) {
        let left = random.uniform() * total;
        for (let o = 0; o < rows; o++) {
          left -= nearest[o];
          if (left < 0) {
            i = o;
            break;
          }
        }
      } else {
        i = random.integer(0, rows);
      }
      const trial = withCentre(i);
      if (best === null || trial.sum < best.sum) {
        best = trial;
        chosen = i;
      }
    }
    nearest = best!.result;
    centres.data.set(rowOf(x, chosen), c * d);
  }
  return centres;
}

function meanVariance(x: Matrix): number {
  let sum = 0;
  for (let j = 0; j < x.columns; j++) {
    let mean = 0, square = 0;
    for (let i = 0; i < x.rows; i++) mean += x.data[i * x.columns + j] / x.rows;
    for (let i = 0; i < x.rows; i++) square += (x.data[i * x.columns + j] - mean) ** 2 / x.rows;
    sum += square;
  }
  return sum / x.columns;
}

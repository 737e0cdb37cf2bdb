import { demand, Random } from "../../core/mod.ts";
import type { Matrix } from "../../numerics/mod.ts";
import { checkTable } from "../estimator.ts";
import { neighbourIndex } from "../neighbours/search.ts";
import { startingLayout } from "./start.ts";

/** Options of {@link tsne}. */
export interface TsneOptions {
  /** Seed of the small noise on the start. */
  seed: number | string;
  /** Effective number of neighbours of each object. Default 30, or a third of the objects when that is less. */
  perplexity?: number;
  /** Iterations of gradient descent. Default 750. */
  iterations?: number;
  /** Factor on the attraction during the first quarter of the iterations. Default 12. */
  exaggeration?: number;
}

/** Above this the exact sum over all pairs takes minutes. */
const MOST_ROWS = 10_000;

/**
 * Returns a map of the rows in two dimensions by t-distributed stochastic neighbour embedding (van der Maaten & Hinton 2008):
 * attraction between the 3 x perplexity nearest neighbours, repulsion summed exactly over all pairs, start from principal components.
 * Distances between clusters and their sizes mean little: it is for looking, not for measuring. 2000 rows take about 10 s.
 * Throws an EphemeraError on fewer than 4 or more than 10,000 rows.
 */
export function tsne(x: Matrix, options: TsneOptions): Matrix {
  checkTable(x, "tsne", { minimumRows: 4 });
  const n = x.rows;
  const { seed, perplexity = Math.min(30, (n - 1) / 3), iterations = 750, exaggeration = 12 } = options;
  demand(n <= MOST_ROWS, {
    expected: `at most ${MOST_ROWS} rows`,
    found: `${n}`,
    where: "tsne",
    remedy: "draw a sample, or use umap",
  });
  demand(perplexity >= 1 && perplexity <= n - 1, {
    expected: `a perplexity from 1 to ${n - 1}`,
    found: `${perplexity}`,
    where: "tsne",
  });
  const attraction = affinities(x, perplexity);
  const layout = startingLayout(x, 1e-4, new Random(seed).stream("t-SNE"));
  const y = layout.data;
  const gradient = new Float64Array(2 * n),
    velocity = new Float64Array(2 * n),
    gains = new Float64Array(2 * n).fill(1);
  // The step that suits the exaggerated phase (Belkina et al. 2019).
  const rate = Math.max(50, n / exaggeration / 4);
  const early = Math.floor(iterations / 4);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const factor = iteration < early ? exaggeration : 1;
    const momentum = iteration < early ? 0.5 : 0.8;
    writeGradient(y, attraction, factor, gradient);
    for (let c = 0; c < 2 * n; c++) {
      // Jacobs' rule: a coordinate that goes on in its direction may go faster.
      gains[c] = Math.max(0.01, gradient[c] * velocity[c] < 0 ? gains[c] + 0.2 : gains[c] * 0.8);
      velocity[c] = momentum * velocity[c] - rate * gains[c] * gradient[c];
      y[c] += velocity[c];
    }
  }
  return layout;
}

/** Symmetric probabilities p_ij of neighbouring pairs in compressed rows; all together they sum to 1. */
interface Affinities {
  starts: Uint32Array;
  neighbours: Uint32Array;
  values: Float64Array;
}

function affinities(x: Matrix, perplexity: number): Affinities {
  const n = x.rows;
  const k = Math.min(n - 1, Math.ceil(3 * perplexity));
  const { indices, distances } = neighbourIndex(x).query(x, k, true);
  const rows: Map<number, number>[] = Array.from({ length: n }, () => new Map());
  const weights = new Float64Array(k);
  for (let i = 0; i < n; i++) {
    rowProbabilities(distances.data.subarray(i * k, (i + 1) * k), Math.log(perplexity), weights);
    for (let m = 0; m < k; m++) {
      const j = indices[i * k + m], half = weights[m] / (2 * n);
      rows[i].set(j, (rows[i].get(j) ?? 0) + half);
      rows[j].set(i, (rows[j].get(i) ?? 0) + half);
    }
  }
  const starts = new Uint32Array(n + 1);
  rows.forEach((row, i) => starts[i + 1] = starts[i] + row.size);
  const neighbours = new Uint32Array(starts[n]), values = new Float64Array(starts[n]);
  rows.forEach((row, i) => {
    neighbours.set([...row.keys()], starts[i]);
    values.set([...row.values()], starts[i]);
  });
  return { starts, neighbours, values };
}

/** Finds by bisection the Gaussian width whose probabilities have the wanted entropy, and writes them. */
function rowProbabilities(distances: Float64Array, entropy: number, target: Float64Array) {
  // Distances in units of the mean one keep the search within a few powers of two, whatever the table's units.
  const nearest = distances[0] ** 2;
  const unit = distances.reduce((sum, d) => sum + d * d - nearest, 0) / distances.length || 1;
  let low = 0, high = Infinity, precision = 1;
  for (let step = 0; step < 100; step++) {
    let sum = 0, mean = 0;
    for (let m = 0; m < distances.length; m++) {
      const square = (distances[m] ** 2 - nearest) / unit;
      target[m] = Math.exp(-precision * square);
      sum += target[m];
      mean += target[m] * square;
    }
    for (let m = 0; m < target.length; m++) target[m] /= sum;
    const excess = Math.log(sum) + precision * mean / sum - entropy;
    if (Math.abs(excess) < 1e-6) return;
    if (excess > 0) low = precision;
    else high = precision;
    precision = high === Infinity ? 2 * precision : (low + high) / 2;
  }
}

function writeGradient(
  y: Float64Array,
  { starts, neighbours, values }: Affinities,
  factor: number,
  gradient: Float64Array,
) {
  const n = y.length / 2;
  gradient.fill(0);
  let total = 0;
  for (let i = 0; i < n; i++) {
    const yi = y[2 * i], zi = y[2 * i + 1];
    let a = 0, b = 0;
    for (let j = 0; j < i; j++) {
      const u = yi - y[2 * j], v = zi - y[2 * j + 1];
      const q = 1 / (1 + u * u + v * v), square = q * q;
      total += 2 * q;
      a += square * u;
      b += square * v;
      gradient[2 * j] += square * u;
      gradient[2 * j + 1] += square * v;
    }
    gradient[2 * i] -= a;
    gradient[2 * i + 1] -= b;
  }
  for (let i = 0; i < n; i++) {
    let a = gradient[2 * i] / total, b = gradient[2 * i + 1] / total;
    for (let e = starts[i]; e < starts[i + 1]; e++) {
      const j = neighbours[e];
      const u = y[2 * i] - y[2 * j], v = y[2 * i + 1] - y[2 * j + 1];
      const pull = factor * values[e] / (1 + u * u + v * v);
      a += pull * u;
      b += pull * v;
    }
    gradient[2 * i] = 4 * a;
    gradient[2 * i + 1] = 4 * b;
  }
}

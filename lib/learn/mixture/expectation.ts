/** What the maximum-likelihood and the variational mixture share: starts, memberships, moments by covariance shape. */
import { demand, EphemeraError } from "../../core/mod.ts";
import { type Matrix, zeros } from "../../numerics/mod.ts";
import { kMeans } from "../kmeans.ts";
import { weightedCovariances, weightedMeans } from "./energy.ts";

/** Shape of the covariances: one free matrix a component, its diagonal only, or one free matrix for all. */
export type CovarianceShape = "full" | "diagonal" | "tied";

/** Where a fit starts: at random by k-means++, from memberships (one row an object), or from hard cluster numbers. */
export type MixtureStart = { memberships: Matrix } | { clusters: ArrayLike<number> };

/** Options that both mixtures share. */
export interface MixtureOptions {
  /** Number of components. */
  components: number;
  /** Seed of the k-means++ starts. */
  seed: number | string;
  /** Shape of the covariances. Default `"full"`. */
  covariance?: CovarianceShape;
  /** Starts by k-means++, of which the best is kept. Default 1. */
  restarts?: number;
  /** Most iterations a start. Default 100. */
  maxIterations?: number;
  /** Stop when the bound per object rises by less than this. Default 1e-3. */
  tolerance?: number;
  /** Added to each variance, in units of x squared. Default 1e-6. */
  ridge?: number;
  /** Start from this instead of k-means++; `restarts` is then not used. */
  start?: MixtureStart;
}

/** Options with their defaults filled in; only a start may be absent. */
export type CompleteMixtureOptions = Required<Omit<MixtureOptions, "start">> & Pick<MixtureOptions, "start">;

/** Returns the options with their defaults. Throws an EphemeraError on a value out of range. */
export function completeMixtureOptions(options: MixtureOptions): CompleteMixtureOptions {
  const complete = {
    covariance: "full" as CovarianceShape,
    restarts: 1,
    maxIterations: 100,
    tolerance: 1e-3,
    ridge: 1e-6,
    ...options,
  };
  const { components, restarts, maxIterations, ridge } = complete;
  demand(Number.isInteger(components) && components > 0, {
    expected: "a positive number of components",
    found: `${components}`,
    where: "mixture options",
  });
  demand(restarts >= 1 && maxIterations >= 1 && ridge >= 0, {
    expected: "restarts and maxIterations of at least 1 and a ridge that is not negative",
    found: `${restarts}, ${maxIterations}, ${ridge}`,
    where: "mixture options",
  });
  return complete;
}

/** Returns the memberships to start from: given ones, or the clusters of k-means. */
export function startingMemberships(
  x: Matrix,
  components: number,
  seed: string,
  start: MixtureStart | undefined,
): Matrix {
  if (start !== undefined && "memberships" in start) {
    const { rows, columns, data } = start.memberships;
    demand(rows === x.rows && columns === components, {
      expected: `memberships of ${x.rows} x ${components}`,
      found: `${rows} x ${columns}`,
      where: "mixture start",
    });
    return { rows, columns, data: data.slice() };
  }
  const clusters = start === undefined ? kMeans(x, components, { seed }).clusters : start.clusters;
  demand(clusters.length === x.rows, {
    expected: `${x.rows} cluster numbers`,
    found: `${clusters.length}`,
    where: "mixture start",
  });
  const result = zeros(x.rows, components);
  for (let i = 0; i < x.rows; i++) {
    demand(clusters[i] >= 0 && clusters[i] < components, () => ({
      expected: `cluster numbers from 0 to ${components - 1}`,
      found: `${clusters[i]}`,
      where: `mixture start, object ${i}`,
    }));
    result.data[i * components + clusters[i]] = 1;
  }
  return result;
}

/** Summed memberships, means and covariances (with ridge) of the components. */
export interface Moments {
  totals: Float64Array;
  means: Matrix;
  covariances: Matrix[];
}

/** Returns the moments of `x` under memberships. Tied covariances are the same matrix K times. */
export function moments(x: Matrix, gamma: Matrix, shape: CovarianceShape, ridge: number): Moments {
  const K = gamma.columns, l = x.columns;
  const { totals, means } = weightedMeans(x, gamma);
  for (let k = 0; k < K; k++) {
    // An empty component keeps a harmless place: zero weight, the origin, and the ridge as its covariance.
    if (totals[k] === 0) means.data.fill(0, k * l, (k + 1) * l);
    totals[k] += 10 * 2 ** -52;
  }
  const covariances = shape === "diagonal"
    ? diagonalCovariances(x, gamma, means, totals)
    : weightedCovariances(x, gamma, means, totals);
  if (shape === "tied") {
    const pooled = zeros(l, l);
    const total = totals.reduce((sum, n) => sum + n, 0);
    covariances.forEach((m, k) => m.data.forEach((value, i) => pooled.data[i] += value * totals[k] / total));
    covariances.fill(pooled);
  }
  for (const covariance of new Set(covariances)) {
    for (let j = 0; j < l; j++) covariance.data[j * l + j] += ridge;
  }
  return { totals, means, covariances };
}

function diagonalCovariances(x: Matrix, gamma: Matrix, means: Matrix, totals: Float64Array): Matrix[] {
  const K = gamma.columns, l = x.columns;
  const results = Array.from({ length: K }, () => zeros(l, l));
  for (let i = 0; i < x.rows; i++) {
    for (let k = 0; k < K; k++) {
      const weight = gamma.data[i * K + k] / totals[k];
      if (weight === 0) continue;
      const target = results[k].data;
      for (let j = 0; j < l; j++) {
        target[j * l + j] += weight * (x.data[i * l + j] - means.data[k * l + j]) ** 2;
      }
    }
  }
  return results;
}

/** How a fit went. */
export interface FitReport {
  /** The last value of the quantity that the fit raises, per object for EM. */
  bound: number;
  /** Iterations of the start that was kept. */
  iterations: number;
  /** Whether the tolerance was met. */
  converged: boolean;
}

/** Runs `fit` from every start and returns the result with the largest bound. */
export function bestOfStarts<Result extends FitReport>(
  restarts: number,
  fit: (start: number) => Result,
): Result {
  let best: Result | null = null;
  let failure: unknown;
  for (let r = 0; r < restarts; r++) {
    try {
      const result = fit(r);
      if (best === null || result.bound > best.bound) best = result;
    } catch (error) {
      // One bad start must not lose the others.
      failure = error;
    }
  }
  if (best === null) {
    throw failure instanceof EphemeraError ? failure : new Error("no start of the mixture could be fitted", {
      cause: failure,
    });
  }
  return best;
}

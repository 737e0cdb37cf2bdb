import { demand } from "../../core/mod.ts";
import { cholesky, invertLower, logDeterminant, type Matrix, zeros } from "../../numerics/mod.ts";

/** A mixture of K Gaussians in l dimensions, as plain data. */
export interface MixtureParameters {
  /** K weights that sum to 1. */
  weights: Float64Array;
  /** K x l: row k is the mean of component k. */
  means: Matrix;
  /** K matrices l x l, symmetric positive definite. */
  covariances: readonly Matrix[];
}

/** What evaluating a mixture needs again and again: the inverse Cholesky factor of each covariance, and ln det. */
export interface PreparedMixture {
  weights: Float64Array;
  means: Matrix;
  /** Lower triangular inverse factors, L^-1 with L L^T the covariance. */
  inverseFactors: Matrix[];
  /** ln det of each covariance. */
  logDeterminants: Float64Array;
}

/**
 * Throws an EphemeraError unless the shapes agree and the weights are non-negative and sum to 1 within `tolerance`.
 */
export function checkMixture(parameters: MixtureParameters, tolerance = 1e-6): void {
  const { weights, means, covariances } = parameters;
  const K = weights.length, l = means.columns;
  demand(K > 0 && means.rows === K && covariances.length === K, {
    expected: "as many weights, means and covariances, at least one",
    found: `${K} weights, ${means.rows} means, ${covariances.length} covariances`,
    where: "mixture parameters",
  });
  covariances.forEach(({ rows, columns }, k) =>
    demand(rows === l && columns === l, {
      expected: `covariances of ${l} x ${l}`,
      found: `${rows} x ${columns}`,
      where: `mixture parameters, component ${k}`,
    })
  );
  const total = weights.reduce((sum, w) => sum + w, 0);
  demand(weights.every((w) => w >= 0) && Math.abs(total - 1) <= tolerance, {
    expected: "non-negative weights that sum to 1",
    found: `a sum of ${total}, smallest ${Math.min(...weights)}`,
    where: "mixture parameters",
  });
}

/** Returns the factors of a mixture. Throws an EphemeraError when a covariance is not positive definite. */
export function prepareMixture(parameters: MixtureParameters): PreparedMixture {
  checkMixture(parameters);
  const factors = parameters.covariances.map((covariance) => cholesky(covariance));
  return {
    weights: parameters.weights,
    means: parameters.means,
    inverseFactors: factors.map(invertLower),
    logDeterminants: Float64Array.from(factors, logDeterminant),
  };
}

/** Objects handled at once: their centred coordinates fit into the first-level cache. A multiple of the tile below. */
const BLOCK = 64;

/**
 * Returns the squared Mahalanobis distance of every object (row) to every component (column), |L_k^-1 (z - mu_k)|^2.
 * The triangular product works in tiles of two coordinates by four objects, whose eight sums stay in registers.
 */
export function mahalanobis(means: Matrix, inverseFactors: readonly Matrix[], z: Matrix): Matrix {
  const { rows: n, columns: l, data } = z;
  const K = means.rows;
  const result = zeros(n, K);
  const even = l + (l & 1);
  // An odd number of coordinates gets an empty one, so that tiles need no special case.
  const centred = new Float64Array(even * BLOCK), total = new Float64Array(BLOCK);
  const factor = new Float64Array(even * even);
  for (let k = 0; k < K; k++) {
    const given = inverseFactors[k].data;
    for (let i = 0; i < l; i++) for (let j = 0; j < l; j++) factor[i * even + j] = given[i * l + j];
    for (let start = 0; start < n; start += BLOCK) {
      const size = Math.min(BLOCK, n - start);
      for (let j = 0; j < l; j++) {
        const mean = means.data[k * l + j];
        for (let b = 0, from = start * l + j, to = j * BLOCK; b < size; b++, from += l) {
          centred[to + b] = data[from] - mean;
        }
      }
      triangularSquares(factor, centred, even, size, total);
      for (let b = 0; b < size; b++) result.data[(start + b) * K + k] = total[b];
    }
  }
  return result;
}

/** Writes |L x_b|^2 for each object b of a block; the coordinates of x stand one after another, `BLOCK` objects apart. */
function triangularSquares(L: Float64Array, x: Float64Array, l: number, size: number, total: Float64Array) {
  for (let b = 0; b < size; b += 4) {
    let t0 = 0, t1 = 0, t2 = 0, t3 = 0;
    for (let i = 0; i < l; i += 2) {
      let p0 = 0, p1 = 0, p2 = 0, p3 = 0, q0 = 0, q1 = 0, q2 = 0, q3 = 0;
      const first = i * l, second = first + l;
      for (let j = 0, at = b; j <= i + 1; j++, at += BLOCK) {
        const f = L[first + j], g = L[second + j];
        const x0 = x[at], x1 = x[at + 1], x2 = x[at + 2], x3 = x[at + 3];
        p0 += f * x0;
        p1 += f * x1;
        p2 += f * x2;
        p3 += f * x3;
        q0 += g * x0;
        q1 += g * x1;
        q2 += g * x2;
        q3 += g * x3;
      }
      t0 += p0 * p0 + q0 * q0;
      t1 += p1 * p1 + q1 * q1;
      t2 += p2 * p2 + q2 * q2;
      t3 += p3 * p3 + q3 * q3;
    }
    total[b] = t0;
    total[b + 1] = t1;
    total[b + 2] = t2;
    total[b + 3] = t3;
  }
}

import { demand } from "../../core/mod.ts";
import { cholesky, invertLower, logDeterminant, type Matrix, zeros } from "../../numerics/mod.ts";
import { BLOCK, fillBlock, makeProducts } from "./products.ts";

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

/** Returns the squared Mahalanobis distance of every object (row) to every component (column), |L_k^-1 (z - mu_k)|^2. */
export function mahalanobis(means: Matrix, inverseFactors: readonly Matrix[], z: Matrix): Matrix {
  const { rows: n, columns: l } = z;
  const K = means.rows;
  const result = zeros(n, K);
  const products = makeProducts(l, K);
  const { size, total } = products;
  inverseFactors.forEach(({ data }, k) => {
    products.means.set(means.data.subarray(k * l, (k + 1) * l), k * size);
    for (let i = 0; i < l; i++) {
      products.factors.set(data.subarray(i * l, (i + 1) * l), (k * size + i) * size);
    }
  });
  for (let start = 0; start < n; start += BLOCK) {
    const objects = Math.min(BLOCK, n - start);
    fillBlock(products.z, z.data, l, start, objects);
    for (let k = 0; k < K; k++) {
      products.centre(k, objects);
      products.triangularSquares(k, objects);
      for (let b = 0, to = start * K + k; b < objects; b++, to += K) result.data[to] = total[b];
    }
  }
  return result;
}

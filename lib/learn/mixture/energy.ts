import { demand } from "../../core/mod.ts";
import { logSumExp, type Matrix, rowOf, zeros } from "../../numerics/mod.ts";
import { checkTable } from "../estimator.ts";
import { BLOCK, fillBlock, makeProducts, type Products } from "./products.ts";
import { mahalanobis, type MixtureParameters, type PreparedMixture, prepareMixture } from "./parameters.ts";

/** Options of {@link mixtureEnergy}. */
export interface MixtureEnergyOptions {
  /**
   * `"full"` (default): each Gaussian is divided by sqrt((2 pi)^l |Sigma|), as it should be. `"published"`: by
   * sqrt(2 pi |Sigma|), as the public code of Tsang & Schultz (2019) does; its energies are lower by (l - 1)/2 ln 2 pi for every
   * object, so percentile thresholds select the same ones.
   */
  normalisation?: "full" | "published";
}

/**
 * Returns the sample energy of each row of `z`, E(z) = -ln sum_k phi_k N(z; mu_k, Sigma_k) (Zong et al. 2018, eq. 6),
 * in double precision by Cholesky factors and log-sum-exp, so that far objects have a large finite energy and not infinity.
 * Throws an EphemeraError on a covariance that is not positive definite, a wrong number of columns, or a value not finite.
 *
 * @example
 * ```ts
 * import { mixtureEnergy } from "ephemera/learn";
 * import { identity, matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const normal = { weights: Float64Array.of(1), means: matrix([0, 0], 1, 2), covariances: [identity(2)] };
 * const energy = mixtureEnergy(normal, matrix([3, 4], 1, 2))[0];
 * assert.ok(Math.abs(energy - (12.5 + Math.log(2 * Math.PI))) < 1e-14);
 * ```
 */
export function mixtureEnergy(
  parameters: MixtureParameters,
  z: Matrix,
  options: MixtureEnergyOptions = {},
): Float64Array {
  const logDensities = weightedLogDensities(prepareMixture(parameters), z);
  const dimensions = z.columns;
  const shift = options.normalisation === "published" ? -0.5 * (dimensions - 1) * Math.log(2 * Math.PI) : 0;
  return Float64Array.from({ length: z.rows }, (_, i) => shift - logSumExp(rowOf(logDensities, i)));
}

/** Returns ln N(z_i; mu_k, Sigma_k) for every row i of `z` and component k (column), without the weights. */
export function componentLogDensities(parameters: MixtureParameters, z: Matrix): Matrix {
  const prepared = prepareMixture(parameters);
  return weightedLogDensities({ ...prepared, weights: new Float64Array(prepared.weights.length).fill(1) }, z);
}

/** Returns the responsibilities gamma_ik = phi_k N(z_i; mu_k, Sigma_k) / sum_j phi_j N(z_i; mu_j, Sigma_j); rows sum to 1. */
export function responsibilities(parameters: MixtureParameters, z: Matrix): Matrix {
  const result = weightedLogDensities(prepareMixture(parameters), z);
  normaliseLogRows(result);
  return result;
}

/** Returns ln phi_k + ln N(z_i; mu_k, Sigma_k), one row an object, one column a component. */
export function weightedLogDensities(prepared: PreparedMixture, z: Matrix): Matrix {
  const { weights, means, inverseFactors, logDeterminants } = prepared;
  const K = weights.length, l = means.columns;
  checkTable(z, "mixture", { columns: l, minimumRows: 0 });
  const result = mahalanobis(means, inverseFactors, z);
  for (let k = 0; k < K; k++) {
    const constant = Math.log(weights[k]) - 0.5 * (l * Math.log(2 * Math.PI) + logDeterminants[k]);
    for (let i = k; i < result.data.length; i += K) result.data[i] = constant - 0.5 * result.data[i];
  }
  return result;
}

/** Replaces each row of logarithms by its softmax and returns the sum of the rows' log-sum-exp. */
export function normaliseLogRows(m: Matrix): number {
  const { data, rows, columns } = m;
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const start = i * columns;
    let largest = data[start];
    for (let k = 1; k < columns; k++) if (data[start + k] > largest) largest = data[start + k];
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += data[start + k] = Math.exp(data[start + k] - largest);
    for (let k = 0; k < columns; k++) data[start + k] /= sum;
    total += largest + Math.log(sum);
  }
  return total;
}

/**
 * Returns the mixture that soft memberships imply (Zong et al. 2018, eq. 5): phi_k = mean_i gamma_ik,
 * mu_k = sum_i gamma_ik z_i / sum_i gamma_ik, Sigma_k the weighted covariance about mu_k, plus `ridge` on its diagonal.
 * Throws an EphemeraError when a component has no member at all, or the shapes differ.
 *
 * @param z one row an object.
 * @param gamma memberships, one row an object, one column a component; rows sum to 1.
 * @param ridge added to each variance, in units of z squared (the public code of Tsang & Schultz uses 1e-4).
 */
export function mixtureFromMemberships(z: Matrix, gamma: Matrix, ridge = 0): MixtureParameters {
  checkTable(z, "mixtureFromMemberships");
  demand(gamma.rows === z.rows, {
    expected: `${z.rows} rows of memberships`,
    found: `${gamma.rows}`,
    where: "mixtureFromMemberships",
  });
  const { means, totals } = weightedMeans(z, gamma);
  totals.forEach((total, k) =>
    demand(total > 0, {
      expected: "members in every component",
      found: `a total membership of ${total}`,
      where: `mixtureFromMemberships, component ${k}`,
      remedy: "use fewer components",
    })
  );
  const covariances = weightedCovariances(z, gamma, means, totals);
  const l = z.columns;
  for (const covariance of covariances) {
    for (let j = 0; j < l; j++) covariance.data[j * l + j] += ridge;
  }
  return { weights: totals.map((total) => total / z.rows), means, covariances };
}

/** Returns the summed memberships and the weighted mean of each component. */
export function weightedMeans(z: Matrix, gamma: Matrix): { totals: Float64Array; means: Matrix } {
  const { rows: n, columns: l } = z;
  const K = gamma.columns;
  const totals = new Float64Array(K);
  const means = zeros(K, l);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < K; k++) {
      const weight = gamma.data[i * K + k];
      if (weight === 0) continue;
      totals[k] += weight;
      for (let j = 0, to = k * l, from = i * l; j < l; j++) means.data[to + j] += weight * z.data[from + j];
    }
  }
  for (let k = 0; k < K; k++) for (let j = 0; j < l; j++) means.data[k * l + j] /= totals[k];
  return { totals, means };
}

/** Returns the covariance of each component about its mean, divided by its total membership. */
export function weightedCovariances(
  z: Matrix,
  gamma: Matrix,
  means: Matrix,
  totals: ArrayLike<number>,
): Matrix[] {
  const { rows: n, columns: l } = z;
  const K = gamma.columns;
  const products = makeProducts(l, K);
  const { size, weights } = products;
  for (let k = 0; k < K; k++) products.means.set(means.data.subarray(k * l, (k + 1) * l), k * size);
  for (let start = 0; start < n; start += BLOCK) {
    const objects = Math.min(BLOCK, n - start);
    fillBlock(products.z, z.data, l, start, objects);
    weights.fill(0, objects);
    for (let k = 0; k < K; k++) {
      // Below this a membership cannot change the sum; leaving such objects out is what makes well-parted mixtures cheap.
      const least = 1e-18 * totals[k];
      let members = 0;
      for (let b = 0, from = start * K + k; b < objects; b++, from += K) {
        weights[b] = gamma.data[from];
        if (weights[b] >= least) members++;
      }
      if (members === 0) continue;
      if (4 * members > objects) {
        products.centre(k, objects);
        products.weigh(objects);
        products.addProducts(k, objects);
      } else {
        products.addProducts(k, gatherMembers(products, k, l, objects, least));
      }
    }
  }
  return Array.from({ length: K }, (_, k) => {
    const result = zeros(l, l);
    for (let a = 0; a < l; a++) {
      for (let b = 0; b <= a; b++) {
        const value = products.sums[(k * size + a) * size + b] / totals[k];
        result.data[a * l + b] = result.data[b * l + a] = value;
      }
    }
    return result;
  });
}

/** Centres and weighs only the objects of a block that belong to component k, side by side, and returns how many they are. */
function gatherMembers(
  { z, means, size, weights, centred, weighted }: Products,
  k: number,
  l: number,
  objects: number,
  least: number,
): number {
  let count = 0;
  for (let b = 0; b < objects; b++) {
    if (weights[b] < least) continue;
    for (let j = 0, to = count; j < l; j++, to += BLOCK) {
      const difference = z[j * BLOCK + b] - means[k * size + j];
      centred[to] = difference;
      weighted[to] = weights[b] * difference;
    }
    count++;
  }
  if (count & 1) { for (let j = 0; j < l; j++) weighted[j * BLOCK + count] = 0; }
  return count;
}

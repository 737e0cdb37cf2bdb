/** A Gaussian mixture whose parameters are functions of features and memberships, so that its energy can be a loss. */
import { demand } from "../core/mod.ts";
import { cholesky, logDeterminant, tf, triangularSolve } from "../tensor/mod.ts";

/** A mixture of K Gaussians in d dimensions on the device. */
export interface MixtureTensors {
  /** Component weights phi, `[K]`, sum 1. */
  weights: tf.Tensor1D;
  /** Means mu, `[K, d]`. */
  means: tf.Tensor2D;
  /** Covariances Sigma, `[K, d, d]`. */
  covariances: tf.Tensor3D;
}

/** Options of {@link mixtureFromMemberships}. */
export interface MembershipOptions {
  /** Added to the diagonal of each covariance, so that it can be factored. */
  ridge: number;
}

/**
 * Returns the mixture that memberships imply (Zong et al. 2018, eq. 5): phi_k = mean gamma_k,
 * mu_k = sum gamma_k z / sum gamma_k, Sigma_k = sum gamma_k (z - mu_k)(z - mu_k)^T / sum gamma_k + ridge I.
 * Differentiable in both arguments. The caller disposes the three tensors.
 *
 * @param features z, `[batch, d]`
 * @param memberships gamma, `[batch, K]`, rows sum to 1
 * @throws EphemeraError when the two differ in their number of rows
 */
export function mixtureFromMemberships(
  features: tf.Tensor2D,
  memberships: tf.Tensor2D,
  options: MembershipOptions,
): MixtureTensors {
  const [rows, dimensions] = features.shape, components = memberships.shape[1];
  demand(memberships.shape[0] === rows, () => ({
    expected: `memberships of ${rows} rows, one per feature vector`,
    found: String(memberships.shape[0]),
    where: "mixtureFromMemberships",
  }));
  return tf.tidy(() => {
    // A component that nobody belongs to keeps a finite mean; its weight says that it does not matter.
    const totals = tf.add(tf.sum(memberships, 0), 1e-10) as tf.Tensor1D;
    const means = tf.div(tf.matMul(memberships, features, true), tf.expandDims(totals, 1)) as tf.Tensor2D;
    const centred = tf.sub(tf.expandDims(features, 0), tf.expandDims(means, 1)); // [K, batch, d]
    const share = tf.expandDims(tf.div(tf.transpose(memberships), tf.expandDims(totals, 1)), 2);
    const scatter = tf.matMul(tf.mul(centred, share), centred, true);
    const covariances = tf.add(scatter, tf.mul(tf.eye(dimensions), options.ridge)) as tf.Tensor3D;
    const weights = tf.div(totals, rows + components * 1e-10) as tf.Tensor1D;
    return { weights, means, covariances };
  });
}

/**
 * Returns the energy of each feature vector, E(z) = -ln sum_k phi_k N(z; mu_k, Sigma_k), `[batch]` (paper 004, eqs. 4
 * and 5), by Cholesky factors and log-sum-exp, so that a far outlier has a large energy and not an infinite one.
 * Differentiable in the features and the mixture. `learn/` has the same in Float64 for evaluation.
 *
 * @param features z, `[batch, d]`
 * @example
 * ```ts
 * import { sampleEnergy } from "ephemera/layers";
 * import { tf, useBackend } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * await useBackend("cpu");
 * const energy = sampleEnergy(tf.tensor2d([[0, 0]]), {
 *   weights: tf.tensor1d([1]),
 *   means: tf.zeros([1, 2]),
 *   covariances: tf.tensor3d([[[1, 0], [0, 1]]]),
 * });
 * assert.ok(Math.abs((await energy.data())[0] - Math.log(2 * Math.PI)) < 1e-6);
 * ```
 */
export function sampleEnergy(features: tf.Tensor2D, mixture: MixtureTensors): tf.Tensor1D {
  return tf.tidy(() => {
    const dimensions = features.shape[1];
    const factors = cholesky(mixture.covariances);
    const centred = tf.sub(tf.expandDims(features, 0), tf.expandDims(mixture.means, 1)); // [K, batch, d]
    const whitened = triangularSolve(factors, tf.transpose(centred, [0, 2, 1])); // [K, d, batch]
    const distance = tf.sum(tf.square(whitened), 1); // [K, batch]
    const constant = tf.sub(
      tf.log(mixture.weights),
      tf.mul(tf.add(logDeterminant(factors), dimensions * Math.log(2 * Math.PI)), 0.5),
    );
    const logDensity = tf.sub(tf.expandDims(constant, 1), tf.mul(distance, 0.5));
    return tf.neg(tf.logSumExp(logDensity, 0)) as tf.Tensor1D;
  });
}

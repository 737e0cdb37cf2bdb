import { demand } from "../../core/mod.ts";
import {
  cholesky,
  logDeterminant,
  logSumExp,
  type Matrix,
  softmax,
  solveCholesky,
  solveLower,
  zeros,
} from "../../numerics/mod.ts";
import { checkMixture, type MixtureParameters } from "./parameters.ts";

/** Options of {@link conditionalMixture}. */
export interface ConditionalOptions {
  /**
   * Each component's density of the observed values is raised to at least this before the weights are normalised. The public
   * code of Astudillo et al. (2020) uses 1e-15, which lets far outliers fall back to the prior weights. Default 0: none.
   */
  densityFloor?: number;
}

/**
 * Returns the mixture of the unobserved coordinates given the observed ones, in closed form. With s unobserved and t observed,
 * component j has mean mu_s + S_st S_tt^-1 (x_t - mu_t), covariance S_ss - S_st S_tt^-1 S_ts, and a weight proportional
 * to pi_j N(x_t; mu_t, S_tt), normalised in logarithms. The unobserved coordinates keep their order.
 *
 * @param observed numbers of the observed coordinates.
 * @param values their values, in the same order.
 * @throws an EphemeraError when a coordinate is repeated or out of range, or none remains.
 *
 * @example
 * ```ts
 * import { conditionalMixture } from "ephemera/learn";
 * import { matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const joint = { weights: Float64Array.of(1), means: matrix([1, 2], 1, 2), covariances: [matrix([4, 2, 2, 2], 2, 2)] };
 * const given = conditionalMixture(joint, [1], [3]);
 * assert.ok(Math.abs(given.means.data[0] - 2) < 1e-14); // 1 + 2/2 (3 - 2)
 * assert.ok(Math.abs(given.covariances[0].data[0] - 2) < 1e-14); // 4 - 2 * 2 / 2
 * ```
 */
export function conditionalMixture(
  parameters: MixtureParameters,
  observed: ArrayLike<number>,
  values: ArrayLike<number>,
  options: ConditionalOptions = {},
): MixtureParameters {
  checkMixture(parameters);
  const { weights, means, covariances } = parameters;
  const K = weights.length, l = means.columns;
  const seen = Array.from(observed);
  demand(
    values.length === seen.length && seen.every((j) => Number.isInteger(j) && j >= 0 && j < l) &&
      new Set(seen).size === seen.length && seen.length < l,
    {
      expected: `a value for each of fewer than ${l} distinct coordinates from 0 to ${l - 1}`,
      found: `${values.length} values for coordinates ${seen.join(", ")}`,
      where: "conditionalMixture",
    },
  );
  const hidden = Array.from({ length: l }, (_, j) => j).filter((j) => !seen.includes(j));
  const block = (m: Matrix, rows: number[], columns: number[]) => {
    const result = zeros(rows.length, columns.length);
    rows.forEach((i, a) =>
      columns.forEach((j, b) => result.data[a * columns.length + b] = m.data[i * l + j])
    );
    return result;
  };
  const logWeights = new Float64Array(K);
  const newMeans = zeros(K, hidden.length);
  const newCovariances: Matrix[] = [];
  for (let k = 0; k < K; k++) {
    const L = cholesky(block(covariances[k], seen, seen));
    const difference = Float64Array.from(seen, (j, a) => values[a] - means.data[k * l + j]);
    const whitened = solveLower(L, difference);
    const distance = whitened.reduce((sum, x) => sum + x * x, 0);
    let logDensity = -0.5 * (distance + seen.length * Math.log(2 * Math.PI) + logDeterminant(L));
    if (options.densityFloor) logDensity = Math.max(logDensity, Math.log(options.densityFloor));
    logWeights[k] = Math.log(weights[k]) + logDensity;
    const solved = solveCholesky(L, difference);
    const conditional = block(covariances[k], hidden, hidden);
    const cross = block(covariances[k], hidden, seen);
    hidden.forEach((j, a) => {
      const row = cross.data.subarray(a * seen.length, (a + 1) * seen.length);
      newMeans.data[k * hidden.length + a] = means.data[k * l + j] +
        row.reduce((sum, c, t) => sum + c * solved[t], 0);
      const gain = solveCholesky(L, row);
      hidden.forEach((_, b) => {
        let sum = 0;
        for (let t = 0; t < seen.length; t++) sum += gain[t] * cross.data[b * seen.length + t];
        conditional.data[a * hidden.length + b] -= sum;
      });
    });
    newCovariances.push(symmetrised(conditional));
  }
  demand(logSumExp(logWeights) > -Infinity, {
    expected: "observed values with a density above zero",
    found: "zero under every component",
    where: "conditionalMixture",
    remedy: "set densityFloor to fall back to the prior weights",
  });
  return { weights: softmax(logWeights, logWeights), means: newMeans, covariances: newCovariances };
}

function symmetrised(m: Matrix): Matrix {
  const n = m.rows;
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < a; b++) {
      m.data[a * n + b] = m.data[b * n + a] = 0.5 * (m.data[a * n + b] + m.data[b * n + a]);
    }
  }
  return m;
}

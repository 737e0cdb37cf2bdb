/** How uncertain a spectrum is before it is taken: the differential entropy of Q(x_s | x_t), in nats. */
import { demand } from "../../core/mod.ts";
import { type MixtureParameters, sampleMixture } from "../../learn/mod.ts";
import { cholesky, logDeterminant, logSumExp, type Matrix, solveLower } from "../../numerics/mod.ts";
import type { Conditional, ConditionalModel } from "./joint_density.ts";

const LOG_TWO_PI = Math.log(2 * Math.PI);

/** Returns the differential entropy of a Gaussian, ln det(2 pi e C) / 2, in nats. */
export function gaussianEntropy(covariance: Matrix): number {
  return 0.5 * (covariance.rows * (1 + LOG_TWO_PI) + logDeterminant(cholesky(covariance)));
}

/** Bounds of a mixture's differential entropy, in nats. */
export interface EntropyBounds {
  low: number;
  high: number;
}

/**
 * Returns bounds of the differential entropy of a mixture, in closed form; the entropy itself has none. Low: minus the sum
 * over i of w_i ln of the sum over j of w_j N(mu_i; mu_j, C_i + C_j) (Jensen's inequality; Huber et al. 2008, theorem 2). High: the lesser
 * of the sum of w_i (H_i - ln w_i) (theorem 3) and the entropy of the Gaussian with the mixture's covariance. For one component,
 * high is exact.
 */
export function mixtureEntropyBounds({ weights, means, covariances }: MixtureParameters): EntropyBounds {
  const K = weights.length, l = means.columns;
  const used = Array.from(weights.keys()).filter((k) => weights[k] > 0);
  let low = 0, high = 0;
  for (const i of used) {
    const terms = Float64Array.from(used, (j) => {
      const sum = covariances[i].data.map((c, at) => c + covariances[j].data[at]);
      const L = cholesky({ data: sum, rows: l, columns: l });
      const whitened = solveLower(
        L,
        Float64Array.from({ length: l }, (_, a) => means.data[i * l + a] - means.data[j * l + a]),
      );
      const distance = whitened.reduce((all, v) => all + v * v, 0);
      return Math.log(weights[j]) - 0.5 * (distance + l * LOG_TWO_PI + logDeterminant(L));
    });
    low -= weights[i] * logSumExp(terms);
    high += weights[i] * (gaussianEntropy(covariances[i]) - Math.log(weights[i]));
  }
  const centre = new Float64Array(l), whole = new Float64Array(l * l);
  for (let k = 0; k < K; k++) for (let a = 0; a < l; a++) centre[a] += weights[k] * means.data[k * l + a];
  for (let k = 0; k < K; k++) {
    for (let a = 0; a < l; a++) {
      for (let b = 0; b < l; b++) {
        whole[a * l + b] += weights[k] *
          (covariances[k].data[a * l + b] +
            (means.data[k * l + a] - centre[a]) * (means.data[k * l + b] - centre[b]));
      }
    }
  }
  return { low, high: Math.min(high, gaussianEntropy({ data: whole, rows: l, columns: l })) };
}

/** An estimate with its standard error. */
export interface EntropyEstimate {
  /** Differential entropy, nats. */
  entropy: number;
  /** Standard error of it; 0 where it is exact. */
  standardError: number;
}

/**
 * Returns the differential entropy of a mixture: in closed form for a single component, else minus the mean log density at
 * `samples` draws from it, with the standard error of that mean.
 *
 * @example
 * ```ts
 * import { mixtureEntropy } from "ephemera/chapters/follow_up";
 * import { identity, matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const one = { weights: Float64Array.of(1), means: matrix([0, 0], 1, 2), covariances: [identity(2)] };
 * const { entropy, standardError } = mixtureEntropy(one, { samples: 100, seed: 1 });
 * assert.ok(Math.abs(entropy - (1 + Math.log(2 * Math.PI))) < 1e-12 && standardError === 0);
 * ```
 */
export function mixtureEntropy(
  mixture: MixtureParameters,
  options: { samples: number; seed: number | string },
): EntropyEstimate {
  const alone = mixture.weights.findIndex((weight) => weight === 1);
  if (alone >= 0) return { entropy: gaussianEntropy(mixture.covariances[alone]), standardError: 0 };
  const { samples: N, seed } = options;
  demand(Number.isInteger(N) && N >= 2, {
    expected: "at least 2 samples",
    found: `${N}`,
    where: "mixtureEntropy",
  });
  const { samples } = sampleMixture(mixture, N, seed), S = samples.columns;
  const model = {
    components: mixture.weights.length,
    revealed: S,
    factors: Float64Array.from(mixture.covariances.flatMap((c) => [...cholesky(c).data])),
  };
  const logDensity = densityEvaluator(model), given = { weights: mixture.weights, means: mixture.means.data };
  const byFeature = new Float64Array(N * S);
  for (let i = 0; i < N; i++) for (let s = 0; s < S; s++) byFeature[s * N + i] = samples.data[i * S + s];
  const logs = Float64Array.from({ length: N }, (_, i) => logDensity(given, byFeature, i, N));
  const mean = logs.reduce((sum, log) => sum + log, 0) / N;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (N - 1);
  return { entropy: -mean, standardError: Math.sqrt(variance / N) };
}

/** Leaving out components of this weight changes the mean log density at draws from the mixture by at most their sum. */
const NEGLIGIBLE = 1e-12;

/** Returns a function for ln q of draw i (feature s at `s * samples + i`) under a conditional mixture. */
export function densityEvaluator(
  { components: K, revealed: S, factors }: Pick<ConditionalModel, "components" | "revealed" | "factors">,
): (given: Conditional, draws: Float64Array, i: number, samples: number) => number {
  const constants = new Float64Array(K), whitened = new Float64Array(S), logs = new Float64Array(K);
  for (let k = 0; k < K; k++) {
    constants[k] = -0.5 * S * LOG_TWO_PI;
    for (let s = 0; s < S; s++) constants[k] -= Math.log(factors[k * S * S + s * S + s]);
  }
  return ({ weights, means }, draws, i, samples) => {
    let most = -Infinity;
    for (let k = 0; k < K; k++) {
      if (weights[k] < NEGLIGIBLE) {
        logs[k] = -Infinity;
        continue;
      }
      let distance = 0;
      for (let s = 0; s < S; s++) {
        const row = k * S * S + s * S;
        let rest = draws[s * samples + i] - means[k * S + s];
        for (let r = 0; r < s; r++) rest -= factors[row + r] * whitened[r];
        whitened[s] = rest / factors[row + s];
        distance += whitened[s] * whitened[s];
      }
      logs[k] = Math.log(weights[k]) + constants[k] - 0.5 * distance;
      if (logs[k] > most) most = logs[k];
    }
    let total = 0;
    for (let k = 0; k < K; k++) if (logs[k] > most - 40) total += Math.exp(logs[k] - most);
    return most + Math.log(total);
  };
}

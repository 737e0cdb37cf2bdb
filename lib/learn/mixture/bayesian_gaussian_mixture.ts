import { demand } from "../../core/mod.ts";
import {
  cholesky,
  columnMeans,
  covariance as covarianceOf,
  digamma,
  invertLower,
  logBeta,
  logDeterminant,
  logGamma,
  type Matrix,
  matrix,
  rowOf,
  zeros,
} from "../../numerics/mod.ts";
import { checkTable, fitted, type NoveltyScorer } from "../estimator.ts";
import type { ClassProbabilities, Labels } from "../labels.ts";
import { mostProbable } from "../labels.ts";
import { loadModel, saveModel } from "../persistence.ts";
import { normaliseLogRows } from "./energy.ts";
import {
  bestOfStarts,
  type CompleteMixtureOptions,
  completeMixtureOptions,
  type FitReport,
  type MixtureOptions,
  moments,
  startingMemberships,
} from "./expectation.ts";
import { componentNames, logSumExpRows } from "./gaussian_mixture.ts";
import { mahalanobis, type MixtureParameters } from "./parameters.ts";
import { type MixtureSample, sampleMixture } from "./sampling.ts";

const KIND = "bayesian-gaussian-mixture";

/** Options of {@link BayesianGaussianMixture}; the priors' defaults are scikit-learn's. */
export interface BayesianMixtureOptions extends Omit<MixtureOptions, "covariance"> {
  /**
   * Prior of the weights: a symmetric Dirichlet distribution over `components` weights (Bishop 2006, eq. 10.39), or a
   * truncated stick-breaking Dirichlet process (Blei & Jordan 2006). Default `"dirichlet-process"`.
   */
  weightPrior?: "dirichlet" | "dirichlet-process";
  /** Concentration alpha_0: small values empty more components. Default 1 / components. */
  concentration?: number;
  /** beta_0, how many objects the prior mean is worth. Default 1. */
  meanPrecision?: number;
  /** m_0, the prior mean. Default: the mean of the data. */
  mean?: ArrayLike<number>;
  /** nu_0, degrees of freedom of the Wishart prior, above columns - 1. Default: the number of columns. */
  degreesOfFreedom?: number;
  /** W_0^-1, the inverse scale matrix of the Wishart prior. Default: the covariance of the data. */
  covariancePrior?: Matrix;
}

/** The variational posterior: Dirichlet or stick-breaking weights, and a Gaussian-Wishart a component. */
interface Posterior {
  /** alpha_k, or the first beta parameter of each stick. */
  concentration: Float64Array;
  /** The second beta parameter of each stick; zeros for the Dirichlet prior. */
  sticks: Float64Array;
  /** beta_k. */
  meanPrecision: Float64Array;
  /** m_k. */
  means: Matrix;
  /** nu_k. */
  degrees: Float64Array;
  /** W_k^-1 / nu_k: the inverse of the expected precision. */
  covariances: Matrix[];
}

interface Priors {
  concentration: number;
  meanPrecision: number;
  mean: Float64Array;
  degrees: number;
  inverseScale: Matrix;
}

/**
 * A mixture of full Gaussians by variational inference (Bishop 2006, section 10.2): the number of components is an upper limit,
 * those that the data do not need lose their weight.
 *
 * @example
 * ```ts
 * import { BayesianGaussianMixture, sampleMixture } from "ephemera/learn";
 * import { identity, matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const truth = { weights: Float64Array.of(0.4, 0.6), means: matrix([0, 9], 2, 1), covariances: [identity(1), identity(1)] };
 * const { samples } = sampleMixture(truth, 1000, 1);
 * const mixture = new BayesianGaussianMixture({ components: 6, seed: 1, concentration: 1e-3, maxIterations: 1000, tolerance: 1e-6 })
 *   .fit(samples);
 * assert.equal(mixture.parameters.weights.filter((weight) => weight > 0.01).length, 2);
 * ```
 */
export class BayesianGaussianMixture implements NoveltyScorer {
  /** The options, with their defaults filled in, but for priors that depend on the data. */
  readonly options:
    & Omit<CompleteMixtureOptions, "covariance">
    & BayesianMixtureOptions
    & { weightPrior: "dirichlet" | "dirichlet-process" };
  #fit: { posterior: Posterior; report: FitReport } | null = null;

  /** Takes the options; nothing is learned before `fit`. */
  constructor(options: BayesianMixtureOptions) {
    const { covariance: _, ...complete } = completeMixtureOptions(options);
    this.options = { weightPrior: "dirichlet-process", ...options, ...complete };
  }

  /** Fits the posterior to the rows of `x`, at least as many as components. */
  fit(x: Matrix): this {
    const { components, restarts, seed, start } = this.options;
    checkTable(x, "BayesianGaussianMixture.fit", { minimumRows: Math.max(2, components) });
    const priors = this.#priors(x);
    this.#fit = bestOfStarts(start ? 1 : restarts, (r) => this.#run(x, priors, `${seed}/${r}`));
    return this;
  }

  /**
   * The expected weights, the means m_k and the covariances W_k^-1 / nu_k as a plain mixture, fit for conditioning and sampling.
   */
  get parameters(): MixtureParameters {
    const { posterior } = fitted(this.#fit, "BayesianGaussianMixture");
    const { concentration, sticks, means, covariances } = posterior;
    const weights = new Float64Array(concentration.length);
    let left = 1;
    for (let k = 0; k < weights.length; k++) {
      const share = concentration[k] / (concentration[k] + sticks[k]);
      weights[k] = this.options.weightPrior === "dirichlet" ? concentration[k] : left * share;
      left *= 1 - share;
    }
    const total = weights.reduce((sum, w) => sum + w, 0);
    return { weights: weights.map((w) => w / total), means, covariances };
  }

  /** The variational lower bound (up to a constant of the data), iterations, and whether the tolerance was met. */
  get report(): FitReport {
    return fitted(this.#fit, "BayesianGaussianMixture").report;
  }

  /**
   * Returns the logarithm of the unnormalised responsibilities' sum, ln sum_k rho_k (Bishop eq. 10.46), for each row: the
   * log-likelihood under the expected log parameters, as scikit-learn's `score_samples`.
   */
  logDensity(x: Matrix): Float64Array {
    return logSumExpRows(this.#logRho(x));
  }

  /** Returns minus {@link logDensity}: larger is more unusual. */
  score(x: Matrix): Float64Array {
    return this.logDensity(x).map((value) => -value);
  }

  /** Returns the responsibility of each component (class names `component 0`, ...) for each row. */
  predictProbabilities(x: Matrix): ClassProbabilities {
    const probabilities = this.#logRho(x);
    normaliseLogRows(probabilities);
    return { classNames: componentNames(this.parameters), probabilities };
  }

  /** Returns the most responsible component of each row. */
  predict(x: Matrix): Labels {
    return mostProbable(this.predictProbabilities(x));
  }

  /** Returns `count` objects drawn from {@link parameters}. */
  sample(count: number, seed: number | string): MixtureSample {
    return sampleMixture(this.parameters, count, seed);
  }

  /** Writes the mixture into `directory`. */
  async save(directory: string): Promise<void> {
    const { posterior, report } = fitted(this.#fit, "BayesianGaussianMixture.save");
    const { start: _start, mean: _mean, covariancePrior: _prior, ...options } = this.options;
    const l = posterior.means.columns;
    const covariances = new Float64Array(options.components * l * l);
    posterior.covariances.forEach(({ data }, k) => covariances.set(data, k * l * l));
    const { concentration, sticks, meanPrecision, means, degrees } = posterior;
    await saveModel(directory, {
      kind: KIND,
      settings: { options, report },
      arrays: { concentration, sticks, meanPrecision, means: means.data, degrees, covariances },
    });
  }

  /** Returns the mixture that `save` wrote into `directory`. */
  static async load(directory: string): Promise<BayesianGaussianMixture> {
    const { settings, arrays } = await loadModel(directory, KIND);
    const mixture = new BayesianGaussianMixture(settings.options as BayesianMixtureOptions);
    const K = mixture.options.components, l = arrays.means.length / K;
    const get = (name: string) => Float64Array.from(arrays[name]);
    mixture.#fit = {
      report: settings.report as FitReport,
      posterior: {
        concentration: get("concentration"),
        sticks: get("sticks"),
        meanPrecision: get("meanPrecision"),
        degrees: get("degrees"),
        means: matrix(arrays.means, K, l),
        covariances: Array.from(
          { length: K },
          (_, k) => matrix(arrays.covariances.slice(k * l * l, (k + 1) * l * l), l, l),
        ),
      },
    };
    return mixture;
  }

  #logRho(x: Matrix): Matrix {
    const { posterior } = fitted(this.#fit, "BayesianGaussianMixture");
    checkTable(x, "BayesianGaussianMixture", { columns: posterior.means.columns });
    return expectation(x, posterior, this.options.weightPrior);
  }

  #priors(x: Matrix): Priors {
    const l = x.columns;
    const { components, concentration = 1 / components, meanPrecision = 1, degreesOfFreedom = l } =
      this.options;
    demand(concentration > 0 && meanPrecision > 0 && degreesOfFreedom > l - 1, {
      expected: `a positive concentration and mean precision, and more than ${l - 1} degrees of freedom`,
      found: `${concentration}, ${meanPrecision}, ${degreesOfFreedom}`,
      where: "BayesianGaussianMixture.fit",
    });
    const mean = Float64Array.from(this.options.mean ?? columnMeans(x));
    const inverseScale = this.options.covariancePrior ?? covarianceOf(x);
    demand(mean.length === l && inverseScale.rows === l, {
      expected: `priors of ${l} columns`,
      found: `a mean of ${mean.length} and a covariance of ${inverseScale.rows}`,
      where: "BayesianGaussianMixture.fit",
    });
    return { concentration, meanPrecision, mean, degrees: degreesOfFreedom, inverseScale };
  }

  #run(x: Matrix, priors: Priors, seed: string) {
    const { components, maxIterations, tolerance, ridge, start, weightPrior } = this.options;
    const update = (gamma: Matrix) => maximise(x, gamma, priors, ridge, weightPrior);
    let posterior = update(startingMemberships(x, components, seed, start));
    let bound = -Infinity, converged = false, iterations = 0;
    while (iterations < maxIterations && !converged) {
      iterations++;
      const gamma = expectation(x, posterior, weightPrior);
      normaliseLogRows(gamma);
      posterior = update(gamma);
      const next = lowerBound(gamma, posterior, weightPrior);
      converged = Math.abs(next - bound) < tolerance;
      bound = next;
    }
    return { posterior, report: { bound, iterations, converged }, bound, iterations, converged };
  }
}

/** Returns ln rho (Bishop eq. 10.46): one row an object, one column a component. */
function expectation(x: Matrix, posterior: Posterior, prior: "dirichlet" | "dirichlet-process"): Matrix {
  const { concentration, sticks, meanPrecision, means, degrees, covariances } = posterior;
  const K = concentration.length, l = means.columns;
  const logWeights = new Float64Array(K);
  if (prior === "dirichlet") {
    const all = digamma(concentration.reduce((sum, a) => sum + a, 0));
    for (let k = 0; k < K; k++) logWeights[k] = digamma(concentration[k]) - all; // eq. 10.66
  } else {
    let left = 0;
    for (let k = 0; k < K; k++) {
      const both = digamma(concentration[k] + sticks[k]);
      logWeights[k] = digamma(concentration[k]) - both + left;
      left += digamma(sticks[k]) - both;
    }
  }
  const factors = covariances.map((m) => cholesky(m));
  const result = mahalanobis(means, factors.map(invertLower), x);
  for (let k = 0; k < K; k++) {
    // E ln |Lambda| (eq. 10.65), with W = (nu C)^-1.
    let logPrecision = l * Math.log(2) - logDeterminant(factors[k]) - l * Math.log(degrees[k]);
    for (let j = 0; j < l; j++) logPrecision += digamma(0.5 * (degrees[k] - j));
    const constant = logWeights[k] + 0.5 * (logPrecision - l * Math.log(2 * Math.PI) - l / meanPrecision[k]);
    for (let i = k; i < result.data.length; i += K) result.data[i] = constant - 0.5 * result.data[i];
  }
  return result;
}

/** Returns the posterior given responsibilities (Bishop eqs. 10.58 to 10.63; for sticks Blei & Jordan eq. 18). */
function maximise(
  x: Matrix,
  gamma: Matrix,
  priors: Priors,
  ridge: number,
  prior: "dirichlet" | "dirichlet-process",
): Posterior {
  const { totals, means: averages, covariances: spreads } = moments(x, gamma, "full", ridge);
  const K = totals.length, l = x.columns;
  const meanPrecision = totals.map((n) => priors.meanPrecision + n);
  const degrees = totals.map((n) => priors.degrees + n);
  const concentration = totals.map((n) => (prior === "dirichlet" ? priors.concentration : 1) + n);
  const sticks = new Float64Array(K);
  if (prior === "dirichlet-process") {
    for (let k = K - 1, after = 0; k >= 0; after += totals[k--]) sticks[k] = priors.concentration + after;
  }
  const means = zeros(K, l);
  const covariances = spreads.map((spread, k) => {
    const average = rowOf(averages, k);
    const shift = average.map((value, j) => value - priors.mean[j]);
    const pull = priors.meanPrecision * totals[k] / meanPrecision[k];
    const result = zeros(l, l);
    for (let a = 0; a < l; a++) {
      means.data[k * l + a] = (priors.meanPrecision * priors.mean[a] + totals[k] * average[a]) /
        meanPrecision[k];
      for (let b = 0; b < l; b++) {
        const i = a * l + b;
        result.data[i] =
          (priors.inverseScale.data[i] + totals[k] * spread.data[i] + pull * shift[a] * shift[b]) /
          degrees[k];
      }
    }
    return result;
  });
  return { concentration, sticks, meanPrecision, means, degrees, covariances };
}

/** Returns the terms of the variational lower bound that change from one iteration to the next (Bishop eq. 10.70). */
function lowerBound(gamma: Matrix, posterior: Posterior, prior: "dirichlet" | "dirichlet-process"): number {
  const { concentration, sticks, meanPrecision, degrees, covariances } = posterior;
  const l = posterior.means.columns;
  let bound = 0;
  for (const p of gamma.data) if (p > 0) bound -= p * Math.log(p);
  covariances.forEach((m, k) => {
    const logScale = -logDeterminant(cholesky(m)) - l * Math.log(degrees[k]); // ln |W_k|
    let normaliser = 0.5 * degrees[k] * (logScale + l * Math.LN2);
    for (let j = 0; j < l; j++) normaliser += logGamma(0.5 * (degrees[k] - j));
    bound += normaliser - 0.5 * l * Math.log(meanPrecision[k]);
  });
  if (prior === "dirichlet") {
    bound -= logGamma(concentration.reduce((sum, a) => sum + a, 0));
    for (const a of concentration) bound += logGamma(a);
  } else {
    concentration.forEach((a, k) => bound += logBeta(a, sticks[k]));
  }
  return bound;
}

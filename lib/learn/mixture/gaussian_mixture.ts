import { demand } from "../../core/mod.ts";
import { logSumExp, type Matrix, matrix, rowOf } from "../../numerics/mod.ts";
import { checkTable, fitted, type NoveltyScorer } from "../estimator.ts";
import type { ClassProbabilities, Labels } from "../labels.ts";
import { mostProbable } from "../labels.ts";
import { loadModel, type ModelState, saveModel } from "../persistence.ts";
import { mixtureEnergy, normaliseLogRows, responsibilities, weightedLogDensities } from "./energy.ts";
import {
  bestOfStarts,
  type CompleteMixtureOptions,
  completeMixtureOptions,
  type FitReport,
  type MixtureOptions,
  moments,
  startingMemberships,
} from "./expectation.ts";
import { checkMixture, type MixtureParameters, prepareMixture } from "./parameters.ts";
import { type MixtureSample, sampleMixture } from "./sampling.ts";

const KIND = "gaussian-mixture";

/**
 * A mixture of Gaussians fitted by expectation-maximisation (Dempster, Laird & Rubin 1977), with the start, the stopping
 * rule and the ridge of scikit-learn's class of that name. The quantity that must rise by less than `tolerance` is the mean
 * log-likelihood per object.
 *
 * @example
 * ```ts
 * import { GaussianMixture, sampleMixture } from "ephemera/learn";
 * import { identity, matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const truth = { weights: Float64Array.of(0.3, 0.7), means: matrix([0, 9], 2, 1), covariances: [identity(1), identity(1)] };
 * const { samples } = sampleMixture(truth, 2000, 1);
 * const mixture = new GaussianMixture({ components: 2, seed: 1 }).fit(samples);
 * const weights = [...mixture.parameters.weights].sort();
 * assert.ok(Math.abs(weights[0] - 0.3) < 0.05);
 * ```
 */
export class GaussianMixture implements NoveltyScorer {
  /** The options, with their defaults filled in. */
  readonly options: CompleteMixtureOptions;
  #fit: { parameters: MixtureParameters; report: FitReport } | null = null;

  /** Takes the options; nothing is learned before `fit`. */
  constructor(options: MixtureOptions) {
    this.options = completeMixtureOptions(options);
  }

  /** Fits the mixture to the rows of `x`, at least as many as components. */
  fit(x: Matrix): this {
    const { components, restarts, seed, start } = this.options;
    checkTable(x, "GaussianMixture.fit", { minimumRows: Math.max(2, components) });
    this.#fit = bestOfStarts(start ? 1 : restarts, (r) => this.#run(x, `${seed}/${r}`));
    return this;
  }

  /** Weights, means and covariances. Throws an EphemeraError before `fit`. */
  get parameters(): MixtureParameters {
    return fitted(this.#fit, "GaussianMixture").parameters;
  }

  /** The mean log-likelihood per object, iterations, and whether the tolerance was met. */
  get report(): FitReport {
    return fitted(this.#fit, "GaussianMixture").report;
  }

  /** Returns ln p(x) of each row. */
  logDensity(x: Matrix): Float64Array {
    return mixtureEnergy(this.parameters, x).map((energy) => -energy);
  }

  /** Returns the energy -ln p(x) of each row: larger is more unusual. */
  score(x: Matrix): Float64Array {
    return mixtureEnergy(this.parameters, x);
  }

  /** Returns the responsibility of each component (class names `component 0`, ...) for each row. */
  predictProbabilities(x: Matrix): ClassProbabilities {
    const { parameters } = this;
    return { classNames: componentNames(parameters), probabilities: responsibilities(parameters, x) };
  }

  /** Returns the most responsible component of each row. */
  predict(x: Matrix): Labels {
    return mostProbable(this.predictProbabilities(x));
  }

  /** Returns `count` objects drawn from the mixture. */
  sample(count: number, seed: number | string): MixtureSample {
    return sampleMixture(this.parameters, count, seed);
  }

  /** Returns the Bayesian information criterion on `x`, -2 ln L + p ln n with p free parameters (Schwarz 1978): less is better. */
  bayesianInformation(x: Matrix): number {
    return -2 * this.#logLikelihood(x) + this.freeParameters * Math.log(x.rows);
  }

  /** Returns the Akaike information criterion on `x`, -2 ln L + 2 p: less is better. */
  akaikeInformation(x: Matrix): number {
    return -2 * this.#logLikelihood(x) + 2 * this.freeParameters;
  }

  /** Number of free parameters: weights, means and distinct covariance elements. */
  get freeParameters(): number {
    const K = this.options.components, l = this.parameters.means.columns;
    const perMatrix = this.options.covariance === "diagonal" ? l : l * (l + 1) / 2;
    return K - 1 + K * l + (this.options.covariance === "tied" ? 1 : K) * perMatrix;
  }

  /** Writes the mixture into `directory`. */
  async save(directory: string): Promise<void> {
    const { parameters, report } = fitted(this.#fit, "GaussianMixture.save");
    const { start: _, ...options } = this.options;
    await saveModel(directory, mixtureState(KIND, parameters, { options, report }));
  }

  /** Returns the mixture that `save` wrote into `directory`. */
  static async load(directory: string): Promise<GaussianMixture> {
    const state = await loadModel(directory, KIND);
    const mixture = new GaussianMixture(state.settings.options as MixtureOptions);
    mixture.#fit = { parameters: mixtureFromState(state), report: state.settings.report as FitReport };
    return mixture;
  }

  #logLikelihood(x: Matrix): number {
    return this.logDensity(x).reduce((sum, value) => sum + value, 0);
  }

  #run(x: Matrix, seed: string) {
    const { components, covariance, maxIterations, tolerance, ridge, start } = this.options;
    let parameters = maximise(startingMemberships(x, components, seed, start));
    let bound = -Infinity, converged = false, iterations = 0;
    while (iterations < maxIterations && !converged) {
      iterations++;
      const gamma = weightedLogDensities(prepareMixture(parameters), x);
      const next = normaliseLogRows(gamma) / x.rows;
      parameters = maximise(gamma);
      converged = Math.abs(next - bound) < tolerance;
      bound = next;
    }
    return { parameters, report: { bound, iterations, converged }, bound, iterations, converged };

    function maximise(gamma: Matrix): MixtureParameters {
      const { totals, means, covariances } = moments(x, gamma, covariance, ridge);
      const total = totals.reduce((sum, n) => sum + n, 0);
      return { weights: totals.map((n) => n / total), means, covariances };
    }
  }
}

/** Returns how many of 1 to `most` components give the least Bayesian information criterion, with the mixture and all criteria. */
export function chooseComponents(
  x: Matrix,
  most: number,
  options: Omit<MixtureOptions, "components" | "start">,
): { mixture: GaussianMixture; criteria: Float64Array } {
  demand(most >= 1, { expected: "at least one component", found: `${most}`, where: "chooseComponents" });
  const mixtures = Array.from(
    { length: most },
    (_, k) => new GaussianMixture({ ...options, components: k + 1 }).fit(x),
  );
  const criteria = Float64Array.from(mixtures, (mixture) => mixture.bayesianInformation(x));
  return { mixture: mixtures[criteria.indexOf(Math.min(...criteria))], criteria };
}

/** Returns names for the components of a mixture. */
export function componentNames({ weights }: MixtureParameters): string[] {
  return Array.from(weights, (_, k) => `component ${k}`);
}

/** Returns a mixture as arrays for a file. */
export function mixtureState(
  kind: string,
  { weights, means, covariances }: MixtureParameters,
  settings: Record<string, unknown>,
): ModelState {
  const l = means.columns;
  const stacked = new Float64Array(weights.length * l * l);
  covariances.forEach(({ data }, k) => stacked.set(data, k * l * l));
  return { kind, settings, arrays: { weights, means: means.data, covariances: stacked } };
}

/** Returns the mixture that {@link mixtureState} described. */
export function mixtureFromState({ arrays }: ModelState): MixtureParameters {
  const [weights, means, covariances] = [arrays.weights, arrays.means, arrays.covariances];
  const K = weights.length, l = means.length / K;
  const parameters = {
    weights: Float64Array.from(weights),
    means: matrix(means, K, l),
    covariances: Array.from(
      { length: K },
      (_, k) => matrix(covariances.slice(k * l * l, (k + 1) * l * l), l, l),
    ),
  };
  checkMixture(parameters);
  return parameters;
}

/** Returns the log-sum-exp of each row. */
export function logSumExpRows(m: Matrix): Float64Array {
  return Float64Array.from({ length: m.rows }, (_, i) => logSumExp(rowOf(m, i)));
}

/** The joint density Q(x_t, x_s) and, in closed form, what x_t says of x_s. */
import { BayesianGaussianMixture, type MixtureParameters } from "../../learn/mod.ts";
import {
  cholesky,
  logDeterminant,
  type Matrix,
  solveCholesky,
  solveLower,
  zeros,
} from "../../numerics/mod.ts";
import type { JointMixtureOptions } from "./configuration.ts";

/** A joint mixture in the units of the features. */
export interface JointDensity {
  /** Mixture of [x_t, x_s]. */
  parameters: MixtureParameters;
  /** How many of the coordinates, the first, are x_t. */
  known: number;
  /** Range of each feature among the objects that the mixture was fitted on: it was fitted with features on [0, 1]. */
  ranges: Float64Array;
}

/**
 * Returns the variational mixture of [x_t, x_s], fitted to features brought to [0, 1] by the rows of `x` (the paper's
 * scaling; the public code takes the range over all objects, those held out as well) and given back in the features' units.
 *
 * @param x one row an object, x_t first.
 * @param known number of columns that are x_t.
 */
export function fitJointDensity(
  x: Matrix,
  known: number,
  options: Pick<JointMixtureOptions, "components" | "restarts" | "maxIterations"> & { seed: number | string },
): JointDensity {
  const { rows, columns, data } = x;
  const low = new Float64Array(columns).fill(Infinity), ranges = new Float64Array(columns).fill(-Infinity);
  for (let at = 0; at < data.length; at++) {
    low[at % columns] = Math.min(low[at % columns], data[at]);
    ranges[at % columns] = Math.max(ranges[at % columns], data[at]);
  }
  for (let j = 0; j < columns; j++) ranges[j] = ranges[j] > low[j] ? ranges[j] - low[j] : 1;
  const scaled = zeros(rows, columns);
  for (let at = 0; at < data.length; at++) {
    scaled.data[at] = (data[at] - low[at % columns]) / ranges[at % columns];
  }
  const { components, restarts, maxIterations, seed } = options;
  const mixture = new BayesianGaussianMixture({ components, restarts, maxIterations, seed }).fit(scaled);
  const { weights, means, covariances } = mixture.parameters;
  return {
    known,
    ranges,
    parameters: {
      weights,
      means: { ...means, data: means.data.map((m, at) => low[at % columns] + m * ranges[at % columns]) },
      covariances: covariances.map((covariance) => ({
        ...covariance,
        data: covariance.data.map((c, at) => c * ranges[Math.floor(at / columns)] * ranges[at % columns]),
      })),
    },
  };
}

/** The conditional of one object, in flat arrays that are written anew for the next. */
export interface Conditional {
  /** K weights, sum 1. */
  weights: Float64Array;
  /** K x S means. */
  means: Float64Array;
}

/** What does not depend on x_t, computed once for all objects. */
export interface ConditionalModel {
  /** Number of components, K. */
  components: number;
  /** Size of x_t, T. */
  known: number;
  /** Size of x_s, S. */
  revealed: number;
  /** K covariances S x S of x_s given x_t: they do not depend on x_t. */
  covariances: readonly Matrix[];
  /** Their Cholesky factors, one after another. */
  factors: Float64Array;
  /** Writes the conditional at the x_t that begins at `x[start]` into `target`. */
  at(x: Float64Array, start: number, target: Conditional): void;
  /** Returns fresh arrays for {@link ConditionalModel.at}. */
  room(): Conditional;
}

/**
 * Returns Q(x_s | x_t) as a function of x_t. Component j has the mean mu_s + S_st S_tt^-1 (x_t - mu_t), the covariance
 * S_ss - S_st S_tt^-1 S_ts, and a weight proportional to pi_j N(x_t; mu_t, S_tt), normalised in logarithms. The same as
 * `conditionalMixture` of `ephemera/learn`, with all that is common to many objects done once.
 *
 * @param densityFloor see {@link JointMixtureOptions.densityFloor}.
 */
export function conditionalModel(
  { parameters, known: T, ranges }: JointDensity,
  densityFloor = 0,
): ConditionalModel {
  const { weights, means, covariances: joint } = parameters, l = means.columns, K = weights.length, S = l - T;
  // Row-major lower factor of S_tt, inverted: L^-1 (x_t - mu_t) gives the distance and, with B = S_st L^-T, the shift.
  const inverse = new Float64Array(K * T * T), gains = new Float64Array(K * S * T);
  const constants = new Float64Array(K), factors = new Float64Array(K * S * S), covariances: Matrix[] = [];
  for (let k = 0; k < K; k++) {
    const c = joint[k].data, seen = zeros(T, T);
    for (let a = 0; a < T; a++) for (let b = 0; b < T; b++) seen.data[a * T + b] = c[a * l + b];
    const L = cholesky(seen);
    for (let b = 0; b < T; b++) {
      const unit = new Float64Array(T);
      unit[b] = 1;
      solveLower(L, unit).forEach((value, a) => inverse[k * T * T + a * T + b] = value);
    }
    constants[k] = Math.log(weights[k]) - 0.5 * (T * Math.log(2 * Math.PI) + logDeterminant(L));
    const hidden = zeros(S, S);
    for (let s = 0; s < S; s++) {
      const cross = Float64Array.from({ length: T }, (_, a) => c[(T + s) * l + a]);
      const whitened = solveLower(L, cross), gain = solveCholesky(L, cross);
      gains.set(whitened, (k * S + s) * T);
      for (let r = 0; r <= s; r++) {
        let value = c[(T + s) * l + T + r];
        for (let a = 0; a < T; a++) value -= gain[a] * c[(T + r) * l + a];
        hidden.data[s * S + r] = hidden.data[r * S + s] = value;
      }
    }
    covariances.push(hidden);
    factors.set(cholesky(hidden).data, k * S * S);
  }
  // The floor is meant for features on [0, 1]; a density per unit volume of these is this much larger.
  let volume = 0;
  for (let a = 0; a < T; a++) volume += Math.log(ranges[a]);
  const lowest = densityFloor > 0 ? Math.log(densityFloor) - volume : -Infinity;
  const whitened = new Float64Array(T);
  return {
    components: K,
    known: T,
    revealed: S,
    covariances,
    factors,
    room: () => ({ weights: new Float64Array(K), means: new Float64Array(K * S) }),
    at(x, start, target) {
      let most = -Infinity;
      for (let k = 0; k < K; k++) {
        let distance = 0;
        for (let a = 0; a < T; a++) {
          let sum = 0;
          const row = k * T * T + a * T;
          for (let b = 0; b <= a; b++) sum += inverse[row + b] * (x[start + b] - means.data[k * l + b]);
          whitened[a] = sum;
          distance += sum * sum;
        }
        let log = constants[k] - 0.5 * distance;
        if (lowest > -Infinity) log = Math.max(log, Math.log(weights[k]) + lowest);
        target.weights[k] = log;
        if (log > most) most = log;
        for (let s = 0; s < S; s++) {
          let mean = means.data[k * l + T + s];
          const row = (k * S + s) * T;
          for (let a = 0; a < T; a++) mean += gains[row + a] * whitened[a];
          target.means[k * S + s] = mean;
        }
      }
      let total = 0;
      for (let k = 0; k < K; k++) total += target.weights[k] = Math.exp(target.weights[k] - most);
      for (let k = 0; k < K; k++) target.weights[k] /= total;
    },
  };
}

/** Returns the conditional at one x_t as a plain mixture. */
export function conditionalAt(model: ConditionalModel, x: ArrayLike<number>): MixtureParameters {
  const found = model.room();
  model.at(Float64Array.from(x), 0, found);
  return {
    weights: found.weights,
    means: { data: found.means, rows: model.components, columns: model.revealed },
    covariances: model.covariances,
  };
}

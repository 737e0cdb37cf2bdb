import { demand } from "../../core/mod.ts";
import { type Matrix, matrix, minimiseLbfgs, rowOf, solveLower } from "../../numerics/mod.ts";
import { type Curve, demandCurve } from "../curve.ts";
import { type Kernel, matern } from "./kernels.ts";
import { marginalLikelihood, type ProcessData } from "./marginal_likelihood.ts";

/** What a fit of a Gaussian process starts from and may vary. */
export interface ProcessFitOptions {
  /** Starting values by parameter name; each has a default from the data. */
  start?: Readonly<Record<string, number>>;
  /** Bounds by parameter name; default a factor of 1e5 to either side of the start. */
  bounds?: Readonly<Record<string, readonly [number, number]>>;
  /** Names of parameters that keep their starting values. */
  fixed?: readonly string[];
  /** A variance beyond the errors, as a further parameter `extra_variance`. */
  extraVariance?: boolean;
  /** Most iterations of the optimiser; 0 evaluates the start as it is. */
  maxIterations?: number;
}

/** Values and variances of a process at asked points, errors of new observations not included. */
export interface ProcessPrediction {
  /** Expected values. */
  mean: Float64Array;
  /** Variances of the process itself. */
  variance: Float64Array;
}

/** A Gaussian process conditioned on observations. */
export interface GaussianProcess {
  /** Natural values by name. */
  parameters: Readonly<Record<string, number>>;
  /** The log marginal likelihood of the observations. */
  logLikelihood: number;
  /** Whether the optimiser met a tolerance. */
  converged: boolean;
  /** The process at points given as rows of coordinates. */
  predictAt(points: Matrix): ProcessPrediction;
}

/** A Gaussian process of a curve in one band. */
export interface CurveProcess extends GaussianProcess {
  /** The constant the process varies about. */
  mean: number;
  /** The curve at other times (days), with the mean added. */
  predict(time: Float64Array): ProcessPrediction;
}

/** Options of {@link fitGaussianProcess}. */
export interface CurveProcessOptions extends ProcessFitOptions {
  /** Covariance in time; default Matern-3/2. */
  kernel?: Kernel;
  /** The constant that is subtracted; default the mean weighted by the errors. */
  mean?: number;
}

/**
 * A Gaussian process of an irregularly sampled curve, its parameters found by the marginal likelihood with
 * its gradient (L-BFGS on their logarithms). Errors are the diagonal of the covariance; without errors an
 * extra variance is fitted.
 *
 * Cost: n^3 an evaluation, so hundreds of points, not tens of thousands.
 *
 * @example
 * ```ts
 * import { fitGaussianProcess } from "ephemera/signal";
 * import assert from "node:assert/strict";
 * const time = Float64Array.from({ length: 30 }, (_, i) => i + 0.3 * Math.sin(5 * i));
 * const value = time.map((t) => 17 + Math.sin(t / 4));
 * const process = fitGaussianProcess({ time, value, error: time.map(() => 0.01) });
 * const { mean, variance } = process.predict(new Float64Array([10.5]));
 * assert.ok(Math.abs(mean[0] - 17 - Math.sin(10.5 / 4)) < 0.02 && variance[0] < 0.001);
 * ```
 */
export function fitGaussianProcess(curve: Curve, options: CurveProcessOptions = {}): CurveProcess {
  demandCurve(curve, { minimumPoints: 2 });
  const { kernel = matern("3/2") } = options;
  const { time, value, error } = curve;
  const n = time.length;
  const origin = time[0];
  const mean = options.mean ?? weightedMean(curve);
  const centred = value.map((v) => v - mean);
  const square = centred.reduce((sum, v) => sum + v * v, 0) / n;
  const baseline = Math.max(...time) - Math.min(...time);
  const defaults: Record<string, number> = {
    variance: Math.max(square, 1e-12),
    // A length in days, except that of a periodic kernel, which is in units of phase.
    length: kernel.names.includes("period") ? 1 : Math.max(baseline / 10, 1e-6),
    length_2: Math.max(baseline, 1e-6),
    period: Math.max(baseline / 4, 1e-6),
    extra_variance: Math.max(0.01 * square, 1e-12),
  };
  const process = fitProcess(
    kernel,
    {
      points: matrix(time.map((t) => t - origin), n, 1),
      value: centred,
      variance: error === undefined ? new Float64Array(n) : error.map((e) => e * e),
    },
    {
      ...options,
      extraVariance: options.extraVariance ?? error === undefined,
      start: { ...defaults, ...options.start },
    },
  );
  return {
    ...process,
    mean,
    predict(at) {
      const found = process.predictAt(matrix(at.map((t) => t - origin), at.length, 1));
      return { mean: found.mean.map((m) => m + mean), variance: found.variance };
    },
  };
}

/**
 * A Gaussian process on points of any number of coordinates: the common core of the one-band and the
 * time-wavelength process.
 *
 * @throws EphemeraError when a parameter has no start, or the covariance at the start is not positive
 * definite.
 */
export function fitProcess(kernel: Kernel, data: ProcessData, options: ProcessFitOptions): GaussianProcess {
  const { start = {}, bounds = {}, fixed = [], extraVariance = false, maxIterations = 200 } = options;
  const names = extraVariance ? [...kernel.names, "extra_variance"] : [...kernel.names];
  const initial = Float64Array.from(names, (name) => {
    demand(start[name] > 0, {
      expected: `a positive start for "${name}"`,
      found: `${start[name]}`,
      where: "fitProcess",
    });
    return Math.log(start[name]);
  });
  for (const name of [...Object.keys(bounds), ...fixed]) {
    demand(names.includes(name), {
      expected: `a parameter among ${names.join(", ")}`,
      found: `"${name}"`,
      where: "fitProcess",
    });
  }
  const limit = (side: 0 | 1) =>
    initial.map((log, p) => {
      if (fixed.includes(names[p])) return log;
      const given = bounds[names[p]];
      return given === undefined ? log + (side === 0 ? -1 : 1) * Math.log(1e5) : Math.log(given[side]);
    });
  let best: Float64Array = initial;
  let converged = true;
  if (maxIterations > 0) {
    const found = minimiseLbfgs(
      (x, gradient) => {
        try {
          const likelihood = marginalLikelihood(kernel, data, x.map(Math.exp));
          for (let p = 0; p < x.length; p++) {
            gradient[p] = fixed.includes(names[p]) ? 0 : -likelihood.gradient[p];
          }
          return -likelihood.value;
        } catch {
          // Too far out the covariance is singular in double precision; the line search then shortens its
          // step.
          return NaN;
        }
      },
      initial,
      { lower: limit(0), upper: limit(1), maxIterations, gradientTolerance: 1e-5, valueTolerance: 1e-10 },
    );
    best = found.x;
    converged = found.converged;
  }
  const natural = best.map(Math.exp);
  const { value, factor, weights } = marginalLikelihood(kernel, data, natural);
  const { points } = data;
  const predictAt = (at: Matrix): ProcessPrediction => {
    const mean = new Float64Array(at.rows);
    const variance = new Float64Array(at.rows);
    const difference = new Float64Array(kernel.dimensions);
    const column = new Float64Array(points.rows);
    for (let i = 0; i < at.rows; i++) {
      const point = rowOf(at, i);
      for (let j = 0; j < points.rows; j++) {
        const other = rowOf(points, j);
        for (let d = 0; d < difference.length; d++) difference[d] = point[d] - other[d];
        column[j] = kernel.covariance(difference, natural);
        mean[i] += column[j] * weights[j];
      }
      const explained = solveLower(factor, column);
      variance[i] = kernel.covariance(difference.fill(0), natural);
      for (const e of explained) variance[i] -= e * e;
      variance[i] = Math.max(0, variance[i]);
    }
    return { mean, variance };
  };
  return {
    parameters: Object.fromEntries(names.map((name, p) => [name, natural[p]])),
    logLikelihood: value,
    converged,
    predictAt,
  };
}

function weightedMean({ value, error }: Curve): number {
  let total = 0;
  let sum = 0;
  for (let i = 0; i < value.length; i++) {
    const weight = error === undefined ? 1 : 1 / (error[i] * error[i]);
    total += weight;
    sum += weight * value[i];
  }
  return sum / total;
}

import { demand } from "../../core/mod.ts";
import {
  cholesky,
  inverseFromCholesky,
  logDeterminant,
  type Matrix,
  solveCholesky,
  zeros,
} from "../../numerics/mod.ts";
import type { Kernel } from "./kernels.ts";

/**
 * Observations of a Gaussian process: points with one or more coordinates, values about a known mean, and
 * their variances.
 */
export interface ProcessData {
  /** `n x dimensions`, row-major. */
  points: Matrix;
  /** Values with the mean subtracted. */
  value: Float64Array;
  /** Squared errors. */
  variance: Float64Array;
}

/** The log marginal likelihood and what it was made of. */
export interface MarginalLikelihood {
  /** `-(y^T K^-1 y + ln |K| + n ln 2 pi) / 2`. */
  value: number;
  /**
   * Derivatives with respect to the logarithms of the kernel's parameters (and of the extra variance, last,
   * when there is one).
   */
  gradient: Float64Array;
  /** Lower Cholesky factor of K. */
  factor: Matrix;
  /** `K^-1 y`. */
  weights: Float64Array;
}

/**
 * The log marginal likelihood of a Gaussian process and its gradient (Rasmussen & Williams 2006, eqs. 2.30
 * and 5.9).
 *
 * @param parameters natural values, in the kernel's order; one more is a variance added to every observation.
 * @throws EphemeraError when the covariance is not positive definite, as with repeated points without errors.
 */
export function marginalLikelihood(
  kernel: Kernel,
  data: ProcessData,
  parameters: Float64Array,
): MarginalLikelihood {
  const { points, value, variance } = data;
  const n = points.rows;
  const count = kernel.names.length;
  demand(points.columns === kernel.dimensions, {
    expected: `points with ${kernel.dimensions} coordinates`,
    found: `${points.columns}`,
    where: "marginalLikelihood",
  });
  const extra = parameters.length > count ? parameters[count] : 0;
  const covariance = zeros(n, n);
  const slopes = Array.from({ length: count }, () => new Float64Array(n * n));
  const difference = new Float64Array(kernel.dimensions);
  const slope = new Float64Array(count);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      subtract(points, i, j, difference);
      const k = kernel.covariance(difference, parameters, slope);
      covariance.data[i * n + j] = covariance.data[j * n + i] = k;
      for (let p = 0; p < count; p++) slopes[p][i * n + j] = slope[p];
    }
    covariance.data[i * n + i] += variance[i] + extra;
  }
  const factor = cholesky(covariance);
  const weights = solveCholesky(factor, value);
  let fit = 0;
  for (let i = 0; i < n; i++) fit += value[i] * weights[i];
  const inverse = inverseFromCholesky(factor).data;
  const gradient = new Float64Array(parameters.length);
  // d ln L = tr((w w^T - K^-1) dK) / 2; both matrices are symmetric, so the lower triangle counts twice.
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const share = (weights[i] * weights[j] - inverse[i * n + j]) * (i === j ? 0.5 : 1);
      for (let p = 0; p < count; p++) gradient[p] += share * slopes[p][i * n + j];
    }
    if (extra > 0) gradient[count] += 0.5 * (weights[i] * weights[i] - inverse[i * n + i]) * extra;
  }
  return {
    value: -0.5 * (fit + logDeterminant(factor) + n * Math.log(2 * Math.PI)),
    gradient,
    factor,
    weights,
  };
}

/** Coordinates of row i minus those of row j. */
function subtract({ data, columns }: Matrix, i: number, j: number, out: Float64Array): void {
  for (let d = 0; d < columns; d++) out[d] = data[i * columns + d] - data[j * columns + d];
}

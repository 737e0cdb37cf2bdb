import { demand } from "../core/mod.ts";
import type { Feature } from "./feature.ts";

/** The mean. */
export const mean: Feature = {
  name: "Mean",
  outputs: ["Mean"],
  needs: { time: false, order: false, errors: false, variability: false, minimumPoints: 1 },
  formula: "sum m / N",
  reference: "standard",
  compute: (work) => work.mean,
};

/** Standard deviation with divisor N. */
export const deviation: Feature = {
  name: "Std",
  outputs: ["Std"],
  needs: { time: false, order: false, errors: false, variability: false, minimumPoints: 1 },
  formula: "sqrt(sum (m - mean)^2 / N)",
  reference: "Richards et al. 2011, ApJ 733, 10",
  compute: (work) => work.deviation,
};

/** Standard deviation with divisor N - 1. */
export const sampleDeviation: Feature = {
  name: "StandardDeviation",
  outputs: ["StandardDeviation"],
  needs: { time: false, order: false, errors: false, variability: false, minimumPoints: 2 },
  formula: "sqrt(sum (m - mean)^2 / (N - 1))",
  reference: "standard",
  compute: (work) => work.sampleDeviation,
};

/**
 * Standard deviation (divisor N) over mean: its sign is that of the mean, and for magnitudes it depends on
 * the zero point.
 */
export const meanVariance: Feature = {
  name: "Meanvariance",
  outputs: ["Meanvariance"],
  needs: { time: false, order: false, errors: false, variability: false, minimumPoints: 1 },
  formula: "s / mean, s with divisor N",
  reference: "Kim et al. 2011, ApJ 735, 68",
  compute(work) {
    demand(work.mean !== 0, { expected: "a mean other than zero", found: "0", where: "Meanvariance" });
    return work.deviation / work.mean;
  },
};

/** Skewness g1 of the sample as it is. */
export const skew: Feature = {
  name: "Skew",
  outputs: ["Skew"],
  needs: { time: false, order: false, errors: false, variability: true, minimumPoints: 1 },
  formula: "mean (m - mean)^3 / s^3, s with divisor N",
  reference: "Richards et al. 2011, ApJ 733, 10",
  compute: ({ moments: { third, variance } }) => third / variance ** 1.5,
};

/** Skewness G1 without the bias of a small sample. */
export const sampleSkew: Feature = {
  name: "SampleSkew",
  outputs: ["SampleSkew"],
  needs: { time: false, order: false, errors: false, variability: true, minimumPoints: 3 },
  formula: "sqrt(N (N - 1)) / (N - 2) g1",
  reference: "Joanes & Gill 1998, The Statistician 47, 183",
  compute: ({ moments: { third, variance }, n }) =>
    Math.sqrt(n * (n - 1)) / (n - 2) * third / variance ** 1.5,
};

/**
 * Excess kurtosis G2 for small samples: 0 on average for Gaussian noise. FATS puts the deviation with divisor
 * N into the formula made for N - 1, which raises the first term by `(N / (N - 1))^2`.
 */
export const smallKurtosis: Feature = {
  name: "SmallKurtosis",
  outputs: ["SmallKurtosis"],
  needs: { time: false, order: false, errors: false, variability: true, minimumPoints: 4 },
  formula:
    "N (N + 1) / ((N - 1)(N - 2)(N - 3)) sum ((m - mean) / s)^4 - 3 (N - 1)^2 / ((N - 2)(N - 3)), s with divisor N - 1",
  reference: "Joanes & Gill 1998, The Statistician 47, 183; Richards et al. 2011, ApJ 733, 10",
  compute: ({ moments: { fourth, variance }, n }) => kurtosis(n, n * fourth / (variance * n / (n - 1)) ** 2),
  fats: ({ moments: { fourth, variance }, n }) => kurtosis(n, n * fourth / variance ** 2),
};

function kurtosis(n: number, sum: number): number {
  return n * (n + 1) / ((n - 1) * (n - 2) * (n - 3)) * sum - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3));
}

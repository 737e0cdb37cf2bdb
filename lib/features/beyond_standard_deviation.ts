import type { Feature } from "./feature.ts";

/**
 * The share of points farther from the weighted mean than the standard deviation about it (divisor N - 1);
 * 0.317 for Gaussian noise.
 */
export const beyondWeightedDeviation: Feature = {
  name: "Beyond1Std",
  outputs: ["Beyond1Std"],
  needs: { time: false, order: false, errors: true, variability: false, minimumPoints: 2 },
  formula: "share of |m - wm| > s, wm with weights 1/e^2, s^2 = sum (m - wm)^2 / (N - 1)",
  reference: "Richards et al. 2011, ApJ 733, 10",
  compute({ value, weighted, n }) {
    const { mean } = weighted;
    let squares = 0;
    for (let i = 0; i < n; i++) squares += (value[i] - mean) * (value[i] - mean);
    const limit = Math.sqrt(squares / (n - 1));
    let count = 0;
    for (let i = 0; i < n; i++) if (value[i] > mean + limit || value[i] < mean - limit) count++;
    return count / n;
  },
};

/** The share of points farther from the plain mean than the standard deviation (divisor N - 1). */
export const beyondDeviation: Feature = {
  name: "BeyondOneDeviation",
  outputs: ["BeyondOneDeviation"],
  needs: { time: false, order: false, errors: false, variability: false, minimumPoints: 2 },
  formula: "share of |m - mean| > s, s^2 = sum (m - mean)^2 / (N - 1)",
  reference: "D'Isanto et al. 2016, MNRAS 457, 3119",
  compute({ value, mean, sampleDeviation, n }) {
    let count = 0;
    for (let i = 0; i < n; i++) if (Math.abs(value[i] - mean) > sampleDeviation) count++;
    return count / n;
  },
};

import { demand } from "../core/mod.ts";
import type { Feature } from "./feature.ts";

/** Mean with weights 1 / error^2. */
export const weightedMean: Feature = {
  name: "WeightedMean",
  outputs: ["WeightedMean"],
  needs: { time: false, order: false, errors: true, variability: false, minimumPoints: 1 },
  formula: "sum (m / e^2) / sum (1 / e^2)",
  reference: "standard",
  compute: ({ weighted }) => weighted.mean,
};

/** Chi square about the weighted mean over N - 1: about 1 for a constant star with honest errors. */
export const reducedChiSquare: Feature = {
  name: "ReducedChi2",
  outputs: ["ReducedChi2"],
  needs: { time: false, order: false, errors: true, variability: false, minimumPoints: 2 },
  formula: "sum ((m - wm) / e)^2 / (N - 1)",
  reference: "standard",
  compute: ({ weighted, n }) => weighted.chiSquare / (n - 1),
};

/** The variance that the errors do not explain, over the squared mean. */
export const excessVariance: Feature = {
  name: "ExcessVariance",
  outputs: ["ExcessVariance"],
  needs: { time: false, order: false, errors: true, variability: false, minimumPoints: 2 },
  formula: "(s^2 - mean e^2) / mean^2, s with divisor N - 1",
  reference: "Sanchez et al. 2017, ApJ 849, 110",
  compute({ errors, sampleDeviation, mean, n }) {
    demand(mean !== 0, { expected: "a mean other than zero", found: "0", where: "ExcessVariance" });
    let squares = 0;
    for (let i = 0; i < n; i++) squares += errors[i] * errors[i];
    return (sampleDeviation * sampleDeviation - squares / n) / (mean * mean);
  },
};

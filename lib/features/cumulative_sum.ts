import type { CurveWork } from "./curve_work.ts";
import type { Feature } from "./feature.ts";

/** The range of `cumsum(m - mean) / (N s)`: large for a curve that stays on one side of its mean for long. */
export function cumulativeRange(value: Float64Array, mean: number, deviation: number): number {
  let sum = 0;
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < value.length; i++) {
    sum += value[i] - mean;
    if (sum < low) low = sum;
    if (sum > high) high = sum;
  }
  return (high - low) / (value.length * deviation);
}

/** Range of the cumulative sum, with the population standard deviation. */
export const rangeOfCumulativeSum: Feature = {
  name: "Rcs",
  outputs: ["Rcs"],
  needs: { time: false, order: true, errors: false, variability: true, minimumPoints: 2 },
  formula: "max S - min S, S_k = sum_{i<=k} (m_i - mean) / (N s), s with divisor N",
  reference: "Ellaway 1978; Kim et al. 2011, ApJ 735, 68",
  compute: ({ value, mean, deviation }: CurveWork) => cumulativeRange(value, mean, deviation),
};

/** The same with the sample standard deviation, as the package light-curve has it. */
export const cusum: Feature = {
  name: "Cusum",
  outputs: ["Cusum"],
  needs: { time: false, order: true, errors: false, variability: true, minimumPoints: 2 },
  formula: "max S - min S, S_k = sum_{i<=k} (m_i - mean) / (N s), s with divisor N - 1",
  reference: "Kim et al. 2014, A&A 566, A43",
  compute: ({ value, mean, sampleDeviation }: CurveWork) => cumulativeRange(value, mean, sampleDeviation),
};

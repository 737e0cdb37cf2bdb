import type { Feature } from "./feature.ts";

/**
 * Rises minus falls among the last 30 points. Ours divides by the number of pairs and lets equal neighbours
 * count for neither side; FATS always divides by 30, though 30 points make 29 pairs, and counts equal
 * neighbours as falls.
 */
export const pairSlopeTrend: Feature = {
  name: "PairSlopeTrend",
  outputs: ["PairSlopeTrend"],
  needs: { time: false, order: true, errors: false, variability: false, minimumPoints: 2 },
  formula: "(rises - falls) / pairs over the last 30 points",
  reference: "Richards et al. 2011, ApJ 733, 10",
  compute({ value, n }) {
    const { rises, falls, pairs } = counts(value, n);
    return (rises - falls) / pairs;
  },
  fats({ value, n }) {
    const { rises, pairs } = counts(value, n);
    return (rises - (pairs - rises)) / 30;
  },
};

function counts(value: Float64Array, n: number): { rises: number; falls: number; pairs: number } {
  let rises = 0;
  let falls = 0;
  const first = Math.max(0, n - 30);
  for (let i = first + 1; i < n; i++) {
    if (value[i] > value[i - 1]) rises++;
    else if (value[i] < value[i - 1]) falls++;
  }
  return { rises, falls, pairs: n - 1 - first };
}

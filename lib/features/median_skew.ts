import { quantileOfSorted } from "../numerics/mod.ts";
import type { Feature } from "./feature.ts";

/** Skewness from medians: the medians of the outer 3 per cent on both sides against the middle. */
export const medianSkew: Feature = {
  name: "Gskew",
  outputs: ["Gskew"],
  needs: { time: false, order: false, errors: false, variability: false, minimumPoints: 1 },
  formula: "median(m <= Q(0.03)) + median(m >= Q(0.97)) - 2 median(m)",
  reference: "Nun et al. 2015, arXiv:1506.00010",
  compute({ sorted, median, n }) {
    const low = quantileOfSorted(sorted, 0.03);
    const high = quantileOfSorted(sorted, 0.97);
    let below = 0;
    while (below < n && sorted[below] <= low) below++;
    let above = n;
    while (above > 0 && sorted[above - 1] >= high) above--;
    return quantileOfSorted(sorted.subarray(0, below), 0.5) + quantileOfSorted(sorted.subarray(above), 0.5) -
      2 * median;
  },
};

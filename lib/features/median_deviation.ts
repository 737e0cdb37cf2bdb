import type { Feature } from "./feature.ts";
import type { CurveWork } from "./curve_work.ts";

const NEEDS = { time: false, order: false, errors: false, variability: false, minimumPoints: 1 };

/** The median. */
export const median: Feature = {
  name: "Median",
  outputs: ["Median"],
  needs: NEEDS,
  formula: "median of the values",
  reference: "standard",
  compute: (work) => work.median,
};

/** Median absolute deviation from the median, not scaled: 0.6745 standard deviations for Gaussian noise. */
export const medianAbsoluteDeviation: Feature = {
  name: "MedianAbsDev",
  outputs: ["MedianAbsDev"],
  needs: NEEDS,
  formula: "median |m - median|",
  reference: "Richards et al. 2011, ApJ 733, 10",
  compute({ medianDeviations, n }) {
    const half = n >> 1;
    return n % 2 === 1 ? medianDeviations[half] : 0.5 * (medianDeviations[half - 1] + medianDeviations[half]);
  },
};

/** The share of points strictly within a tenth of the range of the median. */
export const medianBufferRange: Feature = {
  name: "MedianBRP",
  outputs: ["MedianBRP"],
  needs: NEEDS,
  formula: "share of |m - median| < (max - min) / 10",
  reference: "Richards et al. 2011, ApJ 733, 10",
  compute: (work) => within(work, (work.sorted[work.n - 1] - work.sorted[0]) / 10),
};

/** The same within a tenth of half the range, as the package light-curve has it. */
export const medianBufferHalfRange: Feature = {
  name: "MedianBufferRangePercentage_10",
  outputs: ["MedianBufferRangePercentage_10"],
  needs: NEEDS,
  formula: "share of |m - median| < 0.1 (max - min) / 2",
  reference: "D'Isanto et al. 2016, MNRAS 457, 3119",
  compute: (work) => within(work, 0.1 * (work.sorted[work.n - 1] - work.sorted[0]) / 2),
};

/**
 * The deviations ascend, so the count is a bisection. The two-sided comparison is FATS's own, rounding
 * included.
 */
function within({ sorted, median, n }: CurveWork, width: number): number {
  return (firstWhere(sorted, (v) => v >= median + width) - firstWhere(sorted, (v) => v > median - width)) / n;
}

function firstWhere(sorted: Float64Array, test: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(sorted[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

import type { CurveWork } from "./curve_work.ts";
import type { Feature } from "./feature.ts";

/**
 * Half the distance between the medians of the brightest and the faintest 5 per cent. The FATS documentation
 * says half of max minus min, its code is this, which a single outlier does not move; for the other see
 * {@link halfRange}.
 */
export const amplitude: Feature = {
  name: "Amplitude",
  outputs: ["Amplitude"],
  needs: { time: false, order: false, errors: false, variability: false, minimumPoints: 1 },
  formula: "(median of the top ceil(0.05 N) values - median of the bottom ceil(0.05 N)) / 2",
  reference: "Richards et al. 2011, ApJ 733, 10; Nun et al. 2015, arXiv:1506.00010",
  compute({ sorted, n }) {
    const tail = Math.ceil(0.05 * n);
    return 0.5 * (middle(sorted, n - tail, n) - middle(sorted, 0, tail));
  },
};

/** Half the range of the values. */
export const halfRange: Feature = {
  name: "HalfRange",
  outputs: ["HalfRange"],
  needs: { time: false, order: false, errors: false, variability: false, minimumPoints: 1 },
  formula: "(max - min) / 2",
  reference: "Debosscher et al. 2007, A&A 475, 1159",
  compute: ({ sorted, n }: CurveWork) => 0.5 * (sorted[n - 1] - sorted[0]),
};

/** The largest distance from the median, in the unit of the values. */
export const maximumDeviation: Feature = {
  name: "MaximumDeviation",
  outputs: ["MaximumDeviation"],
  needs: { time: false, order: false, errors: false, variability: false, minimumPoints: 1 },
  formula: "max |m - median|",
  reference: "Richards et al. 2011, ApJ 733, 10",
  compute: ({ sorted, median, n }: CurveWork) => Math.max(sorted[n - 1] - median, median - sorted[0]),
};

/** Median of the rows `from` to `to - 1` of sorted values. */
function middle(sorted: Float64Array, from: number, to: number): number {
  const count = to - from;
  const half = from + (count >> 1);
  return count % 2 === 1 ? sorted[half] : 0.5 * (sorted[half - 1] + sorted[half]);
}

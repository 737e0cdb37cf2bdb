import { demand } from "../core/mod.ts";
import { quantileOfSorted } from "../numerics/mod.ts";
import type { CurveWork } from "./curve_work.ts";
import type { Feature } from "./feature.ts";

/**
 * How the middle of the flux distribution compares with its whole. Ours interpolates percentiles and, for
 * magnitudes, takes them on the fluxes, as Richards et al. do. FATS takes the element `ceil(f N)` of the
 * sorted values, so that its 95th percentile does not exist below 20 points, and leaves magnitudes as they
 * are.
 */
function midRatio(percent: number): Feature {
  const low = 0.5 - percent / 200;
  const high = 0.5 + percent / 200;
  const name = `FluxPercentileRatioMid${percent}`;
  return {
    name,
    outputs: [name],
    needs: { time: false, order: false, errors: false, variability: true, minimumPoints: 2 },
    formula: `(F(${high}) - F(${low})) / (F(0.95) - F(0.05)) with F the quantile of the flux`,
    reference: "Richards et al. 2011, ApJ 733, 10",
    compute: ({ sortedFlux }) => ratio(sortedFlux, low, high),
    fats: (work) =>
      (fatsElement(work, high) - fatsElement(work, low)) /
      (fatsElement(work, 0.95) - fatsElement(work, 0.05)),
    fatsMinimumPoints: 20,
  };
}

function ratio(sorted: Float64Array, low: number, high: number): number {
  const width = quantileOfSorted(sorted, 0.95) - quantileOfSorted(sorted, 0.05);
  demand(width > 0, {
    expected: "values that differ between the 5th and the 95th percentile",
    found: "one value for nine points in ten",
    where: "FluxPercentileRatio",
  });
  return (quantileOfSorted(sorted, high) - quantileOfSorted(sorted, low)) / width;
}

/** Element `ceil(f N)` of the sorted values, counted from zero, as FATS takes its percentiles. */
function fatsElement({ sorted, n }: CurveWork, fraction: number): number {
  return sorted[Math.ceil(fraction * n)];
}

/** The five ratios of FATS. */
export const fluxPercentileRatios: readonly Feature[] = [20, 35, 50, 65, 80].map(midRatio);

/** The width of the flux distribution between its 5th and 95th percentile, over the median flux. */
export const percentDifferenceFluxPercentile: Feature = {
  name: "PercentDifferenceFluxPercentile",
  outputs: ["PercentDifferenceFluxPercentile"],
  needs: { time: false, order: false, errors: false, variability: false, minimumPoints: 2 },
  formula: "(F(0.95) - F(0.05)) / median F",
  reference: "Richards et al. 2011, ApJ 733, 10",
  compute({ sortedFlux }) {
    const median = quantileOfSorted(sortedFlux, 0.5);
    demand(median !== 0, {
      expected: "a median flux other than zero",
      found: "0",
      where: "PercentDifferenceFluxPercentile",
    });
    return (quantileOfSorted(sortedFlux, 0.95) - quantileOfSorted(sortedFlux, 0.05)) / median;
  },
  fats: (work) => (fatsElement(work, 0.95) - fatsElement(work, 0.05)) / work.median,
  fatsMinimumPoints: 20,
};

/** The ratio of the widths of two percentile ranges of the values as they are. */
export const magnitudePercentageRatio: Feature = {
  name: "MagnitudePercentageRatio_40_5",
  outputs: ["MagnitudePercentageRatio_40_5"],
  needs: { time: false, order: false, errors: false, variability: true, minimumPoints: 2 },
  formula: "(Q(0.6) - Q(0.4)) / (Q(0.95) - Q(0.05))",
  reference: "D'Isanto et al. 2016, MNRAS 457, 3119",
  compute: ({ sorted }) => ratio(sorted, 0.4, 0.6),
};

/** The 5th to 95th percentile range of the values as they are, over their median. */
export const percentDifferenceMagnitudePercentile: Feature = {
  name: "PercentDifferenceMagnitudePercentile_5",
  outputs: ["PercentDifferenceMagnitudePercentile_5"],
  needs: { time: false, order: false, errors: false, variability: false, minimumPoints: 2 },
  formula: "(Q(0.95) - Q(0.05)) / median",
  reference: "D'Isanto et al. 2016, MNRAS 457, 3119",
  compute(work) {
    demand(work.median !== 0, {
      expected: "a median other than zero",
      found: "0",
      where: "PercentDifferenceMagnitudePercentile",
    });
    return (work.quantile(0.95) - work.quantile(0.05)) / work.median;
  },
};

/**
 * The largest difference of the flux from its median, over the median. FATS takes it on whatever the values
 * are: for magnitudes a number that depends on the zero point.
 */
export const percentAmplitude: Feature = {
  name: "PercentAmplitude",
  outputs: ["PercentAmplitude"],
  needs: { time: false, order: false, errors: false, variability: false, minimumPoints: 1 },
  formula: "max |F - median F| / median F",
  reference: "Richards et al. 2011, ApJ 733, 10",
  compute({ sortedFlux, n }) {
    const median = quantileOfSorted(sortedFlux, 0.5);
    demand(median !== 0, {
      expected: "a median flux other than zero",
      found: "0",
      where: "PercentAmplitude",
    });
    return Math.max(sortedFlux[n - 1] - median, median - sortedFlux[0]) / median;
  },
  fats: ({ sorted, median, n }) => Math.max(sorted[n - 1] - median, median - sorted[0]) / median,
};

import { demand, EphemeraError } from "../core/mod.ts";
import type { Curve } from "../signal/mod.ts";
import { amplitude, halfRange, maximumDeviation } from "./amplitude.ts";
import { andersonDarling } from "./anderson_darling.ts";
import { autocorrelationLength } from "./autocorrelation_length.ts";
import { beyondDeviation, beyondWeightedDeviation } from "./beyond_standard_deviation.ts";
import { consecutive } from "./consecutive.ts";
import { cusum, rangeOfCumulativeSum } from "./cumulative_sum.ts";
import { CurveWork, type FeatureSettings } from "./curve_work.ts";
import { dampedRandomWalk } from "./damped_random_walk.ts";
import { etaE, etaPlain, etaWeighted } from "./eta.ts";
import type { Feature } from "./feature.ts";
import {
  fluxPercentileRatios,
  magnitudePercentageRatio,
  percentAmplitude,
  percentDifferenceFluxPercentile,
  percentDifferenceMagnitudePercentile,
} from "./flux_percentile.ts";
import { psiCumulativeSum, psiEta } from "./folded.ts";
import {
  median,
  medianAbsoluteDeviation,
  medianBufferHalfRange,
  medianBufferRange,
} from "./median_deviation.ts";
import { medianSkew } from "./median_skew.ts";
import {
  deviation,
  mean,
  meanVariance,
  sampleDeviation,
  sampleSkew,
  skew,
  smallKurtosis,
} from "./moments.ts";
import { pairSlopeTrend } from "./pair_slope_trend.ts";
import { decileRange, quartileRange } from "./percentile_range.ts";
import { fourierComponents, period, periodFit } from "./period.ts";
import { duration, observationCount } from "./sampling.ts";
import { slottedLength, stetsonOfAutocorrelation } from "./slotted_autocorrelation.ts";
import { stetsonK } from "./stetson.ts";
import { structureFunctions } from "./structure_function.ts";
import { linearFit, linearTrend, linearTrendNoise, maximumSlope } from "./trend.ts";
import { excessVariance, reducedChiSquare, weightedMean } from "./weighted.ts";

/**
 * The features of FATS on one band: 63 numbers. Paper 003 speaks of 58 but does not say which it left out;
 * its appendix lists these and the five of two bands.
 */
export const fatsFeatures: readonly Feature[] = [
  amplitude,
  andersonDarling,
  autocorrelationLength,
  beyondWeightedDeviation,
  dampedRandomWalk,
  consecutive,
  etaWeighted,
  ...fluxPercentileRatios,
  fourierComponents,
  medianSkew,
  linearTrend,
  maximumSlope,
  mean,
  meanVariance,
  medianAbsoluteDeviation,
  medianBufferRange,
  pairSlopeTrend,
  percentAmplitude,
  percentDifferenceFluxPercentile,
  period,
  periodFit,
  psiCumulativeSum,
  psiEta,
  quartileRange,
  rangeOfCumulativeSum,
  skew,
  slottedLength,
  smallKurtosis,
  deviation,
  stetsonK,
  stetsonOfAutocorrelation,
  structureFunctions,
];

/**
 * 26 features that need no period search and no fit: a whole survey in minutes. The set is that of the
 * package light-curve.
 */
export const quickFeatures: readonly Feature[] = [
  halfRange,
  andersonDarling,
  beyondDeviation,
  cusum,
  duration,
  etaPlain,
  etaE,
  excessVariance,
  decileRange,
  smallKurtosis,
  linearFit,
  linearTrend,
  linearTrendNoise,
  magnitudePercentageRatio,
  maximumSlope,
  mean,
  median,
  medianAbsoluteDeviation,
  medianBufferHalfRange,
  observationCount,
  maximumDeviation,
  percentDifferenceMagnitudePercentile,
  reducedChiSquare,
  sampleSkew,
  stetsonK,
  weightedMean,
];

const others: readonly Feature[] = [sampleDeviation];

/** Every single-band feature by name. */
export const features: ReadonlyMap<string, Feature> = new Map(
  [...fatsFeatures, ...quickFeatures, ...others].map((feature) => [feature.name, feature]),
);

/**
 * The features that `names` ask for: names in the registry, or `"FATS"` and `"quick"` for the whole sets;
 * each once, in the order asked.
 */
export function chooseFeatures(names: readonly string[]): Feature[] {
  const chosen = new Set<Feature>();
  for (const name of names) {
    if (name === "FATS") fatsFeatures.forEach((f) => chosen.add(f));
    else if (name === "quick") quickFeatures.forEach((f) => chosen.add(f));
    else {
      const feature = features.get(name);
      demand(feature !== undefined, () => ({
        expected: "the name of a feature",
        found: `"${name}"`,
        where: "features",
        remedy: `choose from FATS, quick, ${[...features.keys()].join(", ")}`,
      }));
      chosen.add(feature);
    }
  }
  return [...chosen];
}

/**
 * One feature of one curve, after its declared needs have been checked.
 *
 * @throws EphemeraError when a need is not met (too few points, no errors, a constant curve), naming the
 * feature.
 */
export function computeFeature(feature: Feature, work: CurveWork): ArrayLike<number> {
  const { needs, name } = feature;
  const least = work.asFats ? feature.fatsMinimumPoints ?? needs.minimumPoints : needs.minimumPoints;
  demand(work.n >= least, () => ({
    expected: `at least ${least} points`,
    found: `${work.n}`,
    where: name,
  }));
  demand(needs.errors !== true || work.error !== undefined, () => ({
    expected: "errors",
    found: "a curve without them",
    where: name,
  }));
  if (needs.variability && work.constant) {
    throw new EphemeraError({
      expected: "a curve that varies",
      found: `${work.n} equal values`,
      where: name,
    });
  }
  const result = work.asFats && feature.fats !== undefined ? feature.fats(work) : feature.compute(work);
  return typeof result === "number" ? [result] : result;
}

/**
 * Features of one curve as a record from name to number. Everything that features share is computed once.
 *
 * @param curve one band, times ascending.
 * @param names names in the registry, or `"FATS"` or `"quick"`.
 * @throws EphemeraError when the curve does not meet a feature's needs.
 *
 * @example
 * ```ts
 * import { curveFeatures } from "ephemera/features";
 * import assert from "node:assert/strict";
 * const curve = { time: new Float64Array([1, 2, 3, 5]), value: new Float64Array([15.1, 15.3, 15.2, 15.2]) };
 * const { Mean, MaxSlope } = curveFeatures(curve, ["Mean", "MaxSlope"]);
 * assert.ok(Math.abs(Mean - 15.2) < 1e-12 && Math.abs(MaxSlope - 0.2) < 1e-12);
 * ```
 */
export function curveFeatures(
  curve: Curve,
  names: readonly string[],
  settings: FeatureSettings = {},
): Record<string, number> {
  const work = new CurveWork(curve, settings);
  const result: Record<string, number> = {};
  for (const feature of chooseFeatures(names)) {
    const values = computeFeature(feature, work);
    feature.outputs.forEach((output, i) => result[output] = values[i]);
  }
  return result;
}

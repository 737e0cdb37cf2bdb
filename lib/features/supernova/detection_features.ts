import { demand } from "../../core/mod.ts";
import { median, quantile } from "../../numerics/mod.ts";
import { type ObjectCurve, type ObjectFeature, rowsByBand } from "../object_feature.ts";

/**
 * An observation counts as a detection from this many errors on, whatever the sign of its difference flux.
 */
export const DETECTION_THRESHOLD = 3;

const NAMES = [
  "positive_fraction",
  "dflux_first_det_band",
  "dflux_non_det_band",
  "last_flux_before_band",
  "max_flux_before_band",
  "max_flux_after_band",
  "median_flux_before_band",
  "median_flux_after_band",
  "n_non_det_before_band",
  "n_non_det_after_band",
] as const;

/**
 * The supernova features of paper 001: in each band, what the difference flux did before and after the first
 * detection in any band.
 *
 * Before the first detection every point is a non-detection; after it only those below the threshold count. A
 * band without observations is NaN throughout; so is everything but the positive fraction when nothing was
 * ever detected, and so are the statistics of an empty side (the counts are then 0).
 */
export const supernovaDetections: ObjectFeature = {
  name: "supernova",
  outputs: (bands) => bands.flatMap((band) => NAMES.map((name) => `${name}_${band}`)),
  formula: "statistics of non-detections (|F| < 3 e) before and after the first detection in any band",
  reference: "paper 001, section 4.4.2; Sanchez-Saez et al. 2021, AJ 161, 141",
  compute(object) {
    const error = errorsOf(object, "supernova");
    const { value } = object;
    const detected = (i: number) => Math.abs(value[i]) >= DETECTION_THRESHOLD * error[i];
    let first = 0;
    while (first < value.length && !detected(first)) first++;
    const result: number[] = [];
    for (const rows of rowsByBand(object)) {
      if (rows.length === 0) {
        result.push(...NAMES.map(() => NaN));
        continue;
      }
      const positive = rows.filter((i) => value[i] > 0).length / rows.length;
      if (first === value.length) {
        result.push(positive, ...NAMES.slice(1).map(() => NaN));
        continue;
      }
      const before = rows.filter((i) => i < first).map((i) => value[i]);
      const after = rows.filter((i) => i > first && !detected(i)).map((i) => value[i]);
      const none = before.length === 0;
      const last = none ? NaN : before[before.length - 1];
      const medianBefore = none ? NaN : median(before);
      result.push(
        positive,
        value[first] - last,
        value[first] - medianBefore,
        last,
        none ? NaN : Math.max(...before),
        after.length === 0 ? NaN : Math.max(...after),
        medianBefore,
        after.length === 0 ? NaN : median(after),
        before.length,
        after.length,
      );
    }
    return result;
  },
};

/**
 * Colours of difference fluxes: the 90th percentile of |F| in each band, and its ratio to that of the next
 * redder band plus one (in flux units, so that an empty band divides by one and not by zero).
 */
export const fluxColors: ObjectFeature = {
  name: "flux_colors",
  outputs: (bands) => [
    ...bands.map((band) => `p90_${band}`),
    ...bands.slice(1).map((band, k) => `color_${bands[k]}_${band}`),
  ],
  formula: "p90_b = Q(0.9) of |F| in band b; p90_b / (p90_{b+1} + 1)",
  reference: "paper 001, section 4.4.2",
  compute(object) {
    const p90 = rowsByBand(object).map((rows) =>
      rows.length === 0 ? NaN : quantile(rows.map((i) => Math.abs(object.value[i])), 0.9)
    );
    return [...p90, ...p90.slice(1).map((next, k) => p90[k] / (next + 1))];
  },
};

/** The errors of an object, for a feature that cannot do without them. */
export function errorsOf(object: ObjectCurve, where: string): Float64Array {
  demand(object.error !== undefined, { expected: "errors", found: "an object without them", where });
  return object.error;
}

import { demand } from "../core/mod.ts";
import { type Curve, demandCurve } from "./curve.ts";
import type { FrequencyGrid } from "./frequency_grid.ts";
import { fastLombScargle, type LombScargleOptions } from "./lomb_scargle.ts";

/**
 * The periodogram of several bands that share a period but not an amplitude, phase or mean: the bands'
 * standard powers averaged with their chi squares about the mean as weights, `sum chi0_b P_b / sum chi0_b`.
 *
 * This is the model with no shared terms and one or more terms a band of VanderPlas & Ivezic (2015), ApJ 812,
 * 18, section 5 (astropy 8.0 weighs the bands by the sum of their squared powers instead). Bands with fewer
 * than `2 harmonics + 2` points, or without any variation, cannot say anything and are left out; when none is
 * left that is an error.
 *
 * @param bands one curve a band; errors should be given, since they set the bands' weights.
 */
export function multibandLombScargle(
  bands: readonly Curve[],
  grid: FrequencyGrid,
  options: Omit<LombScargleOptions, "normalisation"> = {},
): Float64Array {
  const needed = 2 * (options.harmonics ?? 1) + 2;
  const power = new Float64Array(grid.count);
  let total = 0;
  for (const band of bands) {
    demandCurve(band, { minimumPoints: 0, where: options.where });
    const chi0 = band.time.length < needed ? 0 : chiSquareAboutMean(band);
    if (!(chi0 > 0)) continue;
    const one = fastLombScargle(band, grid, { ...options, normalisation: "standard" });
    for (let k = 0; k < grid.count; k++) power[k] += chi0 * one[k];
    total += chi0;
  }
  demand(total > 0, {
    expected: `a band with at least ${needed} points that vary`,
    found: `${bands.length} bands with ${bands.map((b) => b.time.length).join(", ")} points`,
    where: options.where ?? "multibandLombScargle",
  });
  for (let k = 0; k < grid.count; k++) power[k] /= total;
  return power;
}

function chiSquareAboutMean({ value, error }: Curve): number {
  let weights = 0;
  let mean = 0;
  for (let i = 0; i < value.length; i++) {
    const weight = error === undefined ? 1 : 1 / (error[i] * error[i]);
    weights += weight;
    mean += weight * (value[i] - mean) / weights;
  }
  let sum = 0;
  for (let i = 0; i < value.length; i++) {
    sum += (value[i] - mean) ** 2 * (error === undefined ? 1 : 1 / (error[i] * error[i]));
  }
  return sum;
}

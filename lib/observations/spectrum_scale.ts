/** Spectra brought to one scale, each by itself, and holes filled for those who need every pixel. */
import { demand } from "../core/mod.ts";
import { interpolateLinear, quantileOfSorted } from "../numerics/mod.ts";
import { type Spectrum, SpectrumSet, usablePixels } from "./spectrum_set.ts";

/** Options of {@link scaleSpectra}. */
export interface SpectrumScaleOptions {
  /**
   * `"min-max"` (default, the paper's): least flux to 0, largest to 1. `"robust"`: the quantiles `tails` and 1 - `tails`
   * to 0 and 1, beyond them cut off, so that one cosmic ray does not press the rest together. `"median"`: divided by the
   * median. `"standard"`: mean 0, variance 1.
   */
  method?: "min-max" | "robust" | "median" | "standard";
  /** Share of pixels beyond the scale at each end for `"robust"`. Default 0.005. */
  tails?: number;
}

/**
 * Returns the spectra scaled one by one; zero point and scale come from usable pixels alone, and inverse variances follow.
 * @throws EphemeraError for a spectrum without usable pixels or without any spread (for `"median"`: of median 0 or less).
 *
 * @example
 * ```ts
 * import { scaleSpectra, SpectrumSet } from "ephemera/observations";
 * import assert from "node:assert/strict";
 * const set = new SpectrumSet({ ids: ["a"], wavelength: Float64Array.of(4000, 4001, 4002), flux: Float64Array.of(2, 6, 4) });
 * assert.deepEqual(scaleSpectra(set).flux, Float64Array.of(0, 1, 0.5));
 * ```
 */
export function scaleSpectra(set: SpectrumSet, options: SpectrumScaleOptions = {}): SpectrumSet {
  const { method = "min-max", tails = 0.005 } = options;
  demand(tails >= 0 && tails < 0.5, {
    expected: "tails from 0 to less than 0.5",
    found: String(tails),
    where: "scaleSpectra",
  });
  const flux = new Float64Array(set.flux.length);
  const inverseVariance = set.inverseVariance && new Float64Array(set.flux.length);
  for (let i = 0; i < set.length; i++) {
    const spectrum = set.at(i), { zero, unit } = scaleOf(spectrum, method, tails);
    const cut = method === "robust" ? (x: number) => Math.min(1, Math.max(0, x)) : (x: number) => x;
    flux.set(spectrum.flux.map((f) => cut((f - zero) / unit)), set.offsets[i]);
    inverseVariance?.set(spectrum.inverseVariance!.map((v) => v * unit * unit), set.offsets[i]);
  }
  return new SpectrumSet({ ...set.columns(), flux, inverseVariance, fluxUnit: "" });
}

function scaleOf(
  spectrum: Spectrum,
  method: NonNullable<SpectrumScaleOptions["method"]>,
  tails: number,
): { zero: number; unit: number } {
  const usable = usablePixels(spectrum), values = spectrum.flux.filter((_, j) => usable[j] === 1);
  demand(values.length > 0, () => ({
    expected: "at least one usable pixel",
    found: "none",
    where: `spectrum ${spectrum.id}`,
    remedy: "leave the spectrum out",
  }));
  let zero = 0, unit = 0;
  if (method === "standard") {
    for (const value of values) zero += value / values.length;
    for (const value of values) unit += (value - zero) * (value - zero) / values.length;
    unit = Math.sqrt(unit);
  } else {
    values.sort();
    const tail = method === "robust" ? tails : 0;
    if (method === "median") unit = quantileOfSorted(values, 0.5);
    else {
      zero = quantileOfSorted(values, tail);
      unit = quantileOfSorted(values, 1 - tail) - zero;
    }
  }
  demand(unit > 0, () => ({
    expected: method === "median" ? "a positive median flux" : "fluxes that differ",
    found: method === "median" ? String(unit) : `${values[0]} in all usable pixels`,
    where: `spectrum ${spectrum.id}`,
    remedy: "leave the spectrum out",
  }));
  return { zero, unit };
}

/**
 * Returns the set with every pixel that cannot be used filled: by the straight line between its usable neighbours in
 * wavelength, at the ends by the nearest one. The mask stays, inverse variances too.
 */
export function fillUnusable(set: SpectrumSet): SpectrumSet {
  const flux = set.flux.slice();
  for (let i = 0; i < set.length; i++) {
    const spectrum = set.at(i), usable = usablePixels(spectrum);
    if (usable.every((u) => u === 1)) continue;
    const good = Array.from(usable.keys()).filter((j) => usable[j] === 1);
    demand(good.length > 0, () => ({
      expected: "at least one usable pixel",
      found: "none",
      where: `spectrum ${spectrum.id}`,
      remedy: "leave the spectrum out",
    }));
    const x = Float64Array.from(good, (j) => spectrum.wavelength[j]);
    const y = Float64Array.from(good, (j) => spectrum.flux[j]);
    const clamp = (w: number) => Math.min(x[x.length - 1], Math.max(x[0], w));
    for (let j = 0; j < usable.length; j++) {
      if (usable[j]) continue;
      const w = clamp(spectrum.wavelength[j]);
      flux[set.offsets[i] + j] = x.length === 1 ? y[0] : interpolateLinear(x, y, [w])[0];
    }
  }
  return new SpectrumSet({ ...set.columns(), flux });
}

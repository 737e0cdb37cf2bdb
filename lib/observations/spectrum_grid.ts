/** Common wavelength grids, and spectra brought to them without losing or making light. */
import { demand } from "../core/mod.ts";
import { type Spectrum, SpectrumSet, usablePixels } from "./spectrum_set.ts";

/**
 * Returns a grid of equal steps in log10 of the wavelength, SDSS's own: `10^(log10(start) + k step)`, k = 0 to
 * `pixels - 1`, in angstrom.
 */
export function logWavelengthGrid(start: number, pixels: number, step = 1e-4): Float64Array {
  demand(start > 0 && Number.isInteger(pixels) && pixels > 0 && step > 0, () => ({
    expected: "a positive first wavelength, whole number of pixels and step",
    found: `${start}, ${pixels}, ${step}`,
    where: "logWavelengthGrid",
  }));
  const first = Math.log10(start);
  return Float64Array.from({ length: pixels }, (_, k) => Math.pow(10, first + k * step));
}

/** What {@link commonRange} returns. */
export interface CommonRange {
  /** First wavelength that the kept spectra have, angstrom. */
  start: number;
  /** Last wavelength that they have, angstrom. */
  end: number;
  /** Numbers of the spectra that reach from `start` to `end`. */
  kept: Uint32Array;
}

/**
 * Returns the range of wavelengths of the paper's percentile rule: of the n first wavelengths in ascending order, the one
 * with index n - 1 - floor(q n); of the last ones, that with index floor(q n). Spectra that do not reach from one to
 * the other are not kept; at most a share 2 q of them.
 * @param set spectra of at least two pixels.
 * @param fraction q. Default 0.01.
 */
export function commonRange(set: SpectrumSet, fraction = 0.01): CommonRange {
  const n = set.length;
  demand(n > 0, { expected: "at least one spectrum", found: "none", where: "commonRange" });
  demand(fraction >= 0 && fraction < 0.5, () => ({
    expected: "a fraction from 0 to less than 0.5",
    found: String(fraction),
    where: "commonRange",
  }));
  const starts = new Float64Array(n), ends = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const { id, wavelength } = set.at(i);
    demand(wavelength.length > 1, () => ({
      expected: "at least two pixels",
      found: String(wavelength.length),
      where: `spectrum ${id}`,
      remedy: "leave the spectrum out",
    }));
    starts[i] = wavelength[0];
    ends[i] = wavelength[wavelength.length - 1];
  }
  const cut = Math.floor(fraction * n);
  const start = starts.slice().sort()[n - 1 - cut], end = ends.slice().sort()[cut];
  demand(start < end, () => ({
    expected: "spectra that have wavelengths in common",
    found: `a common range from ${start} to ${end}`,
    where: "commonRange",
    remedy: "raise the fraction of spectra that may be dropped",
  }));
  const kept = Uint32Array.from({ length: n }, (_, i) => i).filter((i) =>
    starts[i] <= start && ends[i] >= end
  );
  return { start, end, kept };
}

/** Options of {@link toCommonGrid}. */
export interface CommonGridOptions {
  /** Grid wanted, vacuum angstrom. Default: steps of `step` over the range of {@link commonRange}. */
  grid?: Float64Array;
  /** Share q of the percentile rule. Default 0.01; ignored when a grid is given. */
  fraction?: number;
  /** Step of the default grid in log10 of the wavelength. Default 1e-4, that of SDSS. */
  step?: number;
  /** What happens to spectra that do not cover the grid. Default `"drop"`; `"mask"` keeps them, with the rest masked. */
  uncovered?: "drop" | "mask";
}

/**
 * Returns the spectra on one grid, resampled as in {@link resampleSpectrum}; pixels that already lie on it keep their
 * values.
 *
 * @example
 * ```ts
 * import { logWavelengthGrid, spectrumSetOf, toCommonGrid } from "ephemera/observations";
 * import assert from "node:assert/strict";
 * const grid = logWavelengthGrid(3830, 50);
 * const one = (id: string, from: number, to: number) => {
 *   const wavelength = grid.slice(from, to);
 *   return { id, wavelength, flux: wavelength.map((w) => w / 1000) };
 * };
 * const set = toCommonGrid(spectrumSetOf([one("a", 0, 45), one("b", 3, 50)]));
 * assert.equal(set.wavelength.length, 42);
 * assert.ok(Math.abs(set.at(1).flux[0] - grid[3] / 1000) < 1e-9);
 * ```
 */
export function toCommonGrid(set: SpectrumSet, options: CommonGridOptions = {}): SpectrumSet {
  const { fraction = 0.01, step = 1e-4, uncovered = "drop" } = options;
  let { grid } = options;
  if (grid === undefined) {
    const { start, end } = commonRange(set, fraction);
    // Half a thousandth of a pixel of slack: wavelengths in files are rounded.
    grid = logWavelengthGrid(start, 1 + Math.floor(Math.log10(end / start) / step + 5e-4), step);
  }
  const wanted = grid, slack = 1e-3 * (wanted.length > 1 ? wanted[1] - wanted[0] : wanted[0] * 1e-4);
  const kept = Array.from({ length: set.length }, (_, i) => i).filter((i) => {
    const { wavelength } = set.at(i);
    return uncovered === "mask" ||
      wavelength.length > 1 && wavelength[0] <= wanted[0] + slack &&
        wavelength[wavelength.length - 1] >= wanted[wanted.length - 1] - slack;
  });
  const pixels = wanted.length, n = kept.length;
  const flux = new Float64Array(n * pixels), mask = new Uint8Array(n * pixels);
  const inverseVariance = set.inverseVariance && new Float64Array(n * pixels);
  kept.forEach((i, k) => {
    const spectrum = resampleSpectrum(set.at(i), wanted);
    flux.set(spectrum.flux, k * pixels);
    mask.set(spectrum.mask!, k * pixels);
    inverseVariance?.set(spectrum.inverseVariance!, k * pixels);
  });
  const rest = set.subset(kept).columns();
  return new SpectrumSet({
    ...rest,
    ...{ offsets: undefined, wavelength: wanted, flux, inverseVariance },
    mask: mask.some((m) => m !== 0) || set.mask ? mask : undefined,
  });
}

/**
 * Returns the spectrum on another grid. A pixel reaches half-way to its neighbours; a new pixel holds the mean of the flux
 * densities of the usable old ones weighted by overlap, so that the integral over wavelength is kept, and the variance that
 * follows when old pixels are independent: `sum(o_i^2 / ivar_i) / (sum o_i)^2`. (New pixels narrower than old ones
 * share them and are correlated; no inverse variance can say that.) New pixels less than half covered are masked, with
 * flux and inverse variance 0.
 *
 * @param spectrum at least two pixels.
 * @param grid wavelengths wanted, vacuum angstrom, ascending, at least two.
 */
export function resampleSpectrum(spectrum: Spectrum, grid: Float64Array): Spectrum {
  demand(spectrum.wavelength.length > 1 && grid.length > 1, () => ({
    expected: "at least two pixels, before and after",
    found: `${spectrum.wavelength.length} and ${grid.length}`,
    where: `resampleSpectrum, spectrum ${spectrum.id}`,
  }));
  const from = pixelEdges(spectrum.wavelength), to = pixelEdges(grid), usable = usablePixels(spectrum);
  const flux = new Float64Array(grid.length), mask = new Uint8Array(grid.length);
  const inverseVariance = spectrum.inverseVariance && new Float64Array(grid.length);
  let first = 0;
  for (let k = 0; k < grid.length; k++) {
    while (first < usable.length && from[first + 1] <= to[k]) first++;
    let covered = 0, light = 0, variance = 0;
    for (let j = first; j < usable.length && from[j] < to[k + 1]; j++) {
      const overlap = Math.min(from[j + 1], to[k + 1]) - Math.max(from[j], to[k]);
      if (!usable[j] || overlap <= 0) continue;
      covered += overlap;
      light += overlap * spectrum.flux[j];
      if (inverseVariance) variance += overlap * overlap / spectrum.inverseVariance![j];
    }
    if (covered < 0.5 * (to[k + 1] - to[k])) {
      mask[k] = 1;
      continue;
    }
    flux[k] = light / covered;
    if (inverseVariance) inverseVariance[k] = covered * covered / variance;
  }
  return { ...spectrum, wavelength: grid, flux, inverseVariance, mask };
}

/** Returns the `n + 1` edges of pixels: half-way between centres, and as far beyond the first and the last as inside. */
export function pixelEdges(wavelength: Float64Array): Float64Array {
  const n = wavelength.length, edges = new Float64Array(n + 1);
  for (let j = 1; j < n; j++) edges[j] = 0.5 * (wavelength[j - 1] + wavelength[j]);
  edges[0] = wavelength[0] - (edges[1] - wavelength[0]);
  edges[n] = wavelength[n - 1] + (wavelength[n - 1] - edges[n - 1]);
  return edges;
}

/** The continuum of a spectrum: what would be there without lines. */
import { demand } from "../core/mod.ts";
import { cholesky, matrix, quantileOfSorted, solveCholesky, zeros } from "../numerics/mod.ts";
import { type Spectrum, SpectrumSet, usablePixels } from "./spectrum_set.ts";

/** A running quantile of the flux. */
export interface RunningContinuum {
  method: "running";
  /** Full width of the window, angstrom. Default 150. */
  width?: number;
  /** Quantile taken in it: above one half, lines in absorption weigh less. Default 0.7. */
  quantile?: number;
}

/** Chebyshev polynomials fitted by weighted least squares, lines clipped away. */
export interface ChebyshevContinuum {
  method: "chebyshev";
  /** Degree. Default 6. */
  degree?: number;
  /** Pixels lower than the fit by this many robust standard deviations are left out of the next fit. Default 1.5. */
  below?: number;
  /** Pixels higher than it by this many are left out. Default 3: absorption is clipped harder than noise. */
  above?: number;
  /** Most rounds of fit and clip. Default 10. */
  rounds?: number;
}

/**
 * Returns the continuum of a spectrum at its wavelengths, in its flux unit.
 *
 * `"running"` takes a quantile of the usable pixels within half a width; `"chebyshev"` fits
 * `sum c_k T_k(x)`, x in [-1, 1] over the spectrum's range, with the inverse variances as weights, and clips asymmetrically
 * (standard deviation from the median absolute residual) until nothing changes.
 *
 * @throws EphemeraError when there are too few usable pixels.
 */
export function fitContinuum(
  spectrum: Spectrum,
  options: RunningContinuum | ChebyshevContinuum = { method: "chebyshev" },
): Float64Array {
  return options.method === "running" ? running(spectrum, options) : chebyshev(spectrum, options);
}

/**
 * Returns the spectra divided by their continua; pixels where the continuum is not positive are masked.
 *
 * @example
 * ```ts
 * import { dividedByContinuum, SpectrumSet } from "ephemera/observations";
 * import assert from "node:assert/strict";
 * const wavelength = Float64Array.from({ length: 500 }, (_, j) => 4000 + j);
 * const flux = wavelength.map((w) => (w / 4000) ** 2 * (1 - 0.6 * Math.exp(-(((w - 4250) / 5) ** 2))));
 * const flat = dividedByContinuum(new SpectrumSet({ ids: ["a"], wavelength, flux }), { method: "chebyshev", degree: 3 });
 * assert.ok(Math.abs(flat.flux[400] - 1) < 0.01 && Math.abs(flat.flux[250] - 0.4) < 0.01);
 * ```
 */
export function dividedByContinuum(
  set: SpectrumSet,
  options: RunningContinuum | ChebyshevContinuum = { method: "chebyshev" },
): SpectrumSet {
  const flux = new Float64Array(set.flux.length), mask = set.mask?.slice() ?? new Uint8Array(set.flux.length);
  const inverseVariance = set.inverseVariance && new Float64Array(set.flux.length);
  for (let i = 0; i < set.length; i++) {
    const spectrum = set.at(i), continuum = fitContinuum(spectrum, options), start = set.offsets[i];
    continuum.forEach((level, j) => {
      if (!(level > 0)) mask[start + j] = 1;
      else {
        flux[start + j] = spectrum.flux[j] / level;
        if (inverseVariance) inverseVariance[start + j] = spectrum.inverseVariance![j] * level * level;
      }
    });
  }
  return new SpectrumSet({
    ...set.columns(),
    ...{ flux, inverseVariance, fluxUnit: "" },
    mask: set.mask || mask.some((m) => m !== 0) ? mask : undefined,
  });
}

function running(spectrum: Spectrum, options: RunningContinuum): Float64Array {
  const { width = 150, quantile = 0.7 } = options, { wavelength, flux, id } = spectrum;
  demand(width > 0 && quantile >= 0 && quantile <= 1, () => ({
    expected: "a positive width and a quantile from 0 to 1",
    found: `${width}, ${quantile}`,
    where: "fitContinuum",
  }));
  const usable = usablePixels(spectrum), n = flux.length, level = new Float64Array(n);
  // The window's fluxes are kept sorted: a pixel comes in by binary search and goes out the same way.
  const window: number[] = [];
  const place = (value: number): number => {
    let low = 0, high = window.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (window[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  let first = 0, last = 0;
  for (let j = 0; j < n; j++) {
    for (; last < n && wavelength[last] <= wavelength[j] + width / 2; last++) {
      if (usable[last]) window.splice(place(flux[last]), 0, flux[last]);
    }
    for (; wavelength[first] < wavelength[j] - width / 2; first++) {
      if (usable[first]) window.splice(place(flux[first]), 1);
    }
    demand(window.length > 0, () => ({
      expected: `a usable pixel within ${width / 2} angstrom of ${wavelength[j]}`,
      found: "none",
      where: `fitContinuum, spectrum ${id}`,
      remedy: "make the window wider",
    }));
    level[j] = quantileOfSorted(window, quantile);
  }
  return level;
}

function chebyshev(spectrum: Spectrum, options: ChebyshevContinuum): Float64Array {
  const { degree = 6, below = 1.5, above = 3, rounds = 10 } = options, { wavelength, flux, id } = spectrum;
  demand(Number.isInteger(degree) && degree >= 0 && below > 0 && above > 0 && rounds >= 1, () => ({
    expected: "a whole degree, positive clipping limits and at least one round",
    found: `degree ${degree}, limits ${below} and ${above}, ${rounds} rounds`,
    where: "fitContinuum",
  }));
  const n = flux.length, terms = degree + 1, low = wavelength[0], high = wavelength[n - 1];
  const basis = new Float64Array(n * terms);
  for (let j = 0; j < n; j++) {
    const x = high > low ? 2 * (wavelength[j] - low) / (high - low) - 1 : 0;
    basis[j * terms] = 1;
    if (terms > 1) basis[j * terms + 1] = x;
    for (let k = 2; k < terms; k++) {
      basis[j * terms + k] = 2 * x * basis[j * terms + k - 1] - basis[j * terms + k - 2];
    }
  }
  const kept = usablePixels(spectrum), weight = spectrum.inverseVariance ?? new Float64Array(n).fill(1);
  const level = new Float64Array(n);
  for (let round = 0; round < rounds; round++) {
    const count = kept.reduce((sum, k) => sum + k, 0);
    demand(count > terms, () => ({
      expected: `more than ${terms} usable pixels for degree ${degree}`,
      found: String(count),
      where: `fitContinuum, spectrum ${id}`,
      remedy: "lower the degree or clip less",
    }));
    solve(basis, terms, flux, weight, kept, level);
    const residuals = flux.map((f, j) => Math.abs(f - level[j])).filter((_, j) => kept[j] === 1).sort();
    const deviation = 1.4826 * quantileOfSorted(residuals, 0.5);
    let changed = false;
    // Rounding alone leaves residuals of parts in 1e12 of a perfect fit: those are no lines.
    if (deviation > 1e-10 * Math.abs(level[n >> 1])) {
      for (let j = 0; j < n; j++) {
        const residual = flux[j] - level[j];
        if (kept[j] && (residual < -below * deviation || residual > above * deviation)) {
          kept[j] = 0;
          changed = true;
        }
      }
    }
    if (!changed) break;
    const left = kept.reduce((sum, k) => sum + k, 0);
    if (left <= Math.max(terms, 0.15 * n)) break; // what is left would no longer be a continuum
  }
  return level;
}

/** Weighted least squares by normal equations: Chebyshev columns are nearly orthogonal, so nothing is lost. */
function solve(
  basis: Float64Array,
  terms: number,
  flux: Float64Array,
  weight: Float64Array,
  kept: Uint8Array,
  level: Float64Array,
): void {
  const normal = zeros(terms, terms), right = new Float64Array(terms);
  for (let j = 0; j < flux.length; j++) {
    if (!kept[j]) continue;
    for (let a = 0; a < terms; a++) {
      const scaled = weight[j] * basis[j * terms + a];
      right[a] += scaled * flux[j];
      for (let b = 0; b <= a; b++) normal.data[a * terms + b] += scaled * basis[j * terms + b];
    }
  }
  for (let a = 0; a < terms; a++) {
    for (let b = 0; b < a; b++) normal.data[b * terms + a] = normal.data[a * terms + b];
  }
  const coefficients = solveCholesky(cholesky(matrix(normal.data, terms, terms)), right);
  for (let j = 0; j < flux.length; j++) {
    let sum = 0;
    for (let k = 0; k < terms; k++) sum += coefficients[k] * basis[j * terms + k];
    level[j] = sum;
  }
}

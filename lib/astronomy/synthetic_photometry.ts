/**
 * Synthetic photometry: what a photon-counting detector behind a passband makes of a spectrum, on the AB
 * scale.
 *
 * A spectrum is a function of wavelength in angstrom (vacuum) that returns a flux per wavelength,
 * erg/s/cm^2/A. Integrals are
 * taken by the trapezoidal rule over the wavelengths at which the passband is tabulated: a spectrum with
 * structure finer than that needs a
 * finer passband ({@link refinePassband}).
 */
import { demand } from "../core/mod.ts";
import type { Passband } from "./passband.ts";

/** Speed of light, angstrom per second. */
export const LIGHT_ANGSTROM = 2.99792458e18;

/** Flux per frequency of AB magnitude zero, erg/s/cm^2/Hz: 3631 jansky (Oke & Gunn 1983). */
export const AB_REFERENCE = 3.631e-20;

/** A flux per wavelength at each wavelength in angstrom. */
export type Spectrum = (wavelength: number) => number;

/** Returns the integral of `f` times the throughput over wavelength. */
function integral(passband: Passband, f: Spectrum): number {
  const { wavelength, throughput } = passband;
  let sum = 0, before = throughput[0] === 0 ? 0 : throughput[0] * f(wavelength[0]);
  for (let i = 1; i < wavelength.length; i++) {
    const here = throughput[i] === 0 ? 0 : throughput[i] * f(wavelength[i]);
    sum += (here + before) * (wavelength[i] - wavelength[i - 1]) / 2;
    before = here;
  }
  return sum;
}

/**
 * Returns the mean flux per frequency of a spectrum in a passband, erg/s/cm^2/Hz: the spectrum constant in
 * frequency that frees as
 * many electrons, int f_lambda T lambda dlambda / (c int T dlambda / lambda).
 */
export function meanFluxDensity(passband: Passband, spectrum: Spectrum): number {
  return integral(passband, (x) => spectrum(x) * x) / (LIGHT_ANGSTROM * integral(passband, (x) => 1 / x));
}

/**
 * Returns the AB magnitude of a spectrum in a passband, NaN where there is no light.
 *
 * @example
 * ```ts
 * import { AB_REFERENCE, abMagnitude, LIGHT_ANGSTROM, passband } from "ephemera/astronomy";
 * import assert from "node:assert/strict";
 * const flat = (wavelength: number) => AB_REFERENCE * LIGHT_ANGSTROM / wavelength ** 2;
 * assert.ok(Math.abs(abMagnitude(passband("lsst", "g"), flat)) < 1e-12);
 * ```
 */
export function abMagnitude(passband: Passband, spectrum: Spectrum): number {
  const density = meanFluxDensity(passband, spectrum);
  return density > 0 ? -2.5 * Math.log10(density / AB_REFERENCE) : NaN;
}

/**
 * Returns the photon-weighted mean wavelength of a passband in angstrom, int T lambda dlambda / int T
 * dlambda.
 */
export function meanWavelength(passband: Passband): number {
  return integral(passband, (x) => x) / integral(passband, () => 1);
}

/**
 * Returns the pivot wavelength in angstrom, sqrt(int T lambda dlambda / int T dlambda / lambda), which
 * relates f_nu and f_lambda.
 */
export function pivotWavelength(passband: Passband): number {
  return Math.sqrt(integral(passband, (x) => x) / integral(passband, (x) => 1 / x));
}

/** Returns the mean wavelength in angstrom of the photons of a spectrum that are detected. */
export function effectiveWavelength(passband: Passband, spectrum: Spectrum): number {
  const photons = integral(passband, (x) => spectrum(x) * x);
  demand(photons > 0, {
    expected: "a spectrum with light in the passband",
    found: String(photons),
    where: `effectiveWavelength, band ${passband.name}`,
  });
  return integral(passband, (x) => spectrum(x) * x * x) / photons;
}

/**
 * Returns the K-correction in magnitudes (Hogg et al. 2002, equation 13): m_observed = M_emitted + distance
 * modulus + K, where
 * K = -2.5 log10((1 + z) <f_nu>_observed / <f_nu>_emitted) of the redshifted and the rest spectrum.
 *
 * For f_nu proportional to nu^alpha and one passband it is -2.5 (1 + alpha) log10(1 + z).
 *
 * @param rest flux or luminosity per wavelength of the source at rest, any unit.
 * @param redshift not negative.
 * @param observed passband of the telescope.
 * @param emitted passband at rest, by default the same.
 */
export function kCorrection(
  rest: Spectrum,
  redshift: number,
  observed: Passband,
  emitted: Passband = observed,
): number {
  demand(redshift >= 0 && Number.isFinite(redshift), {
    expected: "a redshift that is not negative",
    found: String(redshift),
    where: "kCorrection",
  });
  const scale = 1 + redshift;
  const seen = meanFluxDensity(observed, (wavelength) => rest(wavelength / scale) / scale);
  return -2.5 * Math.log10(seen / meanFluxDensity(emitted, rest));
}

/** Returns a passband with `parts` times as many intervals, linear between the wavelengths it has. */
export function refinePassband(passband: Passband, parts: number): Passband {
  demand(Number.isInteger(parts) && parts >= 1, {
    expected: "a whole number of parts of at least 1",
    found: String(parts),
    where: "refinePassband",
  });
  const n = (passband.wavelength.length - 1) * parts + 1;
  const at = (column: Float64Array) =>
    Float64Array.from({ length: n }, (_, k) => {
      const i = Math.min(Math.floor(k / parts), column.length - 2), share = (k - i * parts) / parts;
      return column[i] + share * (column[i + 1] - column[i]);
    });
  return { name: passband.name, wavelength: at(passband.wavelength), throughput: at(passband.throughput) };
}

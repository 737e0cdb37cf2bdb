/** Wavelengths moved: by velocity, by redshift, between air and vacuum. */
import { demand } from "../core/mod.ts";
import { type Spectrum, SpectrumSet } from "./spectrum_set.ts";

/** Speed of light, km/s. */
export const LIGHT_SPEED = 299792.458;

/** Returns the redshift z of a radial velocity in km/s (positive: away): 1 + z = sqrt((1 + v/c) / (1 - v/c)). */
export function redshiftOfVelocity(velocity: number): number {
  const beta = velocity / LIGHT_SPEED;
  demand(Math.abs(beta) < 1, () => ({
    expected: "a velocity below that of light, in km/s",
    found: String(velocity),
    where: "redshiftOfVelocity",
  }));
  return Math.sqrt((1 + beta) / (1 - beta)) - 1;
}

/** Returns the refractive index of dry air at 15 degrees C and 101325 Pa for vacuum angstrom (Ciddor 1996, as in SDSS). */
function refractiveIndex(vacuum: number): number {
  const square = Math.pow(1e4 / vacuum, 2);
  return 1 + 0.05792105 / (238.0185 - square) + 0.00167917 / (57.362 - square);
}

/** Returns the wavelength in air of a vacuum wavelength, angstrom (Ciddor 1996; for 2000 angstrom and longer). */
export function vacuumToAir(vacuum: number): number {
  return checkedWavelength(vacuum) / refractiveIndex(vacuum);
}

/**
 * Returns the wavelength in vacuum of a wavelength in air, angstrom: the inverse of {@link vacuumToAir}.
 *
 * @example
 * ```ts
 * import { airToVacuum } from "ephemera/observations";
 * import assert from "node:assert/strict";
 * assert.ok(Math.abs(airToVacuum(5006.843) - 5008.24) < 0.002); // [O III]
 * ```
 */
export function airToVacuum(air: number): number {
  let vacuum = checkedWavelength(air);
  // The index changes by parts in 1e9 a step: three steps reach the last bits.
  for (let i = 0; i < 4; i++) vacuum = air * refractiveIndex(vacuum);
  return vacuum;
}

function checkedWavelength(wavelength: number): number {
  demand(wavelength >= 2000, () => ({
    expected: "a wavelength of at least 2000 angstrom",
    found: String(wavelength),
    where: "air and vacuum",
    remedy: "leave the far ultraviolet in vacuum",
  }));
  return wavelength;
}

/**
 * Returns a spectrum stretched by 1 + z. Flux densities are divided by 1 + z, so that the light in a line stays the same;
 * inverse variances are multiplied by its square.
 */
export function redshiftSpectrum(spectrum: Spectrum, z: number): Spectrum {
  demand(z > -1 && Number.isFinite(z), () => ({
    expected: "a redshift above -1",
    found: String(z),
    where: `spectrum ${spectrum.id}`,
  }));
  const stretch = 1 + z;
  return {
    ...spectrum,
    wavelength: spectrum.wavelength.map((w) => w * stretch),
    flux: spectrum.flux.map((f) => f / stretch),
    inverseVariance: spectrum.inverseVariance?.map((v) => v * stretch * stretch),
  };
}

/**
 * Returns the set in the rest frame of each object, on grids of their own.
 * @param redshifts one per spectrum; velocities become redshifts by {@link redshiftOfVelocity}.
 */
export function toRestFrame(set: SpectrumSet, redshifts: ArrayLike<number>): SpectrumSet {
  return shifted(set, redshifts, (z) => 1 / (1 + z) - 1);
}

/** Returns a set of rest-frame spectra as observed at the given redshifts: the inverse of {@link toRestFrame}. */
export function toObservedFrame(set: SpectrumSet, redshifts: ArrayLike<number>): SpectrumSet {
  return shifted(set, redshifts, (z) => z);
}

function shifted(set: SpectrumSet, redshifts: ArrayLike<number>, shift: (z: number) => number): SpectrumSet {
  demand(redshifts.length === set.length, () => ({
    expected: `${set.length} redshifts, one per spectrum`,
    found: String(redshifts.length),
    where: "shift of spectra",
  }));
  const total = set.flux.length, wavelength = new Float64Array(total), flux = new Float64Array(total);
  const inverseVariance = set.inverseVariance && new Float64Array(total);
  for (let i = 0; i < set.length; i++) {
    demand(redshifts[i] > -1 && Number.isFinite(redshifts[i]), () => ({
      expected: "a redshift above -1",
      found: String(redshifts[i]),
      where: `spectrum ${set.ids[i]}`,
    }));
    const moved = redshiftSpectrum(set.at(i), shift(redshifts[i]));
    wavelength.set(moved.wavelength, set.offsets[i]);
    flux.set(moved.flux, set.offsets[i]);
    inverseVariance?.set(moved.inverseVariance!, set.offsets[i]);
  }
  return new SpectrumSet({ ...set.columns(), offsets: set.offsets, wavelength, flux, inverseVariance });
}

/** What a fibre spectrograph makes of a spectrum: resolution, photons, sky, read noise, calibration. */
import data from "../../../data/spectra/sdss_spectrograph.json" with { type: "json" };
import { demand, type Random } from "../../core/mod.ts";
import { LIGHT_SPEED, logWavelengthGrid } from "../../observations/mod.ts";
import { interpolate } from "../periodic/draws.ts";
import type { StrengthCurve } from "./line_list.ts";

/** A spectrograph; curves against vacuum wavelength in angstrom. */
export interface Spectrograph {
  /** What it is called. */
  name: string;
  /** Where the numbers come from. */
  reference: string;
  /** Centre of the first pixel, angstrom. */
  start: number;
  /** Number of pixels. */
  pixels: number;
  /** Step of log10 of the wavelength a pixel. */
  step: number;
  /** Wavelength over full width at half maximum. */
  resolution: StrengthCurve;
  /** Collecting area, cm^2. */
  area: number;
  /** Share of photons above the atmosphere that are counted. */
  throughput: StrengthCurve;
  /** Dark sky, AB magnitudes a square arcsecond. */
  sky: StrengthCurve;
  /** Sky lines: wavelength, and flux over that of the sky around, spread over four pixels. */
  skyLines: StrengthCurve;
  /** Area of a fibre on the sky, square arcseconds. */
  fibre: number;
  /** Number of exposures. */
  exposures: number;
  /** Length of each, seconds. */
  exposureTime: number;
  /** Electrons a detector pixel. */
  readNoise: number;
  /** Detector rows summed in an extracted pixel. */
  rows: number;
  /** Standard deviation of the error of the flux calibration: of the slope from end to end, and of a bend of half the size. */
  calibration: number;
}

/** The first spectrographs of the Sloan Digital Sky Survey: 3830 to 9174 angstrom in 3794 pixels, three quarters of an hour. */
export const SDSS: Spectrograph = data as unknown as Spectrograph;

/** Returns the vacuum wavelengths of the pixels' centres, angstrom. */
export function spectrographGrid(spectrograph: Spectrograph = SDSS): Float64Array {
  return logWavelengthGrid(spectrograph.start, spectrograph.pixels, spectrograph.step);
}

/** Returns the standard deviation in km/s of the line-spread function at a wavelength: c / R / 2.3548. */
export function resolutionSigma(spectrograph: Spectrograph, wavelength: number): number {
  return LIGHT_SPEED / interpolate(spectrograph.resolution, wavelength) / 2.354820045;
}

/** Planck's constant times the speed of light, erg angstrom. */
const PHOTON = 1.98644586e-8;

/** Flux density of AB magnitude 0 at a wavelength in angstrom, erg/s/cm^2/angstrom: 3.631e-20 erg/s/cm^2/Hz. */
function zeroMagnitude(wavelength: number): number {
  return 3.631e-20 * LIGHT_SPEED * 1e13 / (wavelength * wavelength);
}

/** What is measured of one object. */
export interface MeasuredSpectrum {
  /** Flux densities, 1e-17 erg/s/cm^2/angstrom. */
  flux: Float64Array;
  /** Inverse variances that the pipeline would state: from the counts, without the calibration's error. */
  inverseVariance: Float64Array;
}

/**
 * Returns a measured spectrum. Electrons of the object, sky and detector give the variance
 * `N_object + N_sky + exposures rows readNoise^2`; noise is normal, which at hundreds of electrons is the same as Poisson's.
 *
 * @param flux true flux densities above the atmosphere on the spectrograph's grid, at its resolution, 1e-17 erg/s/cm^2/angstrom.
 * @param random draws the noise and the calibration's error.
 */
export function measureSpectrum(
  flux: Float64Array,
  random: Random,
  spectrograph: Spectrograph = SDSS,
): MeasuredSpectrum {
  const grid = spectrographGrid(spectrograph), n = grid.length;
  demand(flux.length === n, () => ({
    expected: `${n} fluxes, one per pixel of ${spectrograph.name}`,
    found: String(flux.length),
    where: "measureSpectrum",
  }));
  const { exposures, exposureTime, readNoise, rows, calibration, area, fibre } = spectrograph;
  const slope = random.normal(0, calibration), bend = random.normal(0, calibration / 2);
  const measured = new Float64Array(n), inverseVariance = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    const w = grid[j], width = w * Math.LN10 * spectrograph.step;
    const electrons = interpolate(spectrograph.throughput, w) * area * exposures * exposureTime * width * w /
      PHOTON;
    let sky = zeroMagnitude(w) * Math.pow(10, -0.4 * interpolate(spectrograph.sky, w)) * fibre;
    for (const [line, height] of spectrograph.skyLines) if (Math.abs(w - line) < 2 * width) sky *= 1 + height;
    const object = Math.max(0, flux[j]) * 1e-17 * electrons;
    const variance = object + sky * electrons + exposures * rows * readNoise * readNoise;
    const x = 2 * j / (n - 1) - 1, error = 1 + slope * x + bend * (2 * x * x - 1);
    measured[j] = (flux[j] + random.normal() * Math.sqrt(variance) / electrons * 1e17) * error;
    inverseVariance[j] = Math.pow(electrons * 1e-17, 2) / variance;
  }
  return { flux: measured, inverseVariance };
}

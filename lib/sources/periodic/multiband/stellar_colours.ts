/** What a star looks like in each band: temperature, broad-band colours, and the contrast between two surfaces. */
import { demand } from "../../../core/mod.ts";
import { interpolate } from "../draws.ts";

/** BP - RP against effective temperature in kelvin, dwarfs from B to M (Pecaut & Mamajek 2013, with Gaia's colours). */
const COLOUR_TEMPERATURE = [
  [-0.35, 20600],
  [-0.2, 15700],
  [-0.1, 12500],
  [0, 9700],
  [0.11, 8550],
  [0.33, 7400],
  [0.48, 6810],
  [0.59, 6550],
  [0.7, 6180],
  [0.82, 5770],
  [0.91, 5480],
  [1.08, 5100],
  [1.2, 4830],
  [1.32, 4600],
  [1.43, 4440],
  [1.69, 4050],
  [1.84, 3850],
  [2.13, 3560],
  [2.79, 3210],
  [4.1, 2810],
  [4.8, 2570],
] as const;

/** Effective wavelengths in angstroms at which {@link LOCUS} is given: those of LSST's u to y. */
const ANCHORS = [3723, 4807, 6221, 7559, 8680, 9754] as const;

/**
 * Temperature in kelvin, then u - g, g - r, r - i, i - z, z - y (AB). All but u - g are synthetic colours through LSST's
 * passbands of the SDSS spectra averaged by type (Kesseli et al. 2017), rounded; those spectra end inside u, where the
 * median colours of the stellar locus stand instead (Covey et al. 2007).
 */
const LOCUS: readonly (readonly number[])[] = [
  [2570, 2.6, 1.6, 2.38, 1.07, 0.58],
  [2810, 2.6, 1.43, 1.75, 0.8, 0.395],
  [3210, 2.6, 1.34, 1.32, 0.59, 0.275],
  [3560, 2.6, 1.34, 0.9, 0.42, 0.215],
  [3850, 2.55, 1.24, 0.6, 0.28, 0.165],
  [4050, 2.5, 1.13, 0.48, 0.215, 0.135],
  [4440, 2.4, 0.98, 0.38, 0.16, 0.105],
  [4600, 2.25, 0.85, 0.33, 0.135, 0.085],
  [4830, 2.05, 0.72, 0.285, 0.12, 0.07],
  [5100, 1.85, 0.64, 0.24, 0.105, 0.065],
  [5480, 1.5, 0.51, 0.19, 0.065, 0.035],
  [5770, 1.3, 0.42, 0.14, 0.03, 0.015],
  [6180, 1.1, 0.35, 0.125, 0.02, 0],
  [6550, 1.05, 0.22, 0.045, -0.02, -0.015],
  [6810, 1.1, 0.165, 0.02, -0.03, -0.015],
  [7400, 1.1, 0.05, -0.06, -0.06, -0.02],
  [8550, 1.08, -0.155, -0.155, -0.1, -0.04],
  [9700, 1, -0.24, -0.21, -0.125, -0.055],
  [12500, 0.65, -0.3, -0.25, -0.18, -0.09],
  [15700, 0.35, -0.335, -0.29, -0.195, -0.12],
  [20600, -0.05, -0.395, -0.3, -0.21, -0.12],
];

/** Returns the effective temperature in kelvin of a star of intrinsic colour (BP - RP)_0, held at the ends of the table. */
export function temperatureOfColour(colour: number): number {
  return interpolate(COLOUR_TEMPERATURE, colour);
}

/**
 * Returns the AB magnitude at a wavelength minus that in r of a star of a temperature: the stellar locus, linear in
 * log temperature and between the bands' effective wavelengths; held at the ends.
 * @param temperature effective temperature in kelvin.
 * @param wavelength effective wavelength of the band in angstroms.
 *
 * @example
 * ```ts
 * import { stellarColour } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * // g - r of the Sun is about 0.44.
 * assert.ok(Math.abs(stellarColour(5770, 4807) - 0.44) < 0.05);
 * ```
 */
export function stellarColour(temperature: number, wavelength: number): number {
  demand(temperature > 0 && wavelength > 0, () => ({
    expected: "a positive temperature and wavelength",
    found: `${temperature} K, ${wavelength} angstroms`,
    where: "stellarColour",
  }));
  let k = 1;
  while (k < LOCUS.length - 1 && temperature > LOCUS[k][0]) k++;
  const a = LOCUS[k - 1], b = LOCUS[k];
  const w = Math.min(1, Math.max(0, Math.log(temperature / a[0]) / Math.log(b[0] / a[0])));
  const colour = (j: number) => a[j] + w * (b[j] - a[j]);
  const u = colour(1) + colour(2), i = -colour(3), z = i - colour(4), y = z - colour(5);
  const magnitudes = [u, colour(2), 0, i, z, y];
  return interpolate(ANCHORS.map((anchor, j) => [anchor, magnitudes[j]] as const), wavelength);
}

/** Returns V - r (AB) of a star of a temperature, 0.4216 (g - r) - 0.0038 (R. Lupton's transformation for SDSS, 2005). */
export function vMinusR(temperature: number): number {
  return 0.4216 * stellarColour(temperature, ANCHORS[1]) - 0.0038;
}

/** h c / k in angstrom kelvin. */
const SECOND_RADIATION = 1.438776877e8;

/** Returns the ratio of Planck functions B(T1) / B(T2) at a wavelength in angstroms, temperatures in kelvin. */
export function planckRatio(temperature1: number, temperature2: number, wavelength: number): number {
  return Math.expm1(SECOND_RADIATION / (wavelength * temperature2)) /
    Math.expm1(SECOND_RADIATION / (wavelength * temperature1));
}

/** Returns the temperature whose Planck function at a wavelength (angstroms) is `ratio` times that of `temperature`. */
export function temperatureOfRatio(ratio: number, temperature: number, wavelength: number): number {
  const x = Math.expm1(SECOND_RADIATION / (wavelength * temperature)) / ratio;
  return SECOND_RADIATION / (wavelength * Math.log1p(x));
}

/** Effective wavelength of V in angstroms (Bessell & Murphy 2012). */
export const V_WAVELENGTH = 5490;

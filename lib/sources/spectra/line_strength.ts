/** How strong a line of a metal is in another star than the Sun: Saha, Boltzmann, opacity, and a curve of growth. */
import { interpolate } from "../periodic/draws.ts";
import type { MetalLine, Species } from "./line_list.ts";

/** What decides the strength of lines. */
export interface Atmosphere {
  /** Effective temperature, kelvin. */
  temperature: number;
  /** log10 of the surface gravity in cm/s^2. */
  gravity: number;
  /** [Fe/H], dex. */
  metallicity: number;
}

/** The Sun. */
export const SUN: Atmosphere = { temperature: 5772, gravity: 4.44, metallicity: 0 };

/** log10 of the electron pressure (dyn/cm^2) at optical depth 2/3 of dwarfs, log g = 4.4 (after Gray 2005, chapter 9). */
const ELECTRON_PRESSURE = [
  [3000, -1.8],
  [3500, -1.2],
  [4000, -0.6],
  [4500, 0],
  [5000, 0.5],
  [5500, 1],
  [6000, 1.4],
  [6500, 1.8],
  [7000, 2.1],
  [8000, 2.6],
  [9000, 3],
  [10000, 3.2],
  [15000, 3.4],
  [30000, 3.6],
] as const;

/** log10 of the electron pressure: it grows with the cube root of gravity in stars like the Sun (Gray 2005, eq. 9.20). */
function electronPressure({ temperature, gravity }: Atmosphere): number {
  return interpolate(ELECTRON_PRESSURE, temperature) + (gravity - 4.4) / 3;
}

/** log10 of the continuous opacity at 5000 angstrom per hydrogen atom: H- and the Paschen continuum (Gray 2005, ch. 8). */
function opacity(atmosphere: Atmosphere): number {
  const theta = 5040 / atmosphere.temperature;
  const negative = 4.158e-10 * 2.8e-18 * Math.pow(10, electronPressure(atmosphere) + 0.754 * theta) *
    Math.pow(theta, 2.5);
  const neutral = 1.0449e-26 * 1.25e11 / 243 * 9 * Math.pow(10, -12.09 * theta);
  return Math.log10(negative + neutral);
}

/** Returns log10 of n1/n0 of Saha's equation: -0.1761 - log Pe + log(u1/u0) + 2.5 log T - I 5040/T. */
function saha(atmosphere: Atmosphere, energy: number, partition: number): number {
  const { temperature } = atmosphere;
  return -0.1761 - electronPressure(atmosphere) + Math.log10(partition) + 2.5 * Math.log10(temperature) -
    energy * 5040 / temperature;
}

/** log10 of the absorbers in a level per unit of continuous opacity, for one abundance. */
function population(atmosphere: Atmosphere, species: Species, excitation: number): number {
  const once = Math.pow(10, saha(atmosphere, species.ionisation, species.partition));
  const twice = species.second === undefined ? 0 : once * Math.pow(10, saha(atmosphere, species.second, 0.7));
  const share = (species.stage === 1 ? 1 : once) / (1 + once + twice);
  return Math.log10(Math.max(1e-30, share)) - excitation * 5040 / atmosphere.temperature -
    opacity(atmosphere);
}

/** Returns log10 of how many absorbers a line has, per unit of opacity, over those in the Sun. */
export function relativeStrength(atmosphere: Atmosphere, species: Species, excitation: number): number {
  return population(atmosphere, species, excitation) - population(SUN, species, excitation) +
    atmosphere.metallicity;
}

/**
 * Returns the equivalent width in angstrom on the curve of growth W = A u / sqrt(1 + u): linear for weak lines, by the
 * square root for damped ones. A (2e-5 of the wavelength) is where they part; u follows from the width in the Sun.
 * @param solar equivalent width in the Sun, angstrom.
 * @param strength log10 of the absorbers over those in the Sun.
 */
export function grownWidth(wavelength: number, solar: number, strength: number): number {
  const unit = 2e-5 * wavelength, w = solar / unit, square = w * w;
  const u = (square + w * Math.sqrt(square + 4)) / 2 * Math.pow(10, strength);
  return unit * u / Math.sqrt(1 + u);
}

/** Returns the equivalent width of a metal's line in angstrom. */
export function metalWidth(line: MetalLine, species: Species, atmosphere: Atmosphere): number {
  return grownWidth(line.wavelength, line.solar, relativeStrength(atmosphere, species, line.excitation));
}

/** What all stars of the Milky Way share on their way to a telescope: wavelengths, dust, distance, mean light. */
import { extinctionCurve, meanWavelength, MILKY_WAY_RV, type Passband } from "../../../astronomy/mod.ts";
import type { Random } from "../../../core/mod.ts";
import type { SkySetting } from "../../sky_source.ts";
import { vMinusG } from "../photometry.ts";
import type { VariableStar } from "../star.ts";
import { type DensityProfile, drawDistanceModulus } from "./galactic_structure.ts";
import { stellarColour, temperatureOfColour, vMinusR } from "./stellar_colours.ts";

/** Facts of a set of passbands that every star needs. */
export interface BandFacts {
  /** Mean wavelength of each band in angstroms. */
  wavelength: Float64Array;
  /** Extinction in each band for E(B-V) = 1, magnitudes (O'Donnell 1994, R_V = 3.1). */
  extinction: Float64Array;
}

const known = new WeakMap<readonly Passband[], BandFacts>();

/** Wavelength of r in angstroms, to which the catalogue's range of magnitudes refers. */
const R_WAVELENGTH = 6221;

const law = extinctionCurve("odonnell94", MILKY_WAY_RV);

/** Returns the wavelengths and extinctions of passbands, worked out once for each list. */
export function bandFacts(passbands: readonly Passband[]): BandFacts {
  let facts = known.get(passbands);
  if (facts === undefined) {
    const wavelength = Float64Array.from(passbands, meanWavelength);
    facts = { wavelength, extinction: wavelength.map((angstroms) => MILKY_WAY_RV * law(angstroms)) };
    known.set(passbands, facts);
  }
  return facts;
}

/** Where a star stands and how bright it is on average. */
export interface Placement {
  /** Distance in parsecs. */
  distance: number;
  /** Effective temperature in kelvin. */
  temperature: number;
  /** Mean apparent magnitude in r, dust included. */
  meanR: number;
  /** Mean apparent magnitude in each band, dust included. */
  mean: Float64Array;
}

/**
 * Places a star at a distance of its population at which its mean r magnitude, behind all dust of its direction, is within
 * the setting's range. @param density the population's.
 */
export function placeStar(
  star: Pick<VariableStar, "absoluteMagnitude" | "colour">,
  random: Random,
  setting: SkySetting,
  density: DensityProfile,
): Placement {
  const { wavelength, extinction } = bandFacts(setting.passbands), { bright, faint } = setting.magnitudes;
  const temperature = temperatureOfColour(star.colour);
  const absoluteR = star.absoluteMagnitude + vMinusG(star.colour) - vMinusR(temperature);
  const offset = absoluteR + MILKY_WAY_RV * law(R_WAVELENGTH) * setting.mwebv;
  const modulus = drawDistanceModulus(random, bright - offset, faint - offset, density);
  return {
    distance: Math.pow(10, modulus / 5 + 1),
    temperature,
    meanR: offset + modulus,
    mean: wavelength.map((angstroms, b) =>
      absoluteR + modulus + stellarColour(temperature, angstroms) + extinction[b] * setting.mwebv
    ),
  };
}

/** Times at which the mean light is taken. */
const MEAN_TIMES = 48;

/**
 * Returns times in the survey at which the mean light of a star is taken. They step by the golden section of the period, or of
 * the survey for a star without one, so that they fill the cycle evenly.
 */
export function meanTimes({ window: { start, end } }: SkySetting, period: number): Float64Array {
  const golden = (Math.sqrt(5) - 1) / 2, regular = Number.isFinite(period);
  const cycles = regular ? Math.max(1, Math.floor((end - start) / period)) : 1;
  return Float64Array.from({ length: MEAN_TIMES }, (_, k) => {
    const part = ((k + 0.5) * golden) % 1;
    return start + (regular ? (Math.floor(k * cycles / MEAN_TIMES) + part) * period : part * (end - start));
  });
}

/** Returns the mean of the fluxes of magnitudes, over that of magnitude 0, each first multiplied by `ratio`. */
export function meanFlux(magnitudes: Float64Array, ratio = 1): number {
  let sum = 0;
  for (const magnitude of magnitudes) sum += Math.pow(10, -0.4 * ratio * magnitude);
  return sum / magnitudes.length;
}

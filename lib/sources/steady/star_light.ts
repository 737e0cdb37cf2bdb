/** Ordinary stars of the Milky Way in the bands of a survey. */
import { extinctionCurve, FLUXCAL_ZERO_POINT, fluxOf, MILKY_WAY_RV } from "../../astronomy/mod.ts";
import type { Random } from "../../core/mod.ts";
import { bandFacts } from "../periodic/multiband/stage.ts";
import { stellarColour } from "../periodic/multiband/stellar_colours.ts";
import type { SkySetting } from "../sky_source.ts";

/**
 * Decimal logarithm of the ratio of star counts in neighbouring magnitudes, that of the disc at 16 to 22 in
 * r.
 */
const COUNTS_SLOPE = 0.2;

/** Wavelength in angstroms to which r magnitudes refer. */
const R_WAVELENGTH = 6221;

/** A(r) / E(B-V) of the Milky Way. */
export const R_EXTINCTION: number = MILKY_WAY_RV * extinctionCurve("odonnell94", MILKY_WAY_RV)(R_WAVELENGTH);

/**
 * Draws an r magnitude from star counts that grow as 10^(0.2 m) (Bahcall & Soneira 1980 at high latitude)
 * between a bright and a
 * faint limit.
 */
export function drawStarMagnitude(random: Random, range: { bright: number; faint: number }): number {
  const { bright, faint } = range, growth = Math.pow(10, COUNTS_SLOPE * (faint - bright));
  return bright + Math.log10(1 + random.uniform() * (growth - 1)) / COUNTS_SLOPE;
}

/**
 * Returns the flux in each passband (AB, zero point 27.5) of a star with the colours of the stellar locus.
 *
 * @param temperature effective temperature in kelvin.
 * @param magnitude r magnitude as observed, dust included.
 * @param reddening E(B-V) in front of it, magnitudes.
 */
export function starFluxes(
  setting: Pick<SkySetting, "passbands">,
  temperature: number,
  magnitude: number,
  reddening: number,
): Float64Array {
  const { wavelength, extinction } = bandFacts(setting.passbands);
  return wavelength.map((angstroms, b) => {
    const dust = reddening * (extinction[b] - R_EXTINCTION);
    return fluxOf(magnitude + stellarColour(temperature, angstroms) + dust, FLUXCAL_ZERO_POINT);
  });
}

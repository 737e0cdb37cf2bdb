/** What a survey's bands make of a spectrum that stays as it is. */
import { FLUXCAL_ZERO_POINT, MILKY_WAY_RV, type Passband, type Spectrum } from "../../astronomy/mod.ts";
import { bandNodes } from "../transients/band_nodes.ts";

const SCALE = Math.pow(10, 0.4 * FLUXCAL_ZERO_POINT);

/**
 * Returns the flux in each passband (AB, zero point 27.5) of a spectrum behind the dust of the Milky Way, by
 * the Gauss quadrature of
 * {@link bandNodes}.
 *
 * @param spectrum flux per wavelength at an observed wavelength in angstrom, erg/s/cm^2/A.
 * @param mwebv E(B-V) of the dust in front of it, magnitudes.
 *
 * @example
 * ```ts
 * import { AB_REFERENCE, LIGHT_ANGSTROM, passband } from "ephemera/astronomy";
 * import { bandFluxes } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const zeroMagnitude = (wavelength: number) => AB_REFERENCE * LIGHT_ANGSTROM / wavelength ** 2;
 * const [flux] = bandFluxes([passband("lsst", "r")], zeroMagnitude, 0);
 * assert.ok(Math.abs(flux / 10 ** 11 - 1) < 1e-4);
 * ```
 */
export function bandFluxes(passbands: readonly Passband[], spectrum: Spectrum, mwebv: number): Float64Array {
  return Float64Array.from(passbands, (passband) => {
    const { wavelength, weight, extinction } = bandNodes(passband);
    let sum = 0;
    for (let k = 0; k < weight.length; k++) {
      const dust = Math.pow(10, -0.4 * MILKY_WAY_RV * mwebv * extinction[k]);
      sum += weight[k] * dust * spectrum(wavelength[k]);
    }
    return SCALE * sum;
  });
}

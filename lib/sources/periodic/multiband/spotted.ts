/** Spotted stars in every band: cool spots fade to the red. */
import { FLUXCAL_ZERO_POINT, fluxOf } from "../../../astronomy/mod.ts";
import type { Random } from "../../../core/mod.ts";
import type { SkySetting, SkySource } from "../../sky_source.ts";
import type { VariableStar } from "../star.ts";
import { type DensityProfile, discDensity } from "./galactic_structure.ts";
import { planckRatio, temperatureOfColour, V_WAVELENGTH } from "./stellar_colours.ts";
import { bandFacts, meanTimes, placeStar } from "./stage.ts";

/** Returns the temperature of a spot in kelvin: 1700 K below 5800 K of the surface, 400 K below 3500 K (Berdyugina 2005, fig. 7). */
export function spotTemperature(surface: number): number {
  return surface - Math.min(2000, Math.max(300, 400 + (surface - 3500) * 1300 / 2300));
}

/** Returns the light that a spot takes at a wavelength in angstroms, over that in V: (1 - c) / (1 - c_V), c its contrast. */
export function spotRatio(surface: number, wavelength: number): number {
  const spot = spotTemperature(surface);
  return (1 - planckRatio(spot, surface, wavelength)) / (1 - planckRatio(spot, surface, V_WAVELENGTH));
}

/** Returns a spotted star in every band; the loss of light in V times {@link spotRatio}. Parameters as in `pulsatingSource`. */
export function spottedSource(
  kind: string,
  star: VariableStar,
  random: Random,
  setting: SkySetting,
  density: DensityProfile = discDensity,
): SkySource {
  const { mean, ...place } = placeStar(star, random, setting, density);
  const surface = temperatureOfColour(star.colour);
  const ratio = bandFacts(setting.passbands).wavelength.map((angstroms) => spotRatio(surface, angstroms));
  const level = mean.map((magnitude) => fluxOf(magnitude, FLUXCAL_ZERO_POINT));
  const lost = (time: number) => 1 - Math.pow(10, -0.4 * star.magnitude(time));
  const meanLoss = meanTimes(setting, star.period).reduce(
    (sum, time, _, { length }) => sum + lost(time) / length,
    0,
  );
  return {
    kind,
    redshift: 0,
    peak: NaN,
    parameters: { ...star.parameters, ...place },
    quiescent: level.map((flux, b) => flux * (1 - ratio[b] * meanLoss)),
    flux(time, band) {
      return Float64Array.from(time, (t, i) => level[band[i]] * Math.max(0.02, 1 - ratio[band[i]] * lost(t)));
    },
  };
}

/** Eclipsing binaries in every band: one geometry, two temperatures. */
import { FLUXCAL_ZERO_POINT, fluxOf } from "../../../astronomy/mod.ts";
import type { Random } from "../../../core/mod.ts";
import type { SkySetting, SkySource } from "../../sky_source.ts";
import { interpolate } from "../draws.ts";
import { binaryCurve, type BinaryParameters } from "../eclipsing_binary.ts";
import type { VariableStar } from "../star.ts";
import { type DensityProfile, discDensity } from "./galactic_structure.ts";
import { planckRatio, temperatureOfColour, temperatureOfRatio, V_WAVELENGTH } from "./stellar_colours.ts";
import { bandFacts, meanFlux, meanTimes, placeStar } from "./stage.ts";

/** Linear limb darkening of a star like the Sun over that in V, against wavelength in angstroms (Claret 2000, ATLAS models). */
const LIMB_DARKENING = [[3560, 1.25], [4770, 1.13], [5490, 1], [6220, 0.88], [7550, 0.73], [8680, 0.65], [
  9750,
  0.6,
]] as const;

/**
 * Returns the temperatures in kelvin of both stars of a binary. The colour is that of the light of both, taken for the hotter
 * star's, which gives most of it; the other's follows from the ratio of surface brightness in V.
 */
export function binaryTemperatures(colour: number, brightnessRatio: number): { one: number; two: number } {
  const hot = temperatureOfColour(colour);
  if (brightnessRatio > 1) {
    return { one: temperatureOfRatio(1 / brightnessRatio, hot, V_WAVELENGTH), two: hot };
  }
  return { one: hot, two: temperatureOfRatio(Math.max(1e-6, brightnessRatio), hot, V_WAVELENGTH) };
}

/** Returns the parameters of a V-band binary as they are at another wavelength in angstroms. */
export function binaryAt(
  parameters: BinaryParameters,
  temperatures: { one: number; two: number },
  wavelength: number,
): BinaryParameters {
  const dark = parameters.limbDarkening ?? 0.6;
  return {
    ...parameters,
    brightnessRatio: planckRatio(temperatures.two, temperatures.one, wavelength),
    limbDarkening: Math.min(0.95, dark * interpolate(LIMB_DARKENING, wavelength)),
    // von Zeipel's law in the Rayleigh-Jeans limit is half of what it is where the spectrum falls steeply.
    gravityDarkening: (parameters.gravityDarkening ?? 0.4) *
      Math.min(1.4, Math.max(0.5, V_WAVELENGTH / wavelength)),
  };
}

/**
 * Returns an eclipsing binary in every band. The eclipses have the same times and durations in all, and depths that follow from
 * the contrast of two black surfaces; limb darkening falls to the red. Parameters: those of the model, `temperature1`,
 * `temperature2` (K), `distance` (pc), `meanR` (mag).
 */
export function binarySource(
  kind: string,
  star: VariableStar,
  random: Random,
  setting: SkySetting,
  density: DensityProfile = discDensity,
): SkySource {
  const { primaryDepth: _primary, secondaryDepth: _secondary, ...numbers } = star.parameters;
  const parameters = numbers as unknown as BinaryParameters;
  const temperatures = binaryTemperatures(star.colour, parameters.brightnessRatio);
  const { wavelength } = bandFacts(setting.passbands);
  const { mean, temperature: _, ...place } = placeStar(star, random, setting, density);
  const curves = Array.from(
    wavelength,
    (angstroms) => binaryCurve(binaryAt(parameters, temperatures, angstroms)),
  );
  const level = mean.map((magnitude) => fluxOf(magnitude, FLUXCAL_ZERO_POINT));
  const times = meanTimes(setting, star.period);
  return {
    kind,
    redshift: 0,
    peak: NaN,
    parameters: {
      ...star.parameters,
      ...place,
      temperature1: temperatures.one,
      temperature2: temperatures.two,
    },
    quiescent: level.map((flux, b) => flux * meanFlux(times.map((time) => curves[b].magnitude(time)))),
    flux(time, band) {
      const flux = new Float64Array(time.length);
      for (let i = 0; i < time.length; i++) {
        flux[i] = level[band[i]] * Math.pow(10, -0.4 * curves[band[i]].magnitude(time[i]));
      }
      return flux;
    },
  };
}

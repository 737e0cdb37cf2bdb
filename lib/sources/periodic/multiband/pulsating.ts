/** Pulsating and semi-regular stars in every band: the V curve, scaled and delayed. */
import { FLUXCAL_ZERO_POINT, fluxOf } from "../../../astronomy/mod.ts";
import type { Random } from "../../../core/mod.ts";
import type { SkySetting, SkySource } from "../../sky_source.ts";
import type { VariableStar } from "../star.ts";
import { amplitudeRatio, type BandScaling, phaseLag } from "./amplitude_ratios.ts";
import type { DensityProfile } from "./galactic_structure.ts";
import { bandFacts, meanFlux, meanTimes, placeStar } from "./stage.ts";

/** How a V-band star becomes a source in all bands. */
export interface PulsationModel {
  /** Amplitudes and lags. */
  scaling: BandScaling;
  /** Where such stars live. */
  density: DensityProfile;
}

/**
 * Returns a star in every band: m_b(t) = <m_b> + a(lambda_b) [V(t - lag(lambda_b) P) - <V>], with mean colours from its
 * temperature. Parameters: those of the V-band model, and `distance` (pc), `temperature` (K), `meanR` (mag, dust included).
 *
 * @param kind name of the source's kind.
 * @param star the V-band model.
 * @param random decides the distance.
 */
export function pulsatingSource(
  kind: string,
  star: VariableStar,
  random: Random,
  setting: SkySetting,
  model: PulsationModel,
): SkySource {
  const { wavelength } = bandFacts(setting.passbands);
  const { mean, ...place } = placeStar(star, random, setting, model.density);
  const ratio = wavelength.map((angstroms) => amplitudeRatio(model.scaling, angstroms));
  const delay = wavelength.map((angstroms) =>
    Number.isFinite(star.period) ? phaseLag(model.scaling, angstroms) * star.period : 0
  );
  const level = mean.map((magnitude) => fluxOf(magnitude, FLUXCAL_ZERO_POINT));
  const cycle = meanTimes(setting, star.period).map((time) => star.magnitude(time));
  return {
    kind,
    redshift: 0,
    peak: NaN,
    parameters: { ...star.parameters, period: star.period, ...place },
    quiescent: level.map((flux, b) => flux * meanFlux(cycle, ratio[b])),
    flux(time, band) {
      const flux = new Float64Array(time.length);
      for (let i = 0; i < time.length; i++) {
        const b = band[i];
        flux[i] = level[b] * Math.pow(10, -0.4 * ratio[b] * star.magnitude(time[i] - delay[b]));
      }
      return flux;
    },
  };
}

/** Intermediate-luminosity optical transients: brighter than novae, fainter than supernovae, red and redder. */
import { passband } from "../../astronomy/mod.ts";
import type { Random } from "../../core/mod.ts";
import { truncatedNormal } from "../periodic/draws.ts";
import type { SkyKind } from "../sky_source.ts";
import { peakedCurve } from "./peaked_curve.ts";
import { anchoredModel, blackbodyModel } from "./photosphere.ts";
import { drawPeak, type SpectralModel, spectralSource } from "./spectral_series.ts";

/** What makes one of them differ from another. */
export interface IlotParameters {
  /** Absolute r magnitude at maximum. */
  magnitude: number;
  /** Days from first light to maximum. */
  rise: number;
  /** Decline in the first fifteen days, magnitudes. */
  decline15: number;
  /** Temperature at maximum and at late times, kelvin. */
  temperature: number;
  coolest: number;
  /** Days in which the temperature falls by 1 / e of the difference. */
  cooling: number;
}

/**
 * Returns the model: an r light curve of one peak with a slow tail, and a black body that cools
 * exponentially. Phase 0 is the r maximum.
 */
export function ilotModel(parameters: IlotParameters): SpectralModel {
  const { magnitude, rise, decline15, temperature, coolest, cooling } = parameters;
  const curve = peakedCurve({ rise, decline15, tailShare: 0.15, tailDecline: 2.5 });
  const shape = blackbodyModel({
    photosphere: (phase, out) => {
      out.temperature = coolest + (temperature - coolest) * Math.exp(-Math.max(0, phase) / cooling);
      out.radius = 1;
    },
  });
  return anchoredModel({
    passband: passband("sdss", "r"),
    magnitude: (phase) => magnitude + curve(phase),
    shape,
    span: [-rise + 1e-3, 400],
  });
}

/**
 * Draws one: maxima -12.9 +- 0.9 between -10.5 and -15, rises of 8 to 25 days, declines of 0.2 to 0.7
 * magnitudes in fifteen days, from 6000-9000 K to 2800-4500 K (Cai et al. 2021; Botticella et al. 2009;
 * Kulkarni et al. 2007).
 */
export function drawIlot(random: Random): IlotParameters {
  return {
    magnitude: truncatedNormal(random, -12.9, 0.9, -15, -10.5),
    rise: random.uniform(8, 25),
    decline15: random.uniform(0.2, 0.7),
    temperature: random.uniform(6000, 9000),
    coolest: random.uniform(2800, 4500),
    cooling: random.uniform(30, 70),
  };
}

/** Intermediate-luminosity optical transient. Parameters: those of {@link IlotParameters} and `hostEbv`. */
export const ILOT: SkyKind = {
  name: "ILOT",
  galactic: false,
  reference:
    "Cai et al. 2021, A&A 654, A157; Botticella et al. 2009, MNRAS 398, 1041; Kulkarni et al. 2007, Nature 447, 458",
  draw(random, setting) {
    const drawn = drawIlot(random), ebv = random.exponential(0.1);
    return spectralSource("ILOT", setting, {
      peak: drawPeak(random, setting),
      parameters: { ...drawn, hostEbv: ebv },
      model: ilotModel(drawn),
      hostDust: { ebv },
    });
  },
};

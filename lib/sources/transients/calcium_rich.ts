/** Calcium-rich transients: faint, fast, and soon nebular with calcium lines. */
import type { Random } from "../../core/mod.ts";
import { truncatedNormal } from "../periodic/draws.ts";
import type { SkyKind } from "../sky_source.ts";
import { expandingPhotosphere } from "./diffused_light.ts";
import { broadLines, metalBlanketing } from "./line_blanketing.ts";
import { nickelLightCurve } from "./nickel_decay.ts";
import { blackbodyModel } from "./photosphere.ts";
import type { PeakedModel } from "./slsn_i.ts";
import { drawPeak, spectralSource } from "./spectral_series.ts";

/** What makes one of them differ from another. */
export interface CalciumRichParameters {
  /** Mass of nickel-56, solar masses. */
  nickel: number;
  /** Mass of the ejecta, solar masses. */
  ejecta: number;
  /** Velocity of the photosphere, km/s. */
  velocity: number;
  /** Temperature floor, kelvin. */
  floor: number;
}

/** Forbidden calcium at 7306 and the infrared triplet at 8579 angstrom in emission. */
const LINES = [
  { wavelength: 7306, velocity: 6000, absorption: 0, emission: 2.5 },
  { wavelength: 8579, velocity: 7000, absorption: 0.1, emission: 1 },
];

/**
 * Returns the model: the light curve of little nickel in little mass ({@link nickelLightCurve}), a
 * photosphere with a floor, metal lines in the blue and calcium in emission
 * that grows in the first two months (Kasliwal et al. 2012). Phase 0 is the bolometric maximum.
 */
export function calciumRichModel({ nickel, ejecta, velocity, floor }: CalciumRichParameters): PeakedModel {
  const curve = nickelLightCurve({ nickel, ejecta, velocity }), { riseTime } = curve;
  const model = blackbodyModel({
    photosphere: (phase, out) =>
      expandingPhotosphere(phase + riseTime, curve.luminosity(phase + riseTime), velocity, floor, out),
    blanketing: [
      metalBlanketing({ depth: 0.3, hot: 8500, cold: 5000 }),
      broadLines(LINES, (phase) => 1 / (1 + Math.exp(-(phase - 30) / 8))),
    ],
    span: [-riseTime + 0.2, 300],
  });
  return { ...model, riseTime, peakLuminosity: curve.luminosity(riseTime) };
}

/**
 * Draws one: nickel log-normal about 0.02 (0.15 dex), ejecta 0.3 to 0.7 solar masses, 8000 to 11000 km/s, so
 * that they peak at about -16 after ten days (Kasliwal et al. 2012; Lunnan et al. 2017; De et al. 2020).
 */
export function drawCalciumRich(random: Random): CalciumRichParameters {
  return {
    nickel: Math.pow(10, truncatedNormal(random, Math.log10(0.02), 0.15, -2.15, -1.3)),
    ejecta: random.uniform(0.3, 0.7),
    velocity: random.uniform(8000, 11000),
    floor: truncatedNormal(random, 4700, 300, 4000, 5500),
  };
}

/**
 * Calcium-rich transient. Parameters: those of {@link CalciumRichParameters}, `riseTime`, `peakLuminosity`;
 * hosts are old and dustless.
 */
export const CALCIUM_RICH: SkyKind = {
  name: "CaRT",
  galactic: false,
  reference:
    "Kasliwal et al. 2012, ApJ 755, 161; Lunnan et al. 2017, ApJ 836, 60; De et al. 2020, ApJ 905, 58",
  draw(random, setting) {
    const drawn = drawCalciumRich(random),
      model = calciumRichModel(drawn),
      { riseTime, peakLuminosity } = model;
    return spectralSource("CaRT", setting, {
      peak: drawPeak(random, setting),
      parameters: { ...drawn, riseTime, peakLuminosity },
      model,
    });
  },
};

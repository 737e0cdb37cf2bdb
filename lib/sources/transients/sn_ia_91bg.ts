/** Faint, fast and red type Ia supernovae like SN 1991bg. */
import { passband } from "../../astronomy/mod.ts";
import type { Random } from "../../core/mod.ts";
import { truncatedNormal } from "../periodic/draws.ts";
import type { SkyKind } from "../sky_source.ts";
import { broadLines, metalBlanketing } from "./line_blanketing.ts";
import { peakedCurve } from "./peaked_curve.ts";
import { anchoredModel, blackbodyModel } from "./photosphere.ts";
import { drawPeak, type SpectralModel, spectralSource } from "./spectral_series.ts";

/** What makes one of them differ from another. */
export interface SubluminousParameters {
  /** Absolute V magnitude at maximum. */
  magnitude: number;
  /** V magnitudes by which it is fainter fifteen days after its V maximum. */
  decline15: number;
  /** Days at rest from first light to maximum. */
  rise: number;
  /** Temperature of the photosphere at maximum, kelvin. */
  temperature: number;
}

/**
 * The trough of titanium between 4000 and 4400 angstrom, silicon 6355 and 5972, sulphur, oxygen 7774, calcium
 * (Filippenko et al. 1992).
 */
const LINES = [
  { wavelength: 4330, velocity: 10000, absorption: 0.45, emission: 0 },
  { wavelength: 4200, velocity: 10000, absorption: 0.35, emission: 0 },
  { wavelength: 6355, velocity: 10000, absorption: 0.45, emission: 0.05 },
  { wavelength: 5972, velocity: 10000, absorption: 0.2, emission: 0 },
  { wavelength: 5640, velocity: 9500, absorption: 0.15, emission: 0.05 },
  { wavelength: 7774, velocity: 10000, absorption: 0.3, emission: 0.05 },
  { wavelength: 3950, velocity: 11000, absorption: 0.5, emission: 0.05 },
  { wavelength: 8579, velocity: 11000, absorption: 0.4, emission: 0.3 },
];

/**
 * Returns the spectral energy distribution: a V light curve of `peakedCurve`, and as its shape a black body
 * that cools fast, from a little above the temperature at maximum
 * to 4300 K two weeks later, with metal blanketing and the titanium trough. Without iron that recombines late
 * there is no second maximum in i.
 * Phase 0 is the V maximum.
 */
export function subluminousModel(
  { magnitude, decline15, rise, temperature }: SubluminousParameters,
): SpectralModel {
  const curve = peakedCurve({ rise, decline15, tailShare: 0.11, tailDecline: 2 });
  const shape = blackbodyModel({
    photosphere: (phase, out) => {
      out.temperature = 4300 + (temperature - 4300) * (1 + Math.exp(-0.5)) / (1 + Math.exp((phase - 2) / 4));
      out.radius = 1;
    },
    blanketing: [metalBlanketing({ depth: 0.4, hot: 10000, cold: 5000 }), broadLines(LINES)],
  });
  return anchoredModel({
    passband: passband("johnson", "V"),
    magnitude: (phase) => magnitude + curve(phase),
    shape,
    span: [-rise, Infinity],
  });
}

/**
 * Draws the parameters (Taubenberger 2017, section 3.1; Taubenberger et al. 2008): M_V = -17.6 +- 0.4,
 * declines of 1.2 to 1.5 in V (1.8 to 2.1 in B), rises of 13 to 16 days.
 */
export function drawSubluminous(random: Random): SubluminousParameters {
  const size = random.normal();
  return {
    magnitude: Math.min(-16.4, Math.max(-18.6, -17.6 - 0.4 * size)),
    // Brighter ones are slower and hotter.
    decline15: Math.min(1.65, Math.max(1.15, 1.42 - 0.07 * size + random.normal(0, 0.05))),
    rise: truncatedNormal(random, 14.5, 1, 12, 17),
    temperature: truncatedNormal(random, 7600 + 250 * size, 200, 6400, 8800),
  };
}

/**
 * Type Ia like SN 1991bg. Parameters: those of {@link SubluminousParameters}; they live in galaxies with
 * little dust. Phase 0 is the V maximum.
 */
export const SN_IA_91BG: SkyKind = {
  name: "SNIa-91bg",
  galactic: false,
  reference:
    "Taubenberger 2017, Handbook of Supernovae, 317; Taubenberger et al. 2008, MNRAS 385, 75; Filippenko et al. 1992, AJ 104, 1543",
  draw(random, setting) {
    const drawn = drawSubluminous(random), ebv = random.exponential(0.02);
    return spectralSource("SNIa-91bg", setting, {
      peak: drawPeak(random, setting),
      parameters: { ...drawn, hostEbv: ebv },
      model: subluminousModel(drawn),
      hostDust: { ebv },
    });
  },
};

/** Type Iax supernovae: white dwarfs that may have survived; slow ejecta, low luminosity. */
import { passband } from "../../astronomy/mod.ts";
import type { Random } from "../../core/mod.ts";
import { truncatedNormal } from "../periodic/draws.ts";
import type { SkyKind } from "../sky_source.ts";
import { broadLines, metalBlanketing } from "./line_blanketing.ts";
import { peakedCurve } from "./peaked_curve.ts";
import { anchoredModel, blackbodyModel } from "./photosphere.ts";
import { drawPeak, type SpectralModel, spectralSource } from "./spectral_series.ts";

/** What makes one of them differ from another. */
export interface IaxParameters {
  /** Absolute V magnitude at maximum. */
  magnitude: number;
  /** V magnitudes by which it is fainter fifteen days after its V maximum. */
  decline15: number;
  /** Days at rest from first light to maximum. */
  rise: number;
  /** Temperature of the photosphere at maximum, kelvin. */
  temperature: number;
}

/** Iron-group elements, silicon and calcium at low velocity (Jha 2017). */
const LINES = [
  { wavelength: 5169, velocity: 5500, absorption: 0.25, emission: 0.1 },
  { wavelength: 4555, velocity: 5500, absorption: 0.25, emission: 0.1 },
  { wavelength: 6355, velocity: 5500, absorption: 0.2, emission: 0.05 },
  { wavelength: 3950, velocity: 6500, absorption: 0.35, emission: 0.05 },
  { wavelength: 8579, velocity: 5500, absorption: 0.2, emission: 0.2 },
];

/**
 * Returns the spectral energy distribution: a V light curve of `peakedCurve`, and as its shape a black body
 * that cools to 5000 K, with metal blanketing and
 * narrow-ish lines; one maximum in every band. Phase 0 is the V maximum.
 */
export function iaxModel({ magnitude, decline15, rise, temperature }: IaxParameters): SpectralModel {
  const curve = peakedCurve({ rise, decline15, tailShare: 0.13, tailDecline: 1.5 });
  const shape = blackbodyModel({
    photosphere: (phase, out) => {
      out.temperature = 5000 + (temperature - 5000) * (1 + Math.exp(1 / 3)) / (1 + Math.exp((phase + 2) / 6));
      out.radius = 1;
    },
    blanketing: [metalBlanketing({ depth: 0.35, hot: 11000, cold: 6000 }), broadLines(LINES)],
  });
  return anchoredModel({
    passband: passband("johnson", "V"),
    magnitude: (phase) => magnitude + curve(phase),
    shape,
    span: [-rise, Infinity],
  });
}

/**
 * Draws the parameters (Foley et al. 2013, tables 5 and 6, and Magee et al. 2016, figure 5): M_V between
 * -13.5 and -18.9, and the fainter the
 * faster: rises of about 20 days at -18 and 11 at -15, declines of 0.85 and 1.2 magnitudes in fifteen days.
 */
export function drawIax(random: Random): IaxParameters {
  const magnitude = truncatedNormal(random, -16.8, 1.3, -18.9, -13.5), faint = magnitude + 18;
  return {
    magnitude,
    decline15: Math.min(1.5, Math.max(0.65, 0.85 + 0.12 * faint + random.normal(0, 0.12))),
    rise: Math.min(28, Math.max(9, 20 - 3 * faint + random.normal(0, 2))),
    temperature: truncatedNormal(random, 9000, 700, 7000, 11000),
  };
}

/** Type Iax. Parameters: those of {@link IaxParameters} and `hostEbv`. Phase 0 is the V maximum. */
export const SN_IAX: SkyKind = {
  name: "SNIax",
  galactic: false,
  reference:
    "Foley et al. 2013, ApJ 767, 57; Jha 2017, Handbook of Supernovae, 375; Magee et al. 2016, A&A 589, A89",
  draw(random, setting) {
    const drawn = drawIax(random), ebv = random.exponential(0.1);
    return spectralSource("SNIax", setting, {
      peak: drawPeak(random, setting),
      parameters: { ...drawn, hostEbv: ebv },
      model: iaxModel(drawn),
      hostDust: { ebv },
    });
  },
};

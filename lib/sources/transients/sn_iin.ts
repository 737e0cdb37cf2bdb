/** Type IIn supernovae: ejecta that run into a dense wind, and shine by the shock. */
import { passband } from "../../astronomy/mod.ts";
import type { Random } from "../../core/mod.ts";
import { truncatedNormal } from "../periodic/draws.ts";
import type { SkyKind } from "../sky_source.ts";
import { broadLines, metalBlanketing } from "./line_blanketing.ts";
import { anchoredModel, blackbodyModel } from "./photosphere.ts";
import { drawPeak, type SpectralModel, spectralSource } from "./spectral_series.ts";

/** What makes one type IIn supernova differ from another. */
export interface InteractingParameters {
  /** Absolute r magnitude (AB) at maximum. */
  magnitude: number;
  /** Days at rest from first light to maximum. */
  rise: number;
  /** Decline soon after maximum, magnitudes a day. */
  decline: number;
  /** Decline later, magnitudes a day. */
  lateDecline: number;
  /** Temperature at maximum, kelvin. */
  temperature: number;
}

/** Days after maximum when the first decline gives way to the later one. */
const BREAK = 50;

/** Days around maximum in which the light curve is level. */
const CAP = 6;

/** H alpha, narrow and its broad wings seen as one line. */
const LINES = [{ wavelength: 6563, velocity: 2500, absorption: 0, emission: 1.2 }];

/**
 * Returns the spectral energy distribution: a black body of T = 6000 + (T_max - 6000) exp(-p / 40 d) after
 * maximum (hotter by 10 % at most before it) with
 * growing H alpha and mild blanketing, scaled to an r light curve that rises as 1 - (p / rise)^2 and declines
 * linearly in magnitudes with a break after 50 days.
 * Phase 0 is the r maximum.
 */
export function interactingModel(p: InteractingParameters): SpectralModel {
  const shape = blackbodyModel({
    photosphere: (phase, out) => {
      out.temperature = phase < 0
        ? p.temperature * (1 + 0.1 * Math.min(1, -phase / p.rise))
        : 6000 + (p.temperature - 6000) * Math.exp(-phase / 40);
      out.radius = 1;
    },
    blanketing: [
      metalBlanketing({ depth: 0.12 }),
      broadLines(LINES, (phase) => Math.min(1, Math.max(0.1, (phase + 20) / 80))),
    ],
  });
  const magnitude = (phase: number) => {
    if (phase <= -p.rise) return Infinity;
    if (phase < 0) return p.magnitude - 2.5 * Math.log10(1 - (phase / p.rise) ** 2);
    const early = Math.sqrt(phase * phase + CAP * CAP) - CAP;
    const late = 10 * Math.log1p(Math.exp((phase - BREAK) / 10)) - 10 * Math.log1p(Math.exp(-BREAK / 10));
    return p.magnitude + p.decline * (early - late) + p.lateDecline * late;
  };
  return anchoredModel({ passband: passband("sdss", "r"), magnitude, shape, span: [-p.rise, Infinity] });
}

/**
 * Draws the parameters (Nyholm et al. 2020, sections 4 and 5): maxima of -18.6 +- 1.4 in a volume; two thirds
 * rise in 20 +- 6 days and the rest in 50 +- 11;
 * declines of 0.027 +- 0.016 and 0.013 +- 0.010 magnitudes a day for the two; temperatures of 8000 to 18000 K
 * at maximum (Taddia et al. 2013).
 */
export function drawInteracting(random: Random): InteractingParameters {
  const slow = random.uniform() < 1 / 3;
  const decline = slow
    ? truncatedNormal(random, 0.013, 0.01, 0.003, 0.04)
    : truncatedNormal(random, 0.027, 0.016, 0.005, 0.07);
  return {
    magnitude: truncatedNormal(random, -18.6, 1.4, -21.5, -15.5),
    rise: slow ? truncatedNormal(random, 50, 11, 25, 80) : truncatedNormal(random, 20, 6, 7, 35),
    decline,
    lateDecline: decline * random.uniform(0.4, 1),
    temperature: truncatedNormal(random, 12500, 2500, 8000, 18000),
  };
}

/** Type IIn. Parameters: those of {@link InteractingParameters} and `hostEbv`. Phase 0 is the r maximum. */
export const SN_IIN: SkyKind = {
  name: "SNIIn",
  galactic: false,
  reference:
    "Nyholm et al. 2020, A&A 637, A73; Kiewe et al. 2012, ApJ 744, 10; Taddia et al. 2013, A&A 555, A10",
  draw(random, setting) {
    const drawn = drawInteracting(random), ebv = random.exponential(0.05);
    return spectralSource("SNIIn", setting, {
      peak: drawPeak(random, setting),
      parameters: { ...drawn, hostEbv: ebv },
      model: interactingModel(drawn),
      hostDust: { ebv },
    });
  },
};

/** Supernovae with a thick hydrogen envelope, types II-P and II-L: one model, two ranges of its decline. */
import { passband } from "../../astronomy/mod.ts";
import type { Random } from "../../core/mod.ts";
import { truncatedNormal } from "../periodic/draws.ts";
import type { SkySetting, SkySource } from "../sky_source.ts";
import { broadLines, metalBlanketing } from "./line_blanketing.ts";
import { anchoredModel, blackbodyModel } from "./photosphere.ts";
import { drawPeak, type SpectralModel, spectralSource } from "./spectral_series.ts";

/**
 * The V light curve in the terms of Anderson et al. (2014); magnitudes on the AB scale, which in V is Vega's
 * within 0.02.
 */
export interface HydrogenRichParameters {
  /** Absolute V magnitude at maximum. */
  magnitude: number;
  /** Time scale of the rise, days: flux grows as 1 - exp(-(t / rise)^1.5). */
  rise: number;
  /** Initial decline after maximum, magnitudes in 100 days. */
  s1: number;
  /** Decline on the plateau, magnitudes in 100 days. */
  s2: number;
  /** Decline of the radioactive tail, magnitudes in 100 days. */
  s3: number;
  /** Days from explosion to the change from s1 to s2. */
  transition: number;
  /** Days from explosion to the middle of the drop from the plateau. */
  plateauEnd: number;
  /** Drop from the plateau to the tail, magnitudes. */
  drop: number;
  /** Time scale of the drop, days (Valenti et al. 2016, w0). */
  dropWidth: number;
}

/** Days over which one slope gives way to the next. */
const BEND = 4;

/** Returns x for large and 0 for very negative x, in units of `width`. */
function softRamp(x: number, width: number): number {
  const u = x / width;
  return u > 30 ? x : width * Math.log1p(Math.exp(u));
}

/** V magnitudes, up to a constant, at a time in days since explosion. */
function rawMagnitude(p: HydrogenRichParameters, time: number): number {
  const rise = -2.5 * Math.log10(-Math.expm1(-Math.pow(time / p.rise, 1.5)));
  const bend = softRamp(time - p.transition, BEND), end = softRamp(time - p.plateauEnd, p.dropWidth);
  return rise + (p.s1 * (time - bend) + p.s2 * (bend - end) + p.s3 * end) / 100 +
    p.drop / (1 + Math.exp((p.plateauEnd - time) / p.dropWidth));
}

/**
 * Returns the temperature of the photosphere in kelvin at a time in days since explosion, 4800 + 7700 (10 d /
 * t) but not above 25000: about 12500 K at ten
 * days, 6300 K at fifty, as measured by Faran et al. (2018, MNRAS 473, 513) and Valenti et al. (2016, MNRAS
 * 459, 3939, figure 12).
 */
export function hydrogenRichTemperature(time: number): number {
  return Math.min(25000, 4800 + 77000 / Math.max(time, 1));
}

/**
 * H alpha and H beta, calcium H and K and its infrared triplet, iron 5169: the lines that matter to broad
 * bands (Gutierrez et al. 2017).
 */
const LINES = [
  { wavelength: 6563, velocity: 7000, absorption: 0.2, emission: 0.7 },
  { wavelength: 4861, velocity: 7000, absorption: 0.35, emission: 0.1 },
  { wavelength: 3950, velocity: 7000, absorption: 0.5, emission: 0.1 },
  { wavelength: 5169, velocity: 5000, absorption: 0.35, emission: 0.05 },
  { wavelength: 8579, velocity: 6000, absorption: 0.25, emission: 0.4 },
];

/** A V light curve with its maximum: phase 0 is the V maximum. */
export interface HydrogenRichModel extends SpectralModel {
  /** Days at rest from explosion to the V maximum. */
  riseTime: number;
}

/**
 * Returns the spectral energy distribution: a black body of {@link hydrogenRichTemperature} with metal
 * blanketing that grows as it cools and broad
 * lines, scaled to the V light curve of the parameters. Phase 0 is the V maximum.
 */
export function hydrogenRichModel(parameters: HydrogenRichParameters): HydrogenRichModel {
  let riseTime = 1, least = Infinity;
  const look = (from: number, to: number, step: number) => {
    for (let time = from; time < to; time += step) {
      const value = rawMagnitude(parameters, time);
      if (value < least) [riseTime, least] = [time, value];
    }
  };
  // There is one maximum: looked for every four days, then around the best of them every half a day.
  look(1, 60, 4);
  look(Math.max(1, riseTime - 3.5), Math.min(60, riseTime + 4), 0.5);
  const offset = parameters.magnitude - least;
  const shape = blackbodyModel({
    photosphere: (phase, out) => {
      out.temperature = hydrogenRichTemperature(phase + riseTime);
      out.radius = 1;
    },
    blanketing: [
      metalBlanketing({ depth: 0.4, hot: 9500, cold: 5700 }),
      broadLines(LINES, (phase) => 1 - Math.exp(-(Math.max(phase + riseTime, 0) / 25))),
    ],
  });
  const model = anchoredModel({
    passband: passband("johnson", "V"),
    magnitude: (phase) => offset + rawMagnitude(parameters, phase + riseTime),
    shape,
    span: [-riseTime + 1e-3, Infinity],
  });
  return { ...model, riseTime };
}

/** Ranges in which the two subtypes differ. */
export interface HydrogenRichRange {
  /** Mean, deviation and limits of s2, magnitudes in 100 days. */
  s2: readonly [number, number, number, number];
  /** Mean of the drop at the end of the plateau, magnitudes. */
  drop: number;
}

/**
 * Mean and deviation of V maxima and of s2 over all of Anderson et al. (2014), and how they hang together:
 * brighter ones decline faster.
 */
const POPULATION = { magnitude: [-16.74, 1.01], s2: [1.27, 0.93], correlation: -0.7 } as const;

/**
 * Draws the parameters of one supernova: Anderson et al. (2014) for maximum, slopes and end of the plateau
 * (whose middle of the drop is 15 days after
 * their OPTd), Gonzalez-Gaitan et al. (2015) for the rise, Valenti et al. (2016) for the drop.
 */
export function drawHydrogenRich(random: Random, range: HydrogenRichRange): HydrogenRichParameters {
  const s2 = truncatedNormal(random, ...range.s2);
  const { magnitude: [mean, deviation], s2: [meanS2, deviationS2], correlation } = POPULATION;
  const expected = mean + correlation * deviation * (s2 - meanS2) / deviationS2;
  const optd = truncatedNormal(random, 83.7, 16.7, 45, 125);
  return {
    magnitude: truncatedNormal(random, expected, deviation * Math.sqrt(1 - correlation ** 2), -19.5, -13),
    rise: truncatedNormal(random, 5, 1.2, 2, 9),
    s1: Math.max(s2, truncatedNormal(random, 2.65, 1.5, 0, 7)),
    s2,
    s3: truncatedNormal(random, 1.47, 0.82, 0.5, 3),
    transition: truncatedNormal(random, 35, 7, 20, 50),
    plateauEnd: optd + 15,
    drop: truncatedNormal(random, range.drop, 0.4, 0.5, 3.5),
    dropWidth: truncatedNormal(random, 5.5, 1.5, 2.5, 10),
  };
}

/**
 * Mean colour excess of the hosts of core-collapse supernovae of type II; the distribution is exponential
 * (Hatano et al. 1998).
 */
const MEAN_HOST_EBV = 0.07;

/** Draws one supernova of a range with its host dust; the source keeps the parameters and `hostEbv`. */
export function drawHydrogenRichSource(
  kind: string,
  random: Random,
  setting: SkySetting,
  range: HydrogenRichRange,
): SkySource {
  const drawn = drawHydrogenRich(random, range), ebv = random.exponential(MEAN_HOST_EBV);
  const model = hydrogenRichModel(drawn);
  return spectralSource(kind, setting, {
    peak: drawPeak(random, setting),
    parameters: { ...drawn, riseTime: model.riseTime, hostEbv: ebv },
    model,
    hostDust: { ebv },
  });
}

/** Classical Cepheids in the fundamental mode (DCEP) and the first overtone (DCEPS). */
import type { Random } from "../../core/mod.ts";
import { interpolate, truncatedNormal } from "./draws.ts";
import { FourierCurve, shapeAt, type ShapeKnot } from "./fourier.ts";
import { vMinusG } from "./photometry.ts";
import type { VariableStar } from "./star.ts";

/** Physical parameters of {@link cepheid} and {@link overtoneCepheid}. */
export interface CepheidParameters {
  /** Period in days. */
  period: number;
  /** Peak-to-peak V amplitude in magnitudes. */
  amplitude: number;
  /** Time of a maximum of light, days. */
  epoch: number;
  /** Place above (negative) the period-luminosity relation in magnitudes: the width of the strip. Default 0. */
  strip?: number;
}

/**
 * The Hertzsprung progression in V: R_21..R_61 and phi_21..phi_61 (cosine convention) along log P. The second harmonic
 * nearly vanishes at ten days, where the bump crosses the maximum, and its phase starts anew (Simon & Lee 1981; Simon
 * & Moffett 1985). The part up to 4 days is measured on EROS-1 blue light curves, the rest follows those papers' figures.
 */
export const FUNDAMENTAL_LOCUS: readonly ShapeKnot[] = [
  { logP: 0.15, ratios: [0.48, 0.34, 0.2, 0.12, 0.08], phases: [3.95, 1.75, 5.95, 3.95, 2.1] },
  { logP: 0.45, ratios: [0.45, 0.25, 0.14, 0.08, 0.05], phases: [3.97, 1.92, 6.0, 4.05, 1.9] },
  { logP: 0.55, ratios: [0.42, 0.24, 0.12, 0.06, 0.04], phases: [4.15, 2.19, 6.26, 4.23, 2.4] },
  { logP: 0.65, ratios: [0.41, 0.21, 0.1, 0.05, 0.03], phases: [4.29, 2.6, 6.75, 5.0, 3.2] },
  { logP: 0.8, ratios: [0.35, 0.15, 0.06, 0.03, 0.02], phases: [4.62, 3.3, 7.8, 6.2, 4.6] },
  { logP: 0.9, ratios: [0.27, 0.12, 0.06, 0.03, 0.02], phases: [4.9, 4.0, 8.8, 7.4, 6.0] },
  { logP: 1.0, ratios: [0.13, 0.1, 0.06, 0.04, 0.02], phases: [5.5, 5.2, 10.0, 8.6, 7.2] },
  { logP: 1.1, ratios: [0.16, 0.1, 0.06, 0.04, 0.02], phases: [3.8, 6.6, 11.0, 9.4, 7.8] },
  { logP: 1.2, ratios: [0.32, 0.17, 0.08, 0.05, 0.03], phases: [4.2, 7.6, 11.8, 9.8, 7.9] },
  { logP: 1.4, ratios: [0.42, 0.24, 0.13, 0.08, 0.05], phases: [4.5, 8.4, 12.5, 10.4, 8.2] },
  { logP: 1.7, ratios: [0.4, 0.22, 0.12, 0.07, 0.04], phases: [4.8, 8.9, 13.2, 11.2, 9.3] },
];

/** The first overtone: nearly sinusoidal, with its own resonance near 3.2 days (Antonello & Poretti 1986). */
export const OVERTONE_LOCUS: readonly ShapeKnot[] = [
  { logP: -0.1, ratios: [0.24, 0.09], phases: [4.2, 2.4] },
  { logP: 0.3, ratios: [0.18, 0.06], phases: [4.45, 3.3] },
  { logP: 0.5, ratios: [0.06, 0.05], phases: [5.1, 4.6] },
  { logP: 0.6, ratios: [0.08, 0.04], phases: [3.9, 5.6] },
  { logP: 0.8, ratios: [0.15, 0.05], phases: [4.3, 6.4] },
];

/** Largest V amplitude against log P, with the dip at ten days (Klagyivik & Szabados 2009). */
const AMPLITUDE_ENVELOPE = [[0.3, 0.85], [0.7, 0.95], [0.95, 0.75], [1.05, 0.85], [1.3, 1.2], [
  1.7,
  1.1,
]] as const;

/** Returns M_V of a fundamental Cepheid, -4.05 - 2.43 (log P - 1) (Benedict et al. 2007, HST parallaxes). */
export function cepheidMagnitude(period: number): number {
  return -4.05 - 2.43 * (Math.log10(period) - 1);
}

/** Returns the intrinsic BP - RP, 1.15 times (V - I)_0 = 0.256 log P + 0.497 (Tammann, Sandage & Reindl 2003). */
export function cepheidColour(period: number): number {
  return 1.15 * (0.256 * Math.log10(period) + 0.497);
}

/** Returns the fundamental period of an overtone, from P_1/P_0 = 0.720 - 0.027 log P_0 (Alcock et al. 1995). */
export function fundamentalised(overtonePeriod: number): number {
  let period = overtonePeriod / 0.71;
  for (let i = 0; i < 20; i++) period = overtonePeriod / (0.72 - 0.027 * Math.log10(period));
  return period;
}

/** Returns a classical Cepheid in the fundamental mode. */
export function cepheid(parameters: CepheidParameters): VariableStar {
  return pulsator("DCEP", parameters, FUNDAMENTAL_LOCUS, parameters.period);
}

/** Returns a classical Cepheid in the first overtone; its luminosity is that of its fundamental period. */
export function overtoneCepheid(parameters: CepheidParameters): VariableStar {
  return pulsator("DCEPS", parameters, OVERTONE_LOCUS, fundamentalised(parameters.period));
}

function pulsator(
  type: string,
  parameters: CepheidParameters,
  locus: readonly ShapeKnot[],
  fundamentalPeriod: number,
): VariableStar {
  const { period, amplitude, epoch, strip = 0 } = parameters;
  const curve = new FourierCurve(amplitude, shapeAt(locus, Math.log10(period)));
  // Hotter stars of the same period are brighter: the slope of lines of equal period across the strip.
  const colour = cepheidColour(fundamentalPeriod) + 0.4 * strip;
  return {
    type,
    period,
    parameters: { period, amplitude, epoch, strip, fundamentalPeriod },
    absoluteMagnitude: cepheidMagnitude(fundamentalPeriod) + strip - vMinusG(colour),
    colour,
    magnitude: (time) => curve.at((time - epoch) / period),
  };
}

/** Draws a Galactic fundamental-mode Cepheid: log P normal around 0.8 (Berdnikov 2008). */
export function drawCepheid(random: Random): VariableStar {
  const logP = truncatedNormal(random, 0.8, 0.25, 0.3, 1.75), period = Math.pow(10, logP);
  return cepheid({
    period,
    amplitude: interpolate(AMPLITUDE_ENVELOPE, logP) * Math.max(0.35, 1 - 0.5 * random.beta(1.5, 2.5)),
    epoch: random.uniform(0, period),
    strip: random.normal(0, 0.15),
  });
}

/** Draws a first-overtone Cepheid: one to six days, amplitude below half a magnitude. */
export function drawOvertoneCepheid(random: Random): VariableStar {
  const period = Math.pow(10, truncatedNormal(random, 0.45, 0.18, -0.05, 0.8));
  return overtoneCepheid({
    period,
    amplitude: truncatedNormal(random, 0.37, 0.08, 0.15, 0.55),
    epoch: random.uniform(0, period),
    strip: random.normal(0, 0.15),
  });
}

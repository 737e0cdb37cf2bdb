/** Eclipsing binaries as surveys find them: detached (EA), semi-detached (EB) and in contact (EW). */
import type { Random } from "../../core/mod.ts";
import { truncatedNormal } from "./draws.ts";
import { binaryCurve, type BinaryParameters, rocheLobe } from "./eclipsing_binary.ts";
import { mainSequenceMagnitude, vMinusG } from "./photometry.ts";
import type { VariableStar } from "./star.ts";

/** Type of an eclipsing binary by the look of its light curve. */
export type BinaryType = "EA" | "EB" | "EW";

/** Returns an eclipsing binary with its photometry; the mean magnitude is that of quadrature. */
export function eclipsingBinary(
  type: BinaryType,
  parameters: BinaryParameters,
  photometry: { absoluteMagnitude: number; colour: number },
): VariableStar {
  const curve = binaryCurve(parameters);
  const numbers = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return {
    type,
    period: parameters.period,
    parameters: {
      ...Object.fromEntries(numbers),
      primaryDepth: curve.primaryDepth,
      secondaryDepth: curve.secondaryDepth,
    },
    ...photometry,
    magnitude: curve.magnitude,
  };
}

/** Inclination in degrees, uniform in its cosine, for orbits that eclipse at all given the sum of radii. */
function inclinationOf(random: Random, reach: number): number {
  return Math.acos(random.uniform(0, Math.min(1, reach))) * 180 / Math.PI;
}

/** Draws until `accept` holds; populations are what is left after the survey has missed the shallow ones. */
function drawUntil<T>(draw: () => T, accept: (value: T) => boolean): T {
  let value = draw();
  for (let tries = 0; tries < 200 && !accept(value); tries++) value = draw();
  return value;
}

/**
 * Draws a detached binary: log P normal around 0.45 (2.8 days), eccentric beyond a few days, a third of them Algols with
 * a cool, large secondary. Primary eclipses deeper than 0.15 magnitudes.
 */
export function drawDetachedBinary(random: Random): VariableStar {
  const colour = truncatedNormal(random, 0.5, 0.28, -0.15, 1.3);
  return drawUntil(() => {
    const period = Math.pow(10, truncatedNormal(random, 0.45, 0.38, -0.25, 1.8));
    const algol = random.uniform() < 0.35;
    const sum = Math.min(0.5, 0.36 * Math.pow(period / 1.6, -2 / 3) * Math.exp(random.normal(0, 0.25)));
    const ratio = algol ? random.uniform(0.9, 1.5) : random.uniform(0.45, 1);
    const radius1 = sum / (1 + ratio), radius2 = sum - radius1;
    const brightnessRatio = algol ? random.uniform(0.02, 0.25) : Math.pow(random.uniform(0.55, 1), 3);
    const round = period < 3 || algol || random.uniform() < 0.4;
    const stretch = 1 + 1.2 * (Math.pow(radius1, 3) + Math.pow(radius2, 3));
    return eclipsingBinary("EA", {
      period,
      epoch: random.uniform(0, period),
      inclination: inclinationOf(random, 0.95 * sum),
      radius1,
      radius2,
      brightnessRatio,
      limbDarkening: random.uniform(0.45, 0.7),
      stretch,
      reflection: algol ? random.uniform(0, 0.05) : random.uniform(0, 0.01),
      eccentricity: round ? 0 : random.uniform(0, 0.4) * Math.min(1, period / 8),
      periastron: random.uniform(0, 360),
      thirdLight: random.uniform() < 0.2 ? random.uniform(0, 0.4) : 0,
    }, {
      absoluteMagnitude: mainSequenceMagnitude(colour) - random.uniform(0.1, 1.4),
      colour,
    });
  }, (star) => star.parameters.primaryDepth > 0.15);
}

/** Draws a semi-detached or near-contact binary (beta Lyrae light curve): 0.4 to 3 days, unequal minima. */
export function drawSemiDetachedBinary(random: Random): VariableStar {
  const colour = truncatedNormal(random, 0.4, 0.25, -0.2, 1.1);
  return drawUntil(() => {
    const period = Math.pow(10, truncatedNormal(random, -0.1, 0.2, -0.42, 0.7));
    const q = random.uniform(0.25, 0.9);
    const radius1 = rocheLobe(1 / q) * random.uniform(0.78, 0.95),
      radius2 = rocheLobe(q) * random.uniform(0.85, 0.98);
    const stretch = random.uniform(1.1, 1.2);
    const across = Math.cbrt(1 / stretch);
    return eclipsingBinary("EB", {
      period,
      epoch: random.uniform(0, period),
      inclination: inclinationOf(random, 0.75),
      radius1: radius1 * across,
      radius2: radius2 * across,
      brightnessRatio: random.uniform(0.15, 0.7),
      limbDarkening: random.uniform(0.45, 0.7),
      stretch,
      reflection: random.uniform(0, 0.06),
      oConnell: random.normal(0, 0.01),
    }, {
      absoluteMagnitude: mainSequenceMagnitude(colour) - random.uniform(0.3, 1.6),
      colour,
    });
  }, (star) => star.parameters.primaryDepth > 0.15);
}

/**
 * Returns M_V = -1.5 - 12 log P of a contact binary (Rucinski 2006, for periods of 0.22 to 0.562 days). Outside that range
 * it is held at its end: longer-period systems are fainter than the line (Mateo & Rucinski 2017).
 */
export function contactBinaryMagnitude(period: number): number {
  return -1.5 - 12 * Math.log10(Math.min(0.562, Math.max(0.22, period)));
}

/** Draws a contact binary: periods around 0.36 days, both stars of one temperature, mass ratios mostly small (Rucinski 2001). */
export function drawContactBinary(random: Random): VariableStar {
  return drawUntil(() => {
    const period = Math.pow(10, truncatedNormal(random, -0.44, 0.09, -0.66, 0.05));
    const q = 0.08 + 0.9 * random.beta(1.6, 2.6);
    const fill = random.uniform(1, 1.06),
      stretch = random.uniform(1.17, 1.27),
      across = Math.cbrt(1 / stretch);
    const colour = 0.22 + 0.21 / period + random.normal(0, 0.06);
    return eclipsingBinary("EW", {
      period,
      epoch: random.uniform(0, period),
      inclination: inclinationOf(random, 0.85),
      radius1: rocheLobe(1 / q) * fill * across,
      radius2: rocheLobe(q) * fill * across,
      brightnessRatio: truncatedNormal(random, 0.97, 0.06, 0.8, 1.15),
      limbDarkening: random.uniform(0.5, 0.7),
      stretch,
      oConnell: random.normal(0, 0.008),
    }, {
      absoluteMagnitude: contactBinaryMagnitude(period) - vMinusG(colour) + random.normal(0, 0.25),
      colour,
    });
  }, (star) => star.parameters.primaryDepth > 0.12);
}

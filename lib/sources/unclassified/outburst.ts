/** Variables with events: Be stars (GCAS), R Coronae Borealis stars (RCB), microlensing (ML). */
import type { Random } from "../../core/mod.ts";
import { logUniform, truncatedNormal } from "../periodic/draws.ts";
import { randomFunction } from "../periodic/quasi_periodic.ts";
import type { TimeWindow, VariableStar } from "../periodic/star.ts";

/** Draws a Be star: outbursts that rise in days and fade over months, with small fast pulsation (Labadie-Bartz et al. 2017). */
export function drawBeStar(random: Random, window: TimeWindow): VariableStar {
  const spacing = logUniform(random, 80, 800);
  const count = Math.max(1, random.poisson((window.end - window.start + 500) / spacing));
  const bursts = Array.from({ length: count }, () => ({
    time: random.uniform(window.start - 500, window.end),
    height: random.uniform(0.1, 0.5),
    rise: logUniform(random, 3, 40),
    decay: logUniform(random, 30, 400),
  }));
  const pulsation = logUniform(random, 0.3, 1.5), small = random.uniform(0.005, 0.03);
  return {
    type: "GCAS",
    period: NaN,
    parameters: { spacing, bursts: count, pulsation },
    absoluteMagnitude: random.normal(-1.8, 1),
    colour: truncatedNormal(random, 0.05, 0.15, -0.3, 0.6),
    magnitude(time) {
      let sum = small * Math.cos(2 * Math.PI * time / pulsation);
      for (const { time: start, height, rise, decay } of bursts) {
        const since = time - start;
        if (since > 0) sum -= height * (1 - Math.exp(-since / rise)) * Math.exp(-since / decay);
      }
      return sum;
    },
  };
}

/** Draws an R Coronae Borealis star: sudden declines of 2 to 6 magnitudes by dust, slow recoveries (Clayton 1996). */
export function drawRcrb(random: Random, window: TimeWindow): VariableStar {
  const spacing = random.uniform(400, 1500), span = window.end - window.start;
  const count = Math.max(1, random.poisson((span + 500) / spacing));
  const declines = Array.from({ length: count }, (_, j) => ({
    // At least one lies well inside the window; a quiet star would not be in the catalogue.
    time: j === 0
      ? window.start + span * random.uniform(0.1, 0.8)
      : random.uniform(window.start - 500, window.end),
    depth: random.uniform(1.5, 5.5),
    fall: random.uniform(5, 25),
    recovery: random.uniform(60, 350),
  }));
  const period = random.uniform(38, 70), height = random.uniform(0.05, 0.2);
  return {
    type: "RCB",
    period: NaN,
    parameters: { spacing, declines: count, pulsation: period },
    absoluteMagnitude: random.normal(-4, 0.6),
    colour: truncatedNormal(random, 1.1, 0.25, 0.6, 1.8),
    magnitude(time) {
      let sum = height * Math.cos(2 * Math.PI * time / period);
      for (const { time: start, depth, fall, recovery } of declines) {
        const since = time - start;
        if (since > 0) sum += depth * (1 - Math.exp(-since / fall)) * Math.exp(-since / recovery);
      }
      return sum;
    },
  };
}

/** Physical parameters of {@link microlensing}. */
export interface MicrolensingParameters {
  /** Time of closest approach, days. */
  time: number;
  /** Time to cross one Einstein radius, days. */
  einsteinTime: number;
  /** Smallest separation in Einstein radii. */
  impact: number;
  /** Share of the light at rest that is lensed, 0 to 1. */
  sourceFraction: number;
}

/** Returns the magnification of a point lens at u Einstein radii: (u^2 + 2) / (u sqrt(u^2 + 4)) (Paczynski 1986). */
export function pointLensMagnification(u: number): number {
  return (u * u + 2) / (u * Math.sqrt(u * u + 4));
}

/** Returns a star that is lensed once. */
export function microlensing(
  parameters: MicrolensingParameters,
  photometry: { absoluteMagnitude: number; colour: number },
): VariableStar {
  const { time: peak, einsteinTime, impact, sourceFraction } = parameters;
  return {
    type: "ML",
    period: NaN,
    parameters: { ...parameters },
    ...photometry,
    magnitude(time) {
      const u = Math.hypot(impact, (time - peak) / einsteinTime);
      return -2.5 * Math.log10(1 - sourceFraction + sourceFraction * pointLensMagnification(u));
    },
  };
}

/** Draws a lensed star of the disc or bulge, on top of slight red noise. */
export function drawMicrolensing(random: Random, window: TimeWindow): VariableStar {
  const colour = truncatedNormal(random, 1.4, 0.4, 0.5, 2.8);
  const star = microlensing({
    time: window.start + (window.end - window.start) * random.uniform(0.1, 0.9),
    einsteinTime: logUniform(random, 10, 120),
    impact: random.uniform(0.03, 0.6),
    sourceFraction: random.uniform(0.5, 1),
  }, { absoluteMagnitude: random.normal(1, 1.2), colour });
  const noise = randomFunction(random, { sigma: 0.015, memory: 20, components: 16 });
  return { ...star, magnitude: (time) => star.magnitude(time) + noise.at(time) };
}

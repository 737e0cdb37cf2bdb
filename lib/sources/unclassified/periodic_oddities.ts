/** Variables with periods, but of kinds outside the eight superclasses. */
import type { Random } from "../../core/mod.ts";
import { logUniform, truncatedNormal } from "../periodic/draws.ts";
import { trueAnomaly } from "../periodic/eclipse.ts";
import { randomFunction } from "../periodic/quasi_periodic.ts";
import type { TimeWindow, VariableStar } from "../periodic/star.ts";

/** Physical parameters of {@link heartbeatStar}. */
export interface HeartbeatParameters {
  /** Orbital period in days. */
  period: number;
  /** Eccentricity, 0.2 to 0.9. */
  eccentricity: number;
  /** Inclination in degrees. */
  inclination: number;
  /** Argument of periastron in degrees. */
  periastron: number;
  /** Scale S of the flux change at one semi-major axis, as a fraction of the light. */
  scale: number;
  /** Time of periastron, days. */
  epoch: number;
}

/**
 * Returns a heartbeat star: tides at periastron change the flux by S (1 - 3 sin^2 i cos^2(nu - omega)) / (R/a)^3
 * (Kumar, Ao & Quataert 1995, equation 44; Thompson et al. 2012).
 */
export function heartbeatStar(
  parameters: HeartbeatParameters,
  photometry: { absoluteMagnitude: number; colour: number },
): VariableStar {
  const { period, eccentricity, inclination, periastron, scale, epoch } = parameters;
  const sini = Math.sin(inclination * Math.PI / 180), omega = periastron * Math.PI / 180;
  return {
    type: "HB",
    period,
    parameters: { ...parameters },
    ...photometry,
    magnitude(time) {
      const turns = (time - epoch) / period;
      const nu = trueAnomaly(2 * Math.PI * (turns - Math.floor(turns)), eccentricity);
      const nearness = (1 + eccentricity * Math.cos(nu)) / (1 - eccentricity * eccentricity);
      const cosine = Math.cos(nu - omega);
      const change = scale * (1 - 3 * sini * sini * cosine * cosine) * nearness ** 3;
      return -2.5 * Math.log10(Math.max(0.05, 1 + change));
    },
  };
}

/** Draws a heartbeat star that a ground-based survey can see: half-amplitudes of 0.05 to 0.3 at periastron. */
export function drawHeartbeatStar(random: Random): VariableStar {
  const eccentricity = random.uniform(0.35, 0.8), period = logUniform(random, 2, 60);
  const amplitude = random.uniform(0.06, 0.35);
  const colour = truncatedNormal(random, 0.3, 0.25, -0.2, 0.9);
  return heartbeatStar({
    period,
    eccentricity,
    inclination: Math.acos(random.uniform(0, 0.95)) * 180 / Math.PI,
    periastron: random.uniform(0, 360),
    scale: amplitude * (1 - eccentricity) ** 3 / 2,
    epoch: random.uniform(0, period),
  }, { absoluteMagnitude: random.normal(0.5, 1), colour });
}

/** Draws a gamma Doradus or slowly pulsating B star: three to seven gravity modes of 0.4 to 3 days. */
export function drawGravityModePulsator(random: Random): VariableStar {
  const hot = random.uniform() < 0.4, count = random.integer(3, 8);
  const centre = hot ? logUniform(random, 0.8, 3) : logUniform(random, 0.4, 1.6);
  const modes = Array.from({ length: count }, () => ({
    period: centre * random.uniform(0.75, 1.3),
    amplitude: random.uniform(0.015, 0.06),
    phase: random.uniform(0, 2 * Math.PI),
  }));
  const main = modes.reduce((a, b) => (b.amplitude > a.amplitude ? b : a));
  return {
    type: hot ? "SPB" : "GDOR",
    period: main.period,
    parameters: { period: main.period, modes: count },
    absoluteMagnitude: hot ? random.normal(-0.5, 0.6) : random.normal(2.7, 0.4),
    colour: hot
      ? truncatedNormal(random, -0.1, 0.06, -0.3, 0.1)
      : truncatedNormal(random, 0.45, 0.05, 0.3, 0.6),
    magnitude(time) {
      let sum = 0;
      for (const mode of modes) {
        sum += mode.amplitude * Math.cos(2 * Math.PI * time / mode.period + mode.phase);
      }
      return sum;
    },
  };
}

/** Draws a polar (AM Herculis star): the orbital wave of a magnetic pole, high and low states, flickering (Cropper 1990). */
export function drawPolar(random: Random, window: TimeWindow): VariableStar {
  const period = random.uniform(0.055, 0.16), height = random.uniform(0.15, 0.6), phase = random.uniform();
  const drop = random.uniform(0.8, 2.5),
    flicker = randomFunction(random, { sigma: 0.15, memory: 0.05, components: 32 });
  const states: { start: number; end: number }[] = [];
  for (let t = window.start - random.uniform(0, 600); t < window.end;) {
    t += random.exponential(300);
    const end = t + random.exponential(150);
    states.push({ start: t, end });
    t = end;
  }
  return {
    type: "AM",
    period,
    parameters: { period, poleAmplitude: height, drop, lowStates: states.length },
    absoluteMagnitude: random.normal(9, 0.7),
    colour: truncatedNormal(random, 0.8, 0.25, 0.2, 1.6),
    magnitude(time) {
      const turn = 2 * Math.PI * (time / period + phase);
      // The pole shines while it faces the observer: half a sine, with beaming.
      let sum = -height * Math.max(0, Math.sin(turn)) ** 0.7 + flicker.at(time);
      for (const { start, end } of states) {
        sum += drop * smoothStep((time - start) / 8) * (1 - smoothStep((time - end) / 8));
      }
      return sum;
    },
  };
}

/** A step from 0 to 1 over about one unit around zero. */
function smoothStep(x: number): number {
  return 1 / (1 + Math.exp(-Math.max(-60, Math.min(60, 6 * x))));
}

/** Draws a star behind a disc of dust: one or a few wide, flat-bottomed eclipses years apart (as epsilon Aurigae). */
export function drawDiscEclipse(random: Random, window: TimeWindow): VariableStar {
  const period = logUniform(random, 250, 3000), width = period * random.uniform(0.02, 0.12);
  const ingress = width * random.uniform(0.1, 0.45), depth = random.uniform(0.2, 1.2);
  const centre = window.start + random.uniform(0.1, 0.9) * Math.min(period, window.end - window.start);
  const noise = randomFunction(random, { sigma: random.uniform(0.02, 0.08), memory: 30, components: 32 });
  return {
    type: "DE",
    period,
    parameters: { period, width, ingress, depth, epoch: centre },
    absoluteMagnitude: random.normal(-0.5, 2),
    colour: truncatedNormal(random, 0.9, 0.4, 0, 2),
    magnitude(time) {
      const turns = (time - centre) / period, away = Math.abs(turns - Math.round(turns)) * period;
      const covered = Math.min(1, Math.max(0, (width / 2 - away) / ingress));
      return depth * covered + noise.at(time);
    },
  };
}

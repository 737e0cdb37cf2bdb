/** Light that a hidden source sends through expanding ejecta, and the photosphere it leaves from. */
import { demand } from "../../core/mod.ts";
import type { BolometricCurve } from "./nickel_decay.ts";
import { type Photosphere, STEFAN_BOLTZMANN } from "./photosphere.ts";

/** Options of {@link diffusedCurve}. */
export interface DiffusedCurveOptions {
  /** Diffusion time tau in days. */
  diffusionTime: number;
  /** First time of the table, days. Default 0.05. */
  first?: number;
  /** Last time of the table, days; the light is what heats afterwards. Default 1500. */
  last?: number;
}

/** Rows of the table, in equal steps of log time. */
const ROWS = 160;

/**
 * Returns the bolometric light curve of ejecta heated with H(t) (Arnett 1982; Chatzopoulos, Wheeler & Vinko
 * 2012):
 * L(t) = 2 / tau^2 int_0^t H(s) s e^((s^2 - t^2) / tau^2) ds. Over a step H is taken as linear in s^2, for
 * which the integral is
 * exact, so that nothing overflows however long or short the step.
 *
 * @param heating erg/s at a time in days since explosion, not negative.
 *
 * @example
 * ```ts
 * import { diffusedCurve } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * // Constant heating fills up: L = H (1 - e^(-(t / tau)^2)).
 * const { luminosity } = diffusedCurve(() => 1e43, { diffusionTime: 20 });
 * assert.ok(Math.abs(luminosity(20) / 1e43 - (1 - Math.exp(-1))) < 1e-3);
 * ```
 */
export function diffusedCurve(
  heating: (time: number) => number,
  { diffusionTime: tau, first = 0.05, last = 1500 }: DiffusedCurveOptions,
): BolometricCurve {
  demand(tau > 0 && first > 0 && last > first, () => ({
    expected: "a positive diffusion time and ascending positive limits",
    found: `diffusion time ${tau}, from ${first} to ${last}`,
    where: "diffusedCurve",
  }));
  const step = Math.log(last / first) / (ROWS - 1), table = new Float64Array(ROWS);
  let here = first, before = heating(first), light = before * -Math.expm1(-((first / tau) ** 2)), best = 0;
  table[0] = Math.log(light);
  for (let i = 1; i < ROWS; i++) {
    const next = first * Math.exp(i * step),
      heat = heating(next),
      x = (next * next - here * here) / (tau * tau);
    const decay = Math.exp(-x), middle = -Math.expm1(-x) / x;
    light = light * decay + heat * (1 - middle) + before * (middle - decay);
    table[i] = Math.log(Math.max(light, 1e-300));
    if (table[i] > table[best]) best = i;
    [here, before] = [next, heat];
  }
  const early = first * first;
  return {
    riseTime: first * Math.exp(best * step),
    luminosity(time) {
      if (!(time > 0)) return 0;
      if (time < first) return Math.exp(table[0]) * time * time / early;
      const place = Math.log(time / first) / step, i = Math.floor(place);
      if (i >= ROWS - 1) return heating(time);
      return Math.exp(table[i] + (place - i) * (table[i + 1] - table[i]));
    },
  };
}

/**
 * Writes the photosphere of ejecta that expand with a velocity (km/s) until they have cooled to a floor (K),
 * and recedes afterwards so that the
 * temperature stays (Nicholl, Guillochon & Berger 2017, equations 8 and 9).
 *
 * @param time days since explosion. @param luminosity erg/s.
 */
export function expandingPhotosphere(
  time: number,
  luminosity: number,
  velocity: number,
  floor: number,
  out: Photosphere,
): void {
  const radius = velocity * 1e5 * 86400 * Math.max(time, 1e-3);
  const temperature = Math.pow(luminosity / (4 * Math.PI * STEFAN_BOLTZMANN * radius * radius), 0.25);
  out.temperature = Math.max(temperature, floor);
  out.radius = temperature > floor
    ? radius
    : Math.sqrt(luminosity / (4 * Math.PI * STEFAN_BOLTZMANN * floor ** 4));
}

/**
 * Returns the diffusion time in days, tau^2 = 2 kappa M / (beta c v), of ejecta of a mass in grams, a
 * velocity in km/s and an opacity in cm^2/g.
 */
export function photonDiffusionTime(mass: number, velocity: number, opacity: number, beta = 13.7): number {
  return Math.sqrt(2 * opacity * mass / (beta * 2.99792458e10 * velocity * 1e5)) / 86400;
}

/**
 * Random functions of time that can be asked at any moment and in any order: sums of cosines with random frequencies,
 * drawn from the power spectrum wanted (random Fourier features). No grid, no window, no state.
 */
import type { Random } from "../../core/mod.ts";

const COMPONENTS = 64;

/** A stationary random function of time. */
export interface RandomFunction {
  /** Returns the value at a time in days. */
  at(time: number): number;
}

/** What {@link randomFunction} draws. */
export interface RandomFunctionOptions {
  /** Standard deviation of the values. */
  sigma: number;
  /** Time in days over which the values forget: the covariance is sigma^2 exp(-|dt| / memory) cos(2 pi dt / period). */
  memory: number;
  /** Mean period in days. Default infinite: a damped random walk (red noise). */
  period?: number;
  /** Shortest period in days that is drawn, where the spectrum is cut. Default 0.05. */
  shortest?: number;
  /** How many cosines. Default 64. */
  components?: number;
}

/**
 * Draws a Gaussian-like process with covariance sigma^2 exp(-|dt| / memory) cos(2 pi dt / period): with infinite period
 * the damped random walk of young stars and quasars (Kelly, Bechtold & Siemiginowska 2009), with a finite one the
 * stochastically driven oscillation of red giants. Frequencies come from a Lorentzian, in equal steps of its
 * distribution function, jittered, so that every draw has the spectrum wanted and not only their mean.
 */
export function randomFunction(random: Random, options: RandomFunctionOptions): RandomFunction {
  const { sigma, memory, period = Infinity, shortest = 0.05, components = COMPONENTS } = options;
  const rates = new Float64Array(components), phases = new Float64Array(components);
  const centre = 2 * Math.PI / period, cut = 2 * Math.PI / shortest;
  for (let j = 0; j < components; j++) {
    const rank = (j + random.uniform()) / components;
    // Inverse distribution function of the Lorentzian of half width 1 / memory.
    rates[j] = Math.min(cut, Math.max(-cut, centre + Math.tan(Math.PI * (rank - 0.5)) / memory));
    phases[j] = random.uniform(0, 2 * Math.PI);
  }
  const scale = sigma * Math.sqrt(2 / components);
  return {
    at(time) {
      let sum = 0;
      for (let j = 0; j < components; j++) sum += Math.cos(rates[j] * time + phases[j]);
      return scale * sum;
    },
  };
}

/** Long-period variables: Mira stars (M) and semi-regular red giants (SR). */
import type { Random } from "../../core/mod.ts";
import { logUniform, truncatedNormal } from "./draws.ts";
import { FourierCurve } from "./fourier.ts";
import { type RandomFunction, randomFunction } from "./quasi_periodic.ts";
import type { VariableStar } from "./star.ts";

/** Physical parameters of {@link mira}. */
export interface MiraParameters {
  /** Period in days, 80 to 1000. */
  period: number;
  /** Peak-to-peak V amplitude of the mean cycle in magnitudes, above 2.5 by definition of the class. */
  amplitude: number;
  /** Time of a maximum of light, days. */
  epoch: number;
  /** Fraction of the cycle from minimum to maximum, 0.3 to 0.5. */
  rise: number;
  /** Changes of height from cycle to cycle, magnitudes. Default none. */
  wander?: RandomFunction;
}

/** Returns M_K = -3.51 (log P - 2.38) - 7.25 of oxygen-rich Miras (Whitelock, Feast & van Leeuwen 2008). */
export function miraInfraredMagnitude(period: number): number {
  return -3.51 * (Math.log10(period) - 2.38) - 7.25;
}

/** Returns G - K of a red giant of colour BP - RP = C: 0.4 + 1.45 C, a line through K0 III and M8 III. */
export function redGiantGMinusK(colour: number): number {
  return 0.4 + 1.45 * colour;
}

/** Returns a Mira star. Steeper rises have larger second harmonics (Lebzelter 2011). */
export function mira(parameters: MiraParameters): VariableStar {
  const { period, amplitude, epoch, rise, wander } = parameters;
  const steepness = Math.max(0, 0.5 - rise);
  const curve = new FourierCurve(amplitude, {
    ratios: [0.06 + 1.3 * steepness, 0.5 * steepness],
    phases: [4.5, 2.8],
  });
  const colour = 3.2 + 1.4 * (period - 150) / 250;
  return {
    type: "M",
    period,
    parameters: { period, amplitude, epoch, rise },
    absoluteMagnitude: miraInfraredMagnitude(period) + redGiantGMinusK(colour),
    colour,
    magnitude: (time) => curve.at((time - epoch) / period) + (wander?.at(time) ?? 0),
  };
}

/** Draws a Mira: periods around 290 days as in the General Catalogue, amplitudes growing with period (Templeton et al. 2005). */
export function drawMira(random: Random): VariableStar {
  const period = truncatedNormal(random, 290, 85, 90, 620);
  const star = mira({
    period,
    amplitude: truncatedNormal(random, 3.6 + 1.2 * (period - 290) / 200, 0.7, 2.6, 7),
    epoch: random.uniform(0, period),
    rise: truncatedNormal(random, 0.5 - 0.1 * (period - 100) / 300, 0.04, 0.3, 0.52),
    wander: randomFunction(random, {
      sigma: random.uniform(0.05, 0.25),
      memory: 2.5 * period,
      components: 16,
    }),
  });
  const shift = random.normal(0, 0.45);
  return {
    ...star,
    colour: star.colour + shift,
    absoluteMagnitude: star.absoluteMagnitude + 1.45 * shift + random.normal(0, 0.2),
  };
}

/** Physical parameters of {@link semiRegular}. */
export interface SemiRegularParameters {
  /** Mean period of the main oscillation in days. */
  period: number;
  /** Root-mean-square V amplitude of the main oscillation in magnitudes. */
  sigma: number;
  /** How many periods the oscillation keeps its phase. */
  coherence: number;
  /** Further oscillations of the star, or its long secondary period, each a function of time in magnitudes. */
  others?: readonly RandomFunction[];
}

/** Returns a semi-regular red giant: a stochastically driven oscillation, with others beside it. */
export function semiRegular(random: Random, parameters: SemiRegularParameters): VariableStar {
  const { period, sigma, coherence, others = [] } = parameters;
  const main = randomFunction(random, { sigma, memory: coherence * period, period, components: 24 });
  const colour = 2.1 + 1.3 * Math.log10(period / 40);
  return {
    type: "SR",
    period,
    parameters: { period, sigma, coherence, others: others.length },
    // Sequence C' lies about one magnitude above the Miras' sequence at the same period (Wood 2000).
    absoluteMagnitude: miraInfraredMagnitude(period) - 0.9 + redGiantGMinusK(colour),
    colour,
    magnitude(time) {
      let sum = main.at(time);
      for (const other of others) sum += other.at(time);
      return sum;
    },
  };
}

/** Draws a semi-regular: 20 to 500 days, half of them multi-periodic, a third with a long secondary period (Wood 2000). */
export function drawSemiRegular(random: Random): VariableStar {
  const period = Math.pow(10, truncatedNormal(random, 1.9, 0.32, 1.3, 2.7));
  const sigma = 0.04 + 0.22 * random.beta(1.5, 3) * Math.pow(period / 80, 0.5);
  const others: RandomFunction[] = [];
  if (random.uniform() < 0.5) {
    const ratio = random.choice([0.5, 0.53, 1.9]) * random.uniform(0.95, 1.05);
    others.push(randomFunction(random, {
      sigma: sigma * random.uniform(0.2, 0.6),
      memory: 8 * period,
      period: period * ratio,
      components: 16,
    }));
  }
  if (random.uniform() < 0.33) {
    const long = period * random.uniform(7, 11),
      height = sigma * random.uniform(0.2, 0.8),
      phase = random.uniform(0, 2 * Math.PI);
    others.push({ at: (time) => height * Math.SQRT2 * Math.cos(2 * Math.PI * time / long + phase) });
  }
  const star = semiRegular(random, { period, sigma, coherence: logUniform(random, 4, 40), others });
  const shift = random.normal(0, 0.35);
  return {
    ...star,
    colour: star.colour + shift,
    absoluteMagnitude: star.absoluteMagnitude + 1.45 * shift + random.normal(0, 0.4),
  };
}

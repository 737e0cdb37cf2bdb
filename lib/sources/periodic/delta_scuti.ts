/** Delta Scuti stars: of low amplitude with several modes (DSCT), and of high amplitude (HADS). */
import type { Random } from "../../core/mod.ts";
import { truncatedNormal } from "./draws.ts";
import { FourierCurve } from "./fourier.ts";
import { vMinusG } from "./photometry.ts";
import type { VariableStar } from "./star.ts";

/** One mode of a {@link deltaScuti} star. */
export interface PulsationMode {
  /** Period in days. */
  period: number;
  /** Peak-to-peak V amplitude in magnitudes. */
  amplitude: number;
  /** Phase in cycles after maximum light at time 0. */
  phase: number;
}

/** Physical parameters of {@link deltaScuti}. */
export interface DeltaScutiParameters {
  /** The modes, strongest first; the first gives the star its period and carries the harmonics. */
  modes: readonly PulsationMode[];
  /** R_21 of the first mode. */
  r21: number;
  /** phi_21 of the first mode, radians, cosine convention. */
  phi21: number;
}

/** Returns M_V = -2.94 log P - 1.34 of the fundamental mode (Ziaali et al. 2019, Gaia DR2). */
export function deltaScutiMagnitude(period: number): number {
  return -2.94 * Math.log10(period) - 1.34;
}

/** Returns a delta Scuti star; of type HADS when its first mode exceeds 0.15 magnitudes peak to peak. */
export function deltaScuti(parameters: DeltaScutiParameters): VariableStar {
  const { modes, r21, phi21 } = parameters;
  const [main] = modes;
  const curves = modes.map((mode, j) =>
    new FourierCurve(
      mode.amplitude,
      j === 0 ? { ratios: [r21, 0.35 * r21], phases: [phi21, 2 * phi21 - 6.5] } : undefined,
    )
  );
  const colour = 0.38 + 0.12 * Math.log10(main.period / 0.1);
  return {
    type: main.amplitude > 0.15 ? "HADS" : "DSCT",
    period: main.period,
    parameters: {
      period: main.period,
      amplitude: main.amplitude,
      modes: modes.length,
      r21,
      phi21,
    },
    absoluteMagnitude: deltaScutiMagnitude(main.period) - vMinusG(colour),
    colour,
    magnitude(time) {
      let sum = 0;
      for (let j = 0; j < modes.length; j++) sum += curves[j].at(time / modes[j].period + modes[j].phase);
      return sum;
    },
  };
}

/** Draws a high-amplitude star: 0.05 to 0.2 days, sawtooth, a quarter with the first overtone at 0.773 P (Petersen 1973). */
export function drawHads(random: Random): VariableStar {
  const period = 0.045 + 0.155 * random.beta(1.8, 3);
  const modes = [{
    period,
    amplitude: truncatedNormal(random, 0.38, 0.13, 0.16, 0.85),
    phase: random.uniform(),
  }];
  if (random.uniform() < 0.25) {
    modes.push({
      period: period * random.normal(0.773, 0.003),
      amplitude: modes[0].amplitude * random.uniform(0.1, 0.4),
      phase: random.uniform(),
    });
  }
  return scattered(
    deltaScuti({
      modes,
      r21: truncatedNormal(random, 0.2 + 0.25 * modes[0].amplitude, 0.06, 0.05, 0.5),
      phi21: random.normal(4.2, 0.2),
    }),
    random,
  );
}

/** Draws a low-amplitude star: one to four modes of 0.03 to 0.25 days, 0.04 to 0.15 magnitudes. */
export function drawDeltaScuti(random: Random): VariableStar {
  const main = {
    period: 0.04 + 0.2 * random.beta(2, 3),
    amplitude: random.uniform(0.05, 0.15),
    phase: random.uniform(),
  };
  const modes = [main];
  for (let j = random.integer(0, 4); j > 0; j--) {
    modes.push({
      period: main.period * random.uniform(0.55, 1.35),
      amplitude: main.amplitude * random.uniform(0.1, 0.6),
      phase: random.uniform(),
    });
  }
  return scattered(
    deltaScuti({ modes, r21: random.uniform(0.02, 0.2), phi21: random.normal(4.4, 0.5) }),
    random,
  );
}

function scattered(star: VariableStar, random: Random): VariableStar {
  return {
    ...star,
    absoluteMagnitude: star.absoluteMagnitude + random.normal(0, 0.3),
    colour: star.colour + random.normal(0, 0.07),
  };
}

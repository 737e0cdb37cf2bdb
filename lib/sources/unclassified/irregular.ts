/** Variables ruled by chance: irregular giants (L) and young stellar objects (YSO, UXOR). */
import type { Random } from "../../core/mod.ts";
import { logUniform, truncatedNormal } from "../periodic/draws.ts";
import { mainSequenceMagnitude } from "../periodic/photometry.ts";
import { type RandomFunction, randomFunction } from "../periodic/quasi_periodic.ts";
import type { TimeWindow, VariableStar } from "../periodic/star.ts";

/** Returns a star without a period whose magnitude is a random function. */
export function irregularStar(
  type: string,
  noise: RandomFunction,
  parameters: Readonly<Record<string, number>>,
  photometry: { absoluteMagnitude: number; colour: number },
): VariableStar {
  return { type, period: NaN, parameters, ...photometry, magnitude: (time) => noise.at(time) };
}

/** Draws a slow irregular red giant: a damped random walk of memory 30 to 400 days (type L). */
export function drawIrregularGiant(random: Random): VariableStar {
  const sigma = random.uniform(0.08, 0.4), memory = logUniform(random, 30, 400);
  const colour = truncatedNormal(random, 2.6, 0.6, 1.4, 4.5);
  return irregularStar("L", randomFunction(random, { sigma, memory }), { sigma, memory }, {
    absoluteMagnitude: random.normal(-1.5, 0.8),
    colour,
  });
}

/** Draws a young star with accretion noise of memory 0.7 to 15 days, some with spots beside it (type YSO). */
export function drawYoungStar(random: Random): VariableStar {
  const sigma = random.uniform(0.1, 0.5), memory = logUniform(random, 0.7, 15);
  const colour = truncatedNormal(random, 1.9, 0.4, 1, 3);
  const noise = randomFunction(random, { sigma, memory });
  const rotation = random.uniform() < 0.4 ? random.uniform(2, 12) : Infinity;
  const height = rotation === Infinity ? 0 : random.uniform(0.05, 0.2),
    phase = random.uniform(0, 2 * Math.PI);
  return irregularStar(
    "YSO",
    { at: (time) => noise.at(time) + height * Math.cos(2 * Math.PI * time / rotation + phase) },
    { sigma, memory, rotation, spotAmplitude: 2 * height },
    { absoluteMagnitude: mainSequenceMagnitude(colour) - random.uniform(0.5, 2.5), colour },
  );
}

/** Draws a UX Orionis star: dust clouds cross it and dim it by 0.5 to 2.5 magnitudes for days to weeks. */
export function drawUxOrionis(random: Random, window: TimeWindow): VariableStar {
  const rate = random.uniform(0.004, 0.02), count = random.poisson(rate * (window.end - window.start));
  const dips = Array.from({ length: count }, () => ({
    time: random.uniform(window.start, window.end),
    depth: random.uniform(0.4, 2.5),
    width: logUniform(random, 2, 25),
  }));
  const noise = randomFunction(random, { sigma: 0.06, memory: 5, components: 32 });
  return irregularStar(
    "UXOR",
    {
      at(time) {
        let sum = noise.at(time);
        for (const dip of dips) {
          const x = (time - dip.time) / dip.width;
          if (x > -5 && x < 5) sum += dip.depth * Math.exp(-0.5 * x * x);
        }
        return Math.min(3.2, sum); // scattered light from the disc remains
      },
    },
    { rate, dips: count },
    { absoluteMagnitude: random.normal(1, 0.8), colour: truncatedNormal(random, 0.6, 0.25, 0.1, 1.3) },
  );
}

/** Spotted stars whose rotation brings their spots into view (ROT). */
import type { Random } from "../../core/mod.ts";
import { logUniform, truncatedNormal } from "./draws.ts";
import type { VariableStar } from "./star.ts";
import { mainSequenceMagnitude } from "./photometry.ts";

/** One dark, round, small spot. */
export interface StarSpot {
  /** Latitude in degrees, -90 to 90. */
  latitude: number;
  /** Longitude in degrees; the spot faces the observer's meridian when the star has turned by it. */
  longitude: number;
  /** Light lost when the spot is at the centre of the disc, as a fraction of the star's light. */
  depth: number;
  /** Rate at which the spot drifts against the mean rotation, degrees a day (differential rotation). Default 0. */
  drift?: number;
  /** Period in days over which the spot waxes and wanes. Default infinite: it stays. */
  cycle?: number;
  /** Phase of that cycle, cycles. Default 0. */
  cyclePhase?: number;
}

/** Physical parameters of {@link spottedStar}. */
export interface SpottedStarParameters {
  /** Rotation period in days. */
  period: number;
  /** Inclination of the axis in degrees; 90 is seen from the equator. */
  inclination: number;
  /** The spots. */
  spots: readonly StarSpot[];
  /** Time at which longitude 0 faces the observer, days. */
  epoch: number;
  /** Linear limb-darkening coefficient. Default 0.7. */
  limbDarkening?: number;
}

const DEGREE = Math.PI / 180;

/**
 * Returns a spotted star. A small spot at angle cosine mu from the line of sight takes
 * depth mu (1 - u + u mu) of the light, and nothing when mu is negative (Budding 1977, small-spot limit), with
 * mu = cos i sin b + sin i cos b cos(rotation - longitude).
 */
export function spottedStar(
  parameters: SpottedStarParameters,
  photometry: { absoluteMagnitude: number; colour: number },
): VariableStar {
  const { period, inclination, spots, epoch, limbDarkening: u = 0.7 } = parameters;
  const cosi = Math.cos(inclination * DEGREE), sini = Math.sin(inclination * DEGREE);
  const faces = spots.map(({ latitude, longitude, depth, drift = 0, cycle = Infinity, cyclePhase = 0 }) => ({
    up: cosi * Math.sin(latitude * DEGREE),
    round: sini * Math.cos(latitude * DEGREE),
    longitude: longitude * DEGREE,
    drift: drift * DEGREE,
    depth,
    rate: cycle === Infinity ? 0 : 2 * Math.PI / cycle,
    phase: 2 * Math.PI * cyclePhase,
  }));
  const absolute = (time: number): number => {
    let light = 1;
    for (const face of faces) {
      const turn = 2 * Math.PI * (time - epoch) / period - face.longitude + face.drift * (time - epoch);
      const mu = face.up + face.round * Math.cos(turn);
      if (mu <= 0) continue;
      const strength = face.rate === 0 ? 1 : 0.5 * (1 + Math.sin(face.rate * (time - epoch) + face.phase));
      light -= face.depth * strength * mu * (1 - u + u * mu);
    }
    return -2.5 * Math.log10(Math.max(0.05, light));
  };
  let mean = 0;
  for (let k = 0; k < 64; k++) mean += absolute(epoch + period * k / 64) / 64;
  return {
    type: "ROT",
    period,
    parameters: { period, inclination, epoch, limbDarkening: u, spots: spots.length },
    ...photometry,
    magnitude: (time) => absolute(time) - mean,
  };
}

/**
 * Draws a rotational variable: half rapid dwarfs of 0.3 to 10 days, half RS CVn giants of 5 to 60 days (Strassmeier
 * 2009), one to three spots that wax and wane over years and drift by differential rotation.
 */
export function drawSpottedStar(random: Random): VariableStar {
  const giant = random.uniform() < 0.5;
  const period = giant ? logUniform(random, 5, 60) : logUniform(random, 0.3, 12);
  const count = random.choice([1, 2, 3], { weights: [0.35, 0.45, 0.2] });
  const spots = Array.from({ length: count }, (_, j): StarSpot => ({
    latitude: random.uniform(-30, 75),
    longitude: random.uniform(0, 360),
    depth: j === 0 ? random.uniform(0.1, 0.35) : random.uniform(0.03, 0.2),
    // The largest spot keeps its longitude; it is what gives the survey the period.
    drift: j === 0 ? 0 : random.normal(0, 0.03),
    cycle: j === 0 ? random.uniform(4000, 12000) : random.uniform(600, 3000),
    cyclePhase: random.uniform(),
  }));
  const colour = giant
    ? truncatedNormal(random, 1.3, 0.15, 1, 1.8)
    : truncatedNormal(random, 1.35, 0.35, 0.8, 2.6);
  return spottedStar({
    period,
    inclination: Math.acos(random.uniform(0, 0.85)) / DEGREE,
    spots,
    epoch: random.uniform(0, period),
  }, {
    absoluteMagnitude: giant
      ? truncatedNormal(random, 2, 0.9, -0.5, 4)
      : mainSequenceMagnitude(colour) - random.uniform(0, 0.8),
    colour,
  });
}

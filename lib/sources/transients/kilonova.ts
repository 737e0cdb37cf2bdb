/** Kilonovae: radioactive ejecta of merging neutron stars, in components of different opacity. */
import type { Random } from "../../core/mod.ts";
import type { SkyKind } from "../sky_source.ts";
import { diffusedCurve, expandingPhotosphere, photonDiffusionTime } from "./diffused_light.ts";
import { SOLAR_MASS } from "./nickel_decay.ts";
import { blackbodyModel } from "./photosphere.ts";
import { drawPeak, type SpectralModel, spectralSource } from "./spectral_series.ts";

/** One component of the ejecta. */
export interface KilonovaComponent {
  /** Mass, solar masses. */
  mass: number;
  /** Velocity over that of light. */
  velocity: number;
  /** Grey opacity, cm^2/g: 0.5 for lanthanide-free, 10 for lanthanide-rich matter. */
  opacity: number;
  /** Temperature below which the photosphere recedes, kelvin. */
  floor: number;
}

/** The three components of AT2017gfo (Villar et al. 2017, ApJ 851, L21, table 3). */
export const AT2017GFO: readonly KilonovaComponent[] = [
  { mass: 0.02, velocity: 0.266, opacity: 0.5, floor: 674 },
  { mass: 0.047, velocity: 0.152, opacity: 3, floor: 1308 },
  { mass: 0.011, velocity: 0.137, opacity: 10, floor: 3745 },
];

/**
 * Masses (log) and velocities of the table of Barnes et al. (2016, ApJ 829, 110, table 1, random fields),
 * with a, b and d in rows of mass.
 */
const MASSES = [1e-3, 5e-3, 1e-2, 5e-2].map(Math.log), VELOCITIES = [0.1, 0.2, 0.3];
const THERMALISATION = [
  [[2.01, 0.28, 1.12], [4.52, 0.62, 1.39], [8.16, 1.19, 1.52]],
  [[0.81, 0.19, 0.86], [1.9, 0.28, 1.21], [3.2, 0.45, 1.39]],
  [[0.56, 0.17, 0.74], [1.31, 0.21, 1.13], [2.19, 0.31, 1.32]],
  [[0.27, 0.1, 0.6], [0.55, 0.13, 0.9], [0.95, 0.15, 1.13]],
] as const;

/** Place of x among ascending nodes: index of the left one and share of the right one, held at the ends. */
function place(nodes: readonly number[], x: number): [number, number] {
  let i = 0;
  while (i < nodes.length - 2 && x > nodes[i + 1]) i++;
  return [i, Math.min(1, Math.max(0, (x - nodes[i]) / (nodes[i + 1] - nodes[i])))];
}

/**
 * Returns the share of the radioactive heat that ejecta keep at a time in days:
 * 0.36 (e^(-a t) + ln(1 + 2 b t^d) / (2 b t^d)) with a, b, d by mass and velocity (Barnes et al. 2016,
 * equation 34).
 *
 * @param mass solar masses. @param velocity over that of light.
 */
export function thermalisation(mass: number, velocity: number): (time: number) => number {
  const [i, p] = place(MASSES, Math.log(mass)), [j, q] = place(VELOCITIES, velocity);
  const [a, b, d] = [0, 1, 2].map((k) =>
    (1 - p) * ((1 - q) * THERMALISATION[i][j][k] + q * THERMALISATION[i][j + 1][k]) +
    p * ((1 - q) * THERMALISATION[i + 1][j][k] + q * THERMALISATION[i + 1][j + 1][k])
  );
  return (time) => {
    const x = 2 * b * Math.pow(time, d);
    return 0.36 * (Math.exp(-a * time) + Math.log1p(x) / x);
  };
}

/**
 * Returns the radioactive heat of r-process matter in erg/s/g at a time in days: 4e18 (1/2 - arctan((t - 1.3
 * s) / 0.11 s) / pi)^1.3 (Korobkin et al. 2012; Metzger 2017).
 */
export function radioactiveHeat(time: number): number {
  // arctan(1 / y) is what is left of a quarter turn: no cancellation at late times.
  const y = (time * 86400 - 1.3) / 0.11;
  const share = y > 0 ? Math.atan(1 / y) / Math.PI : 0.5 - Math.atan(y) / Math.PI;
  return 4e18 * Math.pow(share, 1.3);
}

/**
 * Returns the model of a kilonova: each component is heated, diffuses (beta = 13.4) and shines as a black
 * body by itself, and their light adds up (Villar et al.
 * 2017). Phase 0 is the merger.
 *
 * @example
 * ```ts
 * import { passband } from "ephemera/astronomy";
 * import { absoluteMagnitude, AT2017GFO, kilonovaModel } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const g = absoluteMagnitude(kilonovaModel(AT2017GFO), passband("lsst", "g"));
 * assert.ok(g(3.5) - g(1.5) > 2); // gone from the blue within days
 * ```
 */
export function kilonovaModel(components: readonly KilonovaComponent[]): SpectralModel {
  const span = [0.02, 60] as const;
  const models = components.map(({ mass, velocity, opacity, floor }) => {
    const grams = mass * SOLAR_MASS, speed = velocity * 299792.458, kept = thermalisation(mass, velocity);
    const { luminosity } = diffusedCurve((time) => grams * radioactiveHeat(time) * kept(time), {
      diffusionTime: photonDiffusionTime(grams, speed, opacity, 13.4),
      first: 0.01,
      last: 100,
    });
    return blackbodyModel({
      photosphere: (phase, out) => expandingPhotosphere(phase, luminosity(phase), speed, floor, out),
    });
  });
  return {
    span,
    at(wavelength) {
      const parts = models.map((model) => model.at(wavelength)), one = new Float64Array(wavelength.length);
      return (phase, out) => {
        out.fill(0);
        for (const part of parts) {
          part(phase, one);
          for (let k = 0; k < out.length; k++) out[k] += one[k];
        }
      };
    },
  };
}

/**
 * Draws three components about those of AT2017gfo: log-uniform within factors of two to four of its masses,
 * as the spread of dynamical and wind ejecta in simulations (Metzger 2017; Cowperthwaite et al. 2019).
 */
export function drawKilonova(random: Random): KilonovaComponent[] {
  const log = (low: number, high: number) => low * Math.pow(high / low, random.uniform());
  return [
    {
      mass: log(0.004, 0.04),
      velocity: random.uniform(0.2, 0.3),
      opacity: 0.5,
      floor: random.uniform(600, 1500),
    },
    {
      mass: log(0.01, 0.07),
      velocity: random.uniform(0.1, 0.2),
      opacity: 3,
      floor: random.uniform(1000, 2000),
    },
    {
      mass: log(0.003, 0.03),
      velocity: random.uniform(0.08, 0.2),
      opacity: 10,
      floor: random.uniform(2500, 4000),
    },
  ];
}

/**
 * Kilonova. `peak` is the merger, hours before maximum. Parameters: mass and velocity of the blue, purple
 * and red component.
 */
export const KILONOVA: SkyKind = {
  name: "KN",
  galactic: false,
  reference:
    "Metzger 2017, Living Rev. Relativ. 20, 3; Villar et al. 2017, ApJ 851, L21; Barnes et al. 2016, ApJ 829, 110",
  draw(random, setting) {
    const components = drawKilonova(random), [blue, purple, red] = components;
    return spectralSource("KN", setting, {
      peak: drawPeak(random, setting),
      parameters: {
        blueMass: blue.mass,
        blueVelocity: blue.velocity,
        purpleMass: purple.mass,
        purpleVelocity: purple.velocity,
        redMass: red.mass,
        redVelocity: red.velocity,
      },
      model: kilonovaModel(components),
    });
  },
};

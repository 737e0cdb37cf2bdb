/**
 * Pair-instability supernovae: tens of solar masses of helium core burn at once, and much nickel shines
 * through much matter.
 */
import { demand } from "../../core/mod.ts";
import { interpolate } from "../periodic/draws.ts";
import type { SkyKind } from "../sky_source.ts";
import { diffusedCurve, expandingPhotosphere, photonDiffusionTime } from "./diffused_light.ts";
import { metalBlanketing } from "./line_blanketing.ts";
import { SOLAR_MASS } from "./nickel_decay.ts";
import { blackbodyModel } from "./photosphere.ts";
import type { PeakedModel } from "./slsn_i.ts";
import { drawPeak, spectralSource } from "./spectral_series.ts";

/**
 * Helium core in solar masses, nickel-56 in solar masses, explosion energy in 10^51 erg (Heger & Woosley
 * 2002, table 1, rounded).
 */
const CORES = [
  [70, 0.02, 16],
  [80, 0.13, 24],
  [85, 0.4, 28],
  [90, 0.9, 33],
  [95, 2.6, 37],
  [100, 5.8, 42],
  [105, 9.7, 46],
  [
    110,
    13.9,
    51,
  ],
  [115, 19.3, 57],
  [120, 25.2, 63],
  [125, 32.1, 70],
  [130, 40.3, 78],
] as const;

/** A pair-instability supernova. */
export interface PairInstabilityParameters {
  /** Mass of the helium core, solar masses, 70 to 130; all of it is thrown out. */
  core: number;
  /** Opacity, cm^2/g. */
  opacity: number;
  /** Temperature floor of the photosphere, kelvin. */
  floor: number;
}

/**
 * Returns the nickel in solar masses that a helium core in solar masses makes, from {@link
 * PairInstabilityParameters.core} 70 to 130.
 */
export function pairInstabilityNickel(core: number): number {
  return Math.exp(interpolate(CORES.map(([mass, nickel]) => [mass, Math.log(nickel)] as const), core));
}

/**
 * Returns the model: decay of nickel and cobalt (Nadyozhin 1994) through ejecta whose diffusion takes about
 * a hundred days, gamma rays caught by 0.027 cm^2/g,
 * a photosphere with a floor, strong lines of metals in the blue (Kasen, Woosley & Heger 2011). Phase 0 is
 * the bolometric maximum.
 * @throws EphemeraError for a core outside 70 to 130 solar masses.
 */
export function pairInstabilityModel({ core, opacity, floor }: PairInstabilityParameters): PeakedModel {
  demand(core >= 70 && core <= 130, () => ({
    expected: "a helium core of 70 to 130 solar masses",
    found: String(core),
    where: "pairInstabilityModel",
  }));
  const mass = core * SOLAR_MASS, nickel = pairInstabilityNickel(core) * SOLAR_MASS;
  const energy = interpolate(CORES.map((row) => [row[0], row[2]] as const), core) * 1e51;
  // Kinetic energy of a uniform sphere: 3 / 10 M v^2.
  const velocity = Math.sqrt(10 * energy / (3 * mass)) / 1e5;
  const trapping = 3 * 0.027 * mass / (4 * Math.PI * (velocity * 1e5 * 86400) ** 2);
  const curve = diffusedCurve(
    (time) =>
      nickel * ((3.9e10 - 6.78e9) * Math.exp(-time / 8.8) + 6.78e9 * Math.exp(-time / 111.3)) *
      -Math.expm1(-trapping / (time * time)),
    {
      diffusionTime: photonDiffusionTime(mass, velocity, opacity),
      first: 0.3,
    },
  );
  const { riseTime } = curve;
  const model = blackbodyModel({
    photosphere: (phase, out) =>
      expandingPhotosphere(phase + riseTime, curve.luminosity(phase + riseTime), 0.8 * velocity, floor, out),
    blanketing: [metalBlanketing({ depth: 0.5, hot: 9000, cold: 5500 })],
    span: [-riseTime + 0.5, 1500],
  });
  return { ...model, riseTime, peakLuminosity: curve.luminosity(riseTime) };
}

/**
 * Pair-instability supernova. Cores of 90 to 130 solar masses (below, there is too little nickel to tell
 * them from others), as many as the Salpeter slope -2.35 gives;
 * opacity 0.08 to 0.12 cm^2/g, floor 5000 +- 300 K (Dessart et al. 2013). Parameters: those of
 * {@link PairInstabilityParameters}, `nickel`, `riseTime`, `peakLuminosity`.
 */
export const PISN: SkyKind = {
  name: "PISN",
  galactic: false,
  reference:
    "Heger & Woosley 2002, ApJ 567, 532; Kasen, Woosley & Heger 2011, ApJ 734, 102; Dessart et al. 2013, MNRAS 428, 3227",
  draw(random, setting) {
    const slope = -1.35, low = Math.pow(90, slope), high = Math.pow(130, slope);
    const core = Math.pow(low + random.uniform() * (high - low), 1 / slope);
    const drawn = {
      core,
      opacity: random.uniform(0.08, 0.12),
      floor: Math.max(4200, random.normal(5000, 300)),
    };
    const model = pairInstabilityModel(drawn), { riseTime, peakLuminosity } = model;
    return spectralSource("PISN", setting, {
      peak: drawPeak(random, setting),
      parameters: { ...drawn, nickel: pairInstabilityNickel(core), riseTime, peakLuminosity },
      model,
    });
  },
};

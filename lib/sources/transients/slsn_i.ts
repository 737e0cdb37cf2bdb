/** Superluminous supernovae without hydrogen: a magnetar spins down inside the ejecta. */
import type { Random } from "../../core/mod.ts";
import { truncatedNormal } from "../periodic/draws.ts";
import type { SkyKind } from "../sky_source.ts";
import { diffusedCurve, expandingPhotosphere, photonDiffusionTime } from "./diffused_light.ts";
import { SOLAR_MASS } from "./nickel_decay.ts";
import { blackbodyModel, ultravioletCutoff } from "./photosphere.ts";
import { drawPeak, type SpectralModel, spectralSource } from "./spectral_series.ts";

/** A magnetar and the ejecta around it. */
export interface MagnetarParameters {
  /** Initial spin period, ms. */
  spin: number;
  /** Magnetic field perpendicular to the axis, 10^14 G. */
  field: number;
  /** Mass of the neutron star, solar masses. */
  star: number;
  /** Mass of the ejecta, solar masses. */
  ejecta: number;
  /** Kinetic energy of the ejecta, 10^51 erg; M v^2 / 2. */
  energy: number;
  /** Opacity, cm^2/g. */
  opacity: number;
  /** Opacity to the magnetar's high-energy photons, cm^2/g. */
  gammaOpacity: number;
  /** Temperature floor of the photosphere, kelvin. */
  floor: number;
}

/** A model whose phase 0 is its bolometric maximum. */
export interface PeakedModel extends SpectralModel {
  /** Days at rest from explosion to the bolometric maximum. */
  riseTime: number;
  /** Bolometric luminosity at maximum, erg/s. */
  peakLuminosity: number;
}

/**
 * Returns the model of Nicholl, Guillochon & Berger (2017): spin-down power E / t_m (1 + t / t_m)^-2 with E
 * = 2.6e52 erg P^-2 (M / 1.4)^1.5 and
 * t_m = 1.3e5 s P^2 B^-2 (M / 1.4)^1.5 (P in ms, B in 10^14 G), diffusion with the leak 1 - exp(-3
 * kappa_gamma M / (4 pi v^2 t^2)),
 * a photosphere that expands and then keeps its temperature, light below 3000 angstrom cut off linearly.
 * Phase 0 is the bolometric maximum.
 */
export function magnetarModel(parameters: MagnetarParameters): PeakedModel {
  const { spin, field, star, ejecta, energy, opacity, gammaOpacity, floor } = parameters;
  const mass = ejecta * SOLAR_MASS, velocity = Math.sqrt(2 * energy * 1e51 / mass) / 1e5;
  const stored = 2.6e52 / (spin * spin) * Math.pow(star / 1.4, 1.5);
  const slowing = 1.3e5 / 86400 * (spin / field) ** 2 * Math.pow(star / 1.4, 1.5);
  const trapping = 3 * gammaOpacity * mass / (4 * Math.PI * (velocity * 1e5 * 86400) ** 2);
  const curve = diffusedCurve(
    (time) => stored / (slowing * 86400) / (1 + time / slowing) ** 2 * -Math.expm1(-trapping / (time * time)),
    {
      diffusionTime: photonDiffusionTime(mass, velocity, opacity),
    },
  );
  const { riseTime } = curve;
  const model = blackbodyModel({
    photosphere: (phase, out) =>
      expandingPhotosphere(phase + riseTime, curve.luminosity(phase + riseTime), velocity, floor, out),
    blanketing: [ultravioletCutoff(3000)],
    span: [-riseTime + 0.1, 1500],
  });
  return { ...model, riseTime, peakLuminosity: curve.luminosity(riseTime) };
}

/**
 * Draws a magnetar as the sample of Nicholl et al. (2017, table 3 and section 5): P of 2.4 ms, B of 0.8e14
 * G, ejecta of 4.8 solar masses, 3.9e51 erg, each
 * log-normal with the scatter of its 68 percent interval. Only those above 2e43 erg/s, as superluminous
 * supernovae are selected (Inserra et al. 2013; Quimby et al. 2018).
 */
export function drawMagnetar(random: Random): MagnetarParameters {
  const log = (median: number, dex: number, low: number, high: number) =>
    Math.pow(10, truncatedNormal(random, Math.log10(median), dex, Math.log10(low), Math.log10(high)));
  return {
    spin: log(2.4, 0.28, 0.8, 8),
    field: log(0.8, 0.32, 0.1, 6),
    star: truncatedNormal(random, 1.8, 0.2, 1.4, 2.2),
    ejecta: log(4.8, 0.36, 1.5, 40),
    energy: log(3.9, 0.24, 1, 20),
    opacity: random.uniform(0.08, 0.2),
    gammaOpacity: log(0.03, 0.4, 0.01, 1),
    floor: truncatedNormal(random, 6000, 1000, 4000, 9000),
  };
}

/** Least bolometric luminosity at maximum, erg/s: about -20 magnitudes. */
const LEAST_LUMINOSITY = 3e43;

/**
 * Type I superluminous supernova. Parameters: those of {@link MagnetarParameters}, `riseTime` and
 * `peakLuminosity`.
 */
export const SLSN_I: SkyKind = {
  name: "SLSN-I",
  galactic: false,
  reference:
    "Kasen & Bildsten 2010, ApJ 717, 245; Inserra et al. 2013, ApJ 770, 128; Nicholl et al. 2017, ApJ 850, 55",
  draw(random, setting) {
    let drawn = drawMagnetar(random), model = magnetarModel(drawn);
    for (let k = 0; k < 100 && !(model.peakLuminosity > LEAST_LUMINOSITY && model.riseTime > 8); k++) {
      drawn = drawMagnetar(random);
      model = magnetarModel(drawn);
    }
    const { riseTime, peakLuminosity } = model, ebv = random.exponential(0.03);
    const parameters = { ...drawn, riseTime, peakLuminosity, hostEbv: ebv };
    return spectralSource("SLSN-I", setting, {
      peak: drawPeak(random, setting),
      parameters,
      model,
      hostDust: { ebv },
    });
  },
};

/** The galaxies in which things happen, as a catalogue lists them. */
import type { FlatUniverse } from "../../astronomy/mod.ts";
import type { Random } from "../../core/mod.ts";

/** Bands of the host columns. */
export const HOST_BANDS = ["u", "g", "r", "i", "z", "Y"] as const;

/** One galaxy beside an object. */
export interface HostGalaxy {
  /** True redshift. */
  redshift: number;
  /** Magnitudes in {@link HOST_BANDS}, measured, corrected for Galactic dust. */
  magnitude: Float64Array;
  /** Their errors. */
  magnitudeError: Float64Array;
  /** 1 minus the axis ratio on the sky. */
  ellipticity: number;
  /** The square of a radius that holds nearly all light, as ELAsTiCC lists it: pixels squared. */
  squareRadius: number;
  /** Angle between object and centre, arcseconds. */
  separation: number;
}

/** Schechter function of the r band: M* for H_0 = 70 km/s/Mpc, and slope (Blanton et al. 2003, z = 0.1). */
export const SCHECHTER = { magnitude: -21.2, slope: -1.05 } as const;

/**
 * Draws an absolute r magnitude of a galaxy in which an event happens whose rate goes with light: L / L* follows a gamma
 * distribution of shape slope + 2, Schechter's function times L.
 */
export function drawHostMagnitude(random: Random): number {
  const luminosity = Math.max(1e-4, random.gamma(SCHECHTER.slope + 2));
  return SCHECHTER.magnitude - 2.5 * Math.log10(luminosity);
}

/**
 * Redshift, then the mean colours u - g, g - r, r - i, i - z, z - Y and their scatter: medians of the host galaxies of the
 * public ELAsTiCC sample.
 */
const COLOURS = [
  [0.1, 1.14, 0.85, 0.4, 0.28, 0.19],
  [0.3, 1.07, 1.01, 0.43, 0.26, 0.2],
  [0.5, 0.82, 1.11, 0.55, 0.31, 0.2],
  [0.7, 0.61, 1.03, 0.83, 0.3, 0.21],
  [1, 0.29, 0.59, 0.83, 0.44, 0.17],
  [1.6, 0.13, 0.05, 0.2, 0.26, 0.3],
] as const;

const COLOUR_SCATTER = [0.4, 0.26, 0.13, 0.07, 0.07] as const;

/** 5-sigma depths of the host catalogue, and the floor of its errors. */
const DEPTH = [23.5, 25.2, 25.2, 24.8, 24.3, 23.3] as const, FLOOR = 0.05;

/** Magnitudes that an r band of a typical galaxy loses by redshift: K(z) = z, good to 0.3 to z = 1 (Chilingarian et al. 2010). */
function kCorrection(redshift: number): number {
  return Math.min(1.5, redshift);
}

/** Half-light radius in kpc of a galaxy of luminosity L*, and its dependence on luminosity (Shen et al. 2003, late types). */
const SIZE = { radius: 3.6, slope: 0.26, scatter: 0.35 } as const;

/** Pairs of shape parameter b_n and n of the two profiles in which events are placed. */
const PROFILES = [[1.678347, 1], [7.669249, 4]] as const;

/**
 * Draws the host of an event at a redshift above 0. Light follows {@link SCHECHTER}; events follow the light of an exponential or
 * a de Vaucouleurs profile, half each: r = R_e (x / b_n)^n with x from a gamma distribution of shape 2 n, seen at an ellipticity
 * from a beta distribution with mean 0.32.
 */
export function drawHost(random: Random, redshift: number, universe: FlatUniverse): HostGalaxy {
  const absolute = drawHostMagnitude(random);
  const luminosity = Math.pow(10, -0.4 * (absolute - SCHECHTER.magnitude));
  const r = absolute + universe.distanceModulus(redshift) + kCorrection(redshift);
  const kpc = SIZE.radius * Math.pow(luminosity, SIZE.slope) * Math.exp(SIZE.scatter * random.normal());
  const halfLight = kpc / (universe.angularDiameterDistance(redshift) * 1000) * 206264.806;
  const [b, n] = PROFILES[random.integer(0, 2)];
  const away = halfLight * Math.pow(random.gamma(2 * n) / b, n), angle = random.uniform(0, 2 * Math.PI);
  const ellipticity = random.beta(0.95, 2);
  const separation = away * Math.hypot(Math.cos(angle), (1 - ellipticity) * Math.sin(angle));
  return { redshift, ellipticity, separation, ...appearance(random, r, redshift) };
}

/** Draws a galaxy that stands beside the object by chance: brighter than most hosts, 1.5 to 6 arcseconds away. */
export function drawNeighbour(random: Random, redshift: number, universe: FlatUniverse): HostGalaxy {
  const z = Math.max(0.02, redshift * Math.exp(random.normal(0, 0.3)));
  const r = drawHostMagnitude(random) - 0.5 + universe.distanceModulus(z) + kCorrection(z);
  return {
    redshift: z,
    ellipticity: random.beta(0.95, 2),
    separation: random.uniform(1.5, 6),
    ...appearance(random, r, z),
  };
}

function appearance(random: Random, r: number, redshift: number) {
  let k = 1;
  while (k < COLOURS.length - 1 && redshift > COLOURS[k][0]) k++;
  const a = COLOURS[k - 1], b = COLOURS[k];
  const w = Math.min(1, Math.max(0, (redshift - a[0]) / (b[0] - a[0])));
  const colour = COLOUR_SCATTER.map((scatter, j) =>
    a[j + 1] + w * (b[j + 1] - a[j + 1]) + scatter * random.normal()
  );
  const g = r + colour[1], i = r - colour[2], z = i - colour[3];
  const truth = [g + colour[0], g, r, i, z, z - colour[4]];
  const magnitudeError = Float64Array.from(
    truth,
    (m, j) => Math.min(9, Math.hypot(FLOOR, 0.2171 * Math.pow(10, 0.4 * (m - DEPTH[j])))),
  );
  const magnitude = Float64Array.from(truth, (m, j) => m + Math.min(1, magnitudeError[j]) * random.normal());
  const squareRadius = Math.exp(2.23 - 0.25 * (r - 22.1) + 0.64 * random.normal());
  return { magnitude, magnitudeError, squareRadius };
}

/** How likely a host has a redshift from a spectrum: most / (1 + exp((i - midpoint) / width)) with its i magnitude. */
export interface SpectroscopicCoverage {
  /** Share of bright hosts. */
  most: number;
  /** i magnitude at which it has halved. */
  midpoint: number;
  /** Width of the step, magnitudes. */
  width: number;
}

/** Returns the share of hosts of an i magnitude that have a redshift from a spectrum. */
export function spectroscopicShare(magnitude: number, coverage: SpectroscopicCoverage): number {
  return coverage.most / (1 + Math.exp((magnitude - coverage.midpoint) / coverage.width));
}

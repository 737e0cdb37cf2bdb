/** Galaxies as a survey of the sky would find them: brightness, distance, size and shape from published distributions. */
import { FlatUniverse } from "../astronomy/mod.ts";
import { demand, type Random } from "../core/mod.ts";
import type { Galaxy, GalaxyPart } from "./galaxy.ts";

/**
 * Schechter's luminosity function of galaxies in r at redshift 0.1 (Blanton et al. 2003, ApJ 592, 819), for a Hubble
 * constant of 70.
 */
const SCHECHTER = { magnitude: -20.44 + 5 * Math.log10(0.7), slope: -1.05 } as const;

/** Absolute magnitudes of the population and the step of its table. */
const BRIGHTEST = -25, FAINTEST = -15, STEP = 0.02;

/** Shells of redshift. */
const SHELLS = 400;

/** Sizes in kpc (Shen et al. 2003, MNRAS 343, 978, equations 14 to 16 and their fits in r; Hubble constant 70). */
const SIZES = {
  alpha: 0.21,
  beta: 0.53,
  gamma: -1.31,
  early: [0.6, -4.63],
  turn: -20.52,
  faint: 0.48,
  bright: 0.25,
} as const;

/** Thickness of disks (Holmberg 1958) and of bulges, short axis over long axis seen from the side. */
const DISK_THICKNESS = 0.2, BULGE_THICKNESS = 0.6;

const ARCSEC_PER_RADIAN = 180 * 3600 / Math.PI;

/** Options of a {@link GalaxyPopulation}. */
export interface GalaxyPopulationOptions {
  /** Faint limit, magnitudes. Default 22, about where SDSS ends. */
  limit?: number;
  /** Range of redshifts, above 0. Default 0.01 to 1. */
  redshift?: readonly [number, number];
  /** Share of early types, all magnitudes alike. Default 0.3. */
  earlyShare?: number;
  /** Where distances come from. Default a flat universe with a Hubble constant of 70 and a matter density of 0.3. */
  universe?: FlatUniverse;
}

/**
 * A population of galaxies brighter than a limit. Its parts:
 *
 * - number: constant in comoving volume, Schechter's function in luminosity (Blanton et al. 2003), absolute
 *   magnitudes -25 to -15, without corrections for the redshifted spectrum or for evolution;
 * - bulge fraction: a beta distribution of shapes 1 and 4 (mean 0.2) of late types, 8 and 2 (mean 0.8) of early
 *   types: our choice, in the spirit of the means by type of Graham & Worley 2008, MNRAS 388, 1708;
 * - radii: log-normal about the relations of Shen et al. 2003, the disk by that of late types and the bulge by that
 *   of early types, each at its own luminosity;
 * - axis ratios: oblate spheroids of thickness 0.2 (disk) and 0.6 (bulge) seen from a common random direction.
 *
 * @example
 * ```ts
 * import { GalaxyPopulation } from "ephemera/imaging";
 * import { Random } from "ephemera/core";
 * import assert from "node:assert/strict";
 * const population = new GalaxyPopulation({ limit: 21 });
 * const host = population.draw(new Random(1), { redshift: 0.2 });
 * assert.ok(host.magnitude <= 21 && host.redshift === 0.2 && host.disk.axisRatio >= 0.2);
 * ```
 */
export class GalaxyPopulation {
  /** Faint limit, magnitudes. */
  readonly limit: number;
  /** Share of early types. */
  readonly earlyShare: number;
  /** Where distances come from. */
  readonly universe: FlatUniverse;
  /** Redshifts at the edges of the shells, and the relative number of galaxies up to each. */
  readonly #edges: Float64Array;
  readonly #counts: Float64Array;
  /** Galaxies a volume brighter than `BRIGHTEST + k STEP`, relative. */
  readonly #brighter: Float64Array;

  /** @throws EphemeraError for an empty range of redshifts, a share outside 0 to 1, or a limit that no galaxy reaches. */
  constructor(options: GalaxyPopulationOptions = {}) {
    const { limit = 22, redshift: [low, high] = [0.01, 1], earlyShare = 0.3 } = options,
      where = "GalaxyPopulation";
    demand(low > 0 && high > low && Number.isFinite(high) && earlyShare >= 0 && earlyShare <= 1, () => ({
      expected: "redshifts above 0 in ascending order and a share from 0 to 1",
      found: `${low} to ${high}, share ${earlyShare}`,
      where,
    }));
    this.limit = limit;
    this.earlyShare = earlyShare;
    this.universe = options.universe ?? new FlatUniverse();
    this.#brighter = new Float64Array(Math.round((FAINTEST - BRIGHTEST) / STEP) + 1);
    for (let k = 1; k < this.#brighter.length; k++) {
      const ratio = Math.pow(10, 0.4 * (SCHECHTER.magnitude - BRIGHTEST - (k - 0.5) * STEP));
      this.#brighter[k] = this.#brighter[k - 1] + Math.pow(ratio, SCHECHTER.slope + 1) * Math.exp(-ratio);
    }
    this.#edges = Float64Array.from({ length: SHELLS + 1 }, (_, k) => low + (high - low) * k / SHELLS);
    this.#counts = new Float64Array(SHELLS + 1);
    for (let k = 0; k < SHELLS; k++) {
      const [near, far] = [this.#edges[k], this.#edges[k + 1]];
      const volume = this.universe.comovingVolume(far) - this.universe.comovingVolume(near);
      this.#counts[k + 1] = this.#counts[k] + volume * this.#brighterAt((near + far) / 2);
    }
    demand(this.#counts[SHELLS] > 0, () => ({
      expected: "a limit that some galaxy reaches",
      found: `magnitude ${limit} from redshift ${low} on`,
      where,
    }));
  }

  /**
   * Returns a galaxy.
   * @param options `redshift`: that of its transient, in place of one drawn.
   * @throws EphemeraError when no galaxy at that redshift is brighter than the limit.
   */
  draw(random: Random, options: { redshift?: number } = {}): Galaxy {
    const redshift = options.redshift ?? this.#drawRedshift(random), number = this.#brighterAt(redshift);
    demand(number > 0, () => ({
      expected: `a redshift at which a galaxy is brighter than ${this.limit} mag`,
      found: String(redshift),
      where: "GalaxyPopulation.draw",
      remedy: "raise the limit, or give the object no host",
    }));
    const absolute = BRIGHTEST + STEP * placeOf(this.#brighter, random.uniform() * number);
    const early = random.uniform() < this.earlyShare;
    const bulgeFraction = early ? random.beta(8, 2) : random.beta(1, 4);
    const facing = random.uniform();
    const part = (share: number, radius: (magnitude: number) => number, thickness: number): GalaxyPart => {
      const magnitude = absolute - 2.5 * Math.log10(Math.max(share, 1e-4));
      const kiloparsecs = radius(magnitude) * Math.exp(random.normal(0, sizeScatter(magnitude)));
      return {
        effectiveRadius: kiloparsecs / (1000 * this.universe.angularDiameterDistance(redshift)) *
          ARCSEC_PER_RADIAN,
        axisRatio: Math.sqrt(thickness ** 2 + (1 - thickness ** 2) * facing ** 2),
      };
    };
    return {
      magnitude: absolute + this.universe.distanceModulus(redshift),
      redshift,
      bulgeFraction,
      disk: part(1 - bulgeFraction, lateRadius, DISK_THICKNESS),
      bulge: part(bulgeFraction, earlyRadius, BULGE_THICKNESS),
      positionAngle: random.uniform(0, Math.PI),
    };
  }

  #drawRedshift(random: Random): number {
    const place = placeOf(this.#counts, random.uniform() * this.#counts[SHELLS]), k = Math.floor(place);
    return this.#edges[k] + (place - k) * (this.#edges[k + 1] - this.#edges[k]);
  }

  /** Relative number of galaxies a volume that are brighter than the limit at a redshift. */
  #brighterAt(redshift: number): number {
    const absolute = this.limit - this.universe.distanceModulus(redshift);
    const place = Math.min(this.#brighter.length - 1, Math.max(0, (absolute - BRIGHTEST) / STEP));
    const k = Math.min(this.#brighter.length - 2, Math.floor(place));
    return this.#brighter[k] + (place - k) * (this.#brighter[k + 1] - this.#brighter[k]);
  }
}

/** The place, a whole number and a part, at which an ascending table takes a value below its last. */
function placeOf(ascending: Float64Array, value: number): number {
  let low = 0, high = ascending.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (ascending[middle] <= value) low = middle;
    else high = middle;
  }
  return low + (value - ascending[low]) / (ascending[high] - ascending[low]);
}

/** Median half-light radius in kpc of a late type of an absolute magnitude. */
function lateRadius(magnitude: number): number {
  const { alpha, beta, gamma, turn } = SIZES;
  const bend = Math.log10(1 + Math.pow(10, -0.4 * (magnitude - turn)));
  return Math.pow(10, -0.4 * alpha * magnitude + (beta - alpha) * bend + gamma);
}

/** Median half-light radius in kpc of an early type of an absolute magnitude. */
function earlyRadius(magnitude: number): number {
  return Math.pow(10, -0.4 * SIZES.early[0] * magnitude + SIZES.early[1]);
}

/** Standard deviation of the natural logarithm of the radius. */
function sizeScatter(magnitude: number): number {
  const { faint, bright, turn } = SIZES;
  return bright + (faint - bright) / (1 + Math.pow(10, -0.8 * (magnitude - turn)));
}

/**
 * Returns a galaxy of a catalogue whose redshift is within `tolerance` of the given one, any of the catalogue when
 * there is none: how the HiTS simulations chose the host of a supernova.
 * @param tolerance largest difference of redshifts. Default 0.1.
 * @throws EphemeraError for an empty catalogue.
 */
export function hostNear(
  galaxies: readonly Galaxy[],
  redshift: number,
  random: Random,
  tolerance = 0.1,
): Galaxy {
  const near = galaxies.filter((galaxy) => Math.abs(galaxy.redshift - redshift) < tolerance);
  return random.choice(near.length > 0 ? near : galaxies);
}

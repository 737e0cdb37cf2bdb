/** How many of each kind happen: volumetric rates against redshift, and redshifts drawn from them. */
import type { FlatUniverse } from "../../astronomy/mod.ts";
import { demand, type Random } from "../../core/mod.ts";

/** A volumetric rate. */
export interface VolumetricRate {
  /** What it is called. */
  name: string;
  /** Events per year (at rest) and Mpc^3 at redshift 0, H_0 = 70 km/s/Mpc; 0 of objects that are always there. */
  today: number;
  /** Returns the rate at a redshift over that at redshift 0. */
  evolution(redshift: number): number;
  /** Where it comes from. */
  reference: string;
}

/** Returns the cosmic star-formation rate over today's: (1+z)^2.7 / (1 + ((1+z)/2.9)^5.6) (Madau & Dickinson 2014, eq. 15). */
export function starFormation(redshift: number): number {
  const x = 1 + redshift;
  return Math.pow(x, 2.7) / (1 + Math.pow(x / 2.9, 5.6)) * (1 + Math.pow(1 / 2.9, 5.6));
}

/** SN Ia: (1+z)^1.5 to z = 1 (Dilday et al. 2008), then (1+z)^-0.5 (Hounsell et al. 2018), joined without a step. */
export function thermonuclear(redshift: number): number {
  return redshift < 1 ? Math.pow(1 + redshift, 1.5) : Math.pow(2, 2) * Math.pow(1 + redshift, -0.5);
}

/** TDE: 10^(-5 z / 6) (Kochanek 2016). */
function tidal(redshift: number): number {
  return Math.pow(10, -5 * redshift / 6);
}

const constant = () => 1;

/**
 * Active nuclei: always there, so that no clock runs slower for them; a constant number per comoving volume up to redshift 2.2,
 * 10^(-0.689 (z - 2.2)) beyond (Ross et al. 2013, table 8, luminosity evolution and LEDE).
 */
function nuclei(redshift: number): number {
  return (1 + redshift) * (redshift < 2.2 ? 1 : Math.pow(10, -0.689 * (redshift - 2.2)));
}

const rate = (
  name: string,
  today: number,
  evolution: (redshift: number) => number,
  reference: string,
): VolumetricRate => ({ name, today, evolution, reference });

/** Rates by name, as PLAsTiCC uses them (Kessler et al. 2019, table 2), with the share of each type of core collapse. */
export const VOLUMETRIC_RATES: ReadonlyMap<string, VolumetricRate> = new Map([
  rate("SNIa", 2.5e-5, thermonuclear, "Dilday et al. 2008, ApJ 682, 262; Hounsell et al. 2018, ApJ 867, 23"),
  rate("SNIa-91bg", 3e-6, thermonuclear, "Gonzalez-Gaitan et al. 2011, ApJ 727, 107: 12 percent of SN Ia"),
  rate("SNIax", 6e-6, starFormation, "Foley et al. 2013, ApJ 767, 57; Madau & Dickinson 2014, ARA&A 52, 415"),
  rate(
    "SNII",
    4.5e-5,
    starFormation,
    "Strolger et al. 2015, ApJ 813, 93; types after Li et al. 2011, MNRAS 412, 1441",
  ),
  rate("SNIIb", 7e-6, starFormation, "Strolger et al. 2015; Shivvers et al. 2017, PASP 129, 054201"),
  rate("SNIbc", 1.6e-5, starFormation, "Strolger et al. 2015; Shivvers et al. 2017, PASP 129, 054201"),
  rate(
    "SLSN-I",
    2e-8,
    starFormation,
    "Prajs et al. 2017, MNRAS 464, 3568; Quimby et al. 2013, MNRAS 431, 912",
  ),
  rate("TDE", 1e-6, tidal, "van Velzen 2018, ApJ 852, 72; Kochanek 2016, MNRAS 461, 371"),
  rate("KN", 1e-6, constant, "Scolnic et al. 2018, ApJ 852, L3; Abbott et al. 2017, PRL 119, 161101"),
  rate("ILOT", 3.9e-6, starFormation, "Kessler et al. 2019, PASP 131, 094501, from Kulkarni 2005"),
  rate("CaRT", 2.3e-6, thermonuclear, "Frohmaier et al. 2018, ApJ 858, 50"),
  rate(
    "AGN",
    0,
    nuclei,
    "no event: density and luminosities of Ross et al. 2013, ApJ 773, 14",
  ),
  rate("PISN", 2e-9, starFormation, "Kessler et al. 2019; Pan, Kasen & Loeb 2012, MNRAS 422, 2701"),
].map((entry) => [entry.name, entry]));

/** Returns a rate by name. @throws EphemeraError for an unknown one. */
export function volumetricRate(name: string): VolumetricRate {
  const found = VOLUMETRIC_RATES.get(name);
  demand(found !== undefined, () => ({
    expected: `one of the rates ${[...VOLUMETRIC_RATES.keys()].join(", ")}`,
    found: `"${name}"`,
    where: "volumetricRate",
  }));
  return found;
}

/** Cells of the table from which redshifts are drawn. */
const CELLS = 1024;

/**
 * Redshifts of events as an observer on Earth counts them: dN/dz = r(z) / (1 + z) dV/dz, the factor 1 / (1 + z) for clocks that
 * run slower far away.
 *
 * @example
 * ```ts
 * import { FlatUniverse } from "ephemera/astronomy";
 * import { Random } from "ephemera/core";
 * import { RedshiftDistribution } from "ephemera/survey";
 * import assert from "node:assert/strict";
 * const near = new RedshiftDistribution({ universe: new FlatUniverse(), minimum: 0.01, maximum: 0.1, evolution: () => 1 });
 * const z = near.draw(new Random(1));
 * assert.ok(z >= 0.01 && z <= 0.1);
 * ```
 */
export class RedshiftDistribution {
  /** Integral of evolution / (1 + z) dV/dz between the limits over the whole sky, Mpc^3: times today's rate, events a year. */
  readonly volume: number;
  readonly #minimum: number;
  readonly #step: number;
  readonly #cumulative: Float64Array;

  /** @throws EphemeraError for limits that are no ascending redshifts, and a rate that is nowhere positive. */
  constructor(options: {
    universe: FlatUniverse;
    /** Least redshift, at least 0. */
    minimum: number;
    /** Greatest redshift. */
    maximum: number;
    /** Rate against redshift, in any unit. */
    evolution: (redshift: number) => number;
  }) {
    const { universe, minimum, maximum, evolution } = options;
    demand(minimum >= 0 && maximum > minimum && maximum <= 20, () => ({
      expected: "a redshift of at least 0, below another of at most 20",
      found: `${minimum} to ${maximum}`,
      where: "RedshiftDistribution",
    }));
    this.#minimum = minimum;
    this.#step = (maximum - minimum) / CELLS;
    const cumulative = new Float64Array(CELLS + 1);
    let before = universe.comovingVolume(minimum) * 1e9;
    for (let k = 1; k <= CELLS; k++) {
      const z = minimum + k * this.#step, middle = z - this.#step / 2;
      const inside = universe.comovingVolume(z) * 1e9;
      cumulative[k] = cumulative[k - 1] + (inside - before) * evolution(middle) / (1 + middle);
      before = inside;
    }
    this.volume = cumulative[CELLS];
    this.#cumulative = cumulative;
    demand(this.volume > 0 && Number.isFinite(this.volume), () => ({
      expected: "a rate that is positive somewhere",
      found: `an integral of ${this.volume}`,
      where: "RedshiftDistribution",
    }));
  }

  /** Draws a redshift. */
  draw(random: Random): number {
    const table = this.#cumulative, goal = random.uniform() * this.volume;
    let low = 0, high = CELLS;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (table[middle] <= goal) low = middle;
      else high = middle;
    }
    const width = table[high] - table[low];
    return this.#minimum + this.#step * (low + (width > 0 ? (goal - table[low]) / width : 0.5));
  }
}

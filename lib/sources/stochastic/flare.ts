/** Flares of M dwarfs: their shape in time, their energies, and how often they come. */
import type { Random } from "../../core/mod.ts";
import { KeyedNoise } from "./keyed_noise.ts";

/**
 * Returns the light of a flare over its peak at a time in units of its full width at half maximum, from the peak: the fourth-order rise
 * in -1 to 0 and the two exponentials of the decline (Davenport et al. 2014, ApJ 797, 122, equations 1 and 4).
 *
 * @example
 * ```ts
 * import { flareShape } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * assert.equal(flareShape(-1.01), 0);
 * assert.ok(Math.abs(flareShape(0) - 1) < 0.01);
 * assert.ok(flareShape(5) > 0.07); // the slow second exponential
 * ```
 */
export function flareShape(time: number): number {
  if (time < -1) return 0;
  if (time < 0) return Math.max(0, 1 + time * (1.941 + time * (-0.175 + time * (-2.246 - time * 1.125))));
  return 0.689 * Math.exp(-1.6 * time) + 0.303 * Math.exp(-0.2783 * time);
}

/** Integral of {@link flareShape} over time. */
export const FLARE_AREA: number = 1 - 1.941 / 2 - 0.175 / 3 + 2.246 / 4 - 1.125 / 5 + 0.689 / 1.6 +
  0.303 / 0.2783;

/** How often a star flares and how strongly. */
export interface FlareRate {
  /** Mean power in flares over the range of energies, erg/s. */
  power: number;
  /** Exponent alpha of dN/dE proportional to E^(-alpha). */
  alpha: number;
  /** Least energy, erg. */
  least: number;
  /** Greatest energy, erg. */
  greatest: number;
}

/** Integral of E^(power - alpha) over the range of energies, in units of the least energy. */
function moment({ alpha, least, greatest }: FlareRate, power: number): number {
  const exponent = power - alpha + 1, ratio = greatest / least;
  return Math.abs(exponent) < 1e-9 ? Math.log(ratio) : Math.expm1(exponent * Math.log(ratio)) / exponent;
}

/** Returns the number of flares a day: the power over the mean energy. */
export function flaresPerDay(rate: FlareRate): number {
  return rate.power * 86400 / (rate.least * moment(rate, 1) / moment(rate, 0));
}

/** Returns the energy in erg below which a share `rank` of the flares lies. */
export function flareEnergy(rate: FlareRate, rank: number): number {
  const exponent = 1 - rate.alpha, ratio = rate.greatest / rate.least;
  const power = Math.abs(exponent) < 1e-9
    ? Math.pow(ratio, rank)
    : Math.pow(1 + rank * Math.expm1(exponent * Math.log(ratio)), 1 / exponent);
  return rate.least * power;
}

/** Returns the rate of the flares above an energy in erg alone: as many of them a day, and their part of the power. */
export function flaresAbove(rate: FlareRate, energy: number): FlareRate {
  const least = Math.min(Math.max(energy, rate.least), 0.999 * rate.greatest), above = { ...rate, least };
  const share = Math.pow(least / rate.least, 1 - rate.alpha) * moment(above, 0) / moment(rate, 0);
  const mean = least * moment(above, 1) / moment(above, 0);
  return { ...above, power: flaresPerDay(rate) * share * mean / 86400 };
}

/** Returns the median full width at half maximum in days of a flare of an energy in erg: 5 minutes (E / 10^32)^0.39 (Maehara et al. 2015; Davenport 2014). */
export function flareWidth(energy: number): number {
  return 5 / 1440 * Math.pow(energy / 1e32, 0.39);
}

/** Returns the energy in erg of a flare of median width whose power at the peak is `power`, erg/s. */
export function energyOfPeak(power: number): number {
  return Math.pow(power * FLARE_AREA * flareWidth(1) * 86400, 1 / (1 - 0.39));
}

/** One flare. */
export interface Flare {
  /** Time of its peak, MJD. */
  peak: number;
  /** Full width at half maximum, days. */
  width: number;
  /** Bolometric energy, erg. */
  energy: number;
}

/** Scatter of widths at one energy, in natural logarithms. */
const WIDTH_SCATTER = 0.5;

/** Flares a day are counted only up to here, so that one day always ends. */
const MOST_A_DAY = 400;

/** What most days of most stars hold. */
const NONE: readonly Flare[] = [];

/** The flares of one star, Poisson in time, the same whenever a day is looked at. */
export class FlareTrain {
  readonly #noise: KeyedNoise;
  readonly #rate: FlareRate;
  readonly #perDay: number;

  constructor(random: Random, rate: FlareRate) {
    this.#noise = new KeyedNoise(random);
    this.#rate = rate;
    this.#perDay = flaresPerDay(rate);
  }

  /** Returns the flares that peak on a day (integer MJD), in the order of their peaks. */
  on(day: number): readonly Flare[] {
    let now = -Math.log(this.#noise.uniform(day, 0)) / this.#perDay;
    if (now >= 1) return NONE;
    const flares: Flare[] = [];
    for (let k = 0; k < MOST_A_DAY && now < 1; k++) {
      const energy = flareEnergy(this.#rate, this.#noise.uniform(day, 4 * k + 1));
      const width = flareWidth(energy) * Math.exp(WIDTH_SCATTER * this.#noise.normal(day, 4 * k + 2));
      flares.push({ peak: day + now, width, energy });
      now -= Math.log(this.#noise.uniform(day, 4 * k + 4)) / this.#perDay;
    }
    return flares;
  }
}

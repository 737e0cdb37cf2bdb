/** Random numbers by address: the same key always gives the same number, whatever was asked before. */
import type { Random } from "../../core/mod.ts";

/**
 * Noise on a lattice of integer pairs. An object that must look the same whenever and in whatever order it
 * is observed takes its
 * random numbers from here: no state, no memory. Two rounds of a multiply-and-xor hash (the finaliser of
 * MurmurHash3) a number.
 *
 * @example
 * ```ts
 * import { Random } from "ephemera/core";
 * import { KeyedNoise } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const noise = new KeyedNoise(new Random(1));
 * assert.equal(noise.normal(3, 4), noise.normal(3, 4));
 * assert.notEqual(noise.normal(3, 4), noise.normal(4, 3));
 * ```
 */
export class KeyedNoise {
  readonly #low: number;
  readonly #high: number;

  /** Takes two words from `random`. */
  constructor(random: Random) {
    this.#low = random.bits() | 0;
    this.#high = random.bits() | 0;
  }

  /** Returns a number uniform in (0, 1), with 32 random bits, for two integer keys. */
  uniform(a: number, b: number): number {
    return ((this.#hash(this.#low, a, b) >>> 0) + 0.5) / 4294967296;
  }

  /** Returns a normal number of mean 0 and variance 1 for two integer keys (Box & Muller 1958). */
  normal(a: number, b: number): number {
    const u = ((this.#hash(this.#low, a, b) >>> 0) + 0.5) / 4294967296;
    const v = (this.#hash(this.#high, a, b) >>> 0) / 4294967296;
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
  }

  #hash(seed: number, a: number, b: number): number {
    let h = mix(seed ^ Math.imul(a | 0, 0x9e3779b1));
    h = mix((h + Math.imul(b | 0, 0x85ebca77)) ^ this.#high);
    return h;
  }
}

function mix(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * Seeded random numbers with independent streams by name.
 *
 * The bits come from xoroshiro128+ (package pure-rand). A stream is found by hashing the seed together with the path of
 * names that leads to it, so that adding a draw in one place never changes the numbers drawn in another.
 */
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { demand } from "./error.ts";

/** The full state of a {@link Random}, plain data fit for a checkpoint. */
export interface RandomState {
  path: string;
  words: readonly number[];
  spare: number | null;
}

/** Options of {@link Random.choice}. */
export interface ChoiceOptions {
  /** Relative weights, one per item, not negative, with a positive sum. Default: all equal. */
  weights?: ArrayLike<number>;
}

/**
 * A seeded generator of random numbers. Two instances of the same seed and path give the same series on every machine.
 *
 * @example
 * ```ts
 * import { Random } from "ephemera/core";
 * import assert from "node:assert/strict";
 * const noise = new Random(1).stream("noise");
 * assert.equal(noise.normal(), new Random(1).stream("noise").normal());
 * assert.notEqual(noise.normal(), new Random(1).stream("phase").normal());
 * ```
 */
export class Random {
  readonly path: string;
  #generator: ReturnType<typeof xoroshiro128plusFromState>;
  #spare: number | null = null;

  /** @param seed any number or text; the same seed gives the same series. */
  constructor(seed: number | string) {
    this.path = String(seed);
    this.#generator = xoroshiro128plusFromState(hash128(this.path));
  }

  /** Returns an independent generator, which depends on this one's seed and `name` alone, not on what was drawn. */
  stream(name: string | number): Random {
    return new Random(`${this.path}/${name}`);
  }

  /** Returns the state as plain data; {@link Random.restore} continues the series from it. */
  state(): RandomState {
    return { path: this.path, words: [...this.#generator.getState()], spare: this.#spare };
  }

  /** Returns a generator that continues where `state` was taken. */
  static restore(state: RandomState): Random {
    const random = new Random(state.path);
    random.#generator = xoroshiro128plusFromState([...state.words]);
    random.#spare = state.spare;
    return random;
  }

  /** Returns the next 32 random bits as an unsigned integer. */
  bits(): number {
    return this.#generator.next() >>> 0;
  }

  /** Returns a number uniform in [low, high), default [0, 1), with 53 random bits. */
  uniform(low = 0, high = 1): number {
    const unit = ((this.bits() >>> 5) * 67108864 + (this.bits() >>> 6)) / 9007199254740992;
    return low + (high - low) * unit;
  }

  /** Returns an integer uniform in [low, high), `high` exclusive. */
  integer(low: number, high: number): number {
    const range = high - low;
    demand(Number.isInteger(low) && Number.isInteger(high) && range > 0 && range <= 9007199254740992, () => ({
      expected: "whole numbers low < high",
      found: `low ${low}, high ${high}`,
      where: "Random.integer",
    }));
    return low + Math.floor(this.uniform() * range);
  }

  /** Returns a draw from the normal distribution of the given mean and standard deviation (Marsaglia's polar method). */
  normal(mean = 0, standardDeviation = 1): number {
    if (this.#spare !== null) {
      const value = this.#spare;
      this.#spare = null;
      return mean + standardDeviation * value;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1, v = 2 * this.uniform() - 1, s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const scale = Math.sqrt(-2 * Math.log(s) / s);
      this.#spare = v * scale;
      return mean + standardDeviation * u * scale;
    }
  }

  /** Returns a draw from the exponential distribution of the given mean. */
  exponential(mean = 1): number {
    return -mean * Math.log(1 - this.uniform());
  }

  /** Returns a draw from the gamma distribution with density proportional to x^(shape-1) e^(-x/scale) (Marsaglia & Tsang 2000). */
  gamma(shape: number, scale = 1): number {
    demand(shape > 0 && scale > 0, () => ({
      expected: "a positive shape and scale",
      found: `shape ${shape}, scale ${scale}`,
      where: "Random.gamma",
    }));
    if (shape < 1) return this.gamma(shape + 1, scale) * Math.pow(1 - this.uniform(), 1 / shape);
    const d = shape - 1 / 3, c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal(), t = 1 + c * x;
      if (t <= 0) continue;
      const v = t * t * t, u = 1 - this.uniform();
      if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return scale * d * v;
    }
  }

  /** Returns a draw from the beta distribution of the two given shapes. */
  beta(a: number, b: number): number {
    const x = this.gamma(a), y = this.gamma(b);
    return x / (x + y);
  }

  /** Returns a Poisson count of the given mean (inversion below 10, Hörmann's PTRS above). */
  poisson(mean: number): number {
    demand(mean >= 0 && mean < 9e15, () => ({
      expected: "a mean from 0 to 9e15",
      found: String(mean),
      where: "Random.poisson",
    }));
    if (mean < 10) {
      const limit = Math.exp(-mean);
      let count = 0;
      for (let product = this.uniform(); product > limit; product *= this.uniform()) count++;
      return count;
    }
    // Hörmann (1993), transformed rejection with squeeze: constants as in the article's algorithm PTRS.
    const b = 0.931 + 2.53 * Math.sqrt(mean), a = -0.059 + 0.02483 * b;
    const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4), edge = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
      const u = this.uniform() - 0.5, v = 1 - this.uniform(), us = 0.5 - Math.abs(u);
      const k = Math.floor((2 * a / us + b) * u + mean + 0.43);
      if (us >= 0.07 && v <= edge) return k;
      if (k < 0 || (us < 0.013 && v > us)) continue;
      if (Math.log(v * inverseAlpha / (a / (us * us) + b)) <= k * Math.log(mean) - mean - logFactorial(k)) {
        return k;
      }
    }
  }

  /** Returns one of `items`, with probability proportional to its weight. */
  choice<T>(items: ArrayLike<T>, options: ChoiceOptions = {}): T {
    demand(items.length > 0, {
      expected: "at least one item",
      found: "an empty list",
      where: "Random.choice",
    });
    const { weights } = options;
    if (weights === undefined) return items[this.integer(0, items.length)];
    demand(weights.length === items.length, () => ({
      expected: `${items.length} weights, one per item`,
      found: `${weights.length}`,
      where: "Random.choice",
    }));
    let total = 0;
    for (let i = 0; i < weights.length; i++) {
      demand(weights[i] >= 0, () => ({
        expected: "weights that are not negative",
        found: String(weights[i]),
        where: `Random.choice, item ${i}`,
      }));
      total += weights[i];
    }
    demand(total > 0 && Number.isFinite(total), () => ({
      expected: "weights with a positive, finite sum",
      found: String(total),
      where: "Random.choice",
    }));
    let rest = this.uniform() * total, last = 0;
    for (let i = 0; i < weights.length; i++) {
      if (weights[i] === 0) continue;
      last = i;
      rest -= weights[i];
      if (rest < 0) return items[i];
    }
    return items[last]; // only rounding leads here
  }

  /** Shuffles an array in place (Fisher-Yates) and returns it. */
  shuffle<T extends { length: number; [index: number]: unknown }>(array: T): T {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.integer(0, i + 1), kept = array[i];
      array[i] = array[j];
      array[j] = kept;
    }
    return array;
  }

  /** Returns the numbers 0 to n - 1 in random order. */
  permutation(n: number): Uint32Array {
    return this.shuffle(Uint32Array.from({ length: n }, (_, i) => i));
  }
}

/** 128 bits from a text: four multiply-and-xor lanes with a final avalanche, enough to part one stream from another. */
function hash128(text: string): [number, number, number, number] {
  let a = 1779033703, b = 3144134277, c = 1013904242, d = 2773480762;
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ k, 597399067);
    b = c ^ Math.imul(b ^ k, 2869860233);
    c = d ^ Math.imul(c ^ k, 951274213);
    d = a ^ Math.imul(d ^ k, 2716044179);
  }
  const words: number[] = [a, b, c, d].map((x, i) => {
    let h = (x ^ Math.imul([b, c, d, a][i], 0x9e3779b1)) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) | 0;
  });
  if (!words.some((word) => word !== 0)) words[0] = 1; // the all-zero state is the one that never moves
  return words as [number, number, number, number];
}

/** ln k!, by table below 10 and by Stirling's series above (error under 1e-12). */
function logFactorial(k: number): number {
  if (k < 10) return LOG_FACTORIALS[k];
  const x = k + 1, r = 1 / x, r2 = r * r;
  return (x - 0.5) * Math.log(x) - x + 0.9189385332046727 +
    r * (1 / 12 - r2 * (1 / 360 - r2 * (1 / 1260 - r2 / 1680)));
}

const LOG_FACTORIALS = Array.from({ length: 10 }, (_, k) => {
  let product = 1;
  for (let i = 2; i <= k; i++) product *= i;
  return Math.log(product);
});

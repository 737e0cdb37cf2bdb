/**
 * NumPy's legacy generator, `numpy.random.RandomState`, draw for draw, so that series which others published with a seed
 * can be made again. Its stream is frozen by NumPy's compatibility policy (NEP 19).
 */

const LENGTH = 624, SHIFT = 397;

/** MT19937 (Matsumoto & Nishimura 1998) with RandomState's distributions. */
export class NumpyLegacyRandom {
  readonly #key = new Uint32Array(LENGTH);
  #position = LENGTH;
  #spare: number | null = null;

  /** @param seed an integer from 0 to 2^32 - 1, or a list of such, as RandomState takes it */
  constructor(seed: number | readonly number[]) {
    if (typeof seed === "number") this.#seedByInteger(seed);
    else this.#seedByList(seed);
  }

  /** Uniform in [0, 1) with 53 bits. */
  random(): number {
    const high = this.#bits() >>> 5, low = this.#bits() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** `random_sample(count)` */
  randomSample(count: number): Float64Array {
    return this.#fill(count, () => this.random());
  }

  /** `uniform(low, high, count)` */
  uniform(low: number, high: number, count: number): Float64Array {
    return this.#fill(count, () => low + (high - low) * this.random());
  }

  /** `randint(low, high, count)` with the default 64-bit type: masked rejection, 32 bits at a time where they suffice. */
  randint(low: number, high: number, count: number): Float64Array {
    return this.#fill(count, () => low + this.#interval(high - 1 - low));
  }

  /** `normal(mean, deviation, count)`: the polar method, the second of each pair kept for the next call. */
  normal(mean: number, deviation: number, count: number): Float64Array {
    return this.#fill(count, () => mean + deviation * this.#gauss());
  }

  /** `exponential(scale, count)` */
  exponential(scale: number, count: number): Float64Array {
    return this.#fill(count, () => scale * this.#standardExponential());
  }

  /** `pareto(a, count)` */
  pareto(a: number, count: number): Float64Array {
    return this.#fill(count, () => Math.expm1(this.#standardExponential() / a));
  }

  /** `shuffle(array)` of one dimension, in place. */
  shuffle<T extends { length: number; [index: number]: unknown }>(array: T): T {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.#interval(i), kept = array[i];
      array[i] = array[j];
      array[j] = kept;
    }
    return array;
  }

  /** `permutation(n)` */
  permutation(n: number): Float64Array {
    return this.shuffle(Float64Array.from({ length: n }, (_, i) => i));
  }

  #fill(count: number, draw: () => number): Float64Array {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = draw();
    return values;
  }

  /** A whole number uniform in [0, largest]; no bits are drawn for 0. */
  #interval(largest: number): number {
    if (largest === 0) return 0;
    if (largest === 0xffffffff) return this.#bits();
    if (largest < 0xffffffff) {
      const mask = 0xffffffff >>> Math.clz32(largest);
      for (;;) {
        const value = (this.#bits() & mask) >>> 0;
        if (value <= largest) return value;
      }
    }
    const limit = BigInt(largest), mask = (1n << BigInt(limit.toString(2).length)) - 1n;
    for (;;) {
      const high = BigInt(this.#bits()), value = ((high << 32n) | BigInt(this.#bits())) & mask;
      if (value <= limit) return Number(value);
    }
  }

  #standardExponential(): number {
    return -Math.log(1 - this.random());
  }

  #gauss(): number {
    if (this.#spare !== null) {
      const value = this.#spare;
      this.#spare = null;
      return value;
    }
    for (;;) {
      const x = 2 * this.random() - 1, y = 2 * this.random() - 1, square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt(-2 * Math.log(square) / square);
      this.#spare = factor * x;
      return factor * y;
    }
  }

  /** The next 32 bits, tempered. */
  #bits(): number {
    if (this.#position === LENGTH) this.#twist();
    let y = this.#key[this.#position++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  #twist(): void {
    const key = this.#key;
    for (let i = 0; i < LENGTH; i++) {
      const y = (key[i] & 0x80000000) | (key[(i + 1) % LENGTH] & 0x7fffffff);
      key[i] = key[(i + SHIFT) % LENGTH] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#position = 0;
  }

  #seedByInteger(seed: number): void {
    const key = this.#key;
    key[0] = seed;
    for (let i = 1; i < LENGTH; i++) key[i] = Math.imul(1812433253, key[i - 1] ^ (key[i - 1] >>> 30)) + i;
    this.#position = LENGTH;
  }

  #seedByList(seed: readonly number[]): void {
    this.#seedByInteger(19650218);
    const key = this.#key;
    let i = 1, j = 0;
    const advance = () => {
      if (++i < LENGTH) return;
      key[0] = key[LENGTH - 1];
      i = 1;
    };
    for (let k = Math.max(LENGTH, seed.length); k > 0; k--) {
      key[i] = (key[i] ^ Math.imul(key[i - 1] ^ (key[i - 1] >>> 30), 1664525)) + seed[j] + j;
      j = (j + 1) % seed.length;
      advance();
    }
    for (let k = LENGTH - 1; k > 0; k--) {
      key[i] = (key[i] ^ Math.imul(key[i - 1] ^ (key[i - 1] >>> 30), 1566083941)) - i;
      advance();
    }
    key[0] = 0x80000000;
  }
}

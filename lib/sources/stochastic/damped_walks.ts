/**
 * Damped random walks that several bands share.
 *
 * The Ornstein-Uhlenbeck process dx = -x dt / tau + sigma sqrt(2 / tau) dW has the covariance sigma^2
 * exp(-|dt| / tau) and the
 * structure function SF(dt) = sqrt(2) sigma (1 - exp(-dt / tau))^(1/2) (Kelly, Bechtold & Siemiginowska
 * 2009; MacLeod et al. 2010).
 * It is Markov, so that both ways to get values at irregular times are exact and cost the same for any time:
 * forward,  x(t + dt) = phi x(t) + sigma sqrt(1 - phi^2) n with phi = exp(-dt / tau), on a grid of cells;
 * between,  x((a + b) / 2) = (x(a) + x(b)) / (2 cosh(h / tau)) + sigma sqrt(tanh(h / tau)) n with h = (b -
 * a) / 2, halving a cell
 * until it is shorter than two minutes.
 */
import { demand, type Random } from "../../core/mod.ts";
import { KeyedNoise } from "./keyed_noise.ts";

/** One of several walks driven by the same noise. */
export interface DampedWalk {
  /** Standard deviation of the values in the long run, SF_infinity / sqrt(2). */
  sigma: number;
  /** Time in days over which the walk forgets. */
  tau: number;
}

/** Width of a cell of the forward grid, days. */
const CELL = 4;

/** How often a cell is halved: down to 84 seconds. */
const LEVELS = 12;

/**
 * Walks of different amplitude and memory, all driven by the same normal numbers: each is a damped random
 * walk by itself, and any two
 * are correlated by 2 sqrt(tau_1 tau_2) / (tau_1 + tau_2) at the same time. Any time may be asked in any
 * order, and n times cost O(n).
 *
 * @example
 * ```ts
 * import { Random } from "ephemera/core";
 * import { DampedWalks } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const walks = new DampedWalks(new Random(1), [{ sigma: 0.2, tau: 100 }, { sigma: 0.1, tau: 120 }]);
 * const before = walks.at(0, 512.3);
 * walks.at(1, -40);
 * assert.equal(walks.at(0, 512.3), before);
 * ```
 */
export class DampedWalks {
  readonly #noise: KeyedNoise;
  readonly #walks: readonly DampedWalk[];
  readonly #origin: number;
  /** Values at the edges of the cells after and before the origin, one list a walk. */
  readonly #after: number[][];
  readonly #before: number[][];
  /** 1 / (2 cosh(h / tau)) and sigma sqrt(tanh(h / tau)) of each level, one array a walk. */
  readonly #pull: Float64Array[];
  readonly #kick: Float64Array[];

  /**
   * @param origin a time in days near which the walks are asked; the cost of a first question grows with the distance from it.
   * @throws EphemeraError for a negative sigma or a tau that is not positive.
   */
  constructor(random: Random, walks: readonly DampedWalk[], origin = 0) {
    for (const { sigma, tau } of walks) {
      demand(sigma >= 0 && sigma < Infinity && tau > 0 && tau < Infinity, () => ({
        expected: "a sigma that is not negative and a positive tau",
        found: `sigma ${sigma}, tau ${tau}`,
        where: "DampedWalks",
      }));
    }
    this.#noise = new KeyedNoise(random);
    this.#walks = walks;
    this.#origin = origin;
    const first = this.#noise.normal(0, 0);
    this.#after = walks.map(({ sigma }) => [sigma * first]);
    this.#before = walks.map(({ sigma }) => [sigma * first]);
    const half = (level: number) => CELL / 2 ** (level + 1);
    this.#pull = walks.map(({ tau }) =>
      Float64Array.from({ length: LEVELS }, (_, level) => 0.5 / Math.cosh(half(level) / tau))
    );
    this.#kick = walks.map(({ sigma, tau }) =>
      Float64Array.from({ length: LEVELS }, (_, level) => sigma * Math.sqrt(Math.tanh(half(level) / tau)))
    );
  }

  /** Returns the value of a walk at a time in days. */
  at(walk: number, time: number): number {
    const place = (time - this.#origin) / CELL, cell = Math.floor(place);
    let left = this.#edge(walk, cell), right = this.#edge(walk, cell + 1), part = place - cell, node = 1;
    const pull = this.#pull[walk], kick = this.#kick[walk];
    for (let level = 0; level < LEVELS; level++) {
      const middle = pull[level] * (left + right) + kick[level] * this.#noise.normal(cell, node);
      node *= 2;
      part *= 2;
      if (part < 1) right = middle;
      else {
        left = middle;
        node++;
        part--;
      }
    }
    return left + (right - left) * part;
  }

  /** Value at the left edge of a cell. */
  #edge(walk: number, cell: number): number {
    const values = cell >= 0 ? this.#after[walk] : this.#before[walk], index = Math.abs(cell);
    if (values.length <= index) {
      const { sigma, tau } = this.#walks[walk], phi = Math.exp(-CELL / tau);
      const kick = sigma * Math.sqrt(-Math.expm1(-2 * CELL / tau));
      for (let k = values.length; k <= index; k++) {
        values.push(phi * values[k - 1] + kick * this.#noise.normal(cell >= 0 ? k : -k, 0));
      }
    }
    return values[index];
  }
}

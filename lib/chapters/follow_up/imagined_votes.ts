/**
 * The votes of a forest on all imagined spectra of a few objects at once. With x_t fixed, a tree is but its splits on x_s. The
 * spectra that reach a node are a set of bits: a split on x_t passes the set on, a split on x_s is one mask from the
 * sorted draws, and a leaf adds its set to binary counters, so that 32 spectra move with each operation.
 */
import type { PlainForest } from "./plain_forest.ts";

/** Counts votes for blocks of objects. */
export class ImaginedVotes {
  readonly #forest: PlainForest;
  readonly #T: number;
  readonly #S: number;
  readonly #samples: number;
  readonly #words: number;
  readonly #planes: number;
  /** Draws of each object and feature, ascending. */
  readonly #sorted: Float64Array;
  /** For each object, feature and r from 0 to samples: the set of the r smallest draws. */
  readonly #masks: Int32Array;
  /** Counter bits: object, class, bit, word. */
  readonly #counters: Int32Array;
  readonly #waitingSets: Int32Array;
  readonly #waitingNodes: Int32Array;
  readonly #taken: Uint32Array;

  /**
   * @param known number of features that are x_t; the others are x_s.
   * @param block objects counted at a time: so few that their sets stay in the cache while a tree is, so many that trees are
   * fetched seldom.
   */
  constructor(
    forest: PlainForest,
    known: number,
    revealed: number,
    samples: number,
    readonly block: number = 16,
  ) {
    this.#forest = forest;
    this.#T = known;
    this.#S = revealed;
    this.#samples = samples;
    this.#words = Math.ceil(samples / 32);
    this.#planes = 32 - Math.clz32(forest.trees.length);
    const K = forest.classNames.length, W = this.#words;
    this.#sorted = new Float64Array(block * revealed * samples);
    this.#masks = new Int32Array(block * revealed * (samples + 1) * W);
    this.#counters = new Int32Array(block * K * this.#planes * W);
    this.#waitingSets = new Int32Array((samples + 1) * W);
    this.#waitingNodes = new Int32Array(samples + 1);
    this.#taken = new Uint32Array(samples);
  }

  /** Takes the draws of object `b` of the block, draw i of feature s at `s * samples + i`. */
  prepare(b: number, draws: Float64Array): void {
    const N = this.#samples, W = this.#words, taken = this.#taken;
    for (let s = 0; s < this.#S; s++) {
      const from = (b * this.#S + s) * N, masks = (b * this.#S + s) * (N + 1) * W;
      const sorted = this.#sorted.subarray(from, from + N);
      sorted.set(draws.subarray(s * N, (s + 1) * N));
      sorted.sort();
      // Each draw's set bit goes where its value stands; of equal values the first free place.
      taken.fill(0xffffffff);
      for (let i = 0; i < N; i++) {
        const value = draws[s * N + i];
        let low = 0, high = N - 1;
        while (low < high) {
          const middle = (low + high) >> 1;
          if (sorted[middle] < value) low = middle + 1;
          else high = middle;
        }
        while (taken[low] !== 0xffffffff) low++;
        taken[low] = i;
      }
      this.#masks.fill(0, masks, masks + W);
      for (let r = 0; r < N; r++) {
        const at = masks + r * W, who = taken[r];
        for (let w = 0; w < W; w++) this.#masks[at + W + w] = this.#masks[at + w];
        this.#masks[at + W + (who >> 5)] |= 1 << (who & 31);
      }
    }
  }

  /** Counts the votes on the first `count` objects of the block, whose x_t stand one after another from `x[start]` on. */
  count(x: Float64Array, start: number, count: number): void {
    const { trees, leafClasses } = this.#forest;
    this.#counters.fill(0);
    for (let t = 0; t < trees.length; t++) {
      for (let b = 0; b < count; b++) {
        this.#descend(
          trees[t].feature,
          trees[t].threshold,
          trees[t].right,
          leafClasses[t],
          x,
          start + b * this.#T,
          b,
        );
      }
    }
  }

  #descend(
    feature: Int32Array,
    threshold: Float64Array,
    right: Int32Array,
    classes: Uint8Array,
    x: Float64Array,
    start: number,
    b: number,
  ): void {
    const N = this.#samples, W = this.#words, T = this.#T, planes = this.#planes;
    const sorted = this.#sorted, masks = this.#masks, sets = this.#waitingSets, nodes = this.#waitingNodes;
    const counters = this.#counters, ofObject = b * this.#forest.classNames.length * planes * W;
    const objectDraws = b * this.#S * N, objectMasks = b * this.#S * (N + 1) * W;
    // The set in hand lies at the top of the stack.
    let top = 0, node = 0;
    const all = objectMasks + N * W;
    for (let w = 0; w < W; w++) sets[w] = masks[all + w];
    for (;;) {
      const j = feature[node];
      if (j >= T) {
        const limit = threshold[node], from = objectDraws + (j - T) * N;
        let low = 0, high = N;
        while (low < high) {
          const middle = (low + high) >> 1;
          if (sorted[from + middle] <= limit) low = middle + 1;
          else high = middle;
        }
        const mask = objectMasks + ((j - T) * (N + 1) + low) * W, here = top * W, next = here + W;
        let some = 0, others = 0;
        for (let w = 0; w < W; w++) {
          const set = sets[here + w], left = set & masks[mask + w], rest = set ^ left;
          sets[next + w] = left;
          sets[here + w] = rest;
          some |= left;
          others |= rest;
        }
        if (some === 0) {
          node = right[node];
        } else {
          if (others === 0) {
            for (let w = 0; w < W; w++) sets[here + w] = sets[next + w];
          } else {
            nodes[top++] = right[node];
          }
          node++;
        }
      } else if (j >= 0) {
        node = x[start + j] <= threshold[node] ? node + 1 : right[node];
      } else {
        const counter = ofObject + classes[right[node]] * planes * W, here = top * W;
        for (let w = 0; w < W; w++) {
          let carry = sets[here + w];
          for (let at = counter + w; carry !== 0; at += W) {
            const bits = counters[at];
            counters[at] = bits ^ carry;
            carry &= bits;
          }
        }
        if (top === 0) return;
        node = nodes[--top];
      }
    }
  }

  /** Writes the votes on object `b` into `target`, samples x classes. */
  read(b: number, target: Float64Array): void {
    const N = this.#samples, W = this.#words, planes = this.#planes, K = this.#forest.classNames.length;
    for (let c = 0; c < K; c++) {
      const counter = (b * K + c) * planes * W;
      for (let i = 0; i < N; i++) {
        const at = counter + (i >> 5), shift = i & 31;
        let votes = 0;
        for (let p = 0; p < planes; p++) votes |= ((this.#counters[at + p * W] >>> shift) & 1) << p;
        target[i * K + c] = votes;
      }
    }
  }
}

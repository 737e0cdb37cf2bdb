/**
 * Dropout masks from a counter: the mask at element i is a function of (key, i) and of nothing else. Therefore a resumed
 * run draws the masks of the uninterrupted one, and a batch taken in pieces those of the batch taken whole.
 */
import { tf } from "../tf.ts";
import { demand } from "../../core/mod.ts";
import { elementCount } from "../interchange/named_arrays.ts";

/** Options of {@link dropoutMask}. */
export interface DropoutMaskOptions {
  /** 32-bit key of the series; see {@link hashKey}. */
  key: number;
  /** Index of the first element in the series. Default 0. */
  offset?: number;
}

/**
 * Returns an array of 0 (with probability `rate`) and 1 / (1 - rate), so that the mean of what is kept is unchanged.
 *
 * @param length number of elements
 * @param rate from 0 to below 1
 */
export function dropoutMask(length: number, rate: number, options: DropoutMaskOptions): Float32Array {
  demand(rate >= 0 && rate < 1, {
    expected: "a dropout rate from 0 to below 1",
    found: String(rate),
    where: "dropoutMask",
  });
  const mask = new Float32Array(length), kept = 1 / (1 - rate);
  const threshold = rate * 4294967296, { key, offset = 0 } = options;
  for (let i = 0; i < length; i++) {
    // A Weyl sequence through the finaliser of MurmurHash3: each output bit depends on all bits of the counter.
    let h = Math.imul(offset + i, 0x9e3779b1) ^ key;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13) ^ key, 0xc2b2ae35);
    mask[i] = ((h ^ (h >>> 16)) >>> 0) < threshold ? 0 : kept;
  }
  return mask;
}

/** Returns a 32-bit key of a list of numbers or texts; different lists give, but for chance, different keys. */
export function hashKey(...parts: readonly (number | string)[]): number {
  let h = 0x811c9dc5;
  for (const part of parts) {
    for (const character of `${part}/`) {
      h = Math.imul(h ^ character.codePointAt(0)!, 0x01000193);
      h ^= h >>> 15;
    }
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** What {@link applyDropout} needs besides the tensor. */
export interface ApplyDropoutOptions {
  /** Probability that an element is dropped. */
  rate: number;
  /** Key of the series. */
  key: number;
  /** Number of the first example of this tensor within the whole batch. */
  firstExample: number;
  /** Number of examples along the first axis; a tensor with another first extent draws from element 0. */
  examples: number;
  /** Axes along which one draw serves all positions, e.g. `[1]` for the same mask at every time. Default: none. */
  sharedAxes?: readonly number[];
}

/** Returns `x` times a dropout mask (gradients pass through it); `x` itself when the rate is 0. */
export function applyDropout<T extends tf.Tensor>(x: T, options: ApplyDropoutOptions): T {
  const { rate, key, firstExample, examples, sharedAxes = [] } = options;
  if (rate === 0) return x;
  const shape = x.shape.map((extent, axis) => sharedAxes.includes(axis) ? 1 : extent);
  const count = elementCount(shape);
  const perExample = shape[0] === examples && examples > 0 ? count / examples : 0;
  const mask = dropoutMask(count, rate, { key, offset: firstExample * perExample });
  return tf.mul(x, tf.tensor(mask, shape, "float32")) as T;
}

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
  const mask = new Float32Array(length), { key, offset = 0 } = options;
  // Two elements share one hash, 16 bits each: the rate is rounded to 1/65536, and `kept` goes by the rounded one.
  const threshold = Math.min(65535, Math.round(rate * 65536)), kept = 65536 / (65536 - threshold);
  // (bits - threshold) >> 31 is -1 or 0: a branch that is taken at random would cost more than all the rest.
  const first = offset & 1; // an odd offset begins with the upper half of a hash
  let counter = Math.floor(offset / 2);
  if (length === 0) return mask;
  if (first === 1) mask[0] = kept * (1 + (((hashOf(counter++, key) >>> 16) - threshold) >> 31));
  const pairs = length - ((length - first) & 1);
  for (let i = first; i < pairs; i += 2) {
    const h = hashOf(counter++, key);
    mask[i] = kept * (1 + (((h & 0xffff) - threshold) >> 31));
    mask[i + 1] = kept * (1 + (((h >>> 16) - threshold) >> 31));
  }
  if (pairs < length) mask[pairs] = kept * (1 + (((hashOf(counter, key) & 0xffff) - threshold) >> 31));
  return mask;
}

/** A Weyl sequence through the finaliser of MurmurHash3, keyed twice: each bit depends on all bits of the counter. */
function hashOf(counter: number, key: number): number {
  let h = Math.imul(counter, 0x9e3779b1) ^ key;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13) ^ key, 0xc2b2ae35);
  return h ^ (h >>> 16);
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

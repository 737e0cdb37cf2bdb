/** Which tokens belong to which band, on plain arrays: parameters that differ by band then need one product a band. */
import { demand } from "../core/mod.ts";

/** Tokens in the order of their bands. Arrays are plain, so that a backend without synchronous reading can use them. */
export interface BandGroups {
  /** Number of tokens, padding included. */
  readonly tokens: number;
  /** Number of tokens of each band, `[bands]`, without the padding. */
  readonly counts: Int32Array;
  /** Numbers of the tokens, those of the first band first, without the padding. Within a band they ascend. */
  readonly order: Int32Array;
  /** Where each token stands in `order`, `[tokens]`; for the padding, the length of `order`. */
  readonly place: Int32Array;
}

/**
 * Groups tokens by their band.
 *
 * @param band the band of each token, from 0 to `bands` - 1; what stands in the padding is never looked at
 * @param bands number of bands
 * @param mask 0 where a token is padding. Default: none is
 * @throws EphemeraError for a band outside of the range, and for a mask of another length
 *
 * @example
 * ```ts
 * import { groupByBand } from "ephemera/layers";
 * import assert from "node:assert/strict";
 * const { counts, order, place } = groupByBand([1, 0, 1, 0], 2, [1, 1, 1, 0]);
 * assert.deepEqual([...counts], [1, 2]);
 * assert.deepEqual([...order], [1, 0, 2]);
 * assert.deepEqual([...place], [1, 0, 2, 3]);
 * ```
 */
export function groupByBand(band: ArrayLike<number>, bands: number, mask?: ArrayLike<number>): BandGroups {
  const tokens = band.length;
  demand(mask === undefined || mask.length === tokens, () => ({
    expected: `a mask of ${tokens} tokens`,
    found: String(mask!.length),
    where: "groupByBand",
  }));
  const counts = new Int32Array(bands);
  for (let i = 0; i < tokens; i++) {
    if (mask !== undefined && mask[i] === 0) continue;
    demand(Number.isInteger(band[i]) && band[i] >= 0 && band[i] < bands, () => ({
      expected: `a band from 0 to ${bands - 1}`,
      found: String(band[i]),
      where: `token ${i}`,
      remedy: "give the mask of the padding, or raise the number of bands",
    }));
    counts[band[i]]++;
  }
  const next = new Int32Array(bands);
  for (let b = 1; b < bands; b++) next[b] = next[b - 1] + counts[b - 1];
  const seen = counts.reduce((sum, count) => sum + count, 0);
  const order = new Int32Array(seen), place = new Int32Array(tokens).fill(seen);
  for (let i = 0; i < tokens; i++) {
    if (mask !== undefined && mask[i] === 0) continue;
    place[i] = next[band[i]]++;
    order[place[i]] = i;
  }
  return { tokens, counts, order, place };
}

/** Returns the band of each token of arrays `[batch, bands, length]`, one array a band, in row-major order. */
export function bandsOfArrays(batch: number, bands: number, length: number): Int32Array {
  return Int32Array.from({ length: batch * bands * length }, (_, i) => Math.floor(i / length) % bands);
}

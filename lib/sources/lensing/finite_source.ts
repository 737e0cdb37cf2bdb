/**
 * Magnification of a disc behind two lenses: the area that its images cover, by Green's theorem along their
 * limbs.
 */
import { demand } from "../../core/mod.ts";
import type { BinaryLens } from "./binary_lens.ts";

/** Options of {@link discMagnification}. */
export interface DiscMagnificationOptions {
  /** Relative error at which the limb is not sampled more finely. Default 1e-3. */
  tolerance?: number;
}

/** Points of the limb in the first and in the last attempt. */
const FEWEST = 24, MOST = 3072;

/**
 * Returns the magnification of a uniformly bright disc of radius `radius` centred on (x, y), Einstein radii.
 *
 * Far from caustics the disc is a point. Near them, its limb is mapped to the image plane point by point,
 * the points of
 * each image are joined in order, images that appear or vanish together are joined with one another, and the
 * area inside is
 * the line integral of (x dy - y dx) / 2 (Gould & Gaucherel 1997, ApJ 477, 580; Dominik 1998). The limb is
 * sampled twice as
 * finely until two areas agree.
 *
 * @throws EphemeraError for a radius that is not positive.
 *
 * @example
 * ```ts
 * import { BinaryLens, discMagnification } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const lens = new BinaryLens({ separation: 1, massRatio: 1e-6 });
 * // A disc right behind a single lens: sqrt(1 + 4 / rho^2) (Witt & Mao 1994).
 * assert.ok(Math.abs(discMagnification(lens, 0, 0, 0.5) / Math.sqrt(17) - 1) < 5e-3);
 * ```
 */
export function discMagnification(
  lens: BinaryLens,
  x: number,
  y: number,
  radius: number,
  options: DiscMagnificationOptions = {},
): number {
  const { tolerance = 1e-3 } = options;
  demand(radius > 0 && tolerance > 0, () => ({
    expected: "a positive radius and tolerance",
    found: `radius ${radius}, tolerance ${tolerance}`,
    where: "discMagnification",
  }));
  const images = lens.images(x, y);
  let point = 0;
  for (let k = 0; k < images.count; k++) point += 1 / Math.abs(images.jacobian[k]);
  // A gradient of a tenth over the disc changes the mean over the disc in second order only.
  if (images.sensitivity * radius < 0.1 && images.ghost > 20 * radius) return point;
  let before = limbIntegral(lens, x, y, radius, FEWEST);
  for (let count = 2 * FEWEST; count <= MOST; count *= 2) {
    const now = limbIntegral(lens, x, y, radius, count);
    if (Math.abs(now - before) < tolerance * now) return now;
    before = now;
  }
  return before;
}

/** Images along the limb at one angle, by parity. */
interface Limb {
  /** Count, x and y of images with positive parity. */
  positive: Side;
  /** The same of those with negative parity. */
  negative: Side;
}

interface Side {
  count: number;
  x: Float64Array;
  y: Float64Array;
}

function emptyLimb(): Limb {
  const side = () => ({ count: 0, x: new Float64Array(5), y: new Float64Array(5) });
  return { positive: side(), negative: side() };
}

function readLimb(lens: BinaryLens, x: number, y: number, into: Limb): void {
  const images = lens.images(x, y);
  into.positive.count = into.negative.count = 0;
  for (let k = 0; k < images.count; k++) {
    const side = images.jacobian[k] > 0 ? into.positive : into.negative;
    side.x[side.count] = images.x[k];
    side.y[side.count++] = images.y[k];
  }
}

/** Area of all images over the area of the polygon of `count` corners inscribed in the disc. */
function limbIntegral(lens: BinaryLens, x: number, y: number, radius: number, count: number): number {
  const at = (k: number, limb: Limb) => {
    const angle = 2 * Math.PI * (k + 0.5) / count;
    readLimb(lens, x + radius * Math.cos(angle), y + radius * Math.sin(angle), limb);
  };
  let last = emptyLimb(), next = emptyLimb(), twice = 0;
  const scratch = new Uint8Array(10);
  at(0, last);
  for (let k = 1; k <= count; k++) {
    at(k === count ? 0 : k, next);
    scratch.fill(0);
    twice += join(last.positive, next.positive, scratch, 0) - join(last.negative, next.negative, scratch, 5);
    twice += turn(last, next, scratch);
    [last, next] = [next, last];
  }
  return Math.abs(twice) / (count * radius * radius * Math.sin(2 * Math.PI / count));
}

/**
 * Joins each image of one step with the nearest one of the next, nearest pairs first, and returns the sum of
 * the cross
 * products; marks in `scratch` which images of the larger side have no partner.
 */
function join(from: Side, to: Side, scratch: Uint8Array, offset: number): number {
  const more = from.count >= to.count ? from : to, less = more === from ? to : from;
  let sum = 0, used = 0;
  for (let pair = 0; pair < less.count; pair++) {
    let best = Infinity, i = 0, j = 0;
    for (let a = 0; a < more.count; a++) {
      if (scratch[offset + a] === 1) continue;
      for (let b = 0; b < less.count; b++) {
        if ((used >> b & 1) === 1) continue;
        const dx = more.x[a] - less.x[b], dy = more.y[a] - less.y[b], distance = dx * dx + dy * dy;
        if (distance < best) {
          best = distance;
          i = a;
          j = b;
        }
      }
    }
    scratch[offset + i] = 1;
    used |= 1 << j;
    const cross = more.x[i] * less.y[j] - more.y[i] * less.x[j];
    sum += more === from ? cross : -cross;
  }
  return sum;
}

/**
 * Cross products of the pairs that vanish after `last` or appear in `next`: the outline turns from one to
 * the other.
 */
function turn(last: Limb, next: Limb, scratch: Uint8Array): number {
  const { positive: p0, negative: n0 } = last, { positive: p1, negative: n1 } = next;
  const vanish = Math.min(p0.count - p1.count, n0.count - n1.count);
  const appear = Math.min(p1.count - p0.count, n1.count - n0.count);
  if (vanish <= 0 && appear <= 0) return 0;
  const positive = vanish > 0 ? p0 : p1, negative = vanish > 0 ? n0 : n1;
  let sum = 0;
  for (let a = 0; a < positive.count; a++) {
    if (scratch[a] === 1) continue;
    let best = Infinity, mate = -1;
    for (let b = 0; b < negative.count; b++) {
      const distance = Math.hypot(positive.x[a] - negative.x[b], positive.y[a] - negative.y[b]);
      if (scratch[5 + b] === 0 && distance < best) [best, mate] = [distance, b];
    }
    if (mate < 0) continue;
    scratch[5 + mate] = 1;
    const cross = positive.x[a] * negative.y[mate] - positive.y[a] * negative.x[mate];
    sum += vanish > 0 ? cross : -cross;
  }
  return sum;
}

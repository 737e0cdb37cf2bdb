/**
 * Difference images: a reference is convolved with the kernel that gives it the point spread, brightness and sky of a science image, and
 * subtracted (Alard & Lupton 1998, ApJ 503, 325). The kernel is a sum of Gaussians times polynomials, so that it is found by linear
 * least squares; it is one for the whole image, so give stamps over which the point spread is the same.
 */
import { demand } from "../core/mod.ts";
import { leastSquares, type Matrix, median, zeros } from "../numerics/mod.ts";
import type { Image } from "./image.ts";
import { backgroundTerms, basisKernels, type KernelBasis } from "./kernel_basis.ts";
import {
  checkImage,
  checkLength,
  checkPositive,
  perPixel,
  type PixelImage,
  usablePixels,
} from "./pixel_image.ts";

/** What an image is worth taken outside itself: nothing known, or zero, as for a point spread on a stamp that holds all of it. */
export type Outside = "unknown" | "zero";

/** K(u) I(x - u) summed over u, as many pixels; NaN where the kernel reaches beyond the image and nothing is known there. */
function convolved(
  { width, height }: Pick<PixelImage, "width" | "height">,
  kernel: ArrayLike<number>,
  radius: number,
  outside: Outside,
  read: (pixel: number) => number,
): Float64Array {
  const result = new Float64Array(width * height), side = 2 * radius + 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fits = x >= radius && y >= radius && x + radius < width && y + radius < height;
      if (!fits && outside === "unknown") {
        result[y * width + x] = NaN;
        continue;
      }
      let sum = 0;
      const lowV = Math.max(-radius, y - height + 1), highV = Math.min(radius, y);
      const lowU = Math.max(-radius, x - width + 1), highU = Math.min(radius, x);
      for (let v = lowV; v <= highV; v++) {
        for (let u = lowU; u <= highU; u++) {
          sum += kernel[(v + radius) * side + u + radius] * read((y - v) * width + x - u);
        }
      }
      result[y * width + x] = sum;
    }
  }
  return result;
}

/** Options of {@link matchKernel}; variances in the squared unit of their image. */
export interface MatchOptions extends KernelBasis {
  /** Variance of each pixel of the science image, or one for all. */
  scienceVariance: number | ArrayLike<number>;
  /** Variance of each pixel of the reference, or one for all. Default 0. */
  referenceVariance?: number | ArrayLike<number>;
  /** Degree of the polynomial in x and y that is the difference of the skies; -1 for none. Default 0, a constant. */
  backgroundDegree?: number;
  /** Not 0 where the science image may be used. Default: everywhere. */
  mask?: ArrayLike<number>;
  /** Not 0 where the reference may be used. Default: everywhere. */
  referenceMask?: ArrayLike<number>;
  /** Not 0 where the kernel may be learned; 0 on a star known to vary. Default: everywhere. */
  fitMask?: ArrayLike<number>;
  /**
   * Pixels whose residual is more than this many standard deviations (or of the residuals' own spread, where that is larger) teach the kernel
   * nothing, so that a new star is not explained away; `Infinity` keeps all. Default 5.
   */
  clip?: number;
  /** Pixels this near to a clipped one are left out as well, for the wings of a new star bend the kernel too. Default 4. */
  clipGrowth?: number;
  /** Most rounds of clipping. Default 10. */
  maxRounds?: number;
  /** What the reference is outside its stamp. Default `"unknown"`. */
  outside?: Outside;
}

/** What {@link matchKernel} returns. */
export interface KernelMatch {
  /** From the reference to the science image: an image of odd sides whose middle pixel is the origin. */
  kernel: Image;
  /** Sum of the kernel: counts of the science image for one of the reference. */
  scale: number;
  /** Sky to add to the convolved reference, a value a pixel. */
  background: Float64Array;
  /** Sum of squared residuals over the variance of the pixels used, for a degree of freedom; NaN when none is free. */
  reducedChiSquare: number;
  /** Pixels that taught the kernel. */
  pixelsUsed: number;
  /** Pixels clipped, their neighbours among them. */
  pixelsClipped: number;
}

/**
 * Returns the kernel and the sky that bring a reference to a science image by weighted least squares. The reference should be the sharper
 * and by far the deeper: its noise widens nothing here, but biases the kernel's sum low by its share of the light's variance. A stamp whose only star
 * varies cannot teach a kernel: learn it from stamps of other stars, or from the two point spreads, `outside: "zero"`.
 * @throws EphemeraError on images of different size, a pixel inside its mask that is not finite, or fewer pixels than functions.
 *
 * @example
 * ```ts
 * import { matchKernel } from "ephemera/imaging";
 * import assert from "node:assert/strict";
 * const star = (sigma: number) => ({
 *   pixels: Float64Array.from({ length: 625 }, (_, i) =>
 *     Math.exp(-((i % 25 - 12) ** 2 + (Math.floor(i / 25) - 12) ** 2) / (2 * sigma ** 2)) / (2 * Math.PI * sigma ** 2)),
 *   width: 25,
 *   height: 25,
 * });
 * // A Gaussian of variance 5 from one of 4, twice as bright: the kernel is a Gaussian of variance 1 with sum 2.
 * const sharp = star(2), broad = star(Math.sqrt(5)), science = { ...broad, pixels: broad.pixels.map((p) => 2 * p) };
 * const { kernel, scale } = matchKernel(science, sharp, { scienceVariance: 1, sigmas: [1], degrees: [0], outside: "zero" });
 * assert.ok(Math.abs(scale - 2) < 1e-3);
 * assert.ok(Math.abs(kernel.pixels[7 * 15 + 7] - 2 / (2 * Math.PI)) < 1e-3);
 * ```
 */
export function matchKernel(science: PixelImage, reference: PixelImage, options: MatchOptions): KernelMatch {
  const where = "matchKernel";
  const { backgroundDegree = 0, clip = 5, clipGrowth = 4, maxRounds = 10, outside = "unknown", fitMask } =
    options;
  const { sigmas = [0.7, 1.5, 3], degrees = [4, 2, 0], radius = 7 } = options;
  checkPair(science, reference, where);
  demand(Number.isInteger(backgroundDegree) && backgroundDegree >= -1, {
    expected: "a whole degree of the background, -1 or more",
    found: String(backgroundDegree),
    where,
  });
  checkPositive(maxRounds, "number of rounds", where);
  demand(clipGrowth >= 0, { expected: "a growth of 0 or more pixels", found: String(clipGrowth), where });
  demand(clip >= 2, { expected: "a clip of at least 2 standard deviations", found: String(clip), where });
  const { width, height } = science, n = width * height;
  const known = knownPixels(science, reference, radius, options, where);
  if (fitMask !== undefined) {
    checkLength(fitMask, n, "the mask of the fit", where);
    known.forEach((_, i) => known[i] = known[i] && fitMask[i] ? 1 : 0);
  }
  const shapes = basisKernels(sigmas, degrees, radius, where);
  const columns = shapes.map((shape) =>
    convolved(reference, shape, radius, outside, (i) => reference.pixels[i])
  );
  const skies = backgroundTerms(width, height, backgroundDegree);
  columns.push(...skies);
  const scienceVariance = perPixel(options.scienceVariance, n, "science variance", where);
  let variance: Float64Array = Float64Array.from({ length: n }, (_, i) => scienceVariance(i));
  const checkVariance = () =>
    known.forEach((usable, i) => usable && checkPositive(variance[i], `variance at pixel ${i}`, where));
  checkVariance();
  let use: Uint8Array = known.slice(), solution: Float64Array, chiSquare: number, rows: number[];
  const side = 2 * radius + 1, kernel = { pixels: new Float64Array(side * side), width: side, height: side };
  const residuals = new Float64Array(n);
  for (let round = 0;; round++) {
    rows = [...use.keys()].filter((i) => use[i]);
    demand(rows.length >= columns.length, () => ({
      expected: `at least ${columns.length} pixels, one a function`,
      found: `${rows.length}`,
      where,
      remedy: "give larger stamps, a smaller kernel or fewer functions",
    }));
    const matrix: Matrix = zeros(rows.length, columns.length), right = new Float64Array(rows.length);
    rows.forEach((i, row) => {
      const weight = 1 / Math.sqrt(variance[i]);
      columns.forEach((column, k) => matrix.data[row * columns.length + k] = weight * column[i]);
      right[row] = weight * science.pixels[i];
    });
    ({ x: solution, residual: chiSquare } = leastSquares(matrix, right));
    kernel.pixels.fill(0);
    shapes.forEach((shape, k) => shape.forEach((value, j) => kernel.pixels[j] += solution[k] * value));
    // Now that there is a kernel, the reference's noise through it is known too.
    variance = differenceVariance(science, kernel, options, where);
    checkVariance();
    if (round + 1 >= maxRounds) break;
    for (let i = 0; i < n; i++) {
      if (!known[i]) continue;
      let model = 0;
      for (let k = 0; k < columns.length; k++) model += solution[k] * columns[k][i];
      residuals[i] = Math.abs(science.pixels[i] - model) / Math.sqrt(variance[i]);
    }
    const spread = Math.max(1, 1.4826 * median(residuals.filter((_, i) => known[i])));
    const far = known.map((usable, i) => usable && residuals[i] > clip * spread ? 1 : 0);
    const next = withoutNeighbours(known, far, width, clipGrowth);
    if (round > 0 && next.every((value, i) => value === use[i])) break;
    use = next;
  }
  const background = new Float64Array(n);
  skies.forEach((sky, k) => sky.forEach((value, i) => background[i] += solution[shapes.length + k] * value));
  const free = rows.length - columns.length;
  return {
    kernel,
    scale: kernel.pixels.reduce((sum, value) => sum + value, 0),
    background,
    reducedChiSquare: free > 0 ? chiSquare / free : NaN,
    pixelsUsed: rows.length,
    pixelsClipped: known.reduce((sum, value) => sum + value, 0) - rows.length,
  };
}

/** What of a {@link KernelMatch} a subtraction needs. */
export type GivenMatch = Pick<KernelMatch, "kernel" | "background">;

/** What {@link differenceImage} returns; NaN in `pixels` and `variance` where it is not known: along the rim, and where a mask reaches. */
export interface DifferenceImage<Match extends GivenMatch = KernelMatch> {
  /** Science less matched reference, unit of the science image. */
  pixels: Float64Array;
  /** Variance of each: the science's and the reference's through the kernel. Pixels share the latter: see {@link weightedSumVariance}. */
  variance: Float64Array;
  /** Columns. */
  width: number;
  /** Rows. */
  height: number;
  /** 1 where the difference is known. */
  valid: Uint8Array;
  /** The kernel and sky used. */
  match: Match;
}

/**
 * Returns science minus reference once their point spreads, brightness and sky are matched by {@link matchKernel}, or by a match given.
 * @throws EphemeraError as {@link matchKernel}.
 *
 * @example
 * ```ts
 * import { differenceImage } from "ephemera/imaging";
 * import assert from "node:assert/strict";
 * // The same seeing, so a kernel of one pixel; the sky higher by 7, all 1.5 times as bright, and a flash in the middle.
 * const light = (i: number) => 400 * Math.exp(-((i % 15 - 4) ** 2 + (Math.floor(i / 15) - 5) ** 2) / 8);
 * const reference = { pixels: Float64Array.from({ length: 225 }, (_, i) => 50 + light(i)), width: 15, height: 15 };
 * const science = { ...reference, pixels: reference.pixels.map((value, i) => 1.5 * (value - 50) + 57 + (i === 112 ? 300 : 0)) };
 * const { pixels, match } = differenceImage(science, reference, { scienceVariance: 25, sigmas: [0.2], degrees: [0], radius: 2 });
 * assert.ok(Math.abs(pixels[112] - 300) < 1 && Math.abs(pixels[80]) < 1 && Math.abs(match.scale - 1.5) < 0.01);
 * ```
 */
export function differenceImage(
  science: PixelImage,
  reference: PixelImage,
  options: MatchOptions,
): DifferenceImage;
/** Returns science minus reference with a match found elsewhere, for a stamp that cannot teach one. */
export function differenceImage<Match extends GivenMatch>(
  science: PixelImage,
  reference: PixelImage,
  options: MatchOptions,
  match: Match,
): DifferenceImage<Match>;
export function differenceImage(
  science: PixelImage,
  reference: PixelImage,
  options: MatchOptions,
  match: GivenMatch = matchKernel(science, reference, options),
): DifferenceImage<GivenMatch> {
  const where = "differenceImage";
  checkPair(science, reference, where);
  const { outside = "unknown" } = options, { kernel, background } = match;
  checkLength(background, science.pixels.length, "background", where);
  checkImage(kernel, `${where}, kernel`);
  const radius = radiusOf(kernel, where);
  const valid = knownPixels(science, reference, radius, options, where);
  const model = convolved(reference, kernel.pixels, radius, outside, (i) => reference.pixels[i]);
  const variance = differenceVariance(science, kernel, options, where);
  const pixels = model.map((value, i) => valid[i] ? science.pixels[i] - value - background[i] : NaN);
  variance.forEach((_, i) => valid[i] || (variance[i] = NaN));
  return { pixels, variance, width: science.width, height: science.height, valid, match };
}

/**
 * Returns the variance of a weighted sum of the pixels of a difference image, such as the flux of optimal photometry: neighbours share the
 * reference's noise, which the kernel spread, so it is sum w^2 V_science + sum_j (sum_i w_i K(i - j))^2 V_reference(j).
 * @param weights one a pixel; 0 where the difference is not known.
 */
export function weightedSumVariance(
  weights: ArrayLike<number>,
  { width, height, match }: Pick<DifferenceImage, "width" | "height"> & {
    match: Pick<KernelMatch, "kernel">;
  },
  options: Pick<MatchOptions, "scienceVariance" | "referenceVariance">,
): number {
  const where = "weightedSumVariance", n = width * height, { kernel } = match;
  checkLength(weights, n, "weights", where);
  const scienceVariance = perPixel(options.scienceVariance, n, "science variance", where);
  const referenceVariance = perPixel(options.referenceVariance ?? 0, n, "reference variance", where);
  // Read backwards, the kernel gathers what one pixel of the reference gave to all weights.
  const radius = radiusOf(kernel, where), size = { width, height };
  const spread = convolved(size, kernel.pixels.toReversed(), radius, "zero", (i) => weights[i]);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    if (weights[i] !== 0) sum += weights[i] * weights[i] * scienceVariance(i);
    if (spread[i] !== 0) sum += spread[i] * spread[i] * referenceVariance(i);
  }
  return sum;
}

function radiusOf({ width, height }: Image, where: string): number {
  demand(width === height && width % 2 === 1, () => ({
    expected: "a square kernel of odd side",
    found: `${width} x ${height}`,
    where,
  }));
  return (width - 1) / 2;
}

function checkPair(science: PixelImage, reference: PixelImage, where: string): void {
  checkImage(science, where);
  checkImage(reference, where);
  demand(science.width === reference.width && science.height === reference.height, () => ({
    expected: `a reference of ${science.width} x ${science.height} pixels`,
    found: `${reference.width} x ${reference.height}`,
    where,
    remedy: "align the two images on one grid first",
  }));
}

/** 1 where the science image is usable and all that the kernel takes from the reference is. */
function knownPixels(
  science: PixelImage,
  reference: PixelImage,
  radius: number,
  { mask, referenceMask, outside = "unknown" }: MatchOptions,
  where: string,
): Uint8Array {
  demand(Number.isInteger(radius) && radius >= 0, {
    expected: "a whole radius of the kernel",
    found: String(radius),
    where,
  });
  const known = usablePixels(science, mask, Infinity, `${where}, science image`).use;
  const { use } = usablePixels(reference, referenceMask, Infinity, `${where}, reference`);
  const box = new Float64Array((2 * radius + 1) ** 2).fill(1);
  const missing = convolved(reference, box, radius, outside, (i) => 1 - use[i]);
  return known.map((usable, i) => usable && missing[i] === 0 ? 1 : 0);
}

/** `known` without the pixels within `growth` of those that are `far` off. */
function withoutNeighbours(known: Uint8Array, far: Uint8Array, width: number, growth: number): Uint8Array {
  const next = known.slice(), height = known.length / width, reach = Math.floor(growth);
  far.forEach((is, i) => {
    if (!is) return;
    const x = i % width, y = Math.floor(i / width);
    for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++) {
      for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u++) {
        if (Math.hypot(u - x, v - y) <= growth) next[v * width + u] = 0;
      }
    }
  });
  return next;
}

/** V_science + sum K(u)^2 V_reference(x - u); NaN where the kernel reaches beyond what is known. */
function differenceVariance(
  science: PixelImage,
  kernel: Image,
  options: MatchOptions,
  where: string,
): Float64Array {
  const n = science.pixels.length, { outside = "unknown", referenceVariance: given = 0 } = options;
  const scienceVariance = perPixel(options.scienceVariance, n, "science variance", where);
  const referenceVariance = perPixel(given, n, "reference variance", where);
  const squares = kernel.pixels.map((value) => value * value);
  const through = convolved(science, squares, radiusOf(kernel, where), outside, referenceVariance);
  return through.map((value, i) => value + scienceVariance(i));
}

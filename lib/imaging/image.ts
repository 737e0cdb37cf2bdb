/** What is done to whole images: turns, mirrors, cuts, shifts by parts of a pixel, convolution. */
import { demand } from "../core/mod.ts";
import { fftInPlace } from "../numerics/mod.ts";
import { checkImage, type PixelImage } from "./pixel_image.ts";

/** A {@link PixelImage} in double precision. */
export interface Image extends PixelImage {
  /** `height * width` values, row after row. */
  pixels: Float64Array;
}

/** Returns the sum of an image's pixels. */
export function imageSum(image: PixelImage): number {
  let sum = 0;
  for (let p = 0; p < image.pixels.length; p++) sum += image.pixels[p];
  return sum;
}

/**
 * Returns the image divided by the sum of its pixels.
 * @throws EphemeraError when the sum is not a positive number.
 */
export function unitSum(image: PixelImage): Image {
  const sum = imageSum(image);
  demand(sum > 0 && Number.isFinite(sum), () => ({
    expected: "an image with a positive sum",
    found: String(sum),
    where: "unitSum",
  }));
  return { ...image, pixels: Float64Array.from(image.pixels, (value) => value / sum) };
}

/**
 * Returns the image turned by `turns` quarter turns about its middle, in the direction that takes the axis x to the
 * axis y. An odd number of turns swaps width and height.
 */
export function quarterTurn(image: PixelImage, turns = 1): Image {
  checkImage(image, "quarterTurn");
  demand(Number.isInteger(turns), () => ({
    expected: "a whole number of turns",
    found: String(turns),
    where: "quarterTurn",
  }));
  let { pixels, width, height } = { ...image, pixels: Float64Array.from(image.pixels) };
  for (let left = ((turns % 4) + 4) % 4; left > 0; left--) {
    const turned = new Float64Array(pixels.length);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) turned[x * height + height - 1 - y] = pixels[y * width + x];
    }
    [pixels, width, height] = [turned, height, width];
  }
  return { pixels, width, height };
}

/** Returns the image with its columns (`"left-right"`) or its rows (`"up-down"`) in reverse order. */
export function mirror(image: PixelImage, direction: "left-right" | "up-down"): Image {
  checkImage(image, "mirror");
  const { width, height } = image, pixels = new Float64Array(image.pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = direction === "left-right" ? y * width + width - 1 - x : (height - 1 - y) * width + x;
      pixels[y * width + x] = image.pixels[from];
    }
  }
  return { pixels, width, height };
}

/**
 * Returns the part of `height` rows and `width` columns whose first pixel is column `left` and row `top` of the
 * image. What lies beyond the image's edges is 0.
 */
export function cutImage(
  image: PixelImage,
  part: { left: number; top: number; width: number; height: number },
): Image {
  checkImage(image, "cutImage");
  const { left, top, width, height } = part;
  demand([left, top, width, height].every(Number.isInteger) && width > 0 && height > 0, () => ({
    expected: "whole columns and rows",
    found: JSON.stringify(part),
    where: "cutImage",
  }));
  const pixels = new Float64Array(width * height);
  for (let y = Math.max(0, -top); y < Math.min(height, image.height - top); y++) {
    for (let x = Math.max(0, -left); x < Math.min(width, image.width - left); x++) {
      pixels[y * width + x] = image.pixels[(y + top) * image.width + x + left];
    }
  }
  return { pixels, width, height };
}

/**
 * Returns the image moved by (`dx`, `dy`) pixels, each at most 1 either way, by six-point Lagrange interpolation;
 * beyond the edges the outermost pixels go on. Good to 0.2 % of the peak for a star of 5 pixels full width, to 0.8 %
 * for 3.5.
 */
export function shiftImage(image: PixelImage, dx: number, dy: number): Image {
  checkImage(image, "shiftImage");
  demand(Math.abs(dx) <= 1 && Math.abs(dy) <= 1, () => ({
    expected: "shifts of at most one pixel",
    found: `${dx}, ${dy}`,
    where: "shiftImage",
  }));
  const { width, height } = image,
    rows = new Float64Array(width * height),
    pixels = new Float64Array(width * height);
  const across = lagrangeWeights(dx), along = lagrangeWeights(dy);
  const within = (i: number, size: number) => Math.min(size - 1, Math.max(0, i));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (const [step, weight] of across) sum += weight * image.pixels[y * width + within(x + step, width)];
      rows[y * width + x] = sum;
    }
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (const [step, weight] of along) sum += weight * rows[within(y + step, height) * width + x];
      pixels[y * width + x] = sum;
    }
  }
  return { pixels, width, height };
}

/** Steps and weights of the six pixels around the place `-shift`. */
function lagrangeWeights(shift: number): (readonly [number, number])[] {
  if (shift === 0) return [[0, 1]];
  const first = Math.floor(-shift) - 2, steps = [0, 1, 2, 3, 4, 5].map((k) => first + k);
  return steps.map((step) => {
    let weight = 1;
    for (const other of steps) if (other !== step) weight *= (-shift - other) / (step - other);
    return [step, weight];
  });
}

/**
 * Returns the convolution of an image with a kernel of odd sides whose middle pixel is its origin, as large as the
 * image; nothing is taken to lie beyond the image's edges. By fast Fourier transforms, the two real images as one
 * complex.
 *
 * @example
 * ```ts
 * import { convolve } from "ephemera/imaging";
 * import assert from "node:assert/strict";
 * const point = { pixels: [0, 0, 0, 0, 2, 0], width: 3, height: 2 };
 * const kernel = { pixels: [0.25, 0.5, 0.25], width: 3, height: 1 };
 * const { pixels } = convolve(point, kernel);
 * assert.deepEqual([...pixels].map((x) => Math.round(x * 1e9) / 1e9 + 0), [0, 0, 0, 0.5, 1, 0.5]);
 * ```
 */
export function convolve(image: PixelImage, kernel: PixelImage): Image {
  checkImage(image, "convolve, image");
  checkImage(kernel, "convolve, kernel");
  demand(kernel.width % 2 === 1 && kernel.height % 2 === 1, () => ({
    expected: "a kernel with an odd number of columns and of rows",
    found: `${kernel.width} x ${kernel.height}`,
    where: "convolve",
  }));
  const halfX = (kernel.width - 1) / 2, halfY = (kernel.height - 1) / 2;
  // What wraps around falls on the first half kernel, which is not read; a kernel larger than the image must still fit.
  const w = powerOfTwo(Math.max(image.width + halfX, kernel.width));
  const h = powerOfTwo(Math.max(image.height + halfY, kernel.height));
  const re = new Float64Array(w * h), im = new Float64Array(w * h);
  const scale = absoluteSum(image) / absoluteSum(kernel);
  if (!(scale > 0 && scale < Infinity)) {
    return { pixels: new Float64Array(image.pixels.length), width: image.width, height: image.height };
  }
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) re[y * w + x] = image.pixels[y * image.width + x];
  }
  // Both parts of like size, so that neither drowns in the rounding of the other.
  for (let y = 0; y < kernel.height; y++) {
    for (let x = 0; x < kernel.width; x++) im[y * w + x] = scale * kernel.pixels[y * kernel.width + x];
  }
  fft2(re, im, w, h, false);
  // With Z = A + iB, A and B the transforms of real images: A B (k) = (Z(k)^2 - conj(Z(-k))^2) / 4i.
  const productRe = new Float64Array(w * h), productIm = new Float64Array(w * h);
  for (let v = 0; v < h; v++) {
    for (let u = 0; u < w; u++) {
      const k = v * w + u, l = ((h - v) % h) * w + (w - u) % w;
      productRe[k] = (re[k] * im[k] + re[l] * im[l]) / (2 * scale);
      productIm[k] = (im[k] * im[k] - re[k] * re[k] + re[l] * re[l] - im[l] * im[l]) / (4 * scale);
    }
  }
  fft2(productRe, productIm, w, h, true);
  const pixels = new Float64Array(image.pixels.length);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      pixels[y * image.width + x] = productRe[((y + halfY) % h) * w + (x + halfX) % w];
    }
  }
  return { pixels, width: image.width, height: image.height };
}

function powerOfTwo(least: number): number {
  let size = 1;
  while (size < least) size *= 2;
  return size;
}

function absoluteSum(image: PixelImage): number {
  let sum = 0;
  for (let p = 0; p < image.pixels.length; p++) sum += Math.abs(image.pixels[p]);
  return sum;
}

function fft2(re: Float64Array, im: Float64Array, width: number, height: number, inverse: boolean): void {
  for (let y = 0; y < height; y++) {
    const row = [y * width, (y + 1) * width] as const;
    fftInPlace({ re: re.subarray(...row), im: im.subarray(...row) }, inverse);
  }
  const column = { re: new Float64Array(height), im: new Float64Array(height) };
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      column.re[y] = re[y * width + x];
      column.im[y] = im[y * width + x];
    }
    fftInPlace(column, inverse);
    for (let y = 0; y < height; y++) {
      re[y * width + x] = column.re[y];
      im[y * width + x] = column.im[y];
    }
  }
}

/** From a sequence of stamps to what a network reads: sky off, one zero point, stacks of consecutive images (paper 003, section 3.3). */
import { demand } from "../core/mod.ts";
import { checkFinite, checkLength, checkPositive } from "./pixel_image.ts";

/** Options of {@link calibrateSequence}: a value an image, in the order of the images. */
export interface CalibrationOptions {
  /** Columns of an image. */
  width: number;
  /** Rows of an image. */
  height: number;
  /** Sky level, unit of the pixels. */
  sky: ArrayLike<number>;
  /** Magnitude of one count a second. */
  zeroPoint: ArrayLike<number>;
  /** The zero point that all get. Default: that of the first image, in the paper the first g exposure of the field. */
  referenceZeroPoint?: number;
  /**
   * Seconds of each exposure; then counts become those of `referenceExposureTime` as well, the paper's general form. Its code takes no notice
   * of exposure times, although two lengths occur: leave them out for that.
   */
  exposureTime?: ArrayLike<number>;
  /** Seconds. Default: that of the first image. */
  referenceExposureTime?: number;
  /** A zero point that is NaN: `"refuse"`, or `"previous"` repeats that of the image before, as the paper's code does. Default `"refuse"`. */
  missingZeroPoint?: "refuse" | "previous";
}

/**
 * Returns (pixels - sky) * gamma for each image, gamma = 10^((ZP_ref - ZP) / 2.5) and, when exposure times are given, times T_ref / T: the
 * counts that the reference exposure would have had above its sky.
 *
 * @param pixels [image][row][column]; NaN stays NaN.
 * @throws EphemeraError when lengths do not agree, or a level or zero point is not finite.
 *
 * @example
 * ```ts
 * import { calibrateSequence } from "ephemera/imaging";
 * import assert from "node:assert/strict";
 * // The same star of 100 counts through a clear and a hazy sky, 2.5 mag apart.
 * const images = calibrateSequence([130, 50], { width: 1, height: 1, sky: [30, 40], zeroPoint: [25, 22.5] });
 * assert.deepEqual([...images], [100, 100]);
 * ```
 */
export function calibrateSequence(pixels: ArrayLike<number>, options: CalibrationOptions): Float32Array {
  const where = "calibrateSequence";
  const { width, height, sky, exposureTime } = options;
  const size = width * height, images = imageCount(pixels, size, where);
  checkLength(sky, images, "sky", `${where}, one an image`);
  const factors = fluxFactors(images, options);
  const result = new Float32Array(pixels.length);
  if (exposureTime !== undefined && images > 0) {
    checkLength(exposureTime, images, "exposure time", `${where}, one an image`);
    const reference = options.referenceExposureTime ?? exposureTime[0];
    checkPositive(reference, "exposure time of reference", where);
    for (let t = 0; t < images; t++) {
      checkPositive(exposureTime[t], `exposure time of image ${t}`, where);
      factors[t] *= reference / exposureTime[t];
    }
  }
  for (let t = 0; t < images; t++) {
    checkFinite(sky[t], `sky of image ${t}`, where);
    for (let i = t * size; i < (t + 1) * size; i++) result[i] = (pixels[i] - sky[t]) * factors[t];
  }
  return result;
}

function fluxFactors(images: number, options: CalibrationOptions): Float64Array {
  const where = "calibrateSequence", { zeroPoint, missingZeroPoint = "refuse" } = options;
  checkLength(zeroPoint, images, "zero point", `${where}, one an image`);
  const filled = Float64Array.from(zeroPoint);
  filled.forEach((value, t) => {
    if (Number.isNaN(value) && missingZeroPoint === "previous" && t > 0) filled[t] = filled[t - 1];
    demand(Number.isFinite(filled[t]), () => ({
      expected: "finite zero points",
      found: String(value),
      where: `${where}, image ${t}`,
      remedy: t > 0
        ? 'drop the image, or let missingZeroPoint be "previous"'
        : "drop the image: there is none before to take a zero point from",
    }));
  });
  const reference = options.referenceZeroPoint ?? filled[0];
  return filled.map((value) => Math.pow(10, (reference - value) / 2.5));
}

function imageCount(pixels: ArrayLike<number>, size: number, where: string): number {
  const images = pixels.length / size;
  demand(Number.isInteger(images), () => ({
    expected: `whole images of ${size} pixels`,
    found: `${pixels.length} values`,
    where,
  }));
  return images;
}

/** Options of {@link stackConsecutive}. */
export interface StackOptions {
  /** Columns of an image. */
  width: number;
  /** Rows of an image. */
  height: number;
  /** Images in a stack. Default 3. */
  depth?: number;
}

/** What {@link stackConsecutive} returns. */
export interface ImageStacks {
  /** Number of stacks: images less depth plus 1. */
  steps: number;
  /** [step][row][column][depth], the channel last. */
  pixels: Float32Array;
  /** [step][depth]: time of each image of a stack less that of the first image of the sequence, days. */
  timeOffsets: Float32Array;
}

/**
 * Returns the stacks of consecutive images that a recurrent network reads one by one: step t holds the images t to t + depth - 1.
 *
 * @param pixels [image][row][column].
 * @param time of each image in days, ascending.
 * @throws EphemeraError on fewer images than a stack has, or times that descend.
 *
 * @example
 * ```ts
 * import { stackConsecutive } from "ephemera/imaging";
 * import assert from "node:assert/strict";
 * const stacks = stackConsecutive([1, 2, 3, 4], [57070, 57070.5, 57071, 57073], { width: 1, height: 1 });
 * assert.deepEqual([...stacks.pixels], [1, 2, 3, 2, 3, 4]);
 * assert.deepEqual([...stacks.timeOffsets], [0, 0.5, 1, 0.5, 1, 3]);
 * ```
 */
export function stackConsecutive(
  pixels: ArrayLike<number>,
  time: ArrayLike<number>,
  options: StackOptions,
): ImageStacks {
  const where = "stackConsecutive";
  const { width, height, depth = 3 } = options, size = width * height;
  const images = imageCount(pixels, size, where);
  checkLength(time, images, "time", `${where}, one an image`);
  demand(Number.isInteger(depth) && depth > 0 && images >= depth, {
    expected: `at least as many images as the ${depth} of a stack`,
    found: `${images}`,
    where,
    remedy: "leave this object out, or repeat its first image",
  });
  for (let t = 0; t < images; t++) {
    demand(Number.isFinite(time[t]) && (t === 0 || time[t] >= time[t - 1]), () => ({
      expected: "ascending times",
      found: `${time[t]} after ${time[t - 1]}`,
      where: `${where}, image ${t}`,
    }));
  }
  const steps = images - depth + 1;
  const stacked = new Float32Array(steps * size * depth), timeOffsets = new Float32Array(steps * depth);
  for (let step = 0; step < steps; step++) {
    for (let k = 0; k < depth; k++) {
      // In double precision: a single-precision date is good to minutes only.
      timeOffsets[step * depth + k] = time[step + k] - time[0];
      for (let i = 0; i < size; i++) stacked[(step * size + i) * depth + k] = pixels[(step + k) * size + i];
    }
  }
  return { steps, pixels: stacked, timeOffsets };
}

/** Options of {@link alertWindow}, in images. */
export interface AlertWindowOptions {
  /** Images before the first alert. Default 5. */
  before?: number;
  /** Most stacks. Default 22. */
  maxSteps?: number;
  /** Images in a stack. Default 3: with 5 images before, the alert's is the last of the fourth stack. */
  depth?: number;
}

/**
 * Returns the images from `start` up to but without `end` that a network reads of a sequence whose image `firstAlert` is the first where
 * the object is seen; a sequence that has fewer images before starts at its first.
 * @throws EphemeraError when `firstAlert` is not one of the images.
 */
export function alertWindow(
  images: number,
  firstAlert: number,
  options: AlertWindowOptions = {},
): { start: number; end: number } {
  const { before = 5, maxSteps = 22, depth = 3 } = options;
  demand(Number.isInteger(firstAlert) && firstAlert >= 0 && firstAlert < images, {
    expected: `an image from 0 to ${images - 1}`,
    found: String(firstAlert),
    where: "alertWindow",
    remedy: "leave out an object that is never seen",
  });
  const start = Math.max(0, firstAlert - before);
  return { start, end: Math.min(images, start + maxSteps + depth - 1) };
}

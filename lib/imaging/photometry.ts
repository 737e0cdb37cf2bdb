/**
 * Optimal photometry: the flux of a star at a known place as the weighted sum of pixels that has the least variance (Naylor 1998,
 * MNRAS 296, 339; paper 003, eq. 2.8 to 2.10).
 */
import { fluxErrorOf, fluxOf, magnitudeErrorOf, magnitudeOf } from "../astronomy/mod.ts";
import { demand } from "../core/mod.ts";
import {
  checkFinite,
  checkLength,
  checkPositive,
  perPixel,
  type PixelImage,
  usablePixels,
} from "./pixel_image.ts";

/**
 * Where the variance of a pixel in the weights comes from, beside that of the background and of known light:
 *
 * - `"model"`: the photons that the star is estimated to give to the pixel, flux times profile over gain, iterated until they agree.
 *   The flux is unbiased.
 * - `"faint"`: none, as for a star far below the sky. The weights are the same for all fluxes, so that a wrong profile shifts all stars
 *   alike and differences of magnitudes stay right; the variance stated includes the star's photons.
 * - `"given"`: none, in the variance stated neither: the background variance given is all the noise there is, as that of a difference image.
 * - `"pixels"`: the photons counted in the pixel itself, |D - S| / gain. Noise upwards then lowers a weight, so the flux is biased low.
 * - `"published"`: |D - S| / sqrt(gain), as eq. 2.8 of paper 003 prints it and its code has it. Counts divided by the gain are the
 *   variance in squared ADU; the root is an error, kept to reproduce their numbers. Known light is divided by the root as well.
 */
export type PixelNoise = "model" | "faint" | "given" | "pixels" | "published";

/** Options of {@link optimalPhotometry}. Counts are in the unit of the image, variances in its square. */
export interface OptimalPhotometryOptions {
  /** Electrons per unit of the image: electrons per ADU, or 1 for an image in electrons. */
  gain: number;
  /** Variance of a pixel without star and known light (sky photons, read noise): one number or one a pixel; positive. */
  backgroundVariance: number | ArrayLike<number>;
  /** Sky level to subtract: one number or one a pixel. Default 0. */
  sky?: number | ArrayLike<number>;
  /** Counts of known light beside star and sky, a host galaxy for instance: subtracted, and its photon noise added. */
  knownLight?: ArrayLike<number>;
  /** What the weights take for noise. Default `"model"`. */
  noise?: PixelNoise;
  /** Not 0 where a pixel may be used. Default: everywhere. */
  mask?: ArrayLike<number>;
  /**
   * `"renormalised"`: the weights are those of the pixels used, so that light outside the mask is made up for. `"published"`: the mask is
   * applied to the weights of the whole image, as the code of paper 003 does, which loses that light. Default `"renormalised"`.
   */
  maskedWeights?: "renormalised" | "published";
  /** Level at and above which a pixel is saturated and left out. Default: none is. */
  saturation?: number;
}

/** What {@link optimalPhotometry} returns, in the unit of the image. */
export interface OptimalFlux {
  /** Counts of the star. */
  flux: number;
  /** Variance of the flux. Eq. 2.10 of paper 003 calls this "error". */
  variance: number;
  /** Root of the variance. */
  error: number;
  /** Weight of each pixel, 0 where it is not used. */
  weights: Float64Array;
  /** Pixels used. */
  pixelsUsed: number;
  /** Pixels inside the mask left out as saturated; the flux then rests on the others. */
  saturatedPixels: number;
  /** Share of the profile's sum in the pixels used. */
  profileFraction: number;
  /** Mean square residual of the pixels used from the star's profile over their variance, freedom of one taken off; NaN for one pixel. About 1 for a lone star. */
  reducedChiSquare: number;
}

/**
 * Returns the flux of a star in an image, sum W (D - S) with W = (P / V) / sum(P^2 / V), and its variance, sum W^2 V, which is
 * 1 / sum(P^2 / V) when the noise of the weights is that of the pixels.
 *
 * @param image counts D.
 * @param profile share P of the star's counts in each pixel, the star at its place; used as given, so that one which sums to 1 over a larger
 * area gives the counts of the whole star.
 * @throws EphemeraError on a pixel inside the mask that is not finite, a variance or gain that is not positive, or no pixel left to use.
 *
 * @example
 * ```ts
 * import { optimalPhotometry } from "ephemera/imaging";
 * import assert from "node:assert/strict";
 * const profile = [0.1, 0.2, 0.4, 0.2, 0.1];
 * const image = { pixels: profile.map((p) => 100 + 500 * p), width: 5, height: 1 };
 * const star = optimalPhotometry(image, profile, { sky: 100, backgroundVariance: 30, gain: 4 });
 * assert.ok(Math.abs(star.flux - 500) < 1e-9);
 * const sum = profile.reduce((total, p) => total + p * p / (30 + 500 * p / 4), 0);
 * assert.ok(Math.abs(star.variance * sum - 1) < 1e-9);
 * ```
 */
export function optimalPhotometry(
  image: PixelImage,
  profile: ArrayLike<number>,
  options: OptimalPhotometryOptions,
): OptimalFlux {
  const where = "optimalPhotometry";
  const { gain, noise = "model", maskedWeights = "renormalised", knownLight, saturation = Infinity } =
    options;
  checkPositive(gain, "gain", where);
  const { use, saturated } = usablePixels(image, options.mask, saturation, where);
  const n = use.length;
  checkLength(profile, n, "the profile", where);
  if (knownLight !== undefined) checkLength(knownLight, n, "known light", where);
  const sky = perPixel(options.sky ?? 0, n, "sky", where);
  const backgroundVariance = perPixel(options.backgroundVariance, n, "background variance", where);
  const photons = noise === "published" ? Math.sqrt(gain) : gain;
  const counts = new Float64Array(n), fixed = new Float64Array(n), share = new Float64Array(n);
  let pixelsUsed = 0, inside = 0, whole = 0;
  for (let i = 0; i < n; i++) {
    checkFinite(profile[i], `profile at pixel ${i}`, where);
    whole += profile[i];
    const everywhere = maskedWeights === "published" && Number.isFinite(image.pixels[i]);
    if (!use[i] && !everywhere) continue;
    const extra = knownLight?.[i] ?? 0;
    share[i] = profile[i];
    counts[i] = image.pixels[i] - sky(i) - extra;
    fixed[i] = backgroundVariance(i) + Math.abs(extra) / photons;
    checkPositive(backgroundVariance(i), `background variance at pixel ${i}`, where);
    checkFinite(counts[i], `sky and known light at pixel ${i}`, where);
    if (!use[i]) continue;
    pixelsUsed++;
    inside += profile[i];
  }
  demand(pixelsUsed > 0 && inside > 0, () => ({
    expected: "pixels to use with some of the star's light",
    found: `${pixelsUsed} pixels with ${inside} of the profile, ${saturated} saturated`,
    where,
    remedy: "widen the mask, or leave this image out of the light curve",
  }));
  const summed = maskedWeights === "published" ? undefined : use;
  /** Weights for a variance a pixel, normalised over the pixels used, or over all when the mask comes later. */
  const weightsOf = (variance: (i: number) => number): Float64Array => {
    let sum = 0;
    const weights = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      if (summed !== undefined && !summed[i] || share[i] === 0) continue;
      weights[i] = share[i] / variance(i);
      sum += weights[i] * share[i];
    }
    for (let i = 0; i < n; i++) weights[i] = use[i] ? weights[i] / sum : 0;
    return weights;
  };
  const fluxWith = (weights: Float64Array) => weights.reduce((sum, weight, i) => sum + weight * counts[i], 0);
  const starVariance = (flux: number) => (i: number) => fixed[i] + Math.max(flux * share[i], 0) / gain;
  let variance = (i: number) => fixed[i];
  if (noise === "pixels" || noise === "published") {
    variance = (i) => fixed[i] + Math.abs(counts[i]) / photons;
  }
  let weights = weightsOf(variance), flux = fluxWith(weights);
  if (noise === "faint") variance = starVariance(flux);
  if (noise === "model") {
    // The flux moves the weights little, so a handful of rounds settles to rounding.
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const before = flux;
      variance = starVariance(before);
      weights = weightsOf(variance);
      flux = fluxWith(weights);
      if (Math.abs(flux - before) <= 1e-12 * Math.abs(flux)) break;
    }
  }
  let total = 0, chiSquare = 0;
  for (let i = 0; i < n; i++) {
    if (!use[i]) continue;
    total += weights[i] * weights[i] * variance(i);
    chiSquare += (counts[i] - flux * share[i]) ** 2 / variance(i);
  }
  return {
    flux,
    variance: total,
    error: Math.sqrt(total),
    weights,
    pixelsUsed,
    saturatedPixels: saturated,
    profileFraction: inside / whole,
    reducedChiSquare: pixelsUsed > 1 ? chiSquare / (pixelsUsed - 1) : NaN,
  };
}

const MAX_ROUNDS = 50;

/**
 * Returns the least variance that any unbiased sum of pixels has for the flux of a star, 1 / sum(P^2 / V).
 * @param profile share P of the star's counts in each pixel.
 * @param variance V of each pixel, or one for all; positive.
 */
export function optimalVariance(profile: ArrayLike<number>, variance: number | ArrayLike<number>): number {
  const where = "optimalVariance";
  const each = perPixel(variance, profile.length, "variance", where);
  let sum = 0;
  for (let i = 0; i < profile.length; i++) {
    checkPositive(each(i), `variance at pixel ${i}`, where);
    sum += profile[i] * profile[i] / each(i);
  }
  checkPositive(sum, "sum of squares of the profile", where);
  return 1 / sum;
}

/** Returns a mask that is 1 where the middle of a pixel lies within `radius` pixels of (x, y), 0 elsewhere, row after row. */
export function discMask(width: number, height: number, x: number, y: number, radius: number): Uint8Array {
  const mask = new Uint8Array(width * height);
  for (let i = 0; i < mask.length; i++) {
    mask[i] = Math.hypot(i % width - x, Math.floor(i / width) - y) <= radius ? 1 : 0;
  }
  return mask;
}

/** What turns the counts of an exposure into magnitudes: m = zero point - 2.5 log10(counts / exposure time). */
export interface ExposureCalibration {
  /** Magnitude of one count a second. */
  zeroPoint: number;
  /** Seconds. Default 1, for a zero point of counts in the whole exposure. */
  exposureTime?: number;
}

/** A value with its standard error. */
export interface Measured {
  value: number;
  error: number;
}

/**
 * Returns the magnitude of counts and its first-order error; both NaN for counts that are not positive, for they have none: keep the
 * flux, or state a {@link limitingMagnitude}.
 */
export function magnitudeOfCounts(counts: number, error: number, calibration: ExposureCalibration): Measured {
  const zeroPoint = totalZeroPoint(calibration, "magnitudeOfCounts");
  return { value: magnitudeOf(counts, zeroPoint), error: magnitudeErrorOf(counts, error) };
}

/** Returns the counts of a magnitude and their first-order error, the inverse of {@link magnitudeOfCounts}. */
export function countsOfMagnitude(
  magnitude: number,
  error: number,
  calibration: ExposureCalibration,
): Measured {
  const value = fluxOf(magnitude, totalZeroPoint(calibration, "countsOfMagnitude"));
  return { value, error: fluxErrorOf(value, error) };
}

function totalZeroPoint({ zeroPoint, exposureTime = 1 }: ExposureCalibration, where: string): number {
  checkFinite(zeroPoint, "zero point", where);
  checkPositive(exposureTime, "exposure time", where);
  return zeroPoint + 2.5 * Math.log10(exposureTime);
}

/** Options of {@link limitingFlux}. */
export interface LimitOptions {
  /** Electrons per unit of the image. */
  gain: number;
  /** Variance of a pixel without the star: one number or one a pixel. */
  backgroundVariance: number | ArrayLike<number>;
  /** How many errors the flux must be. Default 5. */
  sigmas?: number;
  /** Whether the star's own photons count in the error. Default true; false for the limit of a faint star. */
  starPhotons?: boolean;
}

/**
 * Returns the least counts of a star that are `sigmas` times their own error by optimal photometry: the root of
 * f = n / sqrt(sum(P^2 / (V + f P / gain))).
 * @param profile share P of the star's counts in each pixel.
 *
 * @example
 * ```ts
 * import { limitingFlux, limitingMagnitude } from "ephemera/imaging";
 * import assert from "node:assert/strict";
 * // All light in one pixel: f^2 = n^2 (V + f / gain).
 * const flux = limitingFlux([1], { gain: 1, backgroundVariance: 0.24, sigmas: 5 });
 * assert.ok(Math.abs(flux ** 2 - 25 * (0.24 + flux)) < 1e-9);
 * const limit = limitingMagnitude([1], { gain: 4, backgroundVariance: 400, starPhotons: false }, { zeroPoint: 25, exposureTime: 1 });
 * assert.ok(Math.abs(limit - (25 - 2.5 * Math.log10(100))) < 1e-12);
 * ```
 */
export function limitingFlux(profile: ArrayLike<number>, options: LimitOptions): number {
  const where = "limitingFlux";
  const { gain, sigmas = 5, starPhotons = true } = options;
  checkPositive(gain, "gain", where);
  checkPositive(sigmas, "number of errors", where);
  const background = perPixel(options.backgroundVariance, profile.length, "background variance", where);
  const variance = new Float64Array(profile.length);
  const errorAt = (flux: number) => {
    for (let i = 0; i < variance.length; i++) {
      variance[i] = background(i) + Math.max(flux * profile[i], 0) / gain;
    }
    return Math.sqrt(optimalVariance(profile, variance));
  };
  let flux = sigmas * errorAt(0);
  if (!starPhotons) return flux;
  // The variance rises no faster than linearly with the flux, so each round at least halves what is missing.
  for (let round = 0; round < 200; round++) {
    const next = sigmas * errorAt(flux);
    if (Math.abs(next - flux) <= 1e-15 * next) return next;
    flux = next;
  }
  return flux;
}

/** Returns the magnitude of {@link limitingFlux}. */
export function limitingMagnitude(
  profile: ArrayLike<number>,
  options: LimitOptions,
  calibration: ExposureCalibration,
): number {
  return magnitudeOf(limitingFlux(profile, options), totalZeroPoint(calibration, "limitingMagnitude"));
}

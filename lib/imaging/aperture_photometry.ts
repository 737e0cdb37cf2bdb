/** Aperture photometry: sums inside circles, pixels on the rim counted by the exact area inside, and the level of the sky. */
import { demand } from "../core/mod.ts";
import { erf, median } from "../numerics/mod.ts";
import {
  checkFinite,
  checkImage,
  checkLength,
  checkPositive,
  perPixel,
  type PixelImage,
  usablePixels,
} from "./pixel_image.ts";

/**
 * Returns the exact area that a circle of `radius` about (0, 0) has in common with the rectangle between corners (x0, y0) and
 * (x1, y1), x0 <= x1 and y0 <= y1.
 *
 * @example
 * ```ts
 * import { circleRectangleArea } from "ephemera/imaging";
 * import assert from "node:assert/strict";
 * assert.ok(Math.abs(circleRectangleArea(0, 0, 5, 5, 2) - Math.PI) < 1e-14); // a quarter of the disc
 * ```
 */
export function circleRectangleArea(x0: number, y0: number, x1: number, y1: number, radius: number): number {
  const r2 = radius * radius;
  const left = Math.max(x0, -radius), right = Math.min(x1, radius);
  if (!(left < right) || y0 >= radius || y1 <= -radius) return 0;
  // Between neighbouring cuts the upper and the lower rim of the common area are each one curve.
  const cuts = [left, right];
  for (const y of [y0, y1]) {
    if (Math.abs(y) >= radius) continue;
    const x = Math.sqrt(r2 - y * y);
    if (x > left && x < right) cuts.push(x);
    if (-x > left && -x < right) cuts.push(-x);
  }
  cuts.sort((a, b) => a - b);
  const height = (x: number) => Math.sqrt(Math.max(0, r2 - x * x));
  let area = 0;
  for (let k = 1; k < cuts.length; k++) {
    const a = cuts[k - 1], b = cuts[k], middle = height((a + b) / 2);
    const top = Math.min(y1, middle), bottom = Math.max(y0, -middle);
    if (top <= bottom) continue;
    const ha = height(a), hb = height(b);
    // Area between the arc and the x axis from a to b: two triangles and a sector.
    const arc = 0.5 * (b * hb - a * ha + r2 * Math.atan2(b * ha - a * hb, a * b + ha * hb));
    area += (y1 < middle ? y1 * (b - a) : arc) - (y0 > -middle ? y0 * (b - a) : -arc);
  }
  return area;
}

/** Returns the exact share of each pixel's area inside the circle of `radius` pixels about (x, y), row after row. */
export function apertureOverlap(
  width: number,
  height: number,
  x: number,
  y: number,
  radius: number,
): Float64Array {
  const where = "apertureOverlap";
  checkPositive(radius, "radius", where);
  checkFinite(x, "x", where);
  checkFinite(y, "y", where);
  const overlap = new Float64Array(width * height);
  for (let i = 0; i < overlap.length; i++) {
    const u = i % width - x, v = Math.floor(i / width) - y, distance = Math.hypot(u, v);
    // No corner of a pixel is farther from its middle than the root of a half.
    if (distance >= radius + Math.SQRT1_2) continue;
    overlap[i] = distance <= radius - Math.SQRT1_2
      ? 1
      : circleRectangleArea(u - 0.5, v - 0.5, u + 0.5, v + 0.5, radius);
  }
  return overlap;
}

/** Options of {@link aperturePhotometry}; counts in the unit of the image, variances in its square. */
export interface ApertureOptions {
  /** Place of the star, pixels. */
  x: number;
  /** Place of the star, pixels. */
  y: number;
  /** Electrons per unit of the image. */
  gain: number;
  /** Variance of a pixel without the star: one number or one a pixel. */
  backgroundVariance: number | ArrayLike<number>;
  /** Sky level to subtract. Default 0. */
  sky?: number;
  /** Standard error of the sky level, common to all pixels. Default 0. */
  skyError?: number;
  /** Not 0 where a pixel may be used; a pixel not used is lost from the sum. Default: everywhere. */
  mask?: ArrayLike<number>;
  /** Level at and above which a pixel is counted as saturated. It stays in the sum. Default: none is. */
  saturation?: number;
}

/** What {@link aperturePhotometry} returns. */
export interface ApertureFlux {
  /** Radius in pixels. */
  radius: number;
  /** Counts above the sky inside the circle. */
  flux: number;
  /** Variance: sum a^2 (V + counts / gain) over shares a of pixels, and (area times error of the sky)^2. */
  variance: number;
  /** Root of the variance. */
  error: number;
  /** Area summed, square pixels. */
  area: number;
  /** Area of the circle outside the image or the mask; above 0 the flux is a lower limit. */
  areaLost: number;
  /** Saturated pixels that touch the circle; above 0 the flux is a lower limit. */
  saturatedPixels: number;
}

/**
 * Returns the counts inside a circle of `radius` pixels.
 * @throws EphemeraError on a pixel inside mask and circle that is not finite, or no pixel inside.
 *
 * @example
 * ```ts
 * import { aperturePhotometry } from "ephemera/imaging";
 * import assert from "node:assert/strict";
 * const image = { pixels: new Float64Array(21 * 21).fill(7), width: 21, height: 21 };
 * const { flux } = aperturePhotometry(image, 3, { x: 10, y: 10, gain: 1, backgroundVariance: 5, sky: 5 });
 * assert.ok(Math.abs(flux - 2 * Math.PI * 9) < 1e-12);
 * ```
 */
export function aperturePhotometry(
  image: PixelImage,
  radius: number,
  options: ApertureOptions,
): ApertureFlux {
  const where = "aperturePhotometry";
  const { x, y, gain, sky = 0, skyError = 0, mask, saturation = Infinity } = options;
  checkImage(image, where);
  checkPositive(gain, "gain", where);
  checkFinite(sky, "sky", where);
  demand(skyError >= 0, { expected: "an error of the sky of 0 or more", found: `${skyError}`, where });
  if (mask !== undefined) checkLength(mask, image.pixels.length, "mask", where);
  const overlap = apertureOverlap(image.width, image.height, x, y, radius);
  const touched = overlap.map((share, i) => share > 0 && (mask === undefined || mask[i]) ? 1 : 0);
  const { use, saturated } = usablePixels(image, touched, saturation, where);
  const backgroundVariance = perPixel(options.backgroundVariance, use.length, "background variance", where);
  let flux = 0, variance = 0, area = 0;
  for (let i = 0; i < use.length; i++) {
    if (!touched[i]) continue;
    const counts = image.pixels[i] - sky, share = overlap[i];
    checkPositive(backgroundVariance(i), `background variance at pixel ${i}`, where);
    flux += share * counts;
    area += share;
    variance += share * share * (backgroundVariance(i) + Math.max(counts, 0) / gain);
  }
  demand(area > 0, {
    expected: "a pixel to use inside the circle",
    found: "none",
    where: `${where}, radius ${radius} about (${x}, ${y})`,
    remedy: "move the circle into the image, or widen the mask",
  });
  variance += (area * skyError) ** 2;
  const lost = Math.PI * radius * radius - area;
  return {
    radius,
    flux,
    variance,
    error: Math.sqrt(variance),
    area,
    areaLost: lost > 1e-9 * area ? lost : 0,
    saturatedPixels: saturated,
  };
}

/** Returns the aperture photometry for each of several radii, ascending: counts against radius show where a star ends. */
export function curveOfGrowth(
  image: PixelImage,
  radii: ArrayLike<number>,
  options: ApertureOptions,
): ApertureFlux[] {
  const list = Array.from(radii);
  demand(list.length > 0 && list.every((radius, k) => k === 0 || radius > list[k - 1]), () => ({
    expected: "ascending radii",
    found: list.length === 0 ? "none" : list.join(", "),
    where: "curveOfGrowth",
  }));
  return list.map((radius) => aperturePhotometry(image, radius, options));
}

/** Where the sky is measured: a ring about a place, or a frame along the rim of the image; in pixels. */
export type SkyRegion =
  | { ring: { x: number; y: number; inner: number; outer: number } }
  | { border: number };

/** Options of {@link skyLevel}. */
export interface SkyOptions {
  /** Where: pixels whose middle is in the ring, or as many rows and columns along the rim as `border` says. */
  region: SkyRegion;
  /**
   * `"median"`, `"mean"` (of whole counts finer than the median), or `"mode"`: 2.5 median - 1.5 mean, which leans away from faint stars
   * (Bertin & Arnouts 1996), the median where these differ by more than 0.3 standard deviations. Default `"median"`.
   */
  estimator?: "median" | "mean" | "mode";
  /** Pixels farther from the median than this many standard deviations are left out, until none is; `Infinity` keeps all. Default 3. */
  clip?: number;
  /** Not 0 where a pixel may be used. Default: everywhere. */
  mask?: ArrayLike<number>;
}

/** What {@link skyLevel} returns. */
export interface SkyLevel {
  /** Level, unit of the image. */
  level: number;
  /** Standard error of the level for normal noise. */
  error: number;
  /** Standard deviation of a pixel, what clipping takes off a normal distribution put back. */
  standardDeviation: number;
  /** Pixels kept. */
  pixels: number;
}

/**
 * Returns the level of the sky and its error by clipped statistics.
 * @throws EphemeraError on fewer than two pixels in the region, or one that is not finite.
 *
 * @example
 * ```ts
 * import { skyLevel } from "ephemera/imaging";
 * import assert from "node:assert/strict";
 * const pixels = Float64Array.from({ length: 49 }, (_, i) => i === 24 ? 900 : 100 + i % 2);
 * const { level } = skyLevel({ pixels, width: 7, height: 7 }, { region: { border: 2 }, estimator: "mean" });
 * assert.ok(Math.abs(level - 100.5) < 0.02);
 * ```
 */
export function skyLevel(image: PixelImage, options: SkyOptions): SkyLevel {
  const where = "skyLevel";
  const { region, estimator = "median", clip = 3, mask } = options;
  checkImage(image, where);
  // Below the root of three, clipping a normal distribution again and again leaves nothing.
  demand(clip >= 2, { expected: "a clip of at least 2 standard deviations", found: String(clip), where });
  if (mask !== undefined) checkLength(mask, image.pixels.length, "mask", where);
  const inside = skyPixels(image, region, where);
  const { use } = usablePixels(
    image,
    inside.map((i, k) => i && (mask === undefined || mask[k]) ? 1 : 0),
    Infinity,
    where,
  );
  let kept = Float64Array.from({ length: use.length }, (_, i) => image.pixels[i]).filter((_, i) => use[i]);
  demand(kept.length >= 2, {
    expected: "at least two pixels of sky",
    found: String(kept.length),
    where,
    remedy: "widen the region, or the mask",
  });
  kept.sort();
  let middle: number, mean: number, spread: number;
  while (true) {
    middle = median(kept);
    mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
    spread = Math.sqrt(kept.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (kept.length - 1));
    const limit = clip * spread;
    const next = kept.filter((value) => Math.abs(value - middle) <= limit);
    // At least half of any values lie within two standard deviations of their median (Markov), so some stay.
    if (next.length === kept.length) break;
    kept = next;
  }
  const standardDeviation = spread / clippedSpread(clip);
  const skewed = Math.abs(middle - mean) > 0.3 * spread;
  const used = estimator === "mode" && skewed ? "median" : estimator;
  const level = used === "mean" ? mean : used === "median" ? middle : 2.5 * middle - 1.5 * mean;
  return {
    level,
    error: ERROR_FACTORS[used] * standardDeviation / Math.sqrt(kept.length),
    standardDeviation,
    pixels: kept.length,
  };
}

/**
 * Standard errors of the estimators in those of a mean, for many normal values: the variance of the median is pi / 2, and its covariance with
 * the mean is the mean's variance, so that of the mode is 2.5^2 pi / 2 + 1.5^2 - 2 * 2.5 * 1.5.
 */
const ERROR_FACTORS = {
  mean: 1,
  median: Math.sqrt(Math.PI / 2),
  mode: Math.sqrt(6.25 * Math.PI / 2 + 2.25 - 7.5),
};

/**
 * Returns the standard deviation at which clipping a standard normal distribution at `clip` times its clipped standard deviation
 * comes to rest.
 */
function clippedSpread(clip: number): number {
  if (clip > 8) return 1;
  let spread = 1;
  for (let round = 0; round < 200; round++) {
    const edge = clip * spread;
    const density = Math.exp(-edge * edge / 2) / Math.sqrt(2 * Math.PI);
    // Variance of a normal distribution cut off at both edges.
    const next = Math.sqrt(1 - 2 * edge * density / erf(edge * Math.SQRT1_2));
    if (Math.abs(next - spread) < 1e-12) break;
    spread = next;
  }
  return spread;
}

function skyPixels({ width, height }: PixelImage, region: SkyRegion, where: string): Uint8Array {
  const inside = new Uint8Array(width * height);
  if ("border" in region) {
    const { border } = region;
    checkPositive(border, "border", where);
    for (let i = 0; i < inside.length; i++) {
      const x = i % width, y = Math.floor(i / width);
      if (Math.min(x, y, width - 1 - x, height - 1 - y) < border) inside[i] = 1;
    }
    return inside;
  }
  const { x, y, inner, outer } = region.ring;
  demand(inner >= 0 && outer > inner, {
    expected: "a ring with 0 <= inner < outer",
    found: `inner ${inner}, outer ${outer}`,
    where,
  });
  for (let i = 0; i < inside.length; i++) {
    const distance = Math.hypot(i % width - x, Math.floor(i / width) - y);
    if (distance >= inner && distance <= outer) inside[i] = 1;
  }
  return inside;
}

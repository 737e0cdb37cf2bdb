/** The exposure: from magnitudes, point spread function, galaxy and sky to the whole numbers of a CCD's image. */
import { fluxOf } from "../astronomy/mod.ts";
import { demand, type Random } from "../core/mod.ts";
import type { Detector } from "./camera.ts";
import { type Image, imageSum } from "./image.ts";
import { checkImage, type PixelImage } from "./pixel_image.ts";

/** The circumstances of one exposure. */
export interface Exposure {
  /** Days, MJD. */
  time: number;
  /** Name of the passband. */
  band: string;
  /** Seconds. */
  exposureTime: number;
  /** Magnitude of a source of one ADU per second, airmass and clouds in it. */
  zeroPoint: number;
  /** Full width at half maximum of a star, arcsec. */
  seeing: number;
  /** Light of the sky, ADU per pixel. */
  sky: number;
}

/** Whether to follow the HiTS simulations to the letter. */
export interface FaithfulOption {
  /**
   * Follow the HiTS simulations (Carrasco-Davis et al. 2019) where they depart from what a camera does. Default
   * false.
   */
  faithful?: boolean;
}

/** The sky level above which the HiTS simulations cut it, ADU per pixel. */
const FAITHFUL_SKY_LIMIT = 2200;

/** Throws unless all numbers of an exposure are possible. */
export function checkExposure(exposure: Exposure, where: string): void {
  const { time, exposureTime, zeroPoint, seeing, sky } = exposure;
  const positive = (value: number) => value > 0 && Number.isFinite(value);
  demand(
    Number.isFinite(time) && Number.isFinite(zeroPoint) && positive(exposureTime) && positive(seeing) &&
      sky >= 0 &&
      Number.isFinite(sky),
    () => ({
      expected:
        "a finite time and zero point, a positive exposure time and seeing, a sky that is not negative",
      found: `time ${time}, zero point ${zeroPoint}, ${exposureTime} s, seeing ${seeing}, sky ${sky}`,
      where,
      remedy: "leave out exposures whose log has gaps, or fill them",
    }),
  );
}

/**
 * Returns the light of a source in ADU, T 10^((ZP - m) / 2.5), all of it; 0 for the magnitude Infinity, that is no
 * source. `faithful` cuts it to the whole number below.
 * @throws EphemeraError for a magnitude that is NaN or -Infinity.
 *
 * @example
 * ```ts
 * import { sourceCounts } from "ephemera/imaging";
 * import assert from "node:assert/strict";
 * const exposure = { time: 57070, band: "g", exposureTime: 86, zeroPoint: 25, seeing: 1.3, sky: 120 };
 * assert.equal(sourceCounts(20, exposure), 8600);
 * ```
 */
export function sourceCounts(magnitude: number, exposure: Exposure, options: FaithfulOption = {}): number {
  demand(magnitude > -Infinity, () => ({
    expected: "a magnitude",
    found: String(magnitude),
    where: "sourceCounts",
    remedy: "give Infinity where there is no source",
  }));
  const counts = exposure.exposureTime * fluxOf(magnitude, exposure.zeroPoint);
  return options.faithful ? Math.floor(counts) : counts;
}

/** What an {@link expectedImage} is made of. */
export interface Scene {
  /** Image of a point of light 1, as large as the result. */
  pointSpread: PixelImage;
  /** Magnitude of the point source, Infinity for none. */
  magnitude: number;
  /** Image of a galaxy as the exposure spreads it, ADU, as large as `pointSpread`. */
  galaxy?: PixelImage;
}

/**
 * Returns the mean of an exposure's pixels before noise, in ADU: point source, galaxy and sky. `faithful` divides the
 * point spread function by its sum, rounds source and sky to whole ADU and cuts the sky at 2200 ADU.
 * @throws EphemeraError for impossible circumstances, and a galaxy of another size than the point spread function.
 */
export function expectedImage(scene: Scene, exposure: Exposure, options: FaithfulOption = {}): Image {
  const where = "expectedImage", { pointSpread, galaxy } = scene, { faithful = false } = options;
  checkExposure(exposure, where);
  checkImage(pointSpread, where);
  const { width, height } = pointSpread;
  if (galaxy !== undefined) {
    checkImage(galaxy, `${where}, galaxy`);
    demand(galaxy.width === width && galaxy.height === height, () => ({
      expected: `a galaxy of ${width} x ${height} pixels, like the point spread function`,
      found: `${galaxy.width} x ${galaxy.height}`,
      where,
    }));
  }
  const counts = sourceCounts(scene.magnitude, exposure, options);
  const share = faithful ? counts / imageSum(pointSpread) : counts;
  const sky = faithful ? roundHalfEven(Math.min(exposure.sky, FAITHFUL_SKY_LIMIT)) : exposure.sky;
  const pixels = Float64Array.from(pointSpread.pixels, (value, p) => {
    const source = share * value;
    return (faithful ? roundHalfEven(source) : source) + sky + (galaxy?.pixels[p] ?? 0);
  });
  return { pixels, width, height };
}

/**
 * Returns what a CCD records of an image of expected light: electrons of Poisson's distribution in each pixel, read
 * noise, division by the gain, rounding to whole ADU, and nothing above saturation. The background is taken off with
 * its bias, so a pixel may be negative.
 *
 * `faithful` cuts the read noise to whole electrons towards zero, which lowers its variance from r^2 to about r^2 -
 * 0.80 r + 1/3, and sets negative pixels to 0.
 *
 * @param expected mean of each pixel, ADU; values below 0, as roundings leave them, count as 0.
 * @throws EphemeraError for a gain or saturation that is not positive, a negative read noise, a pixel that is not
 * finite.
 *
 * @example
 * ```ts
 * import { ccdOf, DECAM, exposeImage } from "ephemera/imaging";
 * import { Random } from "ephemera/core";
 * import assert from "node:assert/strict";
 * const flat = { pixels: new Float64Array(10_000).fill(120), width: 100, height: 100 };
 * const { pixels } = exposeImage(flat, ccdOf(DECAM, 1), new Random(1));
 * const variance = pixels.reduce((sum, value) => sum + (value - 120) ** 2, 0) / pixels.length;
 * assert.ok(Math.abs(variance - (120 / 4.039 + (6.139 / 4.039) ** 2 + 1 / 12)) < 2);
 * ```
 */
export function exposeImage(
  expected: PixelImage,
  detector: Detector,
  random: Random,
  options: FaithfulOption = {},
): Image {
  const where = "exposeImage", { faithful = false } = options, { gain, readNoise, saturation } = detector;
  checkImage(expected, where);
  checkDetector(detector, where);
  const pixels = new Float64Array(expected.pixels.length);
  for (let p = 0; p < pixels.length; p++) {
    const mean = expected.pixels[p];
    demand(Number.isFinite(mean), () => ({
      expected: "finite pixels",
      found: String(mean),
      where: `${where}, pixel ${p}`,
    }));
    const electrons = random.poisson(Math.max(0, gain * mean)), noise = random.normal(0, readNoise);
    if (faithful) {
      const value = (electrons + Math.trunc(noise)) / gain;
      pixels[p] = roundHalfEven(Math.min(saturation, Math.max(0, value)));
    } else pixels[p] = Math.min(saturation, Math.round((electrons + noise) / gain)) + 0; // never -0
  }
  return { pixels, width: expected.width, height: expected.height };
}

/**
 * Returns the variance of a pixel of {@link exposeImage} below saturation, ADU^2: light / gain + (read noise /
 * gain)^2 + 1/12 of the rounding.
 * @param expected mean of the pixel, ADU.
 */
export function pixelVariance(expected: number, detector: Detector): number {
  checkDetector(detector, "pixelVariance");
  return Math.max(0, expected) / detector.gain + (detector.readNoise / detector.gain) ** 2 + 1 / 12;
}

function checkDetector({ gain, readNoise, saturation }: Detector, where: string): void {
  demand(gain > 0 && Number.isFinite(gain) && readNoise >= 0 && saturation > 0, () => ({
    expected: "a positive gain and saturation, a read noise that is not negative",
    found: `gain ${gain}, read noise ${readNoise}, saturation ${saturation}`,
    where,
  }));
}

/** Rounding as NumPy does it: halves to the even neighbour. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value), rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

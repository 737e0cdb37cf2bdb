/** Point spread functions: how the air and the telescope spread the light of a point, as formulas and as images. */
import { demand } from "../core/mod.ts";
import { erf } from "../numerics/mod.ts";
import { type Image, unitSum } from "./image.ts";
import { type Frame, frameOf, integrateOverPixels } from "./pixel_integral.ts";

/** The full width at half maximum of a Gaussian of unit standard deviation, 2 sqrt(2 ln 2) = 2.3548. */
export const GAUSSIAN_FWHM: number = 2 * Math.sqrt(2 * Math.LN2);

/** What every {@link PointSpread} has. */
interface PointSpreadShape {
  /**
   * Full width at half maximum in pixels, or in arcsec where a pixel scale is given; of an ellipse the geometric mean
   * of both axes.
   */
  fwhm: number;
  /** Width along the short axis over that along the long, above 0, at most 1. Default 1. */
  axisRatio?: number;
  /** Angle of the long axis in radians, from x towards y. Default 0. */
  positionAngle?: number;
}

/** A Gaussian, what an ideal average over much turbulence would be. */
export interface GaussianSpread extends PointSpreadShape {
  /** Which formula. */
  profile: "gaussian";
}

/** A profile with power-law wings, proportional to (1 + (r / alpha)^2)^-beta (Moffat 1969, A&A 3, 455). */
export interface MoffatSpread extends PointSpreadShape {
  /** Which formula. */
  profile: "moffat";
  /** Exponent, above 1; 2.5 to 4.8 in real images (Trujillo et al. 2001, MNRAS 328, 977), the Gaussian in the limit. */
  beta: number;
}

/** A point spread function as a formula whose light over the whole plane is 1. */
export type PointSpread = GaussianSpread | MoffatSpread;

/** Options of {@link pointSpreadImage}: the frame, and how light becomes pixels. */
export interface PointSpreadImageOptions extends Frame {
  /** Size of a pixel in arcsec. Given, the function's width is in arcsec; else in pixels. */
  pixelScale?: number;
  /** Whether the pixels are divided by their sum. Default false: light outside the frame is lost. */
  unitSum?: boolean;
  /**
   * Where there is no closed form, pixels are divided until a division changes a part by less than this. Default
   * 1e-9.
   */
  tolerance?: number;
}

/** Scale radius in units of the full width: sigma of a Gaussian, alpha of a Moffat function. */
function scaleOf(spread: PointSpread): number {
  return spread.profile === "gaussian"
    ? spread.fwhm / GAUSSIAN_FWHM
    : spread.fwhm / (2 * Math.sqrt(Math.pow(2, 1 / spread.beta) - 1));
}

function checkSpread(spread: PointSpread, where: string): void {
  const { fwhm, axisRatio = 1, positionAngle = 0 } = spread;
  demand(fwhm > 0 && Number.isFinite(fwhm), () => ({
    expected: "a positive full width at half maximum",
    found: String(fwhm),
    where,
  }));
  demand(axisRatio > 0 && axisRatio <= 1 && Number.isFinite(positionAngle), () => ({
    expected: "an axis ratio above 0, at most 1, and a finite position angle",
    found: `axis ratio ${axisRatio}, position angle ${positionAngle}`,
    where,
  }));
  demand(spread.profile === "gaussian" || spread.profile === "moffat", () => ({
    expected: 'the profile "gaussian" or "moffat"',
    found: JSON.stringify((spread as { profile: unknown }).profile),
    where,
  }));
  demand(spread.profile === "gaussian" || (spread.beta > 1 && Number.isFinite(spread.beta)), () => ({
    expected: "an exponent beta above 1, for the light is infinite otherwise",
    found: String((spread as MoffatSpread).beta),
    where,
  }));
}

/**
 * Returns a function of (dx, dy), the offset from the centre in the unit of the full width, that is the light per
 * unit of area.
 * @throws EphemeraError for a width, an axis ratio or an exponent out of range.
 */
export function pointSpreadDensity(spread: PointSpread): (dx: number, dy: number) => number {
  checkSpread(spread, "pointSpreadDensity");
  const { axisRatio = 1, positionAngle = 0 } = spread, scale = scaleOf(spread), square = 1 / (scale * scale);
  const cos = Math.cos(positionAngle), sin = Math.sin(positionAngle);
  // The axes scale / sqrt(q) and scale sqrt(q) enclose as much area as a circle of radius `scale`.
  const alongWeight = square * axisRatio, acrossWeight = square / axisRatio;
  const radius = (dx: number, dy: number) => {
    const along = dx * cos + dy * sin, across = dy * cos - dx * sin;
    return along * along * alongWeight + across * across * acrossWeight;
  };
  if (spread.profile === "gaussian") {
    const height = square / (2 * Math.PI);
    return (dx, dy) => height * Math.exp(-0.5 * radius(dx, dy));
  }
  const { beta } = spread, height = (beta - 1) * square / Math.PI;
  return (dx, dy) => height * Math.pow(1 + radius(dx, dy), -beta);
}

/**
 * Returns the image of a point of light 1: the point spread function integrated over each pixel, by error functions
 * where a Gaussian's axes lie along the pixels', else by adaptive quadrature.
 * @throws EphemeraError for a width, an axis ratio or an exponent out of range, and for sides that are not whole.
 *
 * @example
 * ```ts
 * import { imageSum, pointSpreadImage } from "ephemera/imaging";
 * import assert from "node:assert/strict";
 * const star = pointSpreadImage({ profile: "moffat", fwhm: 1.35, beta: 3 }, { pixelScale: 0.27, x: 10.3, y: 9.8 });
 * assert.deepEqual([star.width, star.height], [21, 21]);
 * assert.ok(imageSum(star) > 0.97 && imageSum(star) < 1); // the rest of the light is in wings outside the stamp
 * ```
 */
export function pointSpreadImage(spread: PointSpread, options: PointSpreadImageOptions = {}): Image {
  const { pixelScale = 1, tolerance = 1e-9 } = options, frame = frameOf(options, "pointSpreadImage");
  demand(pixelScale > 0 && Number.isFinite(pixelScale) && tolerance > 0, () => ({
    expected: "a positive pixel scale and tolerance",
    found: `pixel scale ${pixelScale}, tolerance ${tolerance}`,
    where: "pointSpreadImage",
  }));
  const inPixels = { ...spread, fwhm: spread.fwhm / pixelScale };
  const { axisRatio = 1, positionAngle = 0 } = inPixels;
  const upright = spread.profile === "gaussian" && (axisRatio === 1 || positionAngle === 0);
  const density = pointSpreadDensity(inPixels);
  const image = upright ? uprightGaussian(inPixels, frame) : integrateOverPixels(density, frame, tolerance);
  return options.unitSum ? unitSum(image) : image;
}

function uprightGaussian(spread: PointSpread, frame: Required<Frame>): Image {
  const { width, height, x, y } = frame, { axisRatio = 1 } = spread, sigma = scaleOf(spread);
  const across = normalShares(width, x, sigma / Math.sqrt(axisRatio));
  const along = normalShares(height, y, sigma * Math.sqrt(axisRatio));
  const pixels = new Float64Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) pixels[row * width + column] = across[column] * along[row];
  }
  return { pixels, width, height };
}

/** The share of a normal distribution in each of `count` unit intervals about 0, 1, 2, ... */
function normalShares(count: number, mean: number, sigma: number): Float64Array {
  const edge = (k: number) => erf((k - 0.5 - mean) / (sigma * Math.SQRT2));
  return Float64Array.from({ length: count }, (_, k) => 0.5 * (edge(k + 1) - edge(k)));
}

/**
 * Returns the share of the light inside the isophote whose axes' geometric mean is `radius`, a circle when the
 * function is round: 1 - exp(-r^2 / 2 sigma^2) of a Gaussian, 1 - (1 + (r / alpha)^2)^(1 - beta) of a Moffat
 * function.
 * @param radius in the unit of the full width, not negative.
 */
export function enclosedLight(spread: PointSpread, radius: number): number {
  checkSpread(spread, "enclosedLight");
  demand(radius >= 0, () => ({
    expected: "a radius that is not negative",
    found: String(radius),
    where: "enclosedLight",
  }));
  const square = (radius / scaleOf(spread)) ** 2;
  if (spread.profile === "gaussian") return -Math.expm1(-0.5 * square);
  return -Math.expm1((1 - spread.beta) * Math.log1p(square));
}

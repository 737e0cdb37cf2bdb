/** Banks of point spread functions as images, of which an exposure takes the one of its seeing. */
import { demand, Random } from "../core/mod.ts";
import { median } from "../numerics/mod.ts";
import { type Image, mirror, quarterTurn, shiftImage, unitSum } from "./image.ts";
import { checkImage, type PixelImage } from "./pixel_image.ts";
import { type PointSpread, pointSpreadImage } from "./point_spread.ts";
import { fitStar, type StarFit } from "./star_fit.ts";

/** Images of point spread functions and their sizes. */
export interface PointSpreadBank {
  /** Square images of one odd side, the point in the middle of the middle pixel, each of sum 1. */
  images: readonly Image[];
  /** Full width at half maximum of each, pixels: the mean of x and y by {@link fitStar}. */
  fwhm: Float64Array;
}

/**
 * Returns a bank of the given images, e.g. stars of a real survey with their background taken off: each is divided by
 * its sum and measured. The images are taken to be centred.
 * @throws EphemeraError when there is none, when they are not square or of different or even sides, and for an image
 * that is no star.
 */
export function pointSpreadBank(images: readonly PixelImage[]): PointSpreadBank {
  const where = "pointSpreadBank";
  demand(images.length > 0, { expected: "at least one image", found: "none", where });
  const [{ width: side }] = images;
  images.forEach((image, i) => {
    checkImage(image, `${where}, image ${i}`);
    demand(image.width === side && image.height === side && side % 2 === 1, () => ({
      expected: "square images of one odd side",
      found: `${image.width} x ${image.height}`,
      where: `${where}, image ${i}`,
    }));
  });
  const normalised = images.map(unitSum);
  return {
    images: normalised,
    fwhm: Float64Array.from(normalised, (image) => fittedStar(image, where).fwhm),
  };
}

/** The Gaussian of a star without background, refused where the fit says nothing of one. */
function fittedStar(image: PixelImage, where: string): StarFit {
  const fit = fitStar(image, { background: 0 }), { x, y, converged } = fit;
  demand(converged && x > -1 && x < image.width && y > -1 && y < image.height, () => ({
    expected: "a star inside the image, smaller than it",
    found: `a fit centred at ${x.toFixed(2)}, ${y.toFixed(2)}${converged ? "" : ", not at rest"}`,
    where,
    remedy: "subtract the background, or cut the image around the star",
  }));
  return fit;
}

/**
 * Returns the image of a real star as a bank wants it: the median of its two outermost rows and columns taken off as
 * background, the centre of the fitted Gaussian moved to the middle of the middle pixel, divided by its sum.
 * @param image a stamp of odd sides around an isolated star that is not saturated.
 * @throws EphemeraError when the star is more than a pixel off the middle or the fit fails.
 */
export function starAsPointSpread(image: PixelImage): Image {
  const where = "starAsPointSpread", { width, height } = image;
  checkImage(image, where);
  const rim = Array.from(image.pixels).filter((_, p) => {
    const x = p % width, y = Math.floor(p / width);
    return x < 2 || y < 2 || x >= width - 2 || y >= height - 2;
  });
  const background = median(rim);
  const star = { width, height, pixels: Float64Array.from(image.pixels, (value) => value - background) };
  const { x, y } = fittedStar(star, where), dx = (width - 1) / 2 - x, dy = (height - 1) / 2 - y;
  demand(Math.abs(dx) <= 1 && Math.abs(dy) <= 1, () => ({
    expected: "a star within one pixel of the stamp's middle",
    found: `a centre at ${x.toFixed(2)}, ${y.toFixed(2)}`,
    where,
    remedy: "cut the stamp around the star, or leave out stamps with a brighter neighbour",
  }));
  return unitSum(shiftImage(star, dx, dy));
}

/** Options of {@link simulatePointSpreadBank}. */
export interface BankOptions {
  /** Number of images. Default 400. */
  count?: number;
  /** Side of the images in pixels, odd. Default 21. */
  size?: number;
  /** Range of the full widths, pixels, spread evenly in their logarithm. Default 3 to 8.5: 0.8 to 2.3 arcsec on DECam. */
  fwhm?: readonly [number, number];
  /** Range of the Moffat exponents of the cores, uniform. Default 2.8 to 4.8. */
  beta?: readonly [number, number];
  /**
   * Most likely 1 - axis ratio, which follows a Rayleigh distribution cut at 0.4; position angles are uniform.
   * Default 0.05.
   */
  ellipticity?: number;
  /** Largest share of light in a round halo three times as wide (Moffat, beta 2), uniform from 0. Default 0.04. */
  halo?: number;
}

/**
 * Returns a bank of made-up but realistic point spread functions: elliptical Moffat cores, as turbulence and tracking
 * leave them, with faint haloes, as mirrors and dust do. From 4 to 9 pixels wide, their median curves of growth are
 * those of stars in the real HiTS stamps to 0.025 of the light, mostly to 0.01.
 *
 * @example
 * ```ts
 * import { choosePointSpread, imageSum, simulatePointSpreadBank } from "ephemera/imaging";
 * import { Random } from "ephemera/core";
 * import assert from "node:assert/strict";
 * const bank = simulatePointSpreadBank(1, { count: 20 });
 * const { image, fwhm } = choosePointSpread(bank, 1.35 / 0.27, new Random(2));
 * assert.ok(Math.abs(fwhm - 5) < 0.8 && Math.abs(imageSum(image) - 1) < 1e-12);
 * ```
 */
export function simulatePointSpreadBank(seed: number | string, options: BankOptions = {}): PointSpreadBank {
  const { count = 400, size = 21, fwhm = [3, 8.5], beta = [2.8, 4.8], ellipticity = 0.05, halo = 0.04 } =
    options;
  const ascending = ([low, high]: readonly [number, number], least: number) =>
    low > least && high >= low && Number.isFinite(high);
  demand(
    Number.isInteger(count) && count > 0 && Number.isInteger(size) && size % 2 === 1 && ascending(fwhm, 0) &&
      ascending(beta, 1) && ellipticity >= 0 && ellipticity < 1 && halo >= 0 && halo <= 1,
    () => ({
      expected: "a count, an odd size, ascending ranges, ellipticity and halo from 0 to 1",
      found: JSON.stringify({ count, size, fwhm, beta, ellipticity, halo }),
      where: "simulatePointSpreadBank",
    }),
  );
  const images = Array.from({ length: count }, (_, i) => {
    const random = new Random(seed).stream("point spread").stream(i);
    const width = fwhm[0] * Math.pow(fwhm[1] / fwhm[0], random.uniform());
    const core: PointSpread = {
      profile: "moffat",
      fwhm: width,
      beta: random.uniform(...beta),
      axisRatio: 1 - Math.min(0.4, ellipticity * Math.sqrt(2 * random.exponential())),
      positionAngle: random.uniform(0, Math.PI),
    };
    const share = random.uniform(0, halo), frame = { width: size, height: size, tolerance: 1e-7 };
    const inner = pointSpreadImage(core, frame);
    const outer = pointSpreadImage({ profile: "moffat", fwhm: 3 * width, beta: 2 }, frame);
    return {
      ...inner,
      pixels: inner.pixels.map((value, p) => (1 - share) * value + share * outer.pixels[p]),
    };
  });
  return pointSpreadBank(images);
}

/** Options of {@link choosePointSpread}. */
export interface PointSpreadChoiceOptions {
  /** Half-width of the uniform scatter added to the seeing before the nearest size is taken, pixels. Default 0.3. */
  scatter?: number;
  /**
   * Turn and mirror as the HiTS simulations did: no mirror, left-right, up-down, each by 1/3, so that mirrored images
   * come twice as often as others. Default false: all eight symmetries of the square alike.
   */
  faithful?: boolean;
}

/** A point spread function taken from a {@link PointSpreadBank}. */
export interface ChosenPointSpread {
  /** Turned, mirrored, of sum 1. */
  image: Image;
  /** Its full width at half maximum, pixels. */
  fwhm: number;
  /** Its number in the bank. */
  index: number;
}

/**
 * Returns the image of the bank whose size is nearest to the seeing plus a scatter, turned by quarter turns and
 * mirrored at random.
 * @param seeing full width at half maximum, pixels, positive.
 */
export function choosePointSpread(
  bank: PointSpreadBank,
  seeing: number,
  random: Random,
  options: PointSpreadChoiceOptions = {},
): ChosenPointSpread {
  const { scatter = 0.3, faithful = false } = options;
  demand(seeing > 0 && Number.isFinite(seeing) && scatter >= 0, () => ({
    expected: "a positive seeing in pixels and a scatter that is not negative",
    found: `seeing ${seeing}, scatter ${scatter}`,
    where: "choosePointSpread",
  }));
  const wanted = seeing + random.uniform(-scatter, scatter);
  let index = 0;
  bank.fwhm.forEach((fwhm, k) => {
    if (Math.abs(fwhm - wanted) < Math.abs(bank.fwhm[index] - wanted)) index = k;
  });
  const turned = quarterTurn(bank.images[index], random.integer(0, 4));
  const kind = random.integer(0, faithful ? 3 : 2);
  const image = kind === 0 ? turned : mirror(turned, kind === 1 ? "left-right" : "up-down");
  return { image, fwhm: bank.fwhm[index], index };
}

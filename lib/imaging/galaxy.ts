/** Galaxies as a disk and a bulge: their images, and where in them something may shine. */
import { demand, type Random } from "../core/mod.ts";
import { type Image, unitSum } from "./image.ts";
import type { PixelImage } from "./pixel_image.ts";
import { type Frame, frameOf } from "./pixel_integral.ts";
import { sersicB, sersicImage, sersicIntensity, type SersicProfile } from "./sersic.ts";

/** Disk or bulge of a {@link Galaxy}. */
export interface GalaxyPart {
  /** Half long axis of the ellipse that holds half of its light, arcsec. */
  effectiveRadius: number;
  /** Short axis over long axis, above 0, at most 1. */
  axisRatio: number;
}

/** A galaxy of an exponential disk and a bulge of de Vaucouleurs with common centre and position angle. */
export interface Galaxy {
  /** Magnitude of all its light. */
  magnitude: number;
  /** Redshift. */
  redshift: number;
  /** Share of the light that is in the bulge, 0 to 1: SDSS's fracDeV. */
  bulgeFraction: number;
  /** The exponential part (n = 1). */
  disk: GalaxyPart;
  /** The de Vaucouleurs part (n = 4). */
  bulge: GalaxyPart;
  /** Angle of the long axes in radians, from x towards y. */
  positionAngle: number;
}

/** Options of {@link galaxyImage}. */
export interface GalaxyImageOptions extends Frame {
  /** Size of a pixel, arcsec. */
  pixelScale: number;
  /** Whether the pixels are divided by their sum. Default true; false loses the light outside the frame. */
  unitSum?: boolean;
  /**
   * Pixels are divided until a division changes a part by less than this share of the total light; errors stay within
   * about ten times it. Default 1e-7.
   */
  tolerance?: number;
  /**
   * Given, images are made as the HiTS simulations made them: I_e of the disk is 1 and I_e of the bulge is the bulge
   * fraction, so that a bulge, whose light for one I_e and R_e is 1.9 times a disk's, gets another share than the
   * catalogue says; pixels have the intensity of their middles; the bulge is the mean of 20 copies whose centres are
   * shifted by up to 0.8 pixel towards larger x and y, drawn from this generator; the sum is 1.
   */
  faithful?: Random;
}

/** Images of a galaxy. */
export interface GalaxyImages {
  /** Disk and bulge together. */
  total: Image;
  /** The disk alone. */
  disk: Image;
}

const DISK = 1, BULGE = 4;

/** Copies of the bulge, and largest shift of each in pixels, in the HiTS simulations. */
const COPIES = 20, LARGEST_SHIFT = 0.8;

function profilesOf(galaxy: Galaxy, pixelScale: number, where: string) {
  const { bulgeFraction, positionAngle } = galaxy;
  demand(bulgeFraction >= 0 && bulgeFraction <= 1, () => ({
    expected: "a bulge fraction from 0 to 1",
    found: String(bulgeFraction),
    where,
  }));
  demand(pixelScale > 0 && Number.isFinite(pixelScale), () => ({
    expected: "a positive pixel scale",
    found: String(pixelScale),
    where,
  }));
  const profile = (index: number, { effectiveRadius, axisRatio }: GalaxyPart): SersicProfile => ({
    index,
    effectiveRadius: effectiveRadius / pixelScale,
    axisRatio,
    positionAngle,
  });
  return { disk: profile(DISK, galaxy.disk), bulge: profile(BULGE, galaxy.bulge) };
}

/**
 * Returns the image of a galaxy of light 1, before any point spread function: disk and bulge integrated over the
 * pixels, each with its share of the light. The disk's image has sum 1 too when `unitSum` holds, else its share of
 * the frame's light.
 * @throws EphemeraError for a fraction, a radius or an axis ratio out of range.
 *
 * @example
 * ```ts
 * import { type Galaxy, galaxyImage, imageSum } from "ephemera/imaging";
 * import assert from "node:assert/strict";
 * const galaxy: Galaxy = { magnitude: 19, redshift: 0.1, bulgeFraction: 0.3, positionAngle: 1,
 *   disk: { effectiveRadius: 2, axisRatio: 0.5 }, bulge: { effectiveRadius: 0.7, axisRatio: 0.8 } };
 * const { total } = galaxyImage(galaxy, { pixelScale: 0.27, width: 63, height: 63 });
 * assert.ok(Math.abs(imageSum(total) - 1) < 1e-12 && total.pixels.indexOf(Math.max(...total.pixels)) === 31 * 63 + 31);
 * ```
 */
export function galaxyImage(galaxy: Galaxy, options: GalaxyImageOptions): GalaxyImages {
  const where = "galaxyImage", { tolerance = 1e-7, faithful } = options, frame = frameOf(options, where);
  const { disk, bulge } = profilesOf(galaxy, options.pixelScale, where), { bulgeFraction } = galaxy;
  if (faithful !== undefined) {
    const diskImage = atMiddles(disk, frame), total = { ...diskImage, pixels: diskImage.pixels.slice() };
    for (let copy = 0; copy < COPIES; copy++) {
      const x = frame.x + faithful.uniform(0, LARGEST_SHIFT),
        y = frame.y + faithful.uniform(0, LARGEST_SHIFT);
      const { pixels } = atMiddles(bulge, { ...frame, x, y });
      for (let p = 0; p < pixels.length; p++) total.pixels[p] += bulgeFraction / COPIES * pixels[p];
    }
    return { total: unitSum(total), disk: unitSum(diskImage) };
  }
  // A part without light is not integrated: its radius may be anything.
  const part = (profile: SersicProfile, share: number) =>
    share === 0
      ? new Float64Array(frame.width * frame.height)
      : sersicImage(profile, { ...frame, tolerance }).pixels;
  const inDisk = part(disk, options.unitSum === false ? 1 - bulgeFraction : 1),
    inBulge = part(bulge, bulgeFraction);
  const image = (pixels: Float64Array): Image => ({ pixels, width: frame.width, height: frame.height });
  const total = image(inDisk.map((value, p) => (1 - bulgeFraction) * value + bulgeFraction * inBulge[p]));
  if (options.unitSum === false) {
    return {
      total,
      disk: image(inDisk.map((value) => (1 - bulgeFraction) * value)),
    };
  }
  return { total: unitSum(total), disk: unitSum(image(inDisk)) };
}

function atMiddles(profile: SersicProfile, { width, height, x, y }: Required<Frame>): Image {
  const intensity = sersicIntensity(profile), pixels = new Float64Array(width * height);
  for (let p = 0; p < pixels.length; p++) pixels[p] = intensity(p % width - x, Math.floor(p / width) - y);
  return { pixels, width, height };
}

/** A place relative to another, in the unit of what is asked. */
export interface Offset {
  /** Along x. */
  dx: number;
  /** Along y. */
  dy: number;
}

/**
 * Returns a place in a galaxy relative to its centre in arcsec, drawn from its light without pixels: the share of a
 * Sersic profile's light inside r is P(2n, b (r / R_e)^(1/n)), so b (r / R_e)^(1/n) follows the gamma distribution of
 * shape 2n.
 * @param part draws from the disk alone with `"disk"`. Default `"all"`.
 */
export function drawOffset(galaxy: Galaxy, random: Random, part: "all" | "disk" = "all"): Offset {
  const profiles = profilesOf(galaxy, 1, "drawOffset");
  const { index, effectiveRadius, axisRatio = 1, positionAngle = 0 } =
    part === "all" && random.uniform() < galaxy.bulgeFraction ? profiles.bulge : profiles.disk;
  const radius = effectiveRadius * Math.pow(random.gamma(2 * index) / sersicB(index), index);
  const angle = random.uniform(0, 2 * Math.PI), along = radius * Math.cos(angle);
  const across = radius * axisRatio * Math.sin(angle);
  const cos = Math.cos(positionAngle), sin = Math.sin(positionAngle);
  return { dx: along * cos - across * sin, dy: along * sin + across * cos };
}

/**
 * Returns the column and row of a pixel drawn with probability proportional to its value.
 * @throws EphemeraError when a pixel is negative or no number, or when all are zero.
 */
export function drawPixel(image: PixelImage, random: Random): { x: number; y: number } {
  const { pixels, width } = image;
  const pixel = random.choice(Uint32Array.from({ length: pixels.length }, (_, p) => p), { weights: pixels });
  return { x: pixel % width, y: Math.floor(pixel / width) };
}

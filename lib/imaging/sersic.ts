/** Sersic's law for the light of galaxies: its constants, its integrals and its images. */
import { demand } from "../core/mod.ts";
import { logGamma, regularisedGammaLower } from "../numerics/mod.ts";
import type { Image } from "./image.ts";
import { type Frame, frameOf, integrateOverPixels } from "./pixel_integral.ts";

/**
 * A profile I(r) = I_e exp(-b_n ((r / R_e)^(1/n) - 1)) (Sersic 1963) on ellipses: n = 1 an exponential disk, n = 4 a
 * bulge of de Vaucouleurs. r is the half long axis of the ellipse through a point.
 */
export interface SersicProfile {
  /** Sersic's index n, 0.2 to 10. */
  index: number;
  /** Half long axis of the ellipse that holds half of the light, pixels or arcsec. */
  effectiveRadius: number;
  /** Short axis over long axis, above 0, at most 1. Default 1. */
  axisRatio?: number;
  /** Angle of the long axis in radians, from x towards y. Default 0. */
  positionAngle?: number;
}

const known = new Map<number, number>();

/**
 * Returns b_n, with which half of the light lies inside R_e: the root of P(2n, b) = 1/2, P the regularised lower
 * incomplete gamma function, by Newton's method from the series of Ciotti & Bertin (1999, A&A 352, 447).
 * @param index n, 0.2 to 10.
 * @throws EphemeraError outside that range.
 *
 * @example
 * ```ts
 * import { sersicB } from "ephemera/imaging";
 * import assert from "node:assert/strict";
 * assert.equal(sersicB(1).toFixed(6), "1.678347");
 * assert.equal(sersicB(4).toFixed(6), "7.669249");
 * ```
 */
export function sersicB(index: number): number {
  demand(index >= 0.2 && index <= 10, () => ({
    expected: "a Sersic index from 0.2 to 10",
    found: String(index),
    where: "sersicB",
  }));
  const kept = known.get(index);
  if (kept !== undefined) return kept;
  const shape = 2 * index;
  let b = Math.max(1e-2, shape - 1 / 3 + 4 / (405 * index) + 46 / (25515 * index * index));
  let low = 0, high = shape + 1; // the median of a gamma distribution is below its mean
  for (let step = 0; step < 100; step++) {
    const excess = regularisedGammaLower(shape, b) - 0.5;
    if (excess > 0) high = b;
    else low = b;
    const density = Math.exp((shape - 1) * Math.log(b) - b - logGamma(shape));
    const newton = b - excess / density, next = newton > low && newton < high ? newton : (low + high) / 2;
    const done = Math.abs(next - b) <= 4e-16 * b;
    b = next;
    if (done) break;
  }
  // A sampler asks with ever new indices; the few that models use come first.
  if (known.size < 64) known.set(index, b);
  return b;
}

function checkProfile(profile: SersicProfile, where: string): Required<SersicProfile> {
  const { index, effectiveRadius, axisRatio = 1, positionAngle = 0 } = profile;
  demand(effectiveRadius > 0 && Number.isFinite(effectiveRadius), () => ({
    expected: "a positive effective radius",
    found: String(effectiveRadius),
    where,
    remedy: "leave out catalogue entries with a radius of 0, which failed fits have",
  }));
  demand(axisRatio > 0 && axisRatio <= 1 && Number.isFinite(positionAngle), () => ({
    expected: "an axis ratio above 0, at most 1, and a finite position angle",
    found: `axis ratio ${axisRatio}, position angle ${positionAngle}`,
    where,
  }));
  return { index, effectiveRadius, axisRatio, positionAngle };
}

/** Returns the total light of a profile whose intensity at R_e is 1: 2 pi n q R_e^2 e^b b^(-2n) Gamma(2n). */
export function sersicTotal(profile: SersicProfile): number {
  const { index, effectiveRadius, axisRatio } = checkProfile(profile, "sersicTotal"), b = sersicB(index);
  const logarithm = b - 2 * index * Math.log(b) + logGamma(2 * index);
  return 2 * Math.PI * index * axisRatio * effectiveRadius * effectiveRadius * Math.exp(logarithm);
}

/** Returns the share of the light inside the ellipse whose half long axis is `radius`: P(2n, b (r / R_e)^(1/n)). */
export function sersicEnclosed(profile: SersicProfile, radius: number): number {
  const { index, effectiveRadius } = checkProfile(profile, "sersicEnclosed");
  demand(radius >= 0, () => ({
    expected: "a radius that is not negative",
    found: String(radius),
    where: "sersicEnclosed",
  }));
  return regularisedGammaLower(2 * index, sersicB(index) * Math.pow(radius / effectiveRadius, 1 / index));
}

/**
 * Returns a function of (dx, dy), the offset from the centre in the unit of R_e, that is the intensity in units of
 * that at R_e.
 * @throws EphemeraError for an index, a radius or an axis ratio out of range.
 */
export function sersicIntensity(profile: SersicProfile): (dx: number, dy: number) => number {
  const { index, effectiveRadius, axisRatio, positionAngle } = checkProfile(profile, "sersicIntensity");
  const b = sersicB(index), power = 1 / (2 * index), square = 1 / (effectiveRadius * effectiveRadius);
  const cos = Math.cos(positionAngle), sin = Math.sin(positionAngle), flattening = 1 / axisRatio;
  return (dx, dy) => {
    const along = dx * cos + dy * sin, across = (dy * cos - dx * sin) * flattening;
    return Math.exp(b - b * Math.pow((along * along + across * across) * square, power));
  };
}

/** Options of {@link sersicImage}. */
export interface SersicImageOptions extends Frame {
  /**
   * Pixels are divided until a division changes a part by less than this share of the total light; errors stay within
   * about ten times it. Default 1e-8.
   */
  tolerance?: number;
}

/**
 * Returns the image of a profile of total light 1, R_e in pixels, integrated over each pixel by quadrature that grows
 * finer towards the cusp; light outside the frame is lost.
 * @throws EphemeraError for an index, a radius or an axis ratio out of range, and for sides that are not whole.
 */
export function sersicImage(profile: SersicProfile, options: SersicImageOptions = {}): Image {
  const frame = frameOf(options, "sersicImage"), { tolerance = 1e-8 } = options;
  demand(tolerance > 0, { expected: "a positive tolerance", found: String(tolerance), where: "sersicImage" });
  const intensity = sersicIntensity(profile), total = sersicTotal(profile);
  return integrateOverPixels((dx, dy) => intensity(dx, dy) / total, frame, tolerance);
}

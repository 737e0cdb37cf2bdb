/**
 * The light curve of a single peak with a tail, from numbers that are published: rise time, decline in
 * fifteen days, tail.
 */
import { demand } from "../../core/mod.ts";

/** What {@link peakedCurve} is made of. */
export interface PeakedCurve {
  /** Days at rest from first light to maximum. */
  rise: number;
  /** Magnitudes by which it is fainter fifteen days after maximum. */
  decline15: number;
  /** Flux of the late exponential tail, extended back to maximum, as a share of the maximum. */
  tailShare: number;
  /** Decline of the tail, magnitudes in 100 days. */
  tailDecline: number;
  /** Power of the time since first light with which it starts. Default 2. */
  power?: number;
}

/**
 * Returns the magnitudes below maximum at a phase in days at rest, Infinity before first light.
 *
 * Flux over maximum: before maximum (1 - (p / rise)^2)^power; after it g + q (1 - g) e^(-p / tau) with a
 * Gaussian g whose width
 * is such that the decline in fifteen days comes out; q is the share of the tail. Both sides are level at
 * maximum.
 *
 * @throws EphemeraError when the tail alone is brighter after fifteen days than the decline allows, or a
 * number is not positive.
 *
 * @example
 * ```ts
 * import { peakedCurve } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const curve = peakedCurve({ rise: 17, decline15: 1.1, tailShare: 0.1, tailDecline: 1.5 });
 * assert.ok(Math.abs(curve(15) - 1.1) < 1e-12 && curve(0) === 0 && curve(-17) === Infinity);
 * ```
 */
export function peakedCurve(
  { rise, decline15, tailShare, tailDecline, power = 2 }: PeakedCurve,
): (phase: number) => number {
  const fade = tailDecline / 100 * Math.LN10 / 2.5, tail = tailShare * Math.exp(-15 * fade);
  const gaussian = (Math.pow(10, -0.4 * decline15) - tail) / (1 - tail);
  demand(rise > 0 && power > 0 && tailShare >= 0 && gaussian > 0 && gaussian < 1, () => ({
    expected: "a positive rise and a decline that a peak with such a tail can have",
    found: `rise ${rise}, decline ${decline15}, tail share ${tailShare}, tail decline ${tailDecline}`,
    where: "peakedCurve",
  }));
  const curvature = -Math.log(gaussian) / 225;
  return (phase) => {
    if (phase <= -rise) return Infinity;
    if (phase < 0) return -2.5 * power * Math.log10(1 - (phase / rise) ** 2);
    const g = Math.exp(-curvature * phase * phase);
    return -2.5 * Math.log10(g + tailShare * (1 - g) * Math.exp(-fade * phase));
  };
}

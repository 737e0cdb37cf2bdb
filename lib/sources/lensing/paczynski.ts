/** A point source that passes a point lens (Paczynski 1986, ApJ 304, 1). */
import { demand } from "../../core/mod.ts";
import { pointLensMagnification } from "../unclassified/outburst.ts";

/** How a source passes a lens on a straight line. */
export interface LensPassage {
  /** Time of the closest approach, MJD. */
  peak: number;
  /** Time in days in which the source crosses one Einstein radius. */
  timescale: number;
  /** Least distance in Einstein radii. */
  impact: number;
}

/**
 * Returns the magnification at a time (MJD) of a passage, (u^2 + 2) / (u sqrt(u^2 + 4)) with u^2 = u_0^2 +
 * ((t - t_0) / t_E)^2.
 * @throws EphemeraError unless the timescale and the impact parameter are positive.
 *
 * @example
 * ```ts
 * import { passageMagnification } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * const magnification = passageMagnification({ peak: 60000, timescale: 20, impact: 1 });
 * assert.ok(Math.abs(magnification(60000) - 3 / Math.sqrt(5)) < 1e-12);
 * ```
 */
export function passageMagnification(passage: LensPassage): (time: number) => number {
  const { peak, timescale, impact } = passage;
  demand(timescale > 0 && impact > 0, () => ({
    expected: "a positive timescale and impact parameter",
    found: `timescale ${timescale}, impact ${impact}`,
    where: "passageMagnification",
  }));
  return (time) => pointLensMagnification(Math.hypot(impact, (time - peak) / timescale));
}

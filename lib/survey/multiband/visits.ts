/** The visits of a survey to one place on the sky, as columns, and what each of them can measure. */
import { FLUXCAL_ZERO_POINT, fluxOf } from "../../astronomy/mod.ts";
import { demand } from "../../core/mod.ts";

/**
 * Visits in time order; all columns have the same length. Columns are shared between the objects of a field: read them,
 * never write into them. Fluxes are FLUXCAL (AB, zero point 27.5), outside the atmosphere.
 */
export interface Visits {
  /** MJD of mid-exposure, ascending; equal times in different bands are legal. */
  readonly time: Float64Array;
  /** Index into the survey's bands. */
  readonly band: Uint8Array;
  /** Magnitude of a point source that this visit measures at a signal-to-noise ratio of 5. */
  readonly depth: Float64Array;
  /** Standard deviation of the flux of a source of flux zero: sky, read-out and dark current under the point-spread function. */
  readonly background: Float64Array;
  /** Photoelectrons per unit of flux; infinite where the photon noise of the source is left out. */
  readonly gain: Float64Array;
  /** Total flux above which the detector saturates; infinite when it never does. */
  readonly saturation: Float64Array;
}

/** One visit, for {@link visitsFrom}. */
export interface Visit {
  /** MJD of mid-exposure. */
  time: number;
  /** Index into the survey's bands. */
  band: number;
  /** Magnitude at which a point source has a signal-to-noise ratio of 5. */
  depth: number;
  /** Magnitude of a source that gives one photoelectron in this visit; Infinity leaves its photon noise out. */
  zeroPoint: number;
  /** Magnitude above the atmosphere at which a source saturates; -Infinity for never. */
  saturation: number;
}

/**
 * Returns the noise of an empty place in FLUXCAL for a 5-sigma depth, when the photon noise of the source is part of
 * what makes 5 sigma: F5 / 5 = sqrt(b^2 + F5 / g), so b^2 = (F5 / 5)^2 - F5 / g with F5 the flux at the depth.
 * @param gain photoelectrons per unit of flux.
 * @returns NaN when a source at the depth has fewer than 25 photoelectrons: then no sky is dark enough.
 */
export function backgroundOf(depth: number, gain: number): number {
  const faintest = fluxOf(depth, FLUXCAL_ZERO_POINT);
  return Math.sqrt(faintest * faintest / 25 - faintest / gain);
}

/**
 * Returns visits as columns, in time order.
 * @param where their name in messages.
 * @throws EphemeraError for a depth and zero point that exclude each other.
 */
export function visitsFrom(rows: readonly Visit[], where = "visits"): Visits {
  const sorted = rows.toSorted((a, b) => a.time - b.time || a.band - b.band), n = sorted.length;
  const visits = {
    time: Float64Array.from(sorted, (row) => row.time),
    band: Uint8Array.from(sorted, (row) => row.band),
    depth: Float64Array.from(sorted, (row) => row.depth),
    background: new Float64Array(n),
    gain: Float64Array.from(sorted, (row) => Math.pow(10, 0.4 * (row.zeroPoint - FLUXCAL_ZERO_POINT))),
    saturation: Float64Array.from(sorted, (row) => fluxOf(row.saturation, FLUXCAL_ZERO_POINT)),
  };
  for (let i = 0; i < n; i++) {
    const background = backgroundOf(sorted[i].depth, visits.gain[i]);
    demand(background >= 0, () => ({
      expected: "a depth at which a source gives at least 25 photoelectrons",
      found: `a depth of ${sorted[i].depth} with a zero point of ${sorted[i].zeroPoint} magnitudes`,
      where: `${where}, at MJD ${sorted[i].time}`,
      remedy: "give the magnitude of one photoelectron in the whole visit as the zero point",
    }));
    visits.background[i] = background;
  }
  return visits;
}

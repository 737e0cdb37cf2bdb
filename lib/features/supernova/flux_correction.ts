import { demand } from "../../core/mod.ts";
import type { ObjectCurve } from "../object_feature.ts";

/**
 * Distance modulus at redshift 0.3 in the WMAP5 cosmology (H0 70.2, Omega_m 0.277): where paper 001 puts all
 * its supernovae.
 */
export const REFERENCE_MODULUS = 40.96016887389868;

/** Redshifts below this are too uncertain to set a distance; their fluxes are not scaled. */
export const LEAST_REDSHIFT = 0.003;

/** What {@link correctSupernovaFluxes} needs to know of an object. */
export interface FluxCorrection {
  /** Milky Way extinction in each band, magnitudes, in the order of the bands. Default none. */
  extinction?: ArrayLike<number>;
  /** Redshift of the host; below 0.003, or unknown, the distance is not corrected. */
  redshift?: number;
  /** Distance modulus at that redshift, magnitudes. Needed with a redshift of 0.003 or more. */
  distanceModulus?: number;
}

/**
 * Fluxes and errors freed of dust and scaled to redshift 0.3, as paper 001 (section 4.4.1) prepares them for
 * the supernova model: times `10^(0.4 A_b)` and `10^(0.4 (mu(z) - mu(0.3)))`. Times are left as observed; the
 * paper does not divide them by 1 + z.
 *
 * @returns a new object; the columns that do not change are shared.
 */
export function correctSupernovaFluxes(object: ObjectCurve, correction: FluxCorrection): ObjectCurve {
  const { extinction, redshift, distanceModulus } = correction;
  demand(extinction === undefined || extinction.length === object.bands.length, () => ({
    expected: `an extinction for each of ${object.bands.length} bands`,
    found: `${extinction!.length}`,
    where: "correctSupernovaFluxes",
  }));
  const far = redshift !== undefined && redshift >= LEAST_REDSHIFT;
  demand(!far || Number.isFinite(distanceModulus), {
    expected: `a distance modulus with redshift ${redshift}`,
    found: `${distanceModulus}`,
    where: "correctSupernovaFluxes",
  });
  const distance = far ? distanceModulus! - REFERENCE_MODULUS : 0;
  const factor = object.bands.map((_, b) => 10 ** (0.4 * ((extinction?.[b] ?? 0) + distance)));
  const scaled = (column: Float64Array) => column.map((v, i) => v * factor[object.band[i]]);
  return { ...object, value: scaled(object.value), error: object.error && scaled(object.error) };
}

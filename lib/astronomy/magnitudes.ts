/** Magnitudes and fluxes. A zero point is the magnitude of unit flux: m = zp - 2.5 log10(f). */
import { demand } from "../core/mod.ts";

/** Zero point of fluxes in janskys on the AB scale, 2.5 log10(3631) (Oke & Gunn 1983). */
export const AB_JANSKY_ZERO_POINT: number = 2.5 * Math.log10(3631);

/** Zero point of SNANA's FLUXCAL, also that of PLAsTiCC and ELAsTiCC. */
export const FLUXCAL_ZERO_POINT = 27.5;

/** 2.5 / ln 10: magnitudes per relative change of flux. */
export const POGSON = 2.5 / Math.LN10;

/** Returns the magnitude of a flux; NaN for a flux that is not positive, for it has none. */
export function magnitudeOf(flux: number, zeroPoint: number): number {
  return flux > 0 ? zeroPoint - 2.5 * Math.log10(flux) : NaN;
}

/** Returns the flux of a magnitude. */
export function fluxOf(magnitude: number, zeroPoint: number): number {
  return Math.pow(10, 0.4 * (zeroPoint - magnitude));
}

/** Returns the first-order error in magnitudes of a flux with an error: 2.5 / ln 10 error / flux. */
export function magnitudeErrorOf(flux: number, fluxError: number): number {
  return flux > 0 ? POGSON * fluxError / flux : NaN;
}

/** Returns the first-order error of the flux of a magnitude with an error, for a flux known. */
export function fluxErrorOf(flux: number, magnitudeError: number): number {
  return flux * magnitudeError / POGSON;
}

/**
 * Returns the asinh magnitude ("luptitude") of a flux, which any flux has: near a magnitude when the flux is well above
 * the softening, near linear below: m = zp - 2.5/ln 10 (asinh(f / 2b) + ln b) (Lupton, Gunn & Szalay 1999).
 * @param softening b in units of the flux, about the noise of the sky; positive.
 */
export function asinhMagnitude(flux: number, zeroPoint: number, softening: number): number {
  demand(softening > 0, () => ({
    expected: "a positive softening",
    found: String(softening),
    where: "asinhMagnitude",
  }));
  return zeroPoint - POGSON * (Math.asinh(flux / (2 * softening)) + Math.log(softening));
}

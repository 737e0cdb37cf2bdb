/**
 * Gaia photometry of a star from its colour. All relations are means; the populations add scatter where they use them.
 */
import { interpolate } from "./draws.ts";

/**
 * Returns V - G of a star of colour C = BP - RP (Gaia DR2 documentation, section 5.3.7:
 * G - V = -0.01760 - 0.006860 C - 0.1732 C^2, valid for -0.5 < C < 2.75; held at its end beyond 3.5).
 */
export function vMinusG(colour: number): number {
  const c = Math.min(3.5, Math.max(-0.5, colour));
  return 0.0176 + 0.00686 * c + 0.1732 * c * c;
}

/** Returns G - RP of a star of colour C = BP - RP: 0.668 C - 0.0853 C^2, our parabola through A0, G2 and M4 dwarfs. */
export function gMinusRp(colour: number): number {
  const c = Math.min(3.9, Math.max(-0.5, colour));
  return 0.668 * c - 0.0853 * c * c;
}

/** Extinction in G and RP for unit reddening E(BP - RP); RP's is the factor of the Wesenheit magnitude. */
export const EXTINCTION_PER_REDDENING = { v: 2.3, g: 2.0, rp: 1.3 } as const;

/**
 * Returns the Wesenheit magnitude W_RP = M_RP - 1.3 (BP - RP), which dust does not change (Lebzelter et al. 2018).
 * @param absoluteMagnitude M_G in magnitudes.
 * @param colour BP - RP in magnitudes.
 */
export function wesenheit(absoluteMagnitude: number, colour: number): number {
  return absoluteMagnitude - gMinusRp(colour) - 1.3 * colour;
}

const MAIN_SEQUENCE = [
  [-0.3, -1.5],
  [0, 1.1],
  [0.3, 2.4],
  [0.5, 3.0],
  [0.82, 4.67],
  [1.0, 5.6],
  [1.5, 7.2],
  [2.0, 8.5],
  [2.5, 9.8],
  [3.0, 11.0],
] as const;

/** Returns M_G of a dwarf of colour BP - RP, linear between ten points of the main sequence (after Pecaut & Mamajek 2013). */
export function mainSequenceMagnitude(colour: number): number {
  return interpolate(MAIN_SEQUENCE, colour);
}

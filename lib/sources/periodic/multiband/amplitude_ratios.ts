/** How much, and how late, each kind of star varies at each wavelength, relative to V. */
import { interpolate } from "../draws.ts";

/** Amplitude over that in V, and lag in cycles behind V, against wavelength in angstroms; held beyond the ends. */
export interface BandScaling {
  /** [wavelength, amplitude over the V amplitude]. */
  readonly amplitude: readonly (readonly [number, number])[];
  /** [wavelength, cycles by which the curve comes after that in V]. */
  readonly lag: readonly (readonly [number, number])[];
  /** Where the numbers come from. */
  readonly reference: string;
}

/** Returns the amplitude at a wavelength (angstroms) over that in V. */
export function amplitudeRatio(scaling: BandScaling, wavelength: number): number {
  return interpolate(scaling.amplitude, wavelength);
}

/** Returns the cycles by which the curve at a wavelength (angstroms) comes after the curve in V. */
export function phaseLag(scaling: BandScaling, wavelength: number): number {
  return interpolate(scaling.lag, wavelength);
}

/**
 * RRab stars. Amplitudes over g are medians of Fourier fits to 116 stars of SDSS Stripe 82 (Sesar et al. 2010): u 0.947, r
 * 0.717, i 0.576, z 0.525, here divided by V's 0.86, so that I / V = 0.64 as Kunder et al. (2013) find. The first harmonic
 * lags g by 0.018 cycles in r, 0.036 in i, 0.047 in z, the maximum by less than 0.01: half the former is the lag.
 */
export const RR_LYRAE_AB_SCALING: BandScaling = {
  amplitude: [[3560, 1.1], [4770, 1.163], [5490, 1], [6230, 0.834], [7620, 0.67], [9130, 0.61], [9750, 0.59]],
  lag: [[3560, -0.011], [4770, -0.005], [5490, 0], [6230, 0.004], [7620, 0.013], [9130, 0.019]],
  reference: "Sesar et al. 2010, ApJ 708, 717; Kunder et al. 2013, AJ 146, 119",
};

/** RRc and RRd stars: u 0.892, r 0.718, i 0.551, z 0.483 of g, medians of 65 RRc stars of Stripe 82; little lag. */
export const RR_LYRAE_C_SCALING: BandScaling = {
  amplitude: [[3560, 1.037], [4770, 1.163], [5490, 1], [6230, 0.835], [7620, 0.641], [9130, 0.562], [
    9750,
    0.54,
  ]],
  lag: [[3560, -0.006], [4770, -0.002], [5490, 0], [6230, 0.001], [7620, 0.005], [9130, 0.01]],
  reference: "Sesar et al. 2010, ApJ 708, 717",
};

/** Cepheids of both kinds: B 1.48, R 0.78, I 0.60, J 0.38 of V; I lags V by 0.03 cycles, J by 0.1. */
export const CEPHEID_SCALING: BandScaling = {
  amplitude: [[3560, 2], [4450, 1.48], [5490, 1], [6400, 0.8], [7980, 0.6], [9130, 0.53], [12350, 0.38]],
  lag: [[3560, -0.025], [4450, -0.013], [5490, 0], [6400, 0.012], [7980, 0.03], [12350, 0.1]],
  reference:
    "Klagyivik & Szabados 2009, A&A 504, 959; Freedman 1988, ApJ 326, 691; Soszynski et al. 2005, PASP 117, 823",
};

/** Delta Scuti stars: hotter, so that the amplitude falls more slowly than in Cepheids; lags are below 0.02 cycles. */
export const DELTA_SCUTI_SCALING: BandScaling = {
  amplitude: [[3560, 1.1], [4450, 1.3], [5490, 1], [6400, 0.8], [7980, 0.6], [9130, 0.55], [9750, 0.53]],
  lag: [[3560, 0.01], [4450, -0.004], [5490, 0], [7980, 0.012]],
  reference: "Garrido, Garcia-Lobo & Rodriguez 1990, A&A 234, 262; Balona & Evers 1999, MNRAS 302, 349",
};

/**
 * Mira stars: molecules whose bands come and go with temperature, titanium oxide foremost, make the amplitude fall steeply to
 * the red (I 0.5, J 0.2 of V), and the infrared lags V by a tenth of a cycle.
 */
export const MIRA_SCALING: BandScaling = {
  amplitude: [[3560, 0.85], [4450, 1], [5490, 1], [6400, 0.85], [7980, 0.5], [9130, 0.38], [9750, 0.33], [
    12350,
    0.2,
  ]],
  lag: [[4450, 0], [5490, 0], [7980, 0.04], [9130, 0.06], [12350, 0.1]],
  reference:
    "Smith, Leisawitz, Castelaz & Luttermoser 2002, AJ 123, 948; Reid & Goldston 2002, ApJ 568, 931; Lockwood & Wing 1971, ApJ 169, 63",
};

/** Semi-regular giants: I 0.55 of V (Percy et al. 2001), no lag found. */
export const SEMI_REGULAR_SCALING: BandScaling = {
  amplitude: [[3560, 0.9], [4450, 1.05], [5490, 1], [6400, 0.83], [7980, 0.55], [9130, 0.44], [9750, 0.4]],
  lag: [[5490, 0]],
  reference: "Percy, Wilson & Henry 2001, PASP 113, 983; Smith 2013, JAAVSO 41, 15",
};

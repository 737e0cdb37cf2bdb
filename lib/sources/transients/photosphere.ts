/**
 * Spectra of opaque spheres: black bodies whose temperature and radius change, with light taken away by
 * lines.
 */
import type { Passband } from "../../astronomy/mod.ts";
import { bandNodes } from "./band_nodes.ts";
import { type SpectralModel, TEN_PARSEC_SPHERE } from "./spectral_series.ts";

/** A sphere that shines as a black body. */
export interface Photosphere {
  /** Effective temperature, kelvin. */
  temperature: number;
  /** Radius, cm. */
  radius: number;
}

/** What lines do to a continuum: a factor at each wavelength that may change with phase and temperature. */
export interface Blanketing {
  /** Prepares wavelengths (angstrom, at rest); the function returned multiplies `luminosity` in place. */
  at(wavelength: Float64Array): (phase: number, temperature: number, luminosity: Float64Array) => void;
}

/** What {@link blackbodyModel} is made of. */
export interface BlackbodyOptions {
  /** Writes temperature and radius at a phase (days at rest) into `out`, which is reused. */
  photosphere: (phase: number, out: Photosphere) => void;
  /** Factors on the black body, applied in this order. Default: none. */
  blanketing?: readonly Blanketing[];
  /** First and last phase with light, days. Default: always. */
  span?: readonly [number, number];
}

/**
 * First radiation constant in L_lambda = 4 pi R^2 pi B_lambda: 8 pi^2 h c^2 in erg/s cm^-2 A^4 per angstrom
 * of bandwidth.
 */
const FIRST_RADIATION = 8 * Math.PI ** 2 * 6.62607015e-27 * 2.99792458e10 ** 2 * 1e32;

/** h c / k in angstrom kelvin. */
const SECOND_RADIATION = 1.438776877e8;

/** Stefan-Boltzmann constant, erg/s/cm^2/K^4. */
export const STEFAN_BOLTZMANN = 5.670374419e-5;

/**
 * Returns L_lambda = 4 pi R^2 pi B_lambda(T) of a sphere in erg/s/A.
 * @param wavelength angstrom. @param temperature kelvin. @param radius cm.
 */
export function blackbodyLuminosity(wavelength: number, temperature: number, radius: number): number {
  return FIRST_RADIATION * radius * radius /
    (wavelength ** 5 * Math.expm1(SECOND_RADIATION / (wavelength * temperature)));
}

/**
 * Returns the model of a black body with a photosphere that changes. Nothing is allocated at a phase.
 *
 * @example
 * ```ts
 * import { absoluteMagnitude, blackbodyModel } from "ephemera/sources";
 * import { passband } from "ephemera/astronomy";
 * import assert from "node:assert/strict";
 * const sun = blackbodyModel({ photosphere: (_, out) => Object.assign(out, { temperature: 5772, radius:
 * 6.957e10 }) });
 * assert.ok(Math.abs(absoluteMagnitude(sun, passband("sdss", "r"))(0) - 4.65) < 0.1);
 * ```
 */
export function blackbodyModel({ photosphere, blanketing = [], span }: BlackbodyOptions): SpectralModel {
  return {
    span,
    at(wavelength) {
      const n = wavelength.length, state: Photosphere = { temperature: 0, radius: 0 };
      const planck = wavelength.map((x) => FIRST_RADIATION / x ** 5);
      const exponent = wavelength.map((x) => SECOND_RADIATION / x);
      const factors = blanketing.map((entry) => entry.at(wavelength));
      return (phase, out) => {
        photosphere(phase, state);
        const inverse = 1 / state.temperature, area = state.radius * state.radius;
        for (let k = 0; k < n; k++) {
          const x = exponent[k] * inverse;
          out[k] = area * planck[k] / (x > 1 ? Math.exp(x) - 1 : Math.expm1(x));
        }
        for (const factor of factors) factor(phase, state.temperature, out);
      };
    },
  };
}

/**
 * Returns blanketing by a factor (lambda / cutoff)^power below a cutoff in angstrom, as for superluminous
 * supernovae (Nicholl et al. 2017).
 */
export function ultravioletCutoff(cutoff: number, power = 1): Blanketing {
  return {
    at(wavelength) {
      const factor = wavelength.map((x) => x < cutoff ? Math.pow(x / cutoff, power) : 1);
      return (_phase, _temperature, out) => {
        for (let k = 0; k < out.length; k++) out[k] *= factor[k];
      };
    },
  };
}

/** What {@link anchoredModel} is made of. */
export interface AnchoredOptions {
  /** The passband at rest in which the light curve is known. */
  passband: Passband;
  /** Absolute AB magnitude in that passband at a phase in days, Infinity for none. */
  magnitude: (phase: number) => number;
  /** The shape of the spectrum; its luminosity is scaled away. */
  shape: SpectralModel;
  /** First and last phase with light, days. Default: that of the shape. */
  span?: readonly [number, number];
}

/**
 * Returns a model that has the spectral shape of one model and, in one passband, a given absolute light
 * curve. So an observed light
 * curve in one band and a temperature make a spectrum in all.
 */
export function anchoredModel(
  { passband, magnitude, shape, span = shape.span }: AnchoredOptions,
): SpectralModel {
  const { wavelength: anchors, weight } = bandNodes(passband);
  return {
    span,
    at(wavelength) {
      const evaluate = shape.at(wavelength), reference = shape.at(anchors);
      const buffer = new Float64Array(anchors.length);
      return (phase, out) => {
        const target = magnitude(phase);
        if (!(target < Infinity)) {
          out.fill(0);
          return;
        }
        reference(phase, buffer);
        let sum = 0;
        for (let k = 0; k < buffer.length; k++) sum += weight[k] * buffer[k];
        const factor = Math.pow(10, -0.4 * target) * TEN_PARSEC_SPHERE / sum;
        evaluate(phase, out);
        for (let k = 0; k < out.length; k++) out[k] *= factor;
      };
    },
  };
}

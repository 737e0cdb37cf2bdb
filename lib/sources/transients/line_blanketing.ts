/**
 * What cool ejecta do to a black body: a forest of metal lines in the blue, and broad lines with a P Cygni
 * profile.
 */
import type { Blanketing } from "./photosphere.ts";

/** Parameters of {@link metalBlanketing}. */
export interface MetalBlanketingOptions {
  /** Wavelength above which nothing is taken, angstrom. Default 5500. */
  cutoff?: number;
  /**
   * Optical depth 1000 angstrom below the cutoff when the ejecta are cool; it grows with the square of the
   * distance.
   */
  depth: number;
  /** Temperature above which metals are too ionised to absorb, kelvin. Default 11000. */
  hot?: number;
  /** Temperature below which they absorb in full, kelvin. Default 6500. */
  cold?: number;
}

/** Largest optical depth of a line forest: some light always leaks between the lines. */
const LARGEST_DEPTH = 5;

/**
 * Returns the blanketing by lines of iron-group elements: a factor exp(-tau), tau = depth ((cutoff - lambda)
 * / 1000)^2 g(T) below the
 * cutoff, at most 5, where g rises from 0 at `hot` to 1 at `cold`. It imitates the deficit of blue light that
 * supernovae develop when
 * they recombine (for instance figures 8 and 9 of Dessart & Hillier 2011, MNRAS 410, 1739).
 */
export function metalBlanketing(
  { cutoff = 5500, depth, hot = 11000, cold = 6500 }: MetalBlanketingOptions,
): Blanketing {
  return {
    at(wavelength) {
      const tau = wavelength.map((x) =>
        x < cutoff ? Math.min(LARGEST_DEPTH, depth * ((cutoff - x) / 1000) ** 2) : 0
      );
      return (_phase, temperature, out) => {
        const share = (hot - temperature) / (hot - cold), strength = share < 0 ? 0 : share > 1 ? 1 : share;
        if (strength === 0) return;
        for (let k = 0; k < out.length; k++) if (tau[k] > 0) out[k] *= Math.exp(-strength * tau[k]);
      };
    },
  };
}

/** One broad line. */
export interface BroadLine {
  /** Wavelength at rest, angstrom. */
  wavelength: number;
  /** Velocity at which the absorption is deepest, km/s; the line is about as wide. */
  velocity: number;
  /** Depth of the absorption, share of the continuum, 0 to 1. */
  absorption: number;
  /** Height of the emission, share of the continuum. */
  emission: number;
}

const LIGHT = 299792.458;

/**
 * Returns blanketing by broad lines: one minus a Gaussian in absorption at the blue side of each line and
 * plus one in emission at rest,
 * both with a standard deviation of half the velocity, times a strength that may change with the phase.
 *
 * @param lines absorption is clipped so that no wavelength goes below 5 % of the continuum.
 * @param strength share of the full strength at a phase in days and a temperature, not negative. Default:
 * always 1.
 */
export function broadLines(
  lines: readonly BroadLine[],
  strength: (phase: number, temperature: number) => number = () => 1,
): Blanketing {
  return {
    at(wavelength) {
      const change = wavelength.map((x) => {
        let sum = 0;
        for (const { wavelength: rest, velocity, absorption, emission } of lines) {
          const width = rest * velocity / LIGHT / 2, centre = rest * (1 - velocity / LIGHT);
          // Beyond seven widths of either Gaussian there is less than 1e-10 of the line.
          if (x > rest + 7 * width || x < centre - 7 * width) continue;
          sum += emission * Math.exp(-(((x - rest) / width) ** 2) / 2) -
            absorption * Math.exp(-(((x - centre) / width) ** 2) / 2);
        }
        return sum;
      });
      return (phase, temperature, out) => {
        const share = strength(phase, temperature);
        if (share === 0) return;
        for (let k = 0; k < out.length; k++) out[k] *= Math.max(0.05, 1 + share * change[k]);
      };
    },
  };
}

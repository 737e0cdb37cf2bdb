/** The noise of one visit in one band, from a camera's numbers or from a depth. */
import { FLUXCAL_ZERO_POINT, fluxOf } from "../../astronomy/mod.ts";
import { demand } from "../../core/mod.ts";
import { Fields } from "../describe.ts";

/** Noise of a visit at the zenith, in the dark, in nominal seeing; fluxes are FLUXCAL, above the atmosphere. */
export interface BandNoise {
  /** Photoelectrons per unit of flux. */
  gain: number;
  /** Variance from the photons of the sky. */
  skyVariance: number;
  /** Variance from read-out. */
  readVariance: number;
}

/** What a visit suffers beyond a dark zenith in nominal seeing. */
export interface Conditions {
  /** Magnitudes by which the sky is brighter. */
  skyExcess: number;
  /** Width of the point-spread function over the nominal one. */
  seeing: number;
  /** Magnitudes lost to air and clouds. */
  loss: number;
  /** Visits added up into one observation. */
  stack: number;
}

/** A visit in nominal conditions. */
export const NOMINAL: Conditions = { skyExcess: 0, seeing: 1, loss: 0, stack: 1 };

/** What can be measured under given conditions. */
export interface Sensitivity {
  /** Photoelectrons per unit of flux. */
  gain: number;
  /** Standard deviation of the flux of an empty place. */
  background: number;
  /** Magnitude at which a point source has a signal-to-noise ratio of 5. */
  depth: number;
}

/**
 * Returns what a band measures under given conditions. The variance grows with the sky and, because the photometry weighs
 * with the point-spread function, with the square of its width; lost light counts as a lower gain.
 */
export function sensitivity(noise: BandNoise, conditions: Conditions = NOMINAL): Sensitivity {
  const { skyExcess, seeing, loss, stack } = conditions, passed = Math.pow(10, -0.4 * loss);
  const gain = noise.gain * passed * stack;
  const variance = (noise.skyVariance * Math.pow(10, 0.4 * skyExcess) + noise.readVariance) * seeing *
    seeing /
    (passed * passed * stack);
  // (F / 5)^2 = variance + F / gain, solved for F.
  const faintest = 12.5 / gain + Math.sqrt(156.25 / (gain * gain) + 25 * variance);
  return {
    gain,
    background: Math.sqrt(variance),
    depth: FLUXCAL_ZERO_POINT - 2.5 * Math.log10(faintest),
  };
}

/** Camera numbers of one visit in a band. */
export interface CameraNoise {
  /** Magnitude of a source that gives one photoelectron a second at airmass 1. */
  zeroPoint: number;
  /** Number of exposures in a visit. */
  exposures: number;
  /** Length of each, seconds. */
  exposureTime: number;
  /** Dark sky, magnitudes per square arcsecond. */
  skyBrightness: number;
  /** Nominal seeing: effective full width at half maximum, arcseconds. */
  seeing: number;
  /** Side of a pixel, arcseconds. */
  pixelScale: number;
  /** Read noise and dark current of an exposure, electrons per pixel. */
  readNoise: number;
  /** Loss per airmass, magnitudes: starlight suffers it, the light of the night sky arises below it. */
  extinction: number;
}

/**
 * Returns a band's noise from its camera: n = 2.266 (seeing / pixel)^2 effective pixels (LSST documents LSE-40 and SMTN-002),
 * each with the photons of the sky and the read noise of every exposure.
 *
 * @example
 * ```ts
 * import { cameraNoise, sensitivity } from "ephemera/survey";
 * import assert from "node:assert/strict";
 * const g = cameraNoise({ zeroPoint: 28.51, exposures: 1, exposureTime: 30, skyBrightness: 22.25, seeing: 0.87,
 *   pixelScale: 0.2, readNoise: 9, extinction: 0.21 });
 * assert.ok(Math.abs(sensitivity(g).depth - 24.97) < 0.01); // as in SMTN-002
 * ```
 */
export function cameraNoise(camera: CameraNoise): BandNoise {
  const { zeroPoint, exposures, exposureTime, skyBrightness, seeing, pixelScale, readNoise, extinction } =
    camera;
  const seconds = exposures * exposureTime, gain = fluxOf(FLUXCAL_ZERO_POINT, zeroPoint) * seconds;
  const pixels = 2.266 * (seeing / pixelScale) ** 2;
  const sky = fluxOf(skyBrightness, zeroPoint + extinction) * seconds * pixelScale * pixelScale;
  return {
    gain,
    skyVariance: pixels * sky / (gain * gain),
    readVariance: pixels * exposures * readNoise * readNoise / (gain * gain),
  };
}

/**
 * Returns a band's noise from its 5-sigma depth and the share gamma of Ivezic et al. (2019), eq. 5:
 * sigma^2 / F^2 = (0.04 - gamma) x + gamma x^2 with x = 10^(0.4 (m - depth)), all of it sky.
 */
export function depthNoise(depth: number, gamma: number): BandNoise {
  const faintest = fluxOf(depth, FLUXCAL_ZERO_POINT);
  return {
    gain: 1 / ((0.04 - gamma) * faintest),
    skyVariance: gamma * faintest * faintest,
    readVariance: 0,
  };
}

/** Reads a noise description: `{ fiveSigma, gamma }`, or the fields of {@link CameraNoise} but for the band's `extinction`. */
export function parseNoise(description: unknown, extinction: number, where: string): BandNoise {
  const fields = new Fields(description, where), simple = Object.hasOwn(description as object, "fiveSigma");
  let noise: BandNoise;
  if (simple) {
    noise = depthNoise(fields.number("fiveSigma", 0, 40), fields.number("gamma", 0, 0.04));
  } else {
    noise = cameraNoise({
      zeroPoint: fields.number("zeroPoint", 0, 50),
      exposures: fields.number("exposures", 1, 1e5),
      exposureTime: fields.number("exposureTime", 1e-3, 1e6),
      skyBrightness: fields.number("skyBrightness", 0, 40),
      seeing: fields.number("seeing", 0.01, 100),
      pixelScale: fields.number("pixelScale", 1e-3, 100),
      readNoise: fields.number("readNoise", 0, 1e4),
      extinction,
    });
  }
  fields.done();
  demand(noise.skyVariance + noise.readVariance > 0, { expected: "a sky with noise", found: "none", where });
  return noise;
}

/** What a spectrum costs: exposure time for a signal-to-noise ratio, from magnitude and airmass. */
import { demand } from "../../core/mod.ts";

/** A telescope with a spectrograph, and its sky. */
export interface Spectrograph {
  /** Electrons per second and resolution element from an object of magnitude 0 above the atmosphere. */
  rateAtZero: number;
  /** Magnitudes lost per airmass. */
  extinction: number;
  /** Brightness of the sky, magnitudes per square arcsecond. */
  skyBrightness: number;
  /** Area of sky that enters with the object, square arcseconds. */
  aperture: number;
  /** Share of the object's light that enters the aperture. */
  apertureLoss: number;
  /** Pixels that a resolution element covers. */
  pixels: number;
  /** Electrons of noise of each pixel's reading. */
  readNoise: number;
  /** Electrons per second of each pixel's dark current. */
  darkCurrent: number;
  /** Longest single exposure, seconds: longer ones are split, and each part is read. */
  longestExposure: number;
  /** Seconds for pointing, acquisition and reading, once for an object. */
  overhead: number;
}

/** Photons of magnitude 0 at 5500 angstrom, per second, square centimetre and angstrom (Bessell, Castelli & Plez 1998). */
const PHOTONS = 995;

/** Returns the electrons per second and resolution element of a star of magnitude 0 above the atmosphere. */
export function rateAtZero(
  { diameter, obstruction = 0, throughput, width }: {
    /** Diameter of the mirror, metres. */
    diameter: number;
    /** Share of the diameter that is obstructed. */
    obstruction?: number;
    /** Share of photons that become electrons. */
    throughput: number;
    /** Width of a resolution element, angstrom. */
    width: number;
  },
): number {
  return PHOTONS * Math.PI / 4 * (100 * diameter) ** 2 * (1 - obstruction ** 2) * throughput * width;
}

/** A 2.5 m telescope with a fibre of 2 arcsec and a resolution of about 1800: of the kind that took the paper's spectra. */
export const FIBRE_SPECTROGRAPH: Spectrograph = {
  rateAtZero: rateAtZero({ diameter: 2.5, obstruction: 0.5, throughput: 0.2, width: 3 }),
  extinction: 0.17,
  skyBrightness: 21.5,
  aperture: Math.PI,
  apertureLoss: 0.7,
  pixels: 9,
  readNoise: 3,
  darkCurrent: 0.001,
  longestExposure: 900,
  overhead: 300,
};

/** Options of {@link exposureTime}. */
export interface ExposureOptions {
  /** Magnitude above the atmosphere, near 5500 angstrom. */
  magnitude: number;
  /** Airmass, 1 or more. */
  airmass: number;
  /** Signal-to-noise ratio wanted in a resolution element. */
  signalToNoise: number;
  /** Default {@link FIBRE_SPECTROGRAPH}. */
  instrument?: Spectrograph;
}

/**
 * Returns the seconds of open shutter for a signal-to-noise ratio q: the solution of R t = q sqrt((R + B) t + C), with R electrons
 * per second from the object, B from sky and dark current, and C the variance of all readings. Bright objects cost in proportion
 * to their light, faint ones, limited by the sky, to its square. Exposures longer than the instrument's longest are split,
 * and each part's reading counts.
 *
 * @throws EphemeraError for a magnitude that is no number, an airmass below 1, or a ratio that is not positive
 *
 * @example
 * ```ts
 * import { exposureTime } from "ephemera/chapters/follow_up";
 * import assert from "node:assert/strict";
 * const near = exposureTime({ magnitude: 16, airmass: 1, signalToNoise: 20 });
 * const low = exposureTime({ magnitude: 16, airmass: 2, signalToNoise: 20 });
 * assert.ok(near > 1 && low > near);
 * ```
 */
export function exposureTime(options: ExposureOptions): number {
  const { magnitude, airmass, signalToNoise: q, instrument = FIBRE_SPECTROGRAPH } = options;
  demand(Number.isFinite(magnitude) && airmass >= 1 && Number.isFinite(airmass) && q > 0, () => ({
    expected: "a finite magnitude, an airmass of at least 1 and a positive signal-to-noise ratio",
    found: `${magnitude}, ${airmass}, ${q}`,
    where: "exposureTime",
  }));
  const { object, background, reading } = rates(magnitude, airmass, instrument);
  let time = 0;
  for (let parts = 1; parts <= 100_000; parts++) {
    const noise = q * q * (object + background), fixed = q * q * parts * reading;
    time = (noise + Math.sqrt(noise * noise + 4 * object * object * fixed)) / (2 * object * object);
    if (time <= parts * instrument.longestExposure) return time;
    // More parts read more noise: never fewer than this time already needs.
    parts = Math.max(parts, Math.ceil(time / instrument.longestExposure) - 1);
  }
  return time;
}

/** Returns the signal-to-noise ratio after `seconds` of open shutter; the inverse of {@link exposureTime}. */
export function signalToNoise(
  { magnitude, airmass, seconds, instrument = FIBRE_SPECTROGRAPH }: {
    magnitude: number;
    airmass: number;
    seconds: number;
    instrument?: Spectrograph;
  },
): number {
  const { object, background, reading } = rates(magnitude, airmass, instrument);
  const parts = Math.max(1, Math.ceil(seconds / instrument.longestExposure - 1e-9));
  return object * seconds / Math.sqrt((object + background) * seconds + parts * reading);
}

/** Returns what an object costs in all, seconds: open shutter and overhead. */
export function observingTime(options: ExposureOptions): number {
  return exposureTime(options) + (options.instrument ?? FIBRE_SPECTROGRAPH).overhead;
}

function rates(magnitude: number, airmass: number, instrument: Spectrograph) {
  const { extinction, skyBrightness, aperture, apertureLoss, pixels, darkCurrent, readNoise } = instrument;
  const rate = (m: number) => instrument.rateAtZero * Math.pow(10, -0.4 * m);
  return {
    object: apertureLoss * rate(magnitude + extinction * airmass),
    background: aperture * rate(skyBrightness) + pixels * darkCurrent,
    reading: pixels * readNoise * readNoise,
  };
}

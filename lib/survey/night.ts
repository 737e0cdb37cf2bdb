/** What every night of an observatory has: its middle, its dark time, and clouds with memory. */
import { hourAngleLimit, siderealTime, sunPosition, wrapDegrees } from "../astronomy/mod.ts";
import type { Random } from "../core/mod.ts";

/** Degrees that a star turns in one day of solar time. */
export const STAR_TURN = 360.98564736629;

/** Returns an angle in degrees brought to [-180, 180). */
export function wrapHalf(angle: number): number {
  return wrapDegrees(angle + 180) - 180;
}

/**
 * Returns the MJD of the Sun's lower culmination nearest to `day` at an east longitude in degrees, and half the length of the
 * time in days when the Sun is below `sunAltitude` around it: 0 when it never is.
 */
export function nightAt(
  day: number,
  site: { longitude: number; latitude: number },
  sunAltitude: number,
): { midnight: number; darkHalf: number } {
  const mean = day - site.longitude / 360, sun = sunPosition(mean);
  return {
    // The Sun culminates below when its hour angle is 180 degrees: the equation of time, found in one step.
    midnight: mean + wrapHalf(sun.ra + 180 - siderealTime(mean) - site.longitude) / STAR_TURN,
    darkHalf: (180 - hourAngleLimit(sun.dec, site.latitude, sunAltitude)) / 360,
  };
}

/**
 * Returns a function that says of one night after another whether it is clear.
 * @param clearFraction share of clear nights, 0 to 1.
 * @param memory mean length of a cloudy spell in nights, at least 1.
 */
export function weather(random: Random, clearFraction: number, memory: number): () => boolean {
  // Leaving the clouds has probability 1 / memory a night; entering them follows from the share of clear nights.
  const leave = 1 / memory;
  const enter = clearFraction >= 1
    ? 0
    : Math.min(1, leave * (1 - clearFraction) / Math.max(1e-9, clearFraction));
  let next = random.uniform() < clearFraction;
  return () => {
    const clear = next;
    next = clear ? random.uniform() >= enter : random.uniform() < leave;
    return clear;
  };
}

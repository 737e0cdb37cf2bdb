/** How the Moon brightens the sky: the shape of Krisciunas & Schaefer (1991, PASP 103, 1033), scaled band by band. */
import { altitude, angularSeparation, type SkyPosition } from "../../astronomy/mod.ts";
import type { Night } from "./nights.ts";

const DEGREE = Math.PI / 180;

/** Extinction in V of the model, magnitudes per airmass. */
const EXTINCTION = 0.172;

/**
 * Returns the moonlight scattered at a place in nanolamberts: equations 15, 20 and 21 of Krisciunas & Schaefer, without the
 * opposition surge.
 * @param illumination lit fraction of the Moon.
 * @param separation degrees between Moon and place.
 * @param moonAltitude of the Moon, degrees; no light from below the horizon.
 * @param placeAltitude of the place, degrees.
 */
export function moonBrightness(
  illumination: number,
  separation: number,
  moonAltitude: number,
  placeAltitude: number,
): number {
  if (moonAltitude <= 0) return 0;
  const phase = Math.acos(Math.max(-1, Math.min(1, 2 * illumination - 1))) / DEGREE;
  const light = Math.pow(10, -0.4 * (3.84 + 0.026 * phase + 4e-9 * Math.pow(phase, 4)));
  const rayleigh = Math.pow(10, 5.36) * (1.06 + Math.cos(separation * DEGREE) ** 2);
  const mie = separation > 10
    ? Math.pow(10, 6.15 - separation / 40)
    : 6.2e7 / (Math.max(1, separation) * Math.max(1, separation));
  const towardsMoon = Math.pow(10, -0.4 * EXTINCTION * pathLength(moonAltitude));
  return light * (rayleigh + mie) * towardsMoon *
    (1 - Math.pow(10, -0.4 * EXTINCTION * pathLength(placeAltitude)));
}

/** X = (1 - 0.96 sin^2 Z)^(-1/2), equation 3. */
function pathLength(altitudeDegrees: number): number {
  return 1 / Math.sqrt(1 - 0.96 * Math.cos(altitudeDegrees * DEGREE) ** 2);
}

/** The brightness to which a band's `moonSky` refers: full Moon at 45 degrees, 90 degrees away from a place at 45 degrees. */
const FULL = moonBrightness(1, 90, 45, 45);

/** Returns by how many magnitudes the Moon brightens the sky at a place and time. */
export function moonExcess(
  place: SkyPosition,
  night: Night,
  time: number,
  site: { latitude: number; longitude: number },
  moonSky: number,
): number {
  const moonAltitude = altitude(night.moon, time, site.longitude, site.latitude);
  if (moonAltitude <= 0) return 0;
  const placeAltitude = altitude(place, time, site.longitude, site.latitude);
  const brightness = moonBrightness(
    night.illumination,
    angularSeparation(place, night.moon),
    moonAltitude,
    placeAltitude,
  );
  return 2.5 * Math.log10(1 + (Math.pow(10, 0.4 * moonSky) - 1) * brightness / FULL);
}

import type { SkyPosition } from "./ephemerides.ts";
import { wrapDegrees } from "./ephemerides.ts";

const DEGREE = Math.PI / 180;

/** Returns Greenwich mean sidereal time in degrees at `mjd` (UT1; IAU 1982, linear terms). */
export function siderealTime(mjd: number): number {
  return wrapDegrees(280.46061837 + 360.98564736629 * (mjd - 51544.5));
}

/** Returns the altitude in degrees of a place on the sky, seen at `mjd` from an east longitude and a latitude in degrees. */
export function altitude(place: SkyPosition, mjd: number, longitude: number, latitude: number): number {
  const hourAngle = (siderealTime(mjd) + longitude - place.ra) * DEGREE;
  const dec = place.dec * DEGREE, lat = latitude * DEGREE;
  return Math.asin(
    Math.sin(dec) * Math.sin(lat) + Math.cos(dec) * Math.cos(lat) * Math.cos(hourAngle),
  ) / DEGREE;
}

/**
 * Returns the largest hour angle in degrees at which a star of declination `dec` stands above `limit` degrees of
 * altitude for the latitude: 0 when it never does, 180 when it always does.
 */
export function hourAngleLimit(dec: number, latitude: number, limit: number): number {
  const d = dec * DEGREE, l = latitude * DEGREE;
  const cosine = (Math.sin(limit * DEGREE) - Math.sin(d) * Math.sin(l)) / (Math.cos(d) * Math.cos(l));
  return cosine >= 1 ? 0 : cosine <= -1 ? 180 : Math.acos(cosine) / DEGREE;
}

/** Returns the airmass at an altitude in degrees above the horizon (Kasten & Young 1989). */
export function airmass(altitudeDegrees: number): number {
  return 1 / (Math.sin(altitudeDegrees * DEGREE) + 0.50572 * Math.pow(altitudeDegrees + 6.07995, -1.6364));
}

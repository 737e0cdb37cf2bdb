import type { SkyPosition } from "./ephemerides.ts";
import { wrapDegrees } from "./ephemerides.ts";

const DEGREE = Math.PI / 180;

/** North galactic pole and the node in J2000 (ICRS to within 0.1 arcsec): the rotation of the Hipparcos catalogue, vol. 1, 1.5.3. */
const POLE_RA = 192.85948, POLE_DEC = 27.12825, NODE = 122.93192;

/** Galactic longitude and latitude in degrees. */
export interface GalacticPosition {
  /** Longitude, 0 to 360. */
  l: number;
  /** Latitude, -90 to 90. */
  b: number;
}

/** Returns the galactic coordinates of an ICRS (J2000) position, good to 0.1 arcsec. */
export function galactic(place: SkyPosition): GalacticPosition {
  const dec = place.dec * DEGREE, dRa = (place.ra - POLE_RA) * DEGREE, pole = POLE_DEC * DEGREE;
  const sinB = Math.sin(dec) * Math.sin(pole) + Math.cos(dec) * Math.cos(pole) * Math.cos(dRa);
  const y = Math.cos(dec) * Math.sin(dRa);
  const x = Math.sin(dec) * Math.cos(pole) - Math.cos(dec) * Math.sin(pole) * Math.cos(dRa);
  return {
    l: wrapDegrees(NODE - Math.atan2(y, x) / DEGREE),
    b: Math.asin(Math.max(-1, Math.min(1, sinB))) / DEGREE,
  };
}

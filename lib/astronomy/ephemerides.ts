/**
 * Low-precision positions of the Sun and the Moon, enough to know when it is dark: the Sun to about 0.01 degrees, the
 * Moon to about 0.3 degrees, for decades around the year 2000 (Meeus 1998, Astronomical Algorithms, chapters 25 and
 * 47; the Astronomical Almanac, section C). Times are modified Julian dates, UT; angles are degrees.
 */

/** Place on the sky: right ascension and declination in degrees, mean equator of date. */
export interface SkyPosition {
  /** Right ascension, degrees from 0 to 360. */
  ra: number;
  /** Declination, degrees from -90 to 90. */
  dec: number;
}

const DEGREE = Math.PI / 180;
const J2000_MJD = 51544.5;

/** Returns an angle in degrees brought to [0, 360). */
export function wrapDegrees(angle: number): number {
  const turn = angle % 360;
  return turn < 0 ? turn + 360 : turn;
}

/** Returns the equatorial place of an ecliptic longitude and latitude, all in degrees, for the obliquity at `mjd`. */
function fromEcliptic(longitude: number, latitude: number, mjd: number): SkyPosition {
  const obliquity = (23.439291 - 3.563e-7 * (mjd - J2000_MJD)) * DEGREE;
  const l = longitude * DEGREE, b = latitude * DEGREE;
  const x = Math.cos(b) * Math.cos(l), y = Math.cos(b) * Math.sin(l), z = Math.sin(b);
  return {
    ra: wrapDegrees(
      Math.atan2(y * Math.cos(obliquity) - z * Math.sin(obliquity), x) / DEGREE,
    ),
    dec: Math.asin(y * Math.sin(obliquity) + z * Math.cos(obliquity)) / DEGREE,
  };
}

/** Returns the Sun's ecliptic longitude in degrees at `mjd`. */
function sunLongitude(mjd: number): number {
  const days = mjd - J2000_MJD;
  const anomaly = (357.52911 + 0.98560028 * days) * DEGREE;
  return 280.46646 + 0.98564736 * days + 1.914602 * Math.sin(anomaly) + 0.019993 * Math.sin(2 * anomaly) +
    0.000289 * Math.sin(3 * anomaly);
}

/** Returns the place of the Sun at `mjd`. */
export function sunPosition(mjd: number): SkyPosition {
  return fromEcliptic(sunLongitude(mjd), 0, mjd);
}

/** Returns the geocentric place of the Moon at `mjd`, from the fourteen largest terms of its longitude and latitude. */
export function moonPosition(mjd: number): SkyPosition {
  const days = mjd - J2000_MJD;
  const mean = 218.3164477 + 13.17639648 * days;
  const elongation = (297.8501921 + 12.19074912 * days) * DEGREE;
  const sun = (357.5291092 + 0.98560028 * days) * DEGREE;
  const moon = (134.9633964 + 13.06499295 * days) * DEGREE;
  const node = (93.272095 + 13.22935024 * days) * DEGREE;
  const longitude = mean + 6.288774 * Math.sin(moon) + 1.274027 * Math.sin(2 * elongation - moon) +
    0.658314 * Math.sin(2 * elongation) + 0.213618 * Math.sin(2 * moon) - 0.185116 * Math.sin(sun) -
    0.114332 * Math.sin(2 * node) + 0.058793 * Math.sin(2 * elongation - 2 * moon) +
    0.057066 * Math.sin(2 * elongation - sun - moon) + 0.053322 * Math.sin(2 * elongation + moon);
  const latitude = 5.128122 * Math.sin(node) + 0.280602 * Math.sin(moon + node) +
    0.277693 * Math.sin(moon - node) + 0.173237 * Math.sin(2 * elongation - node) +
    0.055413 * Math.sin(2 * elongation - moon + node);
  return fromEcliptic(longitude, latitude, mjd);
}

/** Returns the lit fraction of the Moon's disc at `mjd`, 0 at new moon and 1 at full moon. */
export function moonIllumination(mjd: number): number {
  return (1 - Math.cos(angularSeparation(sunPosition(mjd), moonPosition(mjd)) * DEGREE)) / 2;
}

/** Returns the angle between two places in degrees (haversine, exact for small angles). */
export function angularSeparation(a: SkyPosition, b: SkyPosition): number {
  const dDec = (b.dec - a.dec) * DEGREE / 2, dRa = (b.ra - a.ra) * DEGREE / 2;
  const h = Math.sin(dDec) ** 2 + Math.cos(a.dec * DEGREE) * Math.cos(b.dec * DEGREE) * Math.sin(dRa) ** 2;
  return 2 * Math.asin(Math.min(1, Math.sqrt(h))) / DEGREE;
}

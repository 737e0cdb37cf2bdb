/** When objects can be observed in a night: the dark hours, and the hours that each stands high enough. */
import { airmass, altitude, sunPosition } from "../../astronomy/mod.ts";
import { demand } from "../../core/mod.ts";

/** A place on the Earth. */
export interface Site {
  /** East longitude, degrees. */
  longitude: number;
  /** Latitude, degrees. */
  latitude: number;
}

/** Apache Point, where the Sloan Foundation Telescope stands. */
export const APACHE_POINT: Site = { longitude: -105.82, latitude: 32.78 };

/** A stretch of time, MJD (UT). */
export interface Window {
  from: number;
  to: number;
}

/** Step of the search for settings and risings: three minutes, in days. */
const STEP = 3 / 1440;

/**
 * Returns the dark hours (Sun below `sunLimit` degrees, default -18) of the night whose middle is nearest to `mjd`; null
 * where the Sun does not sink so low.
 */
export function darkHours(mjd: number, site: Site, sunLimit = -18): Window | null {
  demand(Number.isFinite(mjd) && Math.abs(site.latitude) <= 90, {
    expected: "a date and a latitude from -90 to 90",
    found: `${mjd}, ${site.latitude}`,
    where: "darkHours",
  });
  const height = (time: number) => altitude(sunPosition(time), time, site.longitude, site.latitude);
  let deepest = mjd - 0.5;
  for (let time = mjd - 0.5; time < mjd + 0.5; time += STEP) {
    if (height(time) < height(deepest)) deepest = time;
  }
  if (height(deepest) >= sunLimit) return null;
  const edge = (step: number) => {
    let inside = deepest, steps = 0;
    while (height(inside + step) < sunLimit && steps++ < 0.5 / STEP) inside += step;
    return bisect((time) => height(time) < sunLimit, inside, inside + step);
  };
  return { from: edge(-STEP), to: edge(STEP) };
}

/** Where an object stands within a window. */
export interface Visibility {
  /** The longest stretch of the window in which it stands high enough; null when it never does. */
  window: Window | null;
  /** Least airmass within that stretch; NaN without one. */
  airmass: number;
  /** Greatest airmass within it: an exposure planned for it is long enough whenever it is taken; NaN without one. */
  greatestAirmass: number;
}

/** Returns when an object (degrees, equinox of date) stands at an airmass of at most `limit` within a night's dark hours. */
export function visibility(
  place: { ra: number; dec: number },
  night: Window,
  site: Site,
  limit = 2,
): Visibility {
  demand(
    Number.isFinite(place.ra) && Math.abs(place.dec) <= 90 && limit > 1 && night.to > night.from,
    () => ({
      expected: "a place on the sky, an airmass limit above 1 and a night that has begun before it ends",
      found: `${place.ra}, ${place.dec}; ${limit}; ${night.from} to ${night.to}`,
      where: "visibility",
    }),
  );
  const mass = (time: number) => airmassAt(place, time, site);
  const up = (time: number) => mass(time) <= limit;
  let best: Visibility = { window: null, airmass: NaN, greatestAirmass: NaN },
    from: number | null = null,
    least = Infinity,
    greatest = 0;
  const count = Math.ceil((night.to - night.from) / STEP), step = (night.to - night.from) / count;
  for (let k = 0; k <= count; k++) {
    const time = night.from + k * step;
    if (up(time)) {
      from ??= k === 0 ? time : bisect(up, time, time - step);
      least = Math.min(least, mass(time));
      greatest = Math.max(greatest, mass(time), mass(from));
    }
    if (from !== null && (k === count || !up(time))) {
      const to = up(time) ? time : bisect(up, time - step, time);
      if (best.window === null || to - from > best.window.to - best.window.from) {
        best = { window: { from, to }, airmass: least, greatestAirmass: Math.max(greatest, mass(to)) };
      }
      from = null;
      least = Infinity;
      greatest = 0;
    }
  }
  return best;
}

/** Returns the airmass of an object (degrees, equinox of date) at a time (MJD, UT); infinite near the horizon and below. */
export function airmassAt(place: { ra: number; dec: number }, mjd: number, site: Site): number {
  const height = altitude(place, mjd, site.longitude, site.latitude);
  return height > 3 ? airmass(height) : Infinity;
}

/** The time, to a second, at which `holds` ends between one where it does and one where it does not. */
function bisect(holds: (time: number) => boolean, yes: number, no: number): number {
  while (Math.abs(no - yes) > 1 / 86400) {
    const middle = (yes + no) / 2;
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

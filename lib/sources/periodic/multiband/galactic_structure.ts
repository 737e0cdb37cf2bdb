/** How far away a star of the Milky Way is, given the magnitudes between which it is to be seen. */
import type { Random } from "../../../core/mod.ts";

/** Returns the density of a population, in any unit, at a distance in parsecs along the mean line of sight out of the plane. */
export type DensityProfile = (distance: number) => number;

/** Sine of the galactic latitude of the mean line of sight, 30 degrees. */
const SINE = 0.5;

/** Distance from the Sun to the centre of the Milky Way, parsecs (GRAVITY Collaboration 2019). */
const CENTRE = 8178;

/** Thin and thick disc, scale heights 300 and 900 parsecs, the thick one 12 percent at the Sun (Juric et al. 2008). */
export const discDensity: DensityProfile = (distance) => {
  const height = distance * SINE;
  return Math.exp(-height / 300) + 0.12 * Math.exp(-height / 900);
};

/** The young disc of Cepheids, scale height 70 parsecs, and a floor of stars in the halo's outskirts and streams. */
export const youngDiscDensity: DensityProfile = (distance) =>
  Math.exp(-distance * SINE / 70) + 1e-4 * haloDensity(distance);

/** Halo, R^-2.4 within 23 kpc of the centre and R^-4.5 beyond (Watkins et al. 2009, RR Lyrae stars of Stripe 82). */
export const haloDensity: DensityProfile = (distance) => {
  const radius = Math.hypot(CENTRE, distance) / 23000;
  return Math.pow(radius, radius < 1 ? -2.4 : -4.5);
};

/** Steps of the grid in distance modulus. */
const GRID = 64;

/**
 * Draws a distance modulus in magnitudes between two limits with density d^3 rho(d) per magnitude, the number of stars in a
 * shell of a cone.
 */
export function drawDistanceModulus(
  random: Random,
  near: number,
  far: number,
  density: DensityProfile,
): number {
  const cumulative = new Float64Array(GRID + 1);
  const at = (mu: number) => {
    const distance = Math.pow(10, mu / 5 + 1);
    // Relative to the near limit, lest the cube of a large distance hide a small density.
    return Math.pow(10, 0.6 * (mu - near)) * density(distance);
  };
  let before = at(near);
  for (let k = 1; k <= GRID; k++) {
    const next = at(near + (far - near) * k / GRID);
    cumulative[k] = cumulative[k - 1] + (before + next) / 2;
    before = next;
  }
  const goal = random.uniform() * cumulative[GRID];
  let k = 1;
  while (k < GRID && cumulative[k] < goal) k++;
  const step = cumulative[k] - cumulative[k - 1];
  const inside = step > 0 ? (goal - cumulative[k - 1]) / step : 0.5;
  return near + (far - near) * (k - 1 + inside) / GRID;
}

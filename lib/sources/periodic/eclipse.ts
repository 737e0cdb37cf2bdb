/** How much of a limb-darkened disc another disc hides: the geometry under every eclipsing binary. */

/** Abscissae and weights of 12-point Gauss-Legendre quadrature on [-1, 1] (half of them; they are symmetric). */
const NODES = [
  [0.1252334085114689, 0.2491470458134028],
  [0.3678314989981802, 0.2334925365383548],
  [0.5873179542866175, 0.2031674267230659],
  [0.7699026741943047, 0.1600783285433462],
  [0.9041172563704749, 0.1069393259953184],
  [0.9815606342467192, 0.0471753363865118],
] as const;

/** Light of a unit disc within radius `rho`, over pi, for I(rho) = 1 - u (1 - sqrt(1 - rho^2)). */
function lightWithin(rho: number, u: number): number {
  const rest = Math.max(0, 1 - rho * rho);
  return (1 - u) * rho * rho + 2 * u / 3 * (1 - rest * Math.sqrt(rest));
}

/**
 * Returns the fraction of the light of a disc of radius `radius` that a dark disc of radius `occulter` hides when their
 * centres are `distance` apart. Limb darkening is linear, I = 1 - u (1 - mu).
 *
 * Rings of the disc that are hidden wholly are summed in closed form; those hidden in part, by the angle
 * arccos((d^2 + s^2 - R^2) / (2 d s)) / pi of each ring of radius s, by quadrature whose nodes crowd at both edges,
 * where that angle has square-root ends. The error is below 1e-4 of the light.
 *
 * @param u linear limb-darkening coefficient, 0 to 1.
 *
 * @example
 * ```ts
 * import { hiddenFraction } from "ephemera/sources";
 * import assert from "node:assert/strict";
 * assert.equal(hiddenFraction(3, 1, 1, 0.6), 0); // apart
 * assert.equal(hiddenFraction(0, 1, 2, 0.6), 1); // total
 * assert.ok(Math.abs(hiddenFraction(0, 1, 0.5, 0) - 0.25) < 1e-12); // ring of an unlimbed disc
 * ```
 */
export function hiddenFraction(distance: number, radius: number, occulter: number, u: number): number {
  const d = distance / radius, big = occulter / radius;
  if (d >= 1 + big || big === 0) return 0;
  if (big >= 1 + d) return 1;
  const total = 1 - u / 3;
  const whole = Math.max(0, big - d); // rings inside this are hidden altogether
  const low = Math.abs(big - d), high = Math.min(1, big + d);
  let hidden = whole > 0 ? lightWithin(Math.min(1, whole), u) : 0;
  if (low < high && d > 0) {
    for (const [x, weight] of NODES) {
      for (const node of [-x, x]) {
        const angle = Math.PI * (1 + node) / 2;
        const s = low + (high - low) * (1 - Math.cos(angle)) / 2;
        const step = (high - low) * Math.sin(angle) * Math.PI / 4;
        const cosine = (d * d + s * s - big * big) / (2 * d * s);
        const covered = cosine >= 1 ? 0 : cosine <= -1 ? 1 : Math.acos(cosine) / Math.PI;
        const intensity = 1 - u * (1 - Math.sqrt(Math.max(0, 1 - s * s)));
        hidden += weight * step * covered * intensity * 2 * s;
      }
    }
  }
  return Math.min(1, hidden / total);
}

/**
 * Returns the true anomaly in radians for a mean anomaly in radians and an eccentricity below 1, by Newton's method on
 * Kepler's equation M = E - e sin E.
 */
export function trueAnomaly(meanAnomaly: number, eccentricity: number): number {
  if (eccentricity === 0) return meanAnomaly;
  const turn = 2 * Math.PI, m = meanAnomaly - turn * Math.floor(meanAnomaly / turn + 0.5);
  let e = m + 0.85 * eccentricity * Math.sign(Math.sin(m));
  for (let i = 0; i < 50; i++) {
    const step = (e - eccentricity * Math.sin(e) - m) / (1 - eccentricity * Math.cos(e));
    e -= step;
    if (Math.abs(step) < 1e-12) break;
  }
  return 2 * Math.atan2(
    Math.sqrt(1 + eccentricity) * Math.sin(e / 2),
    Math.sqrt(1 - eccentricity) * Math.cos(e / 2),
  );
}

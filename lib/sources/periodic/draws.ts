/** Draws and interpolation that the populations share; not public. */
import type { Random } from "../../core/mod.ts";

/** Returns a normal draw cut to [low, high] by drawing again. */
export function truncatedNormal(
  random: Random,
  mean: number,
  sigma: number,
  low: number,
  high: number,
): number {
  for (let tries = 0; tries < 1000; tries++) {
    const x = random.normal(mean, sigma);
    if (x >= low && x <= high) return x;
  }
  return Math.min(high, Math.max(low, mean));
}

/** Returns 10 to a uniform draw between the logarithms of `low` and `high`. */
export function logUniform(random: Random, low: number, high: number): number {
  return low * Math.pow(high / low, random.uniform());
}

/** Returns the value at x, linear between ascending points [x, y] and held constant beyond the ends. */
export function interpolate(points: readonly (readonly [number, number])[], x: number): number {
  if (x <= points[0][0]) return points[0][1];
  for (let i = 1; i < points.length; i++) {
    if (x <= points[i][0]) {
      const [x0, y0] = points[i - 1], [x1, y1] = points[i];
      return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
    }
  }
  return points[points.length - 1][1];
}

import { regularisedGammaLower, regularisedGammaUpper } from "./gamma.ts";

/**
 * Returns the error function, `erf(x) = P(1/2, x^2)` with the sign of x.
 *
 * @example
 * ```ts
 * import { erf } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * assert.ok(Math.abs(erf(1) - 0.8427007929497149) < 1e-15);
 * ```
 */
export function erf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (Math.abs(x) > 6) return Math.sign(x);
  const value = regularisedGammaLower(0.5, x * x);
  return x < 0 ? -value : value;
}

/** Returns `1 - erf(x)`, with full relative accuracy in the tail. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x < 0) return 2 - erfc(-x);
  return x > 27.5 ? 0 : regularisedGammaUpper(0.5, x * x);
}

/** Returns the standard normal distribution function, `erfc(-x / sqrt 2) / 2`. */
export function normalCumulative(x: number): number {
  return 0.5 * erfc(-x * Math.SQRT1_2);
}

/**
 * Returns the quantile of the standard normal distribution: x with {@link normalCumulative}(x) = p. -Infinity at 0,
 * +Infinity at 1, NaN outside. A rational start (Abramowitz & Stegun 26.2.23) polished by Halley steps to full precision.
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return NaN;
  if (p === 0 || p === 1) return p === 0 ? -Infinity : Infinity;
  if (p > 0.5) return -normalQuantile(1 - p);
  const t = Math.sqrt(-2 * Math.log(p));
  let x = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) /
      (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
  for (let k = 0; k < 4; k++) {
    const density = Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
    if (density === 0) break;
    const step = (normalCumulative(x) - p) / density;
    x -= step / (1 + 0.5 * x * step);
    if (Math.abs(step) < 1e-16 * Math.abs(x)) break;
  }
  return x;
}

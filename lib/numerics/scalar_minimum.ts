import { demand } from "../core/mod.ts";

/** A minimum on a line. */
export interface ScalarMinimum {
  /** Where the minimum lies. */
  x: number;
  /** The function there. */
  value: number;
  /** Function evaluations used. */
  evaluations: number;
}

/**
 * Returns a local minimum of a function of one variable by Brent's method (1973): golden sections made faster by
 * parabolas. The bracket is widened downhill first when no interior point is below both ends. NaN counts as +Infinity.
 *
 * @example
 * ```ts
 * import { minimiseScalar } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * assert.ok(Math.abs(minimiseScalar((x) => (x - 7) ** 2, -2, 2).x - 7) < 1e-7);
 * ```
 */
export function minimiseScalar(
  f: (x: number) => number,
  low: number,
  high: number,
  options: { tolerance?: number; maxIterations?: number } = {},
): ScalarMinimum {
  const { tolerance = 1.48e-8, maxIterations = 500 } = options;
  let evaluations = 0;
  const g = (x: number) => {
    evaluations++;
    const value = f(x);
    return Number.isNaN(value) ? Infinity : value;
  };
  let [a, c] = [low, high];
  let b = 0.5 * (a + c);
  let [fa, fb, fc] = [g(a), g(b), g(c)];
  for (let k = 0; fb > Math.min(fa, fc); k++) {
    demand(k < 100, {
      expected: "a function with a minimum",
      found: "none within 2^100",
      where: "minimiseScalar",
    });
    // Step over the lower end, by as much again as the bracket is wide.
    if (fa < fc) [c, fc, b, fb, a] = [b, fb, a, fa, a - 2 * (b - a)], fa = g(a);
    else [a, fa, b, fb, c] = [b, fb, c, fc, c + 2 * (c - b)], fc = g(c);
  }
  const golden = 0.5 * (3 - Math.sqrt(5));
  let x = b, w = b, v = b, fx = fb, fw = fb, fv = fb;
  let step = 0, before = 0;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const middle = 0.5 * (a + c);
    const close = tolerance * Math.abs(x) + 1e-11;
    if (Math.abs(x - middle) <= 2 * close - 0.5 * (c - a)) break;
    let useGolden = true;
    if (Math.abs(before) > close) {
      const r = (x - w) * (fx - fv), q0 = (x - v) * (fx - fw);
      let p = (x - v) * q0 - (x - w) * r;
      let q = 2 * (q0 - r);
      if (q > 0) p = -p;
      q = Math.abs(q);
      if (Math.abs(p) < Math.abs(0.5 * q * before) && p > q * (a - x) && p < q * (c - x)) {
        before = step;
        step = p / q;
        const u = x + step;
        if (u - a < 2 * close || c - u < 2 * close) step = x < middle ? close : -close;
        useGolden = false;
      }
    }
    if (useGolden) {
      before = x < middle ? c - x : a - x;
      step = golden * before;
    }
    const u = x + (Math.abs(step) >= close ? step : Math.sign(step || 1) * close);
    const fu = g(u);
    if (fu <= fx) {
      if (u < x) c = x;
      else a = x;
      [v, fv, w, fw, x, fx] = [w, fw, x, fx, u, fu];
    } else {
      if (u < x) a = u;
      else c = u;
      if (fu <= fw || w === x) [v, fv, w, fw] = [w, fw, u, fu];
      else if (fu <= fv || v === x || v === w) [v, fv] = [u, fu];
    }
  }
  return { x, value: fx, evaluations };
}

import { demand } from "../core/mod.ts";

/** A smooth function through given points. */
export interface Interpolant {
  /** Returns the function at `x`. */
  (x: number): number;
  /** Returns the first derivative at `x`. */
  derivative(x: number): number;
}

/**
 * Returns y at `at` by straight lines between points; before the first and after the last point the end values go on, as in
 * NumPy. Throws an EphemeraError unless the abscissae ascend strictly.
 *
 * @example
 * ```ts
 * import { interpolateLinear } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * assert.deepEqual([...interpolateLinear([0, 1, 3], [0, 10, 30], [-1, 0.5, 2, 9])], [0, 5, 20, 30]);
 * ```
 */
export function interpolateLinear(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  at: ArrayLike<number>,
): Float64Array {
  checkPoints(x, y, 1, "interpolateLinear");
  const last = x.length - 1;
  return Float64Array.from(at, (t) => {
    if (Number.isNaN(t)) return NaN;
    if (t <= x[0]) return y[0];
    if (t >= x[last]) return y[last];
    const k = segment(x, t);
    return y[k] + (y[k + 1] - y[k]) * ((t - x[k]) / (x[k + 1] - x[k]));
  });
}

/**
 * Returns the cubic spline through points, twice continuously differentiable; outside the points its end cubics go on.
 * `"natural"` (default) has no curvature at both ends; `"not-a-knot"` joins the first two and the last two segments in
 * one cubic, which is more accurate where the ends are curved and needs four points.
 * Throws an EphemeraError unless the abscissae ascend strictly and there are enough points.
 *
 * @example
 * ```ts
 * import { cubicSpline } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const cube = cubicSpline([0, 1, 2, 4], [0, 1, 8, 64], "not-a-knot");
 * assert.ok(Math.abs(cube(3) - 27) < 1e-12 && Math.abs(cube.derivative(3) - 27) < 1e-12);
 * ```
 */
export function cubicSpline(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  ends: "natural" | "not-a-knot" = "natural",
): Interpolant {
  checkPoints(x, y, ends === "natural" ? 2 : 4, "cubicSpline");
  const [knots, values] = [Float64Array.from(x), Float64Array.from(y)];
  const curvature = secondDerivatives(knots, values, ends);
  /** Offset from the left knot, width of the segment, and its number. */
  const place = (t: number) => {
    const k = segment(knots, t);
    return { k, h: knots[k + 1] - knots[k], u: t - knots[k] };
  };
  const slope = (k: number, h: number) =>
    (values[k + 1] - values[k]) / h - h * (2 * curvature[k] + curvature[k + 1]) / 6;
  const spline = (t: number) => {
    const { k, h, u } = place(t);
    const cubic = (curvature[k + 1] - curvature[k]) / (6 * h);
    return values[k] + u * (slope(k, h) + u * (curvature[k] / 2 + u * cubic));
  };
  const derivative = (t: number) => {
    const { k, h, u } = place(t);
    return slope(k, h) + u * (curvature[k] + u * (curvature[k + 1] - curvature[k]) / (2 * h));
  };
  return Object.assign(spline, { derivative });
}

/** Second derivatives at the knots from the tridiagonal system of continuous slopes (Thomas' algorithm). */
function secondDerivatives(x: Float64Array, y: Float64Array, ends: "natural" | "not-a-knot"): Float64Array {
  const n = x.length;
  const m = new Float64Array(n);
  if (n === 2) return m;
  const h = (k: number) => x[k + 1] - x[k];
  const slope = (k: number) => (y[k + 1] - y[k]) / h(k);
  const below = new Float64Array(n), middle = new Float64Array(n), above = new Float64Array(n);
  const right = new Float64Array(n);
  for (let k = 1; k < n - 1; k++) {
    below[k] = h(k - 1);
    middle[k] = 2 * (h(k - 1) + h(k));
    above[k] = h(k);
    right[k] = 6 * (slope(k) - slope(k - 1));
  }
  if (ends === "not-a-knot") {
    // Equal third derivatives on both sides of the second knot give m_0 in terms of m_1 and m_2; likewise at the far end.
    const a = h(0) / h(1), b = h(n - 2) / h(n - 3);
    middle[1] += h(0) * (1 + a);
    above[1] -= h(0) * a;
    middle[n - 2] += h(n - 2) * (1 + b);
    below[n - 2] -= h(n - 2) * b;
  }
  for (let k = 2; k < n - 1; k++) {
    const factor = below[k] / middle[k - 1];
    middle[k] -= factor * above[k - 1];
    right[k] -= factor * right[k - 1];
  }
  for (let k = n - 2; k >= 1; k--) m[k] = (right[k] - (k < n - 2 ? above[k] * m[k + 1] : 0)) / middle[k];
  if (ends === "not-a-knot") {
    m[0] = m[1] + (m[1] - m[2]) * h(0) / h(1);
    m[n - 1] = m[n - 2] + (m[n - 2] - m[n - 3]) * h(n - 2) / h(n - 3);
  }
  return m;
}

/** Number of the segment that holds t; the first or last one for points outside. */
function segment(x: ArrayLike<number>, t: number): number {
  let low = 0, high = x.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (x[middle] <= t) low = middle;
    else high = middle - 1;
  }
  return low;
}

function checkPoints(x: ArrayLike<number>, y: ArrayLike<number>, least: number, where: string) {
  demand(x.length === y.length && x.length >= least, {
    expected: `as many ordinates as abscissae, at least ${least}`,
    found: `${x.length} and ${y.length}`,
    where,
  });
  for (let k = 1; k < x.length; k++) {
    demand(x[k] > x[k - 1], () => ({
      expected: "strictly ascending abscissae",
      found: `${x[k]} after ${x[k - 1]}`,
      where: `${where}, point ${k}`,
      remedy: "sort the points and merge equal abscissae",
    }));
  }
}

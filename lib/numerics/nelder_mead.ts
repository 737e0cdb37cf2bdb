import { demand } from "../core/mod.ts";
import type { Minimum } from "./lbfgs.ts";

/** Options of {@link minimiseNelderMead}. */
export interface NelderMeadOptions {
  /** Lower bounds; trial points are clipped to them. */
  lower?: ArrayLike<number>;
  /** Upper bounds; trial points are clipped to them. */
  upper?: ArrayLike<number>;
  /** Stop when every vertex lies within this of the best one, in every coordinate. Default 1e-4. */
  xTolerance?: number;
  /** ... and every value within this of the best. Default 1e-4. */
  valueTolerance?: number;
  /** Most iterations. Default 200 times the number of parameters. */
  maxIterations?: number;
}

/**
 * Returns a local minimum of a function without derivatives by the simplex of Nelder & Mead (1965), with the usual
 * reflection 1, expansion 2, contraction and shrinkage 1/2. The first simplex moves each coordinate of the start by 5 %
 * (0.00025 where it is zero) and vertices are ordered stably, as SciPy does, so that both walk the same way.
 * A NaN counts as +Infinity.
 *
 * @example
 * ```ts
 * import { minimiseNelderMead } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const { x } = minimiseNelderMead(([a, b]) => (a - 1) ** 2 + (b + 2) ** 2, [5, 5], { xTolerance: 1e-8 });
 * assert.ok(Math.abs(x[0] - 1) < 1e-3 && Math.abs(x[1] + 2) < 1e-3);
 * ```
 */
export function minimiseNelderMead(
  f: (x: Float64Array) => number,
  start: ArrayLike<number>,
  options: NelderMeadOptions = {},
): Minimum {
  const n = start.length;
  demand(n > 0, { expected: "at least one parameter", found: "none", where: "minimiseNelderMead" });
  const { xTolerance = 1e-4, valueTolerance = 1e-4, maxIterations = 200 * n, lower, upper } = options;
  let evaluations = 0;
  const clip = (x: Float64Array) => {
    for (let i = 0; i < n; i++) {
      if (lower && x[i] < lower[i]) x[i] = lower[i];
      if (upper && x[i] > upper[i]) x[i] = upper[i];
    }
    return x;
  };
  const vertex = (x: Float64Array): Vertex => {
    clip(x);
    evaluations++;
    const value = f(x.slice());
    return { x, value: Number.isNaN(value) ? Infinity : value };
  };
  const first = clip(Float64Array.from(start));
  const simplex = [vertex(first)];
  for (let i = 0; i < n; i++) {
    const moved = first.slice();
    moved[i] = moved[i] !== 0 ? 1.05 * moved[i] : 0.00025;
    // A start on its upper bound would give a flat simplex: reflect the vertex into the box.
    if (upper && moved[i] > upper[i]) moved[i] = 2 * first[i] - moved[i];
    simplex.push(vertex(moved));
  }
  simplex.sort(ascending);

  let iterations = 0;
  let converged = false;
  for (; iterations < maxIterations; iterations++) {
    if (spread(simplex) <= xTolerance && simplex[n].value - simplex[0].value <= valueTolerance) {
      converged = true;
      break;
    }
    const centre = new Float64Array(n);
    for (let k = 0; k < n; k++) for (let i = 0; i < n; i++) centre[i] += simplex[k].x[i] / n;
    const worst = simplex[n];
    const along = (t: number) => vertex(centre.map((c, i) => c + t * (c - worst.x[i])));
    const reflected = along(1);
    let replacement: Vertex | null = reflected;
    if (reflected.value < simplex[0].value) {
      const expanded = along(2);
      if (expanded.value < reflected.value) replacement = expanded;
    } else if (reflected.value >= simplex[n - 1].value) {
      const outside = reflected.value < worst.value;
      const contracted = along(outside ? 0.5 : -0.5);
      const good = outside ? contracted.value <= reflected.value : contracted.value < worst.value;
      replacement = good ? contracted : null;
    }
    if (replacement !== null) {
      simplex[n] = replacement;
    } else {
      for (let k = 1; k <= n; k++) {
        simplex[k] = vertex(simplex[k].x.map((xi, i) => simplex[0].x[i] + 0.5 * (xi - simplex[0].x[i])));
      }
    }
    simplex.sort(ascending);
  }
  return { x: simplex[0].x, value: simplex[0].value, iterations, evaluations, converged };
}

interface Vertex {
  x: Float64Array;
  value: number;
}

/** Comparison that also orders infinities, whose difference is NaN. */
function ascending(a: Vertex, b: Vertex): number {
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

function spread(simplex: Vertex[]): number {
  let largest = 0;
  for (const { x } of simplex) {
    for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i] - simplex[0].x[i]));
  }
  return largest;
}

import { demand, EphemeraError } from "../core/mod.ts";

/** Returns the value of the function at `x` and writes its gradient into `gradient`. */
export type ValueAndGradient = (x: Float64Array, gradient: Float64Array) => number;

/** Options of {@link minimiseLbfgs}. */
export interface LbfgsOptions {
  /** Lower bounds, one per parameter; -Infinity for none. */
  lower?: ArrayLike<number>;
  /** Upper bounds, one per parameter; Infinity for none. */
  upper?: ArrayLike<number>;
  /** Number of correction pairs kept. Default 10. */
  memory?: number;
  /** Most iterations. Default 500. */
  maxIterations?: number;
  /** Stop when the largest component of the projected gradient falls below this. Default 1e-6. */
  gradientTolerance?: number;
  /** Stop when the relative decrease of the function falls below this. Default 1e-12. */
  valueTolerance?: number;
}

/** Where a minimiser ended. */
export interface Minimum {
  /** The best parameters found. */
  x: Float64Array;
  /** The function there. */
  value: number;
  /** Iterations used. */
  iterations: number;
  /** Function evaluations used. */
  evaluations: number;
  /** Whether a tolerance was met; false when iterations ran out or no further descent was possible. */
  converged: boolean;
}

/**
 * Returns a local minimum of a smooth function, optionally inside a box, by limited-memory BFGS (Nocedal & Wright,
 * algorithm 7.4). With bounds, parameters that sit on a bound with the gradient pushing outwards are held fixed for the
 * step, the quasi-Newton direction is built on the others, and the line search follows the path projected on the box.
 * A trial point where the function is NaN or infinite counts as too far. Throws an EphemeraError when the start is not finite,
 * or bounds cross.
 *
 * @example
 * ```ts
 * import { minimiseLbfgs } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const bowl = (x: Float64Array, g: Float64Array) => {
 *   g[0] = 2 * (x[0] - 3);
 *   return (x[0] - 3) ** 2;
 * };
 * assert.ok(Math.abs(minimiseLbfgs(bowl, [0]).x[0] - 3) < 1e-6);
 * assert.equal(minimiseLbfgs(bowl, [0], { upper: [2] }).x[0], 2);
 * ```
 */
export function minimiseLbfgs(
  f: ValueAndGradient,
  start: ArrayLike<number>,
  options: LbfgsOptions = {},
): Minimum {
  const { memory = 10, maxIterations = 500, gradientTolerance = 1e-6, valueTolerance = 1e-12 } = options;
  const n = start.length;
  const lower = bounds(options.lower, n, -Infinity, "lower");
  const upper = bounds(options.upper, n, Infinity, "upper");
  for (let i = 0; i < n; i++) {
    demand(lower[i] <= upper[i], () => ({
      expected: "lower bounds that do not exceed the upper ones",
      found: `${lower[i]} > ${upper[i]}`,
      where: `minimiseLbfgs, parameter ${i}`,
    }));
  }
  const project = (x: Float64Array) => {
    for (let i = 0; i < n; i++) x[i] = Math.min(upper[i], Math.max(lower[i], x[i]));
    return x;
  };

  let x = project(Float64Array.from(start));
  let gradient = new Float64Array(n);
  let value = f(x, gradient);
  let evaluations = 1;
  if (!Number.isFinite(value)) {
    throw new EphemeraError({
      expected: "a finite value at the starting point",
      found: `${value}`,
      where: "minimiseLbfgs",
      remedy: "start elsewhere",
    });
  }
  const free = new Uint8Array(n);
  let pairs: Pair[] = [];
  let stalled = 0;

  for (let iteration = 0; iteration < maxIterations; iteration++) {
    let largest = 0;
    for (let i = 0; i < n; i++) {
      free[i] = (x[i] <= lower[i] && gradient[i] > 0) || (x[i] >= upper[i] && gradient[i] < 0) ? 0 : 1;
      if (free[i]) largest = Math.max(largest, Math.abs(gradient[i]));
    }
    const done = (converged: boolean): Minimum => ({
      x,
      value,
      iterations: iteration,
      evaluations,
      converged,
    });
    if (largest <= gradientTolerance) return done(true);

    const direction = twoLoop(pairs, gradient, free);
    let slope = 0;
    for (let i = 0; i < n; i++) slope += direction[i] * gradient[i];
    if (!(slope < 0)) {
      pairs = [];
      slope = 0;
      for (let i = 0; i < n; i++) {
        direction[i] = free[i] ? -gradient[i] : 0;
        slope += direction[i] * gradient[i];
      }
    }
    let step = pairs.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(-slope));
    // Bracketing by doubling and halving until both the sufficient-decrease and the curvature condition hold.
    let shortest = 0, longest = Infinity;
    let nextX = x, nextGradient = gradient, nextValue = NaN, accepted = false;
    for (let trial = 0; trial < 40; trial++) {
      const candidate = new Float64Array(n);
      for (let i = 0; i < n; i++) candidate[i] = x[i] + step * direction[i];
      project(candidate);
      const candidateGradient = new Float64Array(n);
      const candidateValue = f(candidate, candidateGradient);
      evaluations++;
      let decrease = 0, candidateSlope = 0, clipped = false;
      for (let i = 0; i < n; i++) {
        const moved = candidate[i] - x[i];
        decrease += gradient[i] * moved;
        candidateSlope += candidateGradient[i] * direction[i];
        if (moved !== step * direction[i] && (candidate[i] === lower[i] || candidate[i] === upper[i])) {
          clipped = clipped || direction[i] !== 0;
        }
      }
      if (!Number.isFinite(candidateValue) || candidateValue > value + 1e-4 * decrease) {
        longest = step;
      } else {
        if (!accepted || candidateValue < nextValue) {
          nextX = candidate;
          nextGradient = candidateGradient;
          nextValue = candidateValue;
        }
        accepted = true;
        if (clipped || candidateSlope >= 0.9 * slope) break;
        shortest = step;
      }
      if (longest < Infinity && accepted && longest - shortest < 1e-3 * shortest) break;
      step = longest === Infinity ? 2 * step : interpolate(shortest, longest);
    }
    if (!accepted) {
      if (pairs.length === 0) return done(false);
      pairs = [];
      continue;
    }
    const s = new Float64Array(n), y = new Float64Array(n);
    let sy = 0, yy = 0;
    for (let i = 0; i < n; i++) {
      s[i] = nextX[i] - x[i];
      y[i] = nextGradient[i] - gradient[i];
      sy += s[i] * y[i];
      yy += y[i] * y[i];
    }
    if (sy > 1e-10 * yy) {
      pairs.push({ s, y });
      if (pairs.length > memory) pairs.shift();
    }
    const relative = (value - nextValue) / Math.max(Math.abs(value), Math.abs(nextValue), 1);
    x = nextX;
    gradient = nextGradient;
    value = nextValue;
    stalled = relative <= valueTolerance ? stalled + 1 : 0;
    if (stalled >= 2) return { x, value, iterations: iteration + 1, evaluations, converged: true };
  }
  return { x, value, iterations: maxIterations, evaluations, converged: false };
}

interface Pair {
  s: Float64Array;
  y: Float64Array;
}

/** Nearer to the good end, since the step that failed was usually far too long. */
function interpolate(shortest: number, longest: number): number {
  return shortest === 0 ? longest * 0.3 : 0.5 * (shortest + longest);
}

function bounds(given: ArrayLike<number> | undefined, n: number, none: number, name: string): Float64Array {
  if (given === undefined) return new Float64Array(n).fill(none);
  demand(given.length === n, {
    expected: `${n} ${name} bounds`,
    found: `${given.length}`,
    where: "minimiseLbfgs",
  });
  return Float64Array.from(given);
}

/** The two-loop recursion on the free parameters; curvature pairs are restricted to them. */
function twoLoop(pairs: Pair[], gradient: Float64Array, free: Uint8Array): Float64Array {
  const n = gradient.length;
  const q = new Float64Array(n);
  for (let i = 0; i < n; i++) q[i] = free[i] ? -gradient[i] : 0;
  const dot = (a: Float64Array, b: Float64Array) => {
    let sum = 0;
    for (let i = 0; i < n; i++) if (free[i]) sum += a[i] * b[i];
    return sum;
  };
  const used: { pair: Pair; rho: number; alpha: number }[] = [];
  for (let k = pairs.length - 1; k >= 0; k--) {
    const pair = pairs[k];
    const sy = dot(pair.s, pair.y);
    if (!(sy > 1e-10 * dot(pair.y, pair.y))) continue;
    const alpha = dot(pair.s, q) / sy;
    for (let i = 0; i < n; i++) if (free[i]) q[i] -= alpha * pair.y[i];
    used.push({ pair, rho: 1 / sy, alpha });
  }
  if (used.length > 0) {
    const { pair, rho } = used[0];
    const scale = 1 / (rho * dot(pair.y, pair.y));
    for (let i = 0; i < n; i++) q[i] *= scale;
  }
  for (let k = used.length - 1; k >= 0; k--) {
    const { pair, rho, alpha } = used[k];
    const beta = rho * dot(pair.y, q);
    for (let i = 0; i < n; i++) if (free[i]) q[i] += (alpha - beta) * pair.s[i];
  }
  return q;
}

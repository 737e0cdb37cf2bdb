import { demand, EphemeraError } from "../core/mod.ts";
import type { Matrix } from "./matrix.ts";

/** A linear fit. */
export interface LeastSquares {
  /** The parameters, one a column. */
  x: Float64Array;
  /** Sum of squared residuals. */
  residual: number;
}

/**
 * Returns the x that makes |A x - b| least, by Householder reflections (Golub & Van Loan, 5.3.2): twice as many good digits
 * as the normal equations. Throws an EphemeraError on fewer rows than columns or columns that depend on one another.
 *
 * @example
 * ```ts
 * import { leastSquares, matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * // A line 1 + 2 t through three points.
 * const { x, residual } = leastSquares(matrix([1, 0, 1, 1, 1, 2], 3, 2), [1, 3, 5]);
 * assert.ok(Math.abs(x[0] - 1) < 1e-14 && Math.abs(x[1] - 2) < 1e-14 && residual < 1e-28);
 * ```
 */
export function leastSquares(a: Matrix, b: ArrayLike<number>): LeastSquares {
  const { rows: m, columns: n } = a;
  demand(m >= n && b.length === m, {
    expected: `at least ${n} rows and as many right-hand values`,
    found: `${m} rows, ${b.length} values`,
    where: "leastSquares",
  });
  const q = Float64Array.from(a.data), r = Float64Array.from(b);
  const diagonal = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    let norm = 0, whole = 0;
    for (let i = 0; i < m; i++) whole = Math.hypot(whole, a.data[i * n + k]);
    for (let i = k; i < m; i++) norm = Math.hypot(norm, q[i * n + k]);
    if (!(norm > 1e-14 * whole) || whole === 0) {
      throw new EphemeraError({
        expected: "columns that do not depend on one another",
        found: `column ${k} is a combination of those before`,
        where: "leastSquares",
        remedy: "remove it",
      });
    }
    // Away from the sign of the leading element, so that nothing cancels.
    const alpha = q[k * n + k] > 0 ? -norm : norm;
    diagonal[k] = alpha;
    q[k * n + k] -= alpha;
    let square = 0;
    for (let i = k; i < m; i++) square += q[i * n + k] * q[i * n + k];
    const reflect = (get: (i: number) => number, set: (i: number, value: number) => void) => {
      let dot = 0;
      for (let i = k; i < m; i++) dot += q[i * n + k] * get(i);
      const factor = 2 * dot / square;
      for (let i = k; i < m; i++) set(i, get(i) - factor * q[i * n + k]);
    };
    for (let j = k + 1; j < n; j++) reflect((i) => q[i * n + j], (i, value) => q[i * n + j] = value);
    reflect((i) => r[i], (i, value) => r[i] = value);
  }
  const x = new Float64Array(n);
  for (let k = n - 1; k >= 0; k--) {
    let sum = r[k];
    for (let j = k + 1; j < n; j++) sum -= q[k * n + j] * x[j];
    x[k] = sum / diagonal[k];
  }
  let residual = 0;
  for (let i = n; i < m; i++) residual += r[i] * r[i];
  return { x, residual };
}

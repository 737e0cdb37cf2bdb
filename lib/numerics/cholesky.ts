import { demand, EphemeraError } from "../core/mod.ts";
import { type Matrix, zeros } from "./matrix.ts";

/**
 * Returns the lower triangular L with `L L^T = m` for a symmetric positive definite `m`; only its lower triangle is read.
 * Throws an EphemeraError naming the pivot when `m` is not positive definite.
 *
 * @example
 * ```ts
 * import { cholesky, logDeterminant, matrix, solveCholesky } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const L = cholesky(matrix([4, 2, 2, 5], 2, 2));
 * assert.deepEqual([...L.data], [2, 0, 1, 2]);
 * assert.ok(Math.abs(logDeterminant(L) - Math.log(16)) < 1e-14);
 * assert.deepEqual([...solveCholesky(L, [8, 12])], [1, 2]);
 * ```
 */
export function cholesky(m: Matrix): Matrix {
  const n = m.rows;
  demand(m.columns === n, {
    expected: "a square matrix",
    found: `${m.rows} x ${m.columns}`,
    where: "cholesky",
  });
  const factor = zeros(n, n);
  const L = factor.data;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = m.data[i * n + j];
      for (let k = 0; k < j; k++) sum -= L[i * n + k] * L[j * n + k];
      if (i !== j) {
        L[i * n + j] = sum / L[j * n + j];
      } else {
        if (!(sum > 0)) {
          throw new EphemeraError({
            expected: "a positive definite matrix",
            found: `pivot ${sum} at row ${i}`,
            where: "cholesky",
            remedy: "add a small multiple of the identity, or remove constant or duplicated columns",
          });
        }
        L[i * n + i] = Math.sqrt(sum);
      }
    }
  }
  return factor;
}

/** Returns x with `L x = b` for lower triangular L. */
export function solveLower(L: Matrix, b: ArrayLike<number>): Float64Array {
  const n = L.rows;
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    let sum = x[i];
    for (let k = 0; k < i; k++) sum -= L.data[i * n + k] * x[k];
    x[i] = sum / L.data[i * n + i];
  }
  return x;
}

/** Returns x with `L^T x = b` for lower triangular L. */
export function solveLowerTransposed(L: Matrix, b: ArrayLike<number>): Float64Array {
  const n = L.rows;
  const x = Float64Array.from(b);
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i];
    for (let k = i + 1; k < n; k++) sum -= L.data[k * n + i] * x[k];
    x[i] = sum / L.data[i * n + i];
  }
  return x;
}

/** Returns x with `L L^T x = b`, given the factor of {@link cholesky}. */
export function solveCholesky(L: Matrix, b: ArrayLike<number>): Float64Array {
  return solveLowerTransposed(L, solveLower(L, b));
}

/** Returns `ln det(L L^T)`, given the factor of {@link cholesky}. */
export function logDeterminant(L: Matrix): number {
  let sum = 0;
  for (let i = 0; i < L.rows; i++) sum += Math.log(L.data[i * L.rows + i]);
  return 2 * sum;
}

/** Returns the inverse of a lower triangular matrix (itself lower triangular). */
export function invertLower(L: Matrix): Matrix {
  const n = L.rows;
  const result = zeros(n, n);
  for (let j = 0; j < n; j++) {
    result.data[j * n + j] = 1 / L.data[j * n + j];
    for (let i = j + 1; i < n; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum -= L.data[i * n + k] * result.data[k * n + j];
      result.data[i * n + j] = sum / L.data[i * n + i];
    }
  }
  return result;
}

/** Returns the inverse of `L L^T`, given the factor of {@link cholesky}. */
export function inverseFromCholesky(L: Matrix): Matrix {
  const n = L.rows;
  const inverse = invertLower(L).data;
  const result = zeros(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = i; k < n; k++) sum += inverse[k * n + i] * inverse[k * n + j];
      result.data[i * n + j] = sum;
      result.data[j * n + i] = sum;
    }
  }
  return result;
}

import { demand, EphemeraError } from "../core/mod.ts";
import { identity, type Matrix, zeros } from "./matrix.ts";

/** Eigenvalues in descending order, and the matching unit eigenvectors as the rows of a matrix. */
export interface SymmetricEigen {
  /** Eigenvalues, largest first. */
  values: Float64Array;
  /** Row k is the unit eigenvector of `values[k]`. */
  vectors: Matrix;
}

/**
 * Returns the eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub & Van Loan, 8.5),
 * which find small eigenvalues to high relative accuracy. The cost is a few tens of n^3: meant for n up to some hundreds.
 * Throws an EphemeraError when the matrix is not square, not symmetric to 1e-8 of its largest element, or not finite.
 *
 * @example
 * ```ts
 * import { matrix, symmetricEigen } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const { values } = symmetricEigen(matrix([2, 1, 1, 2], 2, 2));
 * assert.ok(Math.abs(values[0] - 3) < 1e-14 && Math.abs(values[1] - 1) < 1e-14);
 * ```
 */
export function symmetricEigen(m: Matrix): SymmetricEigen {
  const n = m.rows;
  checkSymmetric(m);
  const a = Float64Array.from(m.data);
  const v = identity(n).data;
  const total = a.reduce((sum, x) => sum + x * x, 0);
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p * n + q] * a[p * n + q];
    if (off <= 1e-32 * total) return sorted(a, v, n);
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q);
  }
  throw new EphemeraError({
    expected: "Jacobi rotations that converge within 60 sweeps",
    found: "no convergence",
    where: "symmetricEigen",
  });
}

function checkSymmetric(m: Matrix) {
  const n = m.rows;
  demand(m.columns === n, {
    expected: "a square matrix",
    found: `${m.rows} x ${m.columns}`,
    where: "symmetricEigen",
  });
  let largest = 0;
  for (const x of m.data) {
    demand(Number.isFinite(x), { expected: "finite elements", found: `${x}`, where: "symmetricEigen" });
    largest = Math.max(largest, Math.abs(x));
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      demand(Math.abs(m.data[i * n + j] - m.data[j * n + i]) <= 1e-8 * largest, () => ({
        expected: "a symmetric matrix",
        found: `${m.data[i * n + j]} and ${m.data[j * n + i]}`,
        where: `symmetricEigen, elements (${i}, ${j}) and (${j}, ${i})`,
      }));
    }
  }
}

/** One rotation in the plane (p, q) that annihilates a[p, q]; the rows of `v` collect the eigenvectors. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number) {
  const apq = a[p * n + q];
  if (apq === 0) return;
  const theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const kp = a[k * n + p], kq = a[k * n + q];
    a[k * n + p] = c * kp - s * kq;
    a[k * n + q] = s * kp + c * kq;
  }
  for (let k = 0; k < n; k++) {
    const pk = a[p * n + k], qk = a[q * n + k];
    a[p * n + k] = c * pk - s * qk;
    a[q * n + k] = s * pk + c * qk;
    const vp = v[p * n + k], vq = v[q * n + k];
    v[p * n + k] = c * vp - s * vq;
    v[q * n + k] = s * vp + c * vq;
  }
  a[p * n + q] = 0;
  a[q * n + p] = 0;
}

function sorted(a: Float64Array, v: Float64Array, n: number): SymmetricEigen {
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j] - a[i * n + i]);
  const vectors = zeros(n, n);
  order.forEach((from, to) => vectors.data.set(v.subarray(from * n, (from + 1) * n), to * n));
  return { values: Float64Array.from(order, (i) => a[i * n + i]), vectors };
}

/**
 * Cholesky factors and triangular solves on plain arrays, for backends whose data lie in this process's memory. Input
 * and output are float32, sums are float64: the factor of a nearly singular matrix loses nothing on the way.
 */
import { EphemeraError } from "../../core/mod.ts";

/**
 * Returns the lower Cholesky factors of `batch` matrices of size n by n, each symmetrised first.
 *
 * @throws EphemeraError with matrix and pivot when one is not positive definite
 */
export function choleskyOnHost(matrices: Float32Array, batch: number, n: number): Float32Array {
  const factors = new Float32Array(matrices.length), work = new Float64Array(n * n);
  for (let b = 0; b < batch; b++) {
    const start = b * n * n;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0.5 * (matrices[start + i * n + j] + matrices[start + j * n + i]);
        for (let k = 0; k < j; k++) sum -= work[i * n + k] * work[j * n + k];
        if (i === j) {
          if (!(sum > 0)) throw notPositiveDefinite(sum, b, i);
          work[i * n + i] = Math.sqrt(sum);
        } else work[i * n + j] = sum / work[j * n + j];
        factors[start + i * n + j] = work[i * n + j];
      }
    }
  }
  return factors;
}

function notPositiveDefinite(pivot: number, matrix: number, column: number): EphemeraError {
  return new EphemeraError({
    expected: "symmetric positive definite matrices",
    found: `a pivot of ${pivot} in column ${column} of matrix ${matrix} of the batch`,
    where: "cholesky",
    remedy: Number.isFinite(pivot)
      ? "add a larger ridge to the diagonal"
      : "look for the number that is not finite in the input",
  });
}

/**
 * Returns X with L X = B, or L^T X = B, for `batch` lower triangular matrices [n, n] and right sides [n, columns]. What
 * stands above the diagonal of L is not read.
 */
export function triangularSolveOnHost(
  factors: Float32Array,
  right: Float32Array,
  options: { batch: number; n: number; columns: number; transpose: boolean },
): Float32Array {
  const { batch, n, columns, transpose } = options;
  const solutions = new Float32Array(right.length), work = new Float64Array(n * columns);
  for (let b = 0; b < batch; b++) {
    const l = b * n * n, r = b * n * columns;
    for (let step = 0; step < n; step++) {
      const i = transpose ? n - 1 - step : step, row = i * columns;
      for (let c = 0; c < columns; c++) work[row + c] = right[r + row + c];
      for (let done = 0; done < step; done++) {
        const k = transpose ? n - 1 - done : done;
        const factor = transpose ? factors[l + k * n + i] : factors[l + i * n + k];
        if (factor === 0) continue;
        for (let c = 0; c < columns; c++) work[row + c] -= factor * work[k * columns + c];
      }
      const diagonal = factors[l + i * n + i];
      for (let c = 0; c < columns; c++) work[row + c] /= diagonal;
    }
    solutions.set(work, r);
  }
  return solutions;
}

/**
 * Batched, differentiable linear algebra of small symmetric positive definite matrices: what a Gaussian density needs.
 * Gradients follow Murray (2016, arXiv:1602.07527). There are first derivatives only: what an operation of its own keeps for
 * its gradient is not on the tape of an outer one, so a second derivative would lack a part; it is refused.
 */
import { tf } from "../tf.ts";
import { demand } from "../../core/mod.ts";
import { refuseSecondDerivative } from "../first_derivative.ts";
import { elementCount } from "../interchange/named_arrays.ts";
import { choleskyComposed, triangularSolveComposed } from "./composed.ts";
import { choleskyOnHost, triangularSolveOnHost } from "./host.ts";

/** Backends whose data can be read at once, at no price. */
const HOST_BACKENDS = new Set(["cpu", "wasm"]);

/**
 * The lower triangular L with L L^T = A for each matrix of a batch. A is symmetrised, (A + A^T) / 2, before it is
 * factored; the gradient is that of this function, hence symmetric. Meant for n up to 64 or so.
 *
 * @param matrices `[..., n, n]`, float32
 * @returns `[..., n, n]`, zeros above the diagonal; the caller disposes it
 * @throws EphemeraError when a matrix is not positive definite, with its number in the batch and the pivot, on the cpu and
 * wasm backends. On devices, whose data cannot be looked at without waiting, such a matrix gives NaN.
 *
 * @example
 * ```ts
 * import { cholesky, logDeterminant, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const factor = cholesky(tf.tensor([[4, 2], [2, 10]]));
 * assert.deepEqual([...await factor.data()], [2, 0, 1, 3]);
 * assert.ok(Math.abs((await logDeterminant(factor).data())[0] - Math.log(36)) < 1e-6);
 * ```
 */
export function cholesky<T extends tf.Tensor>(matrices: T): T {
  const { batch, n } = squareShape(matrices, "cholesky");
  const operation = tf.customGrad((a, save) => {
    const input = a as tf.Tensor3D;
    const value = HOST_BACKENDS.has(tf.getBackend())
      ? tf.tensor3d(choleskyOnHost(input.dataSync<"float32">(), batch, n), [batch, n, n])
      : choleskyComposed(input);
    (save as tf.GradSaveFunc)([value]);
    const gradFunc = (dy: tf.Tensor, [factor]: tf.Tensor[]) => {
      refuseSecondDerivative("cholesky");
      return choleskyGradient(factor, dy, n);
    };
    return { value, gradFunc };
  });
  return tf.tidy(() => tf.reshape(operation(tf.reshape(matrices, [batch, n, n])), matrices.shape) as T);
}

/** A-bar = (S + S^T) / 2 with S = L^-T P L^-1, P the lower triangle of L^T L-bar with its diagonal halved (Murray 2016, sec. 3). */
function choleskyGradient(factor: tf.Tensor, gradient: tf.Tensor, n: number): tf.Tensor {
  const half = triangle(n, 0.5);
  const lowerGradient = tf.mul(gradient, triangle(n, 1)); // what stands above the diagonal of L is constant
  const p = tf.mul(tf.matMul(factor, lowerGradient, true, false), half);
  const right = tf.transpose(triangularSolve(factor, tf.transpose(p, [0, 2, 1]), { transpose: true }), [
    0,
    2,
    1,
  ]);
  // `right` is P L^-1: from X L = P follows L^T X^T = P^T.
  const s = triangularSolve(factor, right, { transpose: true });
  return tf.mul(tf.add(s, tf.transpose(s, [0, 2, 1])), 0.5);
}

/** Options of {@link triangularSolve}. */
export interface TriangularSolveOptions {
  /** Whether L^T X = B is solved instead of L X = B. Default false. */
  transpose?: boolean;
}

/**
 * The X with L X = B, or L^T X = B, for each pair of a batch. Differentiable in both.
 *
 * @param factors L, `[..., n, n]`; what stands above the diagonal is not read
 * @param right B, `[..., n, columns]` with the same leading extents
 * @returns `[..., n, columns]`; the caller disposes it
 * @throws EphemeraError when the shapes do not fit
 */
export function triangularSolve<T extends tf.Tensor>(
  factors: tf.Tensor,
  right: T,
  options: TriangularSolveOptions = {},
): T {
  const { transpose = false } = options;
  const { batch, n } = squareShape(factors, "triangularSolve");
  const fits = right.rank === factors.rank && right.shape.at(-2) === n &&
    right.shape.slice(0, -2).join() === factors.shape.slice(0, -2).join();
  demand(fits, () => ({
    expected: `right sides of shape [${[...factors.shape.slice(0, -1), "columns"].join(", ")}]`,
    found: `[${right.shape.join(", ")}]`,
    where: "triangularSolve",
  }));
  const columns = right.shape.at(-1)!;
  const operation = tf.customGrad((l, b, save) => {
    const [factor, side] = [l as tf.Tensor3D, b as tf.Tensor3D];
    const value = HOST_BACKENDS.has(tf.getBackend())
      ? tf.tensor3d(
        triangularSolveOnHost(factor.dataSync<"float32">(), side.dataSync<"float32">(), {
          ...{ batch, n, columns, transpose },
        }),
        [batch, n, columns],
      )
      : triangularSolveComposed(factor, side, transpose);
    (save as tf.GradSaveFunc)([factor, value]);
    const gradFunc = (dy: tf.Tensor, [factor, x]: tf.Tensor[]) => {
      refuseSecondDerivative("triangularSolve");
      const rightGradient = triangularSolve(factor, dy, { transpose: !transpose });
      const outer = transpose
        ? tf.matMul(x, rightGradient, false, true)
        : tf.matMul(rightGradient, x, false, true);
      return [tf.mul(outer, triangle(n, 1, -1)), rightGradient];
    };
    return { value, gradFunc };
  });
  return tf.tidy(() => {
    const solved = operation(tf.reshape(factors, [batch, n, n]), tf.reshape(right, [batch, n, columns]));
    return tf.reshape(solved, right.shape) as T;
  });
}

/** The X with L L^T X = B: `[..., n, n]` and `[..., n, columns]` give `[..., n, columns]`. Differentiable in both. */
export function choleskySolve<T extends tf.Tensor>(factors: tf.Tensor, right: T): T {
  return tf.tidy(() => triangularSolve(factors, triangularSolve(factors, right), { transpose: true }));
}

/** The logarithm of the determinant of L L^T, twice the sum of ln L_ii: `[..., n, n]` gives `[...]`. Differentiable. */
export function logDeterminant(factors: tf.Tensor): tf.Tensor {
  const { n } = squareShape(factors, "logDeterminant");
  return tf.tidy(() => {
    const diagonal = tf.sum(tf.mul(factors, tf.eye(n)), -1);
    return tf.mul(tf.sum(tf.log(diagonal), -1), 2);
  });
}

/** A lower triangle of `sign` with `diagonal * sign` on the diagonal. */
function triangle(n: number, diagonal: number, sign = 1): tf.Tensor2D {
  const values = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    values.fill(sign, i * n, i * n + i);
    values[i * n + i] = sign * diagonal;
  }
  return tf.tensor2d(values, [n, n]);
}

function squareShape(matrices: tf.Tensor, where: string): { batch: number; n: number } {
  const { shape } = matrices, n = shape.at(-1)!;
  demand(shape.length >= 2 && shape.at(-2) === n && n >= 1 && matrices.dtype === "float32", () => ({
    expected: "float32 square matrices [..., n, n] with n from 1",
    found: `${matrices.dtype} of shape [${shape.join(", ")}]`,
    where,
  }));
  return { batch: elementCount(shape.slice(0, -2)), n };
}

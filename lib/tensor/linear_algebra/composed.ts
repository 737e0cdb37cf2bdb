/**
 * The same as host.ts out of tensor operations, for devices whose data must not be waited for (WebGPU) or are fetched at a
 * price (native TensorFlow on a GPU): one column at a time, the rest of the matrix updated at once.
 */
import { tf } from "../tf.ts";

/** Lower Cholesky factors of `[batch, n, n]`; a matrix that is not positive definite gives NaN. */
export function choleskyComposed(matrices: tf.Tensor3D): tf.Tensor3D {
  const [batch, n] = matrices.shape;
  return tf.tidy(() => {
    let rest = tf.mul(tf.add(matrices, tf.transpose(matrices, [0, 2, 1])), 0.5) as tf.Tensor3D;
    const columns: tf.Tensor3D[] = [];
    for (let j = 0; j < n; j++) {
      const left = n - j;
      const pivot = tf.slice(rest, [0, 0, 0], [batch, 1, 1]);
      const column = tf.div(tf.slice(rest, [0, 0, 0], [batch, left, 1]), tf.sqrt(pivot)) as tf.Tensor3D;
      columns.push(tf.pad(column, [[0, 0], [j, 0], [0, 0]]));
      if (left === 1) break;
      const below = tf.slice(column, [0, 1, 0], [batch, left - 1, 1]);
      const corner = tf.slice(rest, [0, 1, 1], [batch, left - 1, left - 1]);
      rest = tf.sub(corner, tf.mul(below, tf.transpose(below, [0, 2, 1])));
    }
    return tf.concat(columns, 2);
  });
}

/** X with L X = B, or L^T X = B, for L `[batch, n, n]` and B `[batch, n, columns]`. */
export function triangularSolveComposed(
  factors: tf.Tensor3D,
  right: tf.Tensor3D,
  transpose: boolean,
): tf.Tensor3D {
  const [batch, n] = factors.shape, width = right.shape[2];
  return tf.tidy(() => {
    let rest = right;
    const rows: tf.Tensor3D[] = [];
    for (let step = 0; step < n; step++) {
      const i = transpose ? n - 1 - step : step, left = n - 1 - step;
      const own = tf.slice(rest, [0, transpose ? left : 0, 0], [batch, 1, width]);
      const row = tf.div(own, tf.slice(factors, [0, i, i], [batch, 1, 1])) as tf.Tensor3D;
      rows.push(row);
      if (left === 0) break;
      const column = transpose
        ? tf.transpose(tf.slice(factors, [0, i, 0], [batch, 1, left]), [0, 2, 1])
        : tf.slice(factors, [0, i + 1, i], [batch, left, 1]);
      const others = tf.slice(rest, [0, transpose ? 0 : 1, 0], [batch, left, width]);
      rest = tf.sub(others, tf.mul(column, row));
    }
    return tf.concat(transpose ? rows.reverse() : rows, 1);
  });
}

import { demand } from "../core/mod.ts";

/** A dense real matrix, row-major: element (i, j) is `data[i * columns + j]`. A plain value, so it survives a trip to a worker. */
export interface Matrix {
  /** The elements, `rows * columns` of them. */
  data: Float64Array;
  /** Number of rows (objects, in a table of features). */
  rows: number;
  /** Number of columns (features). */
  columns: number;
}

/**
 * Returns a matrix over `data` (not copied when it already is a Float64Array).
 * Throws an EphemeraError when the number of values is not `rows * columns`.
 *
 * @example
 * ```ts
 * import { at, matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const m = matrix([1, 2, 3, 4, 5, 6], 2, 3);
 * assert.equal(at(m, 1, 0), 4);
 * ```
 */
export function matrix(data: ArrayLike<number>, rows: number, columns: number): Matrix {
  demand(data.length === rows * columns, () => ({
    expected: `${rows} x ${columns} = ${rows * columns} values`,
    found: `${data.length}`,
    where: "matrix",
  }));
  return { data: data instanceof Float64Array ? data : Float64Array.from(data), rows, columns };
}

/** Returns a matrix of zeros. */
export function zeros(rows: number, columns: number): Matrix {
  return { data: new Float64Array(rows * columns), rows, columns };
}

/** Returns the identity matrix of order `n`, times `scale`. */
export function identity(n: number, scale = 1): Matrix {
  const result = zeros(n, n);
  for (let i = 0; i < n; i++) result.data[i * n + i] = scale;
  return result;
}

/**
 * Returns a matrix whose rows are copies of `rows`. Throws an EphemeraError when they differ in length.
 * An empty list needs `columns` to know the width.
 */
export function matrixFromRows(rows: ReadonlyArray<ArrayLike<number>>, columns?: number): Matrix {
  const width = columns ?? rows[0]?.length ?? 0;
  const result = zeros(rows.length, width);
  rows.forEach((row, i) => {
    demand(row.length === width, () => ({
      expected: `rows of ${width} values`,
      found: `${row.length} values`,
      where: `row ${i}`,
    }));
    result.data.set(row, i * width);
  });
  return result;
}

/** Returns element (row, column). No bounds check: this is the inner-loop accessor. */
export function at(m: Matrix, row: number, column: number): number {
  return m.data[row * m.columns + column];
}

/** Returns row `i` as a view: writing to it writes to the matrix. */
export function rowOf(m: Matrix, i: number): Float64Array {
  return m.data.subarray(i * m.columns, (i + 1) * m.columns);
}

/** Returns a copy of column `j`. */
export function columnOf(m: Matrix, j: number): Float64Array {
  const result = new Float64Array(m.rows);
  for (let i = 0; i < m.rows; i++) result[i] = m.data[i * m.columns + j];
  return result;
}

/** Returns a new matrix with the rows named by `indices`, in that order; repeats are allowed. */
export function takeRows(m: Matrix, indices: ArrayLike<number>): Matrix {
  const result = zeros(indices.length, m.columns);
  for (let k = 0; k < indices.length; k++) {
    const i = indices[k];
    demand(Number.isInteger(i) && i >= 0 && i < m.rows, () => ({
      expected: `row numbers from 0 to ${m.rows - 1}`,
      found: `${i}`,
      where: `takeRows, position ${k}`,
    }));
    result.data.set(rowOf(m, i), k * m.columns);
  }
  return result;
}

/** Returns a new matrix with the columns named by `indices`, in that order. */
export function takeColumns(m: Matrix, indices: ArrayLike<number>): Matrix {
  const result = zeros(m.rows, indices.length);
  for (let k = 0; k < indices.length; k++) {
    const j = indices[k];
    demand(Number.isInteger(j) && j >= 0 && j < m.columns, () => ({
      expected: `column numbers from 0 to ${m.columns - 1}`,
      found: `${j}`,
      where: `takeColumns, position ${k}`,
    }));
    for (let i = 0; i < m.rows; i++) result.data[i * indices.length + k] = m.data[i * m.columns + j];
  }
  return result;
}

/** Returns the transposed matrix. */
export function transpose(m: Matrix): Matrix {
  const result = zeros(m.columns, m.rows);
  for (let i = 0; i < m.rows; i++) {
    for (let j = 0; j < m.columns; j++) result.data[j * m.rows + i] = m.data[i * m.columns + j];
  }
  return result;
}

/** Returns the product `a b`. Throws an EphemeraError when the inner sizes differ. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  demand(a.columns === b.rows, () => ({
    expected: `a right factor of ${a.columns} rows`,
    found: `${b.rows} rows`,
    where: "multiply",
  }));
  const result = zeros(a.rows, b.columns);
  for (let i = 0; i < a.rows; i++) {
    const target = rowOf(result, i);
    for (let k = 0; k < a.columns; k++) {
      const factor = a.data[i * a.columns + k];
      if (factor === 0) continue;
      const start = k * b.columns;
      for (let j = 0; j < b.columns; j++) target[j] += factor * b.data[start + j];
    }
  }
  return result;
}

/** Returns the vector `a x`. Throws an EphemeraError when the sizes differ. */
export function multiplyVector(a: Matrix, x: ArrayLike<number>): Float64Array {
  demand(a.columns === x.length, () => ({
    expected: `a vector of ${a.columns} values`,
    found: `${x.length}`,
    where: "multiplyVector",
  }));
  const result = new Float64Array(a.rows);
  for (let i = 0; i < a.rows; i++) {
    let sum = 0;
    const start = i * a.columns;
    for (let j = 0; j < a.columns; j++) sum += a.data[start + j] * x[j];
    result[i] = sum;
  }
  return result;
}

/** Returns the mean of each column. */
export function columnMeans(m: Matrix): Float64Array {
  const means = new Float64Array(m.columns);
  for (let i = 0; i < m.rows; i++) {
    for (let j = 0; j < m.columns; j++) means[j] += m.data[i * m.columns + j];
  }
  for (let j = 0; j < m.columns; j++) means[j] /= m.rows;
  return means;
}

/** Returns the covariance of the columns, divided by `rows - ddof`: two passes, so a large mean does no harm. */
export function covariance(m: Matrix, ddof = 1): Matrix {
  const means = columnMeans(m);
  const n = m.columns;
  const result = zeros(n, n);
  const centred = new Float64Array(n);
  for (let i = 0; i < m.rows; i++) {
    for (let j = 0; j < n; j++) centred[j] = m.data[i * n + j] - means[j];
    for (let a = 0; a < n; a++) {
      for (let b = 0; b <= a; b++) result.data[a * n + b] += centred[a] * centred[b];
    }
  }
  for (let a = 0; a < n; a++) {
    for (let b = 0; b <= a; b++) {
      const value = result.data[a * n + b] / (m.rows - ddof);
      result.data[a * n + b] = value;
      result.data[b * n + a] = value;
    }
  }
  return result;
}

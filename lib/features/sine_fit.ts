import type { Curve } from "../signal/mod.ts";

/** A weighted least-squares Fourier series at one frequency. */
export interface SineFit {
  /** `A_j` of `A_j cos(2 pi j f t + phi_j)`, j = 1 ... multiples. */
  amplitudes: Float64Array;
  /** `phi_j`, radians in (-pi, pi]. */
  phases: Float64Array;
  /** The values with the series (and its constant) subtracted. */
  residual: Float64Array;
}

/** An angle brought to (-pi, pi]. */
export function wrapped(angle: number): number {
  const turns = angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
  return turns <= -Math.PI ? Math.PI : turns;
}

/**
 * Fits a constant and `multiples` sines jointly, weights `1 / error^2`, by Householder reflections: the
 * columns are nearly dependent when the phases are few, and normal equations would square that. A column that
 * the others already span gets no amplitude.
 */
export function fitSine({ time, value, error }: Curve, frequency: number, multiples: number): SineFit {
  const n = time.length;
  const columns = Array.from({ length: 2 * multiples + 1 }, () => new Float64Array(n));
  for (let i = 0; i < n; i++) {
    const weight = error === undefined ? 1 : 1 / error[i];
    columns[0][i] = weight;
    for (let j = 1; j <= multiples; j++) {
      const cycles = j * frequency * time[i];
      const angle = 2 * Math.PI * (cycles - Math.round(cycles));
      columns[2 * j - 1][i] = weight * Math.cos(angle);
      columns[2 * j][i] = weight * Math.sin(angle);
    }
  }
  let mean = 0;
  for (let i = 0; i < n; i++) mean += value[i] / n;
  const target = value.map((v, i) => error === undefined ? v - mean : (v - mean) / error[i]);
  const coefficients = leastSquares(columns.map((c) => c.slice()), target.slice());
  const residual = target;
  columns.forEach((column, k) => {
    for (let i = 0; i < n; i++) residual[i] -= coefficients[k] * column[i];
  });
  if (error !== undefined) { for (let i = 0; i < n; i++) residual[i] *= error[i]; }
  const amplitudes = new Float64Array(multiples);
  const phases = new Float64Array(multiples);
  for (let j = 1; j <= multiples; j++) {
    const a = coefficients[2 * j - 1];
    const b = coefficients[2 * j];
    amplitudes[j - 1] = Math.hypot(a, b);
    phases[j - 1] = Math.atan2(-b, a);
  }
  return { amplitudes, phases, residual };
}

/** Least squares by Householder reflections; `columns` and `target` are overwritten. */
function leastSquares(columns: Float64Array[], target: Float64Array): Float64Array {
  const n = target.length;
  const size = columns.length;
  const diagonal = new Float64Array(size);
  const alive = new Uint8Array(size);
  let row = 0;
  const rowOf = new Int32Array(size);
  for (let k = 0; k < size; k++) {
    const column = columns[k];
    let whole = 0;
    for (let i = 0; i < n; i++) whole += column[i] * column[i];
    let rest = 0;
    for (let i = row; i < n; i++) rest += column[i] * column[i];
    if (row >= n || rest <= 1e-20 * whole) continue;
    alive[k] = 1;
    rowOf[k] = row;
    const alpha = column[row] > 0 ? -Math.sqrt(rest) : Math.sqrt(rest);
    const head = column[row] - alpha;
    const scale = -1 / (alpha * head);
    const reflect = (other: Float64Array) => {
      let dot = head * other[row];
      for (let i = row + 1; i < n; i++) dot += column[i] * other[i];
      dot *= scale;
      other[row] -= dot * head;
      for (let i = row + 1; i < n; i++) other[i] -= dot * column[i];
    };
    for (let l = k + 1; l < size; l++) reflect(columns[l]);
    reflect(target);
    diagonal[k] = alpha;
    row++;
  }
  const solution = new Float64Array(size);
  for (let k = size - 1; k >= 0; k--) {
    if (!alive[k]) continue;
    let sum = target[rowOf[k]];
    for (let l = k + 1; l < size; l++) if (alive[l]) sum -= columns[l][rowOf[k]] * solution[l];
    solution[k] = sum / diagonal[k];
  }
  return solution;
}

import { demand } from "../../core/mod.ts";
import { type Matrix, softmax, zeros } from "../../numerics/mod.ts";
import type { ClassProbabilities, LabelInput } from "../labels.ts";
import { encodeLabels } from "../labels.ts";
import { checked } from "./log_loss.ts";

/** One bin of a reliability table. */
export interface ReliabilityBin {
  /** Lower edge of the confidence (exclusive, but 0 belongs to the first bin). */
  low: number;
  /** Upper edge, inclusive. */
  high: number;
  /** Objects whose largest probability falls into the bin. */
  count: number;
  /** Their mean largest probability (NaN when there are none). */
  confidence: number;
  /** The fraction of them that is classified rightly (NaN when there are none). */
  accuracy: number;
}

/** Expected calibration error and the table behind it. */
export interface Calibration {
  /** Count-weighted mean of |accuracy - confidence| over the bins. */
  expectedCalibrationError: number;
  /** Largest |accuracy - confidence| of a bin that has objects. */
  maximumCalibrationError: number;
  /** The bins, from low to high confidence. */
  table: ReliabilityBin[];
}

/**
 * Returns the expected calibration error of the predicted class (Guo et al. 2017, eq. 3) with its reliability table.
 * @param options.bins number of bins of equal width. Default 15.
 */
export function calibration(
  truth: LabelInput,
  predicted: ClassProbabilities,
  options: { bins?: number } = {},
): Calibration {
  const { bins = 15 } = options;
  const { codes } = checked(truth, predicted, "calibration");
  const { data, columns } = predicted.probabilities;
  const count = new Float64Array(bins), confidence = new Float64Array(bins), right = new Float64Array(bins);
  for (let i = 0; i < codes.length; i++) {
    let best = 0;
    for (let k = 1; k < columns; k++) if (data[i * columns + k] > data[i * columns + best]) best = k;
    const p = data[i * columns + best];
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(p * bins) - 1));
    count[bin]++;
    confidence[bin] += p;
    if (best === codes[i]) right[bin]++;
  }
  let expected = 0, maximum = 0;
  const table = Array.from(count, (n, b) => {
    if (n > 0) {
      const gap = Math.abs(right[b] - confidence[b]);
      expected += gap / codes.length;
      maximum = Math.max(maximum, gap / n);
    }
    return {
      low: b / bins,
      high: (b + 1) / bins,
      count: n,
      confidence: confidence[b] / n,
      accuracy: right[b] / n,
    };
  });
  return { expectedCalibrationError: expected, maximumCalibrationError: maximum, table };
}

/**
 * Returns the temperature T that minimises the log loss of softmax(logits / T) (Guo et al. 2017): found on validation
 * objects, it mends over-confidence without changing any predicted class. The problem is convex in 1/T and is solved by
 * a guarded Newton iteration. Answers lie in [0.01, 100].
 * @param logits one row an object, one column a class; logarithms of probabilities serve as well.
 *
 * @example
 * ```ts
 * import { applyTemperature, fitTemperature } from "ephemera/learn";
 * import { matrixFromRows } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * // Three of four are right, so the calibrated confidence is 0.75.
 * const logits = matrixFromRows([[9, 0], [9, 0], [9, 0], [9, 0]]);
 * const T = fitTemperature(logits, ["a", "a", "a", "b"]);
 * assert.ok(Math.abs(applyTemperature(logits, T).data[0] - 0.75) < 1e-9);
 * ```
 */
export function fitTemperature(logits: Matrix, truth: LabelInput): number {
  const { codes, classNames } = encodeLabels(truth);
  demand(logits.rows === codes.length && logits.rows > 0 && classNames.length <= logits.columns, {
    expected: `${codes.length} rows (at least one) with a column for each of ${classNames.length} classes`,
    found: `${logits.rows} x ${logits.columns}`,
    where: "fitTemperature",
  });
  const { data, rows, columns } = logits;
  const p = new Float64Array(columns), scaled = new Float64Array(columns);
  /** First and second derivative of the log loss in the inverse temperature. */
  const derivatives = (inverse: number) => {
    let first = 0, second = 0;
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < columns; k++) scaled[k] = inverse * data[i * columns + k];
      softmax(scaled, p);
      let mean = 0, square = 0;
      for (let k = 0; k < columns; k++) {
        const z = data[i * columns + k];
        if (p[k] === 0) continue; // also keeps the logarithm of a zero probability out of 0 times infinity
        mean += p[k] * z;
        square += p[k] * z * z;
      }
      first += mean - data[i * columns + codes[i]];
      second += square - mean * mean;
    }
    return { first, second };
  };
  let low = 0.01, high = 100;
  if (derivatives(low).first >= 0) return 1 / low;
  if (derivatives(high).first <= 0) return 1 / high;
  let inverse = 1;
  for (let iteration = 0; iteration < 200; iteration++) {
    const { first, second } = derivatives(inverse);
    if (first > 0) high = inverse;
    else low = inverse;
    let next = inverse - first / second;
    if (!(next > low && next < high)) next = Math.sqrt(low * high);
    if (Math.abs(next - inverse) <= 1e-14 * inverse) return 1 / next;
    inverse = next;
  }
  return 1 / inverse;
}

/** Returns softmax(logits / temperature), row by row. */
export function applyTemperature(logits: Matrix, temperature: number): Matrix {
  demand(temperature > 0, {
    expected: "a positive temperature",
    found: `${temperature}`,
    where: "applyTemperature",
  });
  const result = zeros(logits.rows, logits.columns);
  for (let i = 0; i < logits.rows; i++) {
    const row = result.data.subarray(i * logits.columns, (i + 1) * logits.columns);
    for (let k = 0; k < row.length; k++) row[k] = logits.data[i * logits.columns + k] / temperature;
    softmax(row, row);
  }
  return result;
}

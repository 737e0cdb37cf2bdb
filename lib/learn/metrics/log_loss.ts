import { demand } from "../../core/mod.ts";
import { type ClassProbabilities, encodeLabels, type LabelInput } from "../labels.ts";

/** Smallest probability that a logarithm is taken of: the spacing of doubles at 1, as in scikit-learn. */
const SMALLEST = 2 ** -52;

/**
 * Returns the mean of -ln p of the true class, in nats. Probabilities are clipped to [2^-52, 1 - 2^-52].
 * Throws an EphemeraError when a row does not sum to 1 within 1e-6, or a true class has no column.
 *
 * @example
 * ```ts
 * import { logLoss } from "ephemera/learn";
 * import { matrixFromRows } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const predicted = { classNames: ["a", "b"], probabilities: matrixFromRows([[0.5, 0.5], [0.25, 0.75]]) };
 * assert.equal(logLoss(["a", "b"], predicted), -(Math.log(0.5) + Math.log(0.75)) / 2);
 * ```
 */
export function logLoss(truth: LabelInput, predicted: ClassProbabilities): number {
  const { codes } = checked(truth, predicted, "logLoss");
  const { data, columns } = predicted.probabilities;
  let sum = 0;
  for (let i = 0; i < codes.length; i++) {
    sum -= Math.log(Math.min(1 - SMALLEST, Math.max(SMALLEST, data[i * columns + codes[i]])));
  }
  return sum / codes.length;
}

/** Class weights of the PLAsTiCC challenge: 2 for the rare 15 (tidal disruption), 64 (kilonova) and 99 (unseen), else 1. */
export const PLASTICC_CLASS_WEIGHTS: Readonly<Record<string, number>> = { "15": 2, "64": 2, "99": 2 };

/** Options of {@link weightedLogLoss}. */
export interface WeightedLogLossOptions {
  /** Weight of each class by name; classes not named weigh 1. Default {@link PLASTICC_CLASS_WEIGHTS}. */
  weights?: Readonly<Record<string, number>>;
  /** Probabilities are clipped to [clip, 1 - clip]. Default 1e-15, the challenge's value. */
  clip?: number;
}

/**
 * Returns the weighted log loss of the PLAsTiCC challenge, -sum_k w_k <ln p_ik>_{i in k} / sum_k w_k: each class counts by its
 * weight, whatever its number of objects. Rows are divided by their sum first. Classes without objects in `truth` are left out
 * of both sums.
 */
export function weightedLogLoss(
  truth: LabelInput,
  predicted: ClassProbabilities,
  options: WeightedLogLossOptions = {},
): number {
  const { weights = PLASTICC_CLASS_WEIGHTS, clip = 1e-15 } = options;
  const { codes, classNames } = encodeLabels(truth, predicted.classNames);
  const { data, rows, columns } = predicted.probabilities;
  demand(rows === codes.length && rows > 0, {
    expected: `${codes.length} rows of probabilities`,
    found: `${rows}`,
    where: "weightedLogLoss",
  });
  const sums = new Float64Array(columns), counts = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    let total = 0;
    for (let k = 0; k < columns; k++) total += data[i * columns + k];
    demand(total > 0, () => ({
      expected: "rows with a positive sum",
      found: `${total}`,
      where: `weightedLogLoss, row ${i}`,
    }));
    const p = data[i * columns + codes[i]] / total;
    sums[codes[i]] += Math.log(Math.min(1 - clip, Math.max(clip, p)));
    counts[codes[i]]++;
  }
  let numerator = 0, denominator = 0;
  classNames.forEach((name, k) => {
    if (counts[k] === 0) return;
    const weight = weights[name] ?? 1;
    numerator -= weight * sums[k] / counts[k];
    denominator += weight;
  });
  return numerator / denominator;
}

/**
 * Returns the Brier score, the mean over objects of sum_k (p_ik - [i is k])^2, from 0 to 2 (Brier 1950). With two
 * classes it is twice the usual binary score of one column; `halved: true` divides by two.
 */
export function brierScore(
  truth: LabelInput,
  predicted: ClassProbabilities,
  options: { halved?: boolean } = {},
): number {
  const { codes } = checked(truth, predicted, "brierScore");
  const { data, columns } = predicted.probabilities;
  let sum = 0;
  for (let i = 0; i < codes.length; i++) {
    for (let k = 0; k < columns; k++) sum += (data[i * columns + k] - (codes[i] === k ? 1 : 0)) ** 2;
  }
  return sum / codes.length / (options.halved ? 2 : 1);
}

/** Returns the encoded truth after checking the shape and that every row of probabilities sums to 1. */
export function checked(truth: LabelInput, predicted: ClassProbabilities, where: string) {
  const labels = encodeLabels(truth, predicted.classNames);
  const { data, rows, columns } = predicted.probabilities;
  demand(rows === labels.codes.length && rows > 0 && columns === predicted.classNames.length, {
    expected: `${labels.codes.length} rows (at least one) of ${predicted.classNames.length} probabilities`,
    found: `${rows} x ${columns}`,
    where,
  });
  for (let i = 0; i < rows; i++) {
    let total = 0;
    for (let k = 0; k < columns; k++) total += data[i * columns + k];
    demand(Math.abs(total - 1) < 1e-6, () => ({
      expected: "rows that sum to 1",
      found: `${total}`,
      where: `${where}, row ${i}`,
      remedy: "divide each row by its sum",
    }));
  }
  return labels;
}

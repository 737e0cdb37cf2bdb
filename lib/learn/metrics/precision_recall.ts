import type { ConfusionMatrix } from "./confusion.ts";

/** Precision, recall and F1 of one class or of an average over classes. */
export interface PrecisionRecallF1 {
  /** True positives over predicted positives. */
  precision: number;
  /** True positives over actual positives. */
  recall: number;
  /** Harmonic mean of both, 2 TP / (2 TP + FP + FN). */
  f1: number;
}

/** Scores of every class and their averages. */
export interface ClassificationReport {
  /** One entry a class, in the order of the confusion matrix; `support` is the number of true objects. */
  perClass: (PrecisionRecallF1 & { className: string; support: number })[];
  /** Unweighted mean over the classes. */
  macro: PrecisionRecallF1;
  /** Mean over the classes weighted by support. */
  weighted: PrecisionRecallF1;
}

/**
 * Returns precision, recall and F1 of each class with macro and weighted means. A ratio with a zero denominator counts as
 * `zeroDivision` (0, scikit-learn's default).
 *
 * @example
 * ```ts
 * import { classificationReport, confusionMatrix } from "ephemera/learn";
 * import assert from "node:assert/strict";
 * const report = classificationReport(confusionMatrix(["a", "a", "b", "b"], ["a", "b", "b", "b"]));
 * assert.equal(report.perClass[0].recall, 0.5);
 * assert.ok(Math.abs(report.macro.f1 - (2 / 3 + 4 / 5) / 2) < 1e-15);
 * ```
 */
export function classificationReport(
  { classNames, counts }: ConfusionMatrix,
  options: { zeroDivision?: number } = {},
): ClassificationReport {
  const { zeroDivision = 0 } = options;
  const n = counts.columns;
  const ratio = (a: number, b: number) => b === 0 ? zeroDivision : a / b;
  const perClass = classNames.map((className, k) => {
    let actual = 0, predicted = 0;
    for (let j = 0; j < n; j++) {
      actual += counts.data[k * n + j];
      predicted += counts.data[j * n + k];
    }
    const right = counts.data[k * n + k];
    return {
      className,
      support: actual,
      precision: ratio(right, predicted),
      recall: ratio(right, actual),
      f1: ratio(2 * right, actual + predicted),
    };
  });
  const total = perClass.reduce((sum, { support }) => sum + support, 0);
  const mean = (weight: (support: number) => number): PrecisionRecallF1 => {
    const average = { precision: 0, recall: 0, f1: 0 };
    for (const { support, precision, recall, f1 } of perClass) {
      average.precision += weight(support) * precision;
      average.recall += weight(support) * recall;
      average.f1 += weight(support) * f1;
    }
    return average;
  };
  return { perClass, macro: mean(() => 1 / n), weighted: mean((support) => support / total) };
}

/** Precision, recall and F1 of a detection by threshold, with the counts behind them. */
export interface DetectionScores extends PrecisionRecallF1 {
  /** Positive objects that were called positive. */
  truePositives: number;
  /** Negative objects that were called positive. */
  falsePositives: number;
  /** Positive objects that were called negative. */
  falseNegatives: number;
  /** Negative objects that were called negative. */
  trueNegatives: number;
}

/**
 * Returns precision, recall and F1 of calling positive whatever scores at least `threshold` (0 where undefined).
 * @param positive whether each object truly is positive (non-zero or true).
 * @param scores one a object, larger is more positive.
 */
export function detectionScores(
  positive: ArrayLike<number | boolean>,
  scores: ArrayLike<number>,
  threshold: number,
): DetectionScores {
  let truePositives = 0, falsePositives = 0, falseNegatives = 0, trueNegatives = 0;
  for (let i = 0; i < scores.length; i++) {
    if (scores[i] >= threshold) positive[i] ? truePositives++ : falsePositives++;
    else positive[i] ? falseNegatives++ : trueNegatives++;
  }
  const ratio = (a: number, b: number) => b === 0 ? 0 : a / b;
  return {
    truePositives,
    falsePositives,
    falseNegatives,
    trueNegatives,
    precision: ratio(truePositives, truePositives + falsePositives),
    recall: ratio(truePositives, truePositives + falseNegatives),
    f1: ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
  };
}

import { demand } from "../../core/mod.ts";
import { type Matrix, zeros } from "../../numerics/mod.ts";
import { encodeLabels, type LabelInput, labelNames } from "../labels.ts";

/** Counts of true class (row) against predicted class (column). */
export interface ConfusionMatrix {
  /** Names of the rows and of the columns. */
  classNames: readonly string[];
  /** Element (i, j): objects of class i that were called class j. */
  counts: Matrix;
}

/**
 * Returns the confusion matrix of predictions. The classes are `classNames`, or those that occur in either list,
 * in alphabetical order. Throws an EphemeraError when the lists differ in length or are empty.
 *
 * @example
 * ```ts
 * import { accuracy, confusionMatrix } from "ephemera/learn";
 * import assert from "node:assert/strict";
 * const confusion = confusionMatrix(["EW", "EW", "RRab"], ["EW", "RRab", "RRab"]);
 * assert.deepEqual([...confusion.counts.data], [1, 1, 0, 1]);
 * assert.equal(accuracy(confusion), 2 / 3);
 * ```
 */
export function confusionMatrix(
  truth: LabelInput,
  predicted: LabelInput,
  classNames?: readonly string[],
): ConfusionMatrix {
  const [trueNames, predictedNames] = [labelNames(truth), labelNames(predicted)];
  demand(trueNames.length === predictedNames.length && trueNames.length > 0, {
    expected: "as many predictions as true classes, at least one",
    found: `${predictedNames.length} predictions of ${trueNames.length} objects`,
    where: "confusionMatrix",
  });
  const names = classNames ?? [...new Set([...trueNames, ...predictedNames])].sort();
  const a = encodeLabels(trueNames, names).codes;
  const b = encodeLabels(predictedNames, names).codes;
  const counts = zeros(names.length, names.length);
  for (let i = 0; i < a.length; i++) counts.data[a[i] * names.length + b[i]]++;
  return { classNames: names, counts };
}

/** Returns each row divided by its sum: the share of every true class that went to each predicted one. Empty rows stay 0. */
export function normaliseConfusion({ counts }: ConfusionMatrix): Matrix {
  const n = counts.columns;
  const result = zeros(n, n);
  for (let i = 0; i < n; i++) {
    const row = counts.data.subarray(i * n, (i + 1) * n);
    const total = row.reduce((sum, x) => sum + x, 0);
    if (total > 0) row.forEach((x, j) => result.data[i * n + j] = x / total);
  }
  return result;
}

/** Returns the fraction of objects whose class is right. */
export function accuracy({ counts }: ConfusionMatrix): number {
  let right = 0;
  for (let k = 0; k < counts.columns; k++) right += counts.data[k * counts.columns + k];
  return right / counts.data.reduce((sum, x) => sum + x, 0);
}

/** Returns the mean recall of the classes that occur among the true ones. */
export function balancedAccuracy({ counts }: ConfusionMatrix): number {
  const n = counts.columns;
  let sum = 0, present = 0;
  for (let i = 0; i < n; i++) {
    let total = 0;
    for (let j = 0; j < n; j++) total += counts.data[i * n + j];
    if (total === 0) continue;
    present++;
    sum += counts.data[i * n + i] / total;
  }
  return sum / present;
}

import { demand } from "../../core/mod.ts";
import { type Matrix, takeRows, zeros } from "../../numerics/mod.ts";
import { checkLabels, checkTable, type Classifier } from "../estimator.ts";
import { type ClassProbabilities, type LabelInput, mostProbable, takeLabels } from "../labels.ts";
import type { Split } from "../splitting/split.ts";

/**
 * Resolves to the probabilities of every tested object by a model that has not seen it: for each split a fresh model learns
 * the training side and predicts the test side. Classes that a training side lacks get probability 0. An object that several
 * splits test gets the mean; one that none tests gets NaN.
 *
 * @param make returns a fresh model for split `s`.
 *
 * @example
 * ```ts
 * import { crossValidate, folds, NearestNeighboursClassifier } from "ephemera/learn";
 * import { matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const x = matrix([1, 2, 3, 11, 12, 13], 6, 1), labels = ["near", "near", "near", "far", "far", "far"];
 * const splits = folds(6, 3, { labels, seed: 1 });
 * const predicted = await crossValidate(() => new NearestNeighboursClassifier({ neighbours: 1 }), x, labels, splits);
 * assert.equal(predicted.probabilities.data[1], 1); // the first object is "near", the second column
 * ```
 */
export async function crossValidate(
  make: (split: number) => Classifier,
  x: Matrix,
  labels: LabelInput,
  splits: readonly Split[],
): Promise<ClassProbabilities> {
  checkTable(x, "crossValidate", { allowMissing: true });
  const encoded = checkLabels(x, labels, "crossValidate");
  demand(splits.length > 0, { expected: "at least one split", found: "none", where: "crossValidate" });
  const { classNames } = encoded;
  const K = classNames.length;
  const probabilities = zeros(x.rows, K);
  const tested = new Float64Array(x.rows);
  for (const [s, { train, test }] of splits.entries()) {
    const model = await make(s).fit(takeRows(x, train), takeLabels(encoded, train));
    const found = await model.predictProbabilities(takeRows(x, test));
    const column = found.classNames.map((name) => classNames.indexOf(name));
    test.forEach((i, t) => {
      tested[i]++;
      column.forEach((k, c) =>
        probabilities.data[i * K + k] += found.probabilities.data[t * column.length + c]
      );
    });
  }
  for (let i = 0; i < x.rows; i++) {
    for (let k = 0; k < K; k++) probabilities.data[i * K + k] /= tested[i];
  }
  return { classNames, probabilities };
}

/** One choice of options and how well it did. */
export interface GridPoint<Options> {
  options: Options;
  /** Mean accuracy over the splits' test sides. */
  score: number;
  /** Accuracy of each split. */
  scores: Float64Array;
}

/**
 * Resolves to all combinations of the listed options, best mean accuracy first (of equals the earlier one): the usual
 * grid search. Score the winner on objects that no split has seen: its own score is optimistic.
 *
 * @param grid for each option the values to try.
 * @param make returns a fresh model with the given options.
 */
export async function gridSearch<Options extends Record<string, unknown>>(
  grid: { readonly [Name in keyof Options]: readonly Options[Name][] },
  make: (options: Options) => Classifier,
  x: Matrix,
  labels: LabelInput,
  splits: readonly Split[],
): Promise<GridPoint<Options>[]> {
  const encoded = checkLabels(x, labels, "gridSearch");
  let choices: Partial<Options>[] = [{}];
  for (const name of Object.keys(grid) as (keyof Options)[]) {
    demand(grid[name].length > 0, {
      expected: `at least one value of ${String(name)}`,
      found: "none",
      where: "gridSearch",
    });
    choices = choices.flatMap((choice) => grid[name].map((value) => ({ ...choice, [name]: value })));
  }
  const points: GridPoint<Options>[] = [];
  for (const choice of choices) {
    const options = choice as Options;
    const scores = new Float64Array(splits.length);
    for (const [s, split] of splits.entries()) {
      const { codes } = mostProbable(await crossValidate(() => make(options), x, encoded, [split]));
      scores[s] = split.test.filter((i) => codes[i] === encoded.codes[i]).length / split.test.length;
    }
    points.push({ options, scores, score: scores.reduce((sum, score) => sum + score, 0) / splits.length });
  }
  return points.sort((a, b) => b.score - a.score);
}

/**
 * The random forest that stands beside the estimation network in Table 2. The paper says that it reads the encoder's
 * features and prints 0.992; the public run's log has 0.9105 on those, so the printed value must have used more.
 */
import { type ProgressReporter, Random, silent } from "../../core/mod.ts";
import {
  accuracy,
  confusionMatrix,
  folds,
  type Labels,
  RandomForestClassifier,
  type RandomForestOptions,
  takeLabels,
} from "../../learn/mod.ts";
import { type Matrix, takeColumns, takeRows } from "../../numerics/mod.ts";

/** One point of the grid. */
export type ForestSettings = Required<
  Pick<RandomForestOptions, "trees" | "criterion" | "maxFeatures" | "minSamplesLeaf">
>;

/** The paper's grid (section 2.3): 72 forests. */
export const PAPER_FOREST_GRID: readonly ForestSettings[] = [50, 100, 250].flatMap((trees) =>
  (["gini", "entropy"] as const).flatMap((criterion) =>
    [0.05, 0.1, 0.2, 0.3].flatMap((maxFeatures) =>
      [1, 2, 3].map((minSamplesLeaf) => ({ trees, criterion, maxFeatures, minSamplesLeaf }))
    )
  )
);

/** Options of {@link chooseForest}. */
export interface ChooseForestOptions {
  seed: number | string;
  /** Group of each row (its star): a group is never on both sides of a fold. */
  groups: ArrayLike<number | string>;
  /** Default {@link PAPER_FOREST_GRID}. */
  grid?: readonly ForestSettings[];
  /** Folds of the search. Default 3, as in the public code. */
  folds?: number;
  progress?: ProgressReporter;
}

/** What {@link chooseForest} found. */
export interface ChosenForest {
  settings: ForestSettings;
  /** Mean accuracy over the folds with these settings. */
  accuracy: number;
  /** Fitted on all rows. */
  forest: RandomForestClassifier;
}

/** Returns the forest of the grid with the best cross-validated accuracy, fitted on all rows; of equals, the first. */
export async function chooseForest(
  x: Matrix,
  labels: Labels,
  options: ChooseForestOptions,
): Promise<ChosenForest> {
  const { seed, groups, grid = PAPER_FOREST_GRID, progress = silent } = options;
  const splits = folds(x.rows, options.folds ?? 3, { labels, groups, seed });
  let best: { settings: ForestSettings; accuracy: number } | undefined;
  for (const [done, settings] of grid.entries()) {
    let mean = 0;
    for (const { train, test } of splits) {
      progress.finish();
      const forest = await new RandomForestClassifier({ ...settings, seed })
        .fit(takeRows(x, train), takeLabels(labels, train));
      const predicted = forest.predict(takeRows(x, test));
      mean += accuracy(confusionMatrix(takeLabels(labels, test), predicted)) / splits.length;
    }
    if (best === undefined || mean > best.accuracy) best = { settings, accuracy: mean };
    progress.update(done + 1, grid.length);
  }
  const forest = await new RandomForestClassifier({
    ...best!.settings,
    seed: new Random(seed).stream("all").path,
  }).fit(x, labels);
  return { ...best!, forest };
}

/** Returns the first columns of the estimation network's input: the embedding alone, which the paper's forest reads. */
export function embeddingOf(features: Matrix, embedding: number): Matrix {
  return takeColumns(features, Array.from({ length: embedding }, (_, j) => j));
}

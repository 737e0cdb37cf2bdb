/** The work of one worker in a feature selection. */
import { type Labels, RandomForestClassifier, type Split, takeLabels } from "../../learn/mod.ts";
import { type Matrix, takeColumns, takeRows } from "../../numerics/mod.ts";

/** One forest: these columns, this fold held out. */
export interface PrefixTask {
  columns: number[];
  fold: number;
}

interface Shared {
  x: Matrix;
  labels: Labels;
  splits: Split[];
  trees: number;
  seed: string;
}

/** Returns the accuracy on the held-out fold of a forest grown on the others. */
export async function prefixAccuracy({ columns, fold }: PrefixTask, shared: unknown): Promise<number> {
  const { x, labels, splits, trees, seed } = shared as Shared;
  const { train, test } = splits[fold], table = takeColumns(x, columns);
  const forest = await new RandomForestClassifier({
    seed: `${seed}/${columns.length}/${fold}`,
    trees,
    workers: 1,
  })
    .fit(takeRows(table, train), takeLabels(labels, train));
  const { codes, classNames } = forest.predict(takeRows(table, test));
  const right = test.filter((i, t) => classNames[codes[t]] === labels.classNames[labels.codes[i]]).length;
  return right / test.length;
}

import { type Matrix, takeRows } from "../../lib/numerics/mod.ts";
import { type Labels, RandomForestClassifier, takeLabels } from "../../lib/learn/mod.ts";

/** Returns how many objects of one fold a forest grown on the others classifies rightly; runs on a worker. */
export async function rightInFold(
  { repeat, folds, fold }: { repeat: number; folds: string; fold: number },
  shared: unknown,
): Promise<number> {
  const { x, labels } = shared as { x: Matrix; labels: Labels };
  const train: number[] = [], test: number[] = [];
  for (let i = 0; i < x.rows; i++) (Number(folds[i]) === fold ? test : train).push(i);
  const forest = await new RandomForestClassifier({ seed: `${repeat}/${fold}`, trees: 200, workers: 1 })
    .fit(takeRows(x, train), takeLabels(labels, train));
  const predicted = forest.predict(takeRows(x, test));
  return test.filter((i, t) =>
    predicted.classNames[predicted.codes[t]] === labels.classNames[labels.codes[i]]
  ).length;
}

/** Two questions to a forest: can it tell simulated supernovae from others, and does it learn from them what holds for others? */
import { Random } from "../../core/mod.ts";
import {
  accuracy,
  type BootstrapInterval,
  bootstrapInterval,
  confusionMatrix,
  crossValidate,
  encodeLabels,
  folds,
  mostProbable,
  RandomForestClassifier,
  rocAuc,
} from "../../learn/mod.ts";
import { columnOf, type Matrix, matrix, takeRows } from "../../numerics/mod.ts";
import { compareValues } from "./two_samples.ts";
import type { SupernovaTable } from "./supernova_table.ts";

/** Options of both tests. */
export interface ForestTestOptions {
  /** Seed of folds, forests and resamples. */
  seed: number | string;
  /** Trees of a forest. Default 200. */
  trees?: number;
  /** Workers that grow trees. Default: one a core. */
  workers?: number;
}

/** An area under the receiver operating characteristic with its 95 per cent bootstrap interval by object. */
export type Area = Pick<BootstrapInterval, "estimate" | "low" | "high">;

/** Result of {@link tellApart}. */
export interface ToldApart {
  /** Objects of each sample. */
  objects: number;
  /** Share of objects that a forest which has not seen them puts into the right sample; 0.5 by chance. */
  accuracy: number;
  /** Area for "simulated"; 0.5 when the samples cannot be told apart. */
  area: Area;
  /** Columns that the forest leans on most, first the most important. */
  betrayed: {
    name: string;
    importance: number;
    /** Kolmogorov-Smirnov distance of the column; null where one sample has no value. */
    distance: number | null;
    realMedian: number | null;
    simulatedMedian: number | null;
  }[];
}

/** How many columns {@link ToldApart.betrayed} lists. */
const BETRAYED = 8;

/**
 * Asks a forest which of two samples an object is from, by five-fold cross-validation over objects. The larger sample is
 * cut to the size of the smaller at random, so that guessing is right half the time. A NaN counts as lower than every number.
 */
export async function tellApart(
  real: Pick<SupernovaTable, "names" | "rows">,
  simulated: Pick<SupernovaTable, "names" | "rows">,
  options: ForestTestOptions,
): Promise<ToldApart> {
  const { seed } = options, objects = Math.min(real.rows.rows, simulated.rows.rows);
  const random = new Random(seed).stream("tell apart");
  const cut = (rows: Matrix, name: string) => takeRows(rows, draw(rows.rows, objects, random.stream(name)));
  const a = cut(real.rows, "real"), b = cut(simulated.rows, "simulated");
  const x = stacked(a, b);
  const labels = encodeLabels([
    ...new Array<string>(objects).fill("real"),
    ...new Array<string>(objects).fill("simulated"),
  ]);
  const forest = (name: string) => makeForest(`${seed}/${name}`, options);
  const splits = folds(2 * objects, 5, { labels, seed });
  const predicted = await crossValidate((s) => forest(`fold ${s}`), x, labels, splits);
  const scores = columnOf(predicted.probabilities, 1);
  const { importances } = await forest("all").fit(x, labels);
  const order = real.names.map((_, k) => k).sort((p, q) => importances[q] - importances[p]);
  return {
    objects,
    accuracy: accuracy(confusionMatrix(labels, mostProbable(predicted))),
    area: areaOf(Array.from(labels.codes, Boolean), scores, seed),
    betrayed: order.slice(0, BETRAYED).map((k) => {
      const compared = compareValues(columnOf(a, k), columnOf(b, k));
      return {
        name: real.names[k],
        importance: importances[k],
        distance: compared?.distance ?? null,
        realMedian: compared?.realQuantiles[2] ?? null,
        simulatedMedian: compared?.simulatedQuantiles[2] ?? null,
      };
    }),
  };
}

/** Result of {@link learnFrom}. */
export interface Learned {
  /** Area for type Ia of the forest trained on the simulation. */
  simulation: Area;
  /** Area of the forest trained on as many objects of the tested kind. */
  own: Area;
  /** `own` minus `simulation`, both resampled together. */
  gap: Area;
  /** Score of each tested object by the forest trained on the simulation: its share for type Ia. */
  scores: Float64Array;
  /** The same by the other forest. */
  ownScores: Float64Array;
}

/**
 * Trains one forest on simulated supernovae and one on others, and tests both on the same objects, which neither has seen: type Ia
 * against core collapse. Classes are balanced in each tree, so the mixtures need not agree.
 *
 * @param tables supernovae of the simulation, others to train on, and others to test on, with the same columns.
 */
export async function learnFrom(
  tables: { simulation: SupernovaTable; own: SupernovaTable; test: SupernovaTable },
  options: ForestTestOptions,
): Promise<Learned> {
  const { simulation, own, test } = tables, { seed } = options;
  const score = async ({ rows, types }: SupernovaTable, name: string) => {
    const forest = await makeForest(`${seed}/${name}`, options, "balanced").fit(rows, types);
    const { classNames, probabilities } = forest.predictProbabilities(test.rows);
    return columnOf(probabilities, classNames.indexOf("Ia"));
  };
  const scores = await score(simulation, "simulation"), ownScores = await score(own, "own");
  const positive = test.types.map((type) => type === "Ia");
  return {
    simulation: areaOf(positive, scores, seed),
    own: areaOf(positive, ownScores, seed),
    gap: interval(positive.length, (rows) => {
      const truth = Array.from(rows, (i) => positive[i]);
      return rocAuc(truth, take(ownScores, rows)) - rocAuc(truth, take(scores, rows));
    }, seed),
    scores,
    ownScores,
  };
}

function makeForest(seed: string, options: ForestTestOptions, sampling?: "balanced"): RandomForestClassifier {
  const { trees = 200, workers } = options;
  return new RandomForestClassifier({ seed, trees, workers, sampling, missing: "lowest", minSamplesLeaf: 2 });
}

/** Draws `count` of the numbers below `total`, ascending. */
export function draw(total: number, count: number, random: Random): number[] {
  return random.shuffle(Array.from({ length: total }, (_, i) => i)).slice(0, count).sort((a, b) => a - b);
}

function stacked(a: Matrix, b: Matrix): Matrix {
  const data = new Float64Array(a.data.length + b.data.length);
  data.set(a.data);
  data.set(b.data, a.data.length);
  return matrix(data, a.rows + b.rows, a.columns);
}

const take = (from: Float64Array, rows: Uint32Array) => Float64Array.from(rows, (i) => from[i]);

function areaOf(positive: readonly boolean[], scores: Float64Array, seed: number | string): Area {
  return interval(
    positive.length,
    (rows) => rocAuc(Array.from(rows, (i) => positive[i]), take(scores, rows)),
    seed,
  );
}

function interval(objects: number, statistic: (rows: Uint32Array) => number, seed: number | string): Area {
  const { estimate, low, high } = bootstrapInterval(objects, statistic, { seed, resamples: 500 });
  return { estimate, low, high };
}

/** What all studies of the chapter do with one problem: train, score, measure, set baselines beside it. */
import {
  accuracy,
  balancedAccuracy,
  classificationReport,
  confusionMatrix,
  fitLogarithmicPool,
  type Labels,
  logarithmicPool,
  mostProbable,
  RandomForestClassifier,
} from "../../../learn/mod.ts";
import type { Matrix } from "../../../numerics/mod.ts";
import type { LightCurveSet } from "../../../observations/mod.ts";
import { fitBaselines } from "../baselines.ts";
import type { NoveltyConfiguration } from "../configuration.ts";
import { NoveltyDetector, type SequenceEvaluation } from "../detector.ts";
import { areaInterval, measureNovelty } from "../evaluation.ts";
import { chooseForest, embeddingOf } from "../forest.ts";
import type { NoveltyProblem } from "../problem.ts";
import type { NoveltyScores } from "../scores.ts";
import { cutSequences, type SequenceSet, takeSequences } from "../sequences.ts";
import { simpleFeatures } from "../simple_features.ts";

/** A row of a study's results. */
export type Row = Record<string, number | string | boolean | null>;

/** Options of {@link measureProblem}. */
export interface MeasureOptions {
  seed: number;
  log: (message: string) => void;
  /** Whether the forest of Table 2 is searched for on the embedding. */
  forest: boolean;
  /** Whether the training's history is kept. */
  history: boolean;
  /** A fitted detector whose autoencoder is taken over. */
  autoencoder?: NoveltyDetector;
}

/** What {@link measureProblem} comes to. */
export interface Measured {
  rows: Row[];
  /** The fitted detector, which the caller disposes. */
  detector: NoveltyDetector;
}

/** Names of the scores in results. */
export const SCORE_NAMES: Readonly<Record<keyof NoveltyScores, string>> = {
  energy: "energy",
  energyInClass: "energy within class",
  entropy: "class entropy",
  reconstruction: "reconstruction error",
  combined: "combined",
};

/** Trains a detector on a problem and returns everything that is measured of it as rows. */
export async function measureProblem(
  problem: NoveltyProblem,
  configuration: NoveltyConfiguration,
  options: MeasureOptions,
): Promise<Measured> {
  const { seed, log, autoencoder } = options;
  const detector = new NoveltyDetector(configuration);
  let told = 0;
  const progress = {
    update(done: number, total: number, message = "") {
      if (Math.floor(10 * done / total) > told) log(`${10 * ++told} %, ${message}`);
      if (done === total) told = 0; // a second stage counts from the beginning
    },
    finish() {},
  };
  try {
    const train = detector.sequencesOf(problem.train);
    await detector.fit(train, { seed, validation: problem.calibration, progress, autoencoder });
    const [training, calibration, test, novel] = [
      await detector.evaluate(train),
      await detector.evaluate(problem.calibration),
      await detector.evaluate(problem.test),
      await detector.evaluate(problem.novel),
    ];
    const rows: Row[] = [{
      result: "sizes",
      train: train.count,
      test: test.sequences.count,
      novel: novel.sequences.count,
    }];
    rows.push(classification("estimation network", test.sequences.labels!, mostProbable(test.memberships)));
    for (const [name, group] of novelGroups(problem, novel.sequences)) {
      for (const score of Object.keys(SCORE_NAMES) as (keyof NoveltyScores)[]) {
        const of = (evaluation: SequenceEvaluation) => evaluation.scores[score];
        const picked = Array.from(group, (i) => of(novel)[i]);
        rows.push(
          detection(
            SCORE_NAMES[score],
            name,
            of(training),
            of(test),
            picked,
            starsOf(test.sequences, novel.sequences, group),
            seed,
          ),
        );
      }
    }
    rows.push(...await withForests(training, calibration, test, seed));
    if (options.forest) {
      log("forest of Table 2");
      rows.push(await tableForest(training, test, configuration, seed));
    }
    if (options.history) rows.push(...historyRows(detector));
    return { rows, detector };
  } catch (error) {
    detector.dispose();
    throw error;
  }
}

/**
 * The improved classifier: the network and two forests, one of its whole input and one of the simple features, pooled
 * with the weights that fit the calibration stars best.
 */
async function withForests(
  training: SequenceEvaluation,
  calibration: SequenceEvaluation,
  test: SequenceEvaluation,
  seed: number,
): Promise<Row[]> {
  const forestOn = async (table: (evaluation: SequenceEvaluation) => Matrix) => {
    const forest = await new RandomForestClassifier({ trees: 200, seed })
      .fit(table(training), training.sequences.labels!);
    return (evaluation: SequenceEvaluation) => forest.predictProbabilities(table(evaluation));
  };
  const whole = await forestOn(({ features }) => features);
  const members = [
    (evaluation: SequenceEvaluation) => evaluation.memberships,
    whole,
    await forestOn(({ sequences }) => simpleFeatures(sequences)),
  ];
  const opinions = (evaluation: SequenceEvaluation) => members.map((member) => member(evaluation));
  const weights = fitLogarithmicPool(opinions(calibration), calibration.sequences.labels!);
  const truth = test.sequences.labels!, pooled = logarithmicPool(opinions(test), weights);
  return [
    classification("random forest on all features", truth, mostProbable(whole(test))),
    {
      ...classification("network and forests, pooled", truth, mostProbable(pooled)),
      weights: Array.from(weights, (weight) => weight.toFixed(2)).join(", "),
    },
  ];
}

function classification(classifier: string, truth: Labels, predicted: Labels): Row {
  const confusion = confusionMatrix(truth, predicted);
  return {
    result: "classification",
    classifier,
    accuracy: accuracy(confusion),
    balancedAccuracy: balancedAccuracy(confusion),
    macroF1: classificationReport(confusion).macro.f1,
  };
}

/** The sequences of each new class, and of all of them when there are several. */
function novelGroups(problem: NoveltyProblem, novel: SequenceSet): [string, number[]][] {
  const groups = new Map<string, number[]>();
  for (let i = 0; i < novel.count; i++) {
    const name = problem.novel.className(novel.star[i])!;
    groups.set(name, [...groups.get(name) ?? [], i]);
  }
  return [...groups].sort(([a], [b]) => a < b ? -1 : 1);
}

function starsOf(test: SequenceSet, novel: SequenceSet, group: number[]): string[] {
  return [
    ...Array.from(test.star, (star) => test.starIds[star]),
    ...group.map((i) => novel.starIds[novel.star[i]]),
  ];
}

function detection(
  score: string,
  novelClass: string,
  training: ArrayLike<number>,
  known: ArrayLike<number>,
  novel: ArrayLike<number>,
  stars: string[],
  seed: number,
): Row {
  const { at80, at95, ...measures } = measureNovelty({ training, known, novel });
  const interval = areaInterval(known, novel, { stars, seed, resamples: 200 });
  return {
    result: "novelty",
    score,
    novel: novelClass,
    ...measures,
    areaLow: interval.low,
    areaHigh: interval.high,
    precision80: at80.precision,
    recall80: at80.recall,
    f180: at80.f1,
    precision95: at95.precision,
    recall95: at95.recall,
    f195: at95.f1,
  };
}

/** Measures the plain baselines on a problem: detectors and a forest on simple features. No network is trained. */
export async function measureBaselines(
  problem: NoveltyProblem,
  configuration: NoveltyConfiguration,
  seed: number,
): Promise<Row[]> {
  const cut = (set: LightCurveSet) => cutSequences(set, configuration.sequence);
  const [training, test, novel] = [cut(problem.train), cut(problem.test), cut(problem.novel)];
  const rows: Row[] = [];
  for (const { name, training: own, score } of fitBaselines(training, seed)) {
    const known = score(test);
    for (const [novelClass, group] of novelGroups(problem, novel)) {
      const scores = score(takeSequences(novel, group));
      rows.push(detection(name, novelClass, own, known, scores, starsOf(test, novel, group), seed));
    }
  }
  const forest = await new RandomForestClassifier({ trees: 200, seed }).fit(
    simpleFeatures(training),
    training.labels!,
  );
  const predicted = forest.predict(simpleFeatures(test));
  rows.push(classification("random forest on simple features", test.labels!, predicted));
  return rows;
}

async function tableForest(
  training: SequenceEvaluation,
  test: SequenceEvaluation,
  { network: { embedding } }: NoveltyConfiguration,
  seed: number,
): Promise<Row> {
  const { forest, settings } = await chooseForest(
    embeddingOf(training.features, embedding),
    training.sequences.labels!,
    { seed, groups: training.sequences.star },
  );
  const predicted = forest.predict(embeddingOf(test.features, embedding));
  return {
    ...classification("random forest on the embedding", test.sequences.labels!, predicted),
    settings:
      `${settings.trees} trees, ${settings.criterion}, ${settings.maxFeatures} of the columns, leaves of ${settings.minSamplesLeaf}`,
  };
}

function historyRows({ history }: NoveltyDetector): Row[] {
  const { epochs } = history!.autoencoder;
  // The sequential strategy's first stage has no other loss than the reconstruction.
  const losses = epochs["validation/reconstruction"] ?? epochs["validation/loss"];
  return losses.map((reconstruction, epoch) => ({
    result: "history",
    epoch: epoch + 1,
    seconds: epochs.seconds[epoch],
    reconstruction,
  }));
}

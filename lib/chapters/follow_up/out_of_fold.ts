/** Every object judged by forests and a density that have not seen it (section 5.2). */
import { demand, parallelMap, type ProgressReporter } from "../../core/mod.ts";
import { type ClassProbabilities, folds, type Labels, mostProbable } from "../../learn/mod.ts";
import { takeRows, zeros } from "../../numerics/mod.ts";
import { configure, type FollowUpSettings, PAPER } from "./configuration.ts";
import {
  besideEachOther,
  checkFollowUpSet,
  followedUp,
  type FollowUpSet,
  labelsOf,
} from "./follow_up_set.ts";
import { fitJointDensity } from "./joint_density.ts";
import { forestProbabilities } from "./plain_forest.ts";
import { completeRows, type PlainModel, presentLabels } from "./plain_model.ts";

/** Options of {@link fitOutOfFold}. */
export interface OutOfFoldOptions {
  seed: number | string;
  /** In place of the paper's settings. */
  settings?: FollowUpSettings;
  /** Workers; default one a core. The result is the same for any number. */
  workers?: number;
  /** Told after each fold. */
  progress?: ProgressReporter;
}

/** The models of all folds and what they say of the objects that they have not seen. */
export interface OutOfFold {
  set: FollowUpSet;
  /** Classes that occur, in the order of the columns below. */
  labels: Labels;
  models: readonly PlainModel[];
  /** The fold that each object was held out of. */
  foldOf: Int32Array;
  /** P_t of each object. */
  time: ClassProbabilities;
  /** P_ts of each object with its own spectrum; NaN for objects without one. */
  both: ClassProbabilities;
}

/**
 * Resolves to stratified folds, each with a P_t, a P_ts and a joint density from the other folds, and the held-out
 * probabilities.
 *
 * @throws EphemeraError without labels, or on a class with fewer objects than folds
 */
export async function fitOutOfFold(set: FollowUpSet, options: OutOfFoldOptions): Promise<OutOfFold> {
  const { seed, settings, workers, progress } = options, where = "fitOutOfFold";
  const configuration = configure(PAPER, settings), { forest, mixture } = configuration;
  checkFollowUpSet(set, where);
  const labels = presentLabels(labelsOf(set, where)), n = set.ids.length, K = labels.classNames.length;
  const splits = folds(n, forest.folds, { labels, ...(forest.shuffle ? { seed: `${seed}/folds` } : {}) });
  const joint = mixture.fittedOn === "all"
    ? fitJointDensity(completeRows(set), set.known.columns, { ...mixture, seed: `${seed}/joint` })
    : undefined;
  const models = await parallelMap<number, PlainModel>(
    import.meta.resolve("./fold_work.ts"),
    "fitFold",
    splits.map((_, f) => f),
    { workers, progress, shared: { set: { ...set, labels }, splits, configuration, seed: `${seed}`, joint } },
  );
  const time = zeros(n, K), both = { ...zeros(n, K), data: new Float64Array(n * K).fill(NaN) };
  const foldOf = new Int32Array(n), followed = followedUp(set);
  splits.forEach(({ test }, f) => {
    const { timeForest, bothForest } = models[f];
    demand(timeForest.classNames.length === K && bothForest.classNames.length === K, {
      expected: `the ${K} classes ${labels.classNames.join(", ")} in every fold`,
      found: `${bothForest.classNames.join(", ")} with spectra`,
      where: `${where}, fold ${f}`,
      remedy: "use fewer folds, or take rare classes out",
    });
    const known = takeRows(set.known, test), alone = forestProbabilities(timeForest, known);
    const withSpectrum = [...test.keys()].filter((t) => followed[test[t]]);
    const pairs = besideEachOther(
      takeRows(known, withSpectrum),
      takeRows(set.revealed, withSpectrum.map((t) => test[t])),
    );
    const together = forestProbabilities(bothForest, pairs);
    test.forEach((i, t) => {
      foldOf[i] = f;
      time.data.set(alone.data.subarray(t * K, (t + 1) * K), i * K);
    });
    withSpectrum.forEach((t, r) => both.data.set(together.data.subarray(r * K, (r + 1) * K), test[t] * K));
  });
  const { classNames } = labels;
  return {
    set,
    labels,
    models,
    foldOf,
    time: { classNames, probabilities: time },
    both: { classNames, probabilities: both },
  };
}

/** Returns the accuracy of P_t over all objects, and of P_ts over those with a spectrum (NaN when there are none). */
export function outOfFoldAccuracies({ set, labels, time, both }: OutOfFold): { time: number; both: number } {
  const followed = followedUp(set), rows = Array.from(followed.keys());
  const share = (predicted: ClassProbabilities, chosen: readonly number[]) => {
    const { codes } = mostProbable(predicted);
    return chosen.filter((i) => codes[i] === labels.codes[i]).length / chosen.length;
  };
  return { time: share(time, rows), both: share(both, rows.filter((i) => followed[i])) };
}

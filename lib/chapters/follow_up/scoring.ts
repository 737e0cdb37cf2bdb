/** What a follow-up of each object is worth, by imagining it (section 5.1, eq. 8-13). */
import { demand, parallelMap, type ProgressReporter } from "../../core/mod.ts";
import { type Matrix, zeros } from "../../numerics/mod.ts";
import { configure, type FollowUpScoringOptions, PAPER } from "./configuration.ts";
import { checkKnown } from "./follow_up_set.ts";
import type { OutOfFold } from "./out_of_fold.ts";
import type { PlainModel } from "./plain_model.ts";
import { SCORE_COLUMNS, type ScoreChunk } from "./score_chunk.ts";

/** Scores of objects before any follow-up; all arrays have one entry an object. Entropies and gains are in nats. */
export interface FollowUpScores {
  ids: readonly string[];
  classNames: readonly string[];
  /** H_t, the entropy of P_t. */
  entropyTime: Float64Array;
  /** The mean entropy of P_ts over imagined spectra (eq. 8). */
  meanEntropy: Float64Array;
  /** IG = H_t minus the mean entropy (eq. 10). P_t and P_ts are different forests, so it may be negative. */
  gain: Float64Array;
  /** Class number that P_t finds most probable; of equals the first. */
  labelTime: Int32Array;
  /** Class that P_ts predicts for most imagined spectra (eq. 12); of equals the first. */
  labelImagined: Int32Array;
  /** Delta (eq. 13): 1 where the two differ. */
  changes: Uint8Array;
  /** Share of imagined spectra with which the class would not be that of P_t. */
  changeProbability: Float64Array;
  /**
   * Beyond the paper: entropy of the mean of P_ts minus mean entropy of P_ts, the mutual information of class and spectrum by
   * P_ts alone. Never negative.
   */
  mutualInformation: Float64Array;
  /**
   * Beyond the paper: how much likelier the right class is named with the spectrum than with P_t's choice, as P_ts sees it: the mean
   * of its largest probability minus its mean probability of P_t's class. Never negative.
   */
  decisionGain: Float64Array;
  /** The paper's spectrum uncertainty: entropy of probabilities proportional to the density at each draw; at most ln samples. */
  sampleEntropy: Float64Array;
  /** Differential entropy of Q(x_s | x_t), in nats, for features in their own units. */
  spectrumEntropy: Float64Array;
  /** Its standard error (independent draws). */
  spectrumEntropyError: Float64Array;
  /** P_t, objects x classes. */
  time: Matrix;
  /** Mean of P_ts over imagined spectra, objects x classes. */
  imagined: Matrix;
}

/** Options of {@link scoreObjects}. */
export interface ScoreOptions {
  seed: number | string;
  /** In place of the paper's. */
  scoring?: Partial<FollowUpScoringOptions>;
  /** Workers; default one a core. The result is the same for any number. */
  workers?: number;
  /** Told after each finished part. */
  progress?: ProgressReporter;
}

/** Objects that a worker is handed at a time. */
const CHUNK = 500;

/**
 * Resolves to the scores of objects under one fitted model. An object's draws come from the seed and its identifier; neither the
 * order of the objects nor the number of workers changes them.
 *
 * @param known x_t, one row an object, columns as the model was fitted.
 * @throws EphemeraError for a feature that is missing or not finite, naming the object
 */
export function scoreObjects(
  model: PlainModel,
  ids: readonly string[],
  known: Matrix,
  options: ScoreOptions,
): Promise<FollowUpScores> {
  return score([model], new Int32Array(ids.length), ids, known, options);
}

/** Resolves to the scores of all objects of an out-of-fold fit, each by the models of the fold that it was held out of. */
export function scoreOutOfFold(
  { models, foldOf, set }: OutOfFold,
  options: ScoreOptions,
): Promise<FollowUpScores> {
  return score(models, foldOf, set.ids, set.known, options);
}

async function score(
  models: readonly PlainModel[],
  modelOf: Int32Array,
  ids: readonly string[],
  known: Matrix,
  options: ScoreOptions,
): Promise<FollowUpScores> {
  const { seed, workers, progress } = options, where = "scoreObjects", T = models[0].joint.known;
  const { scoring } = configure(PAPER, { scoring: options.scoring ?? {} });
  demand(known.columns === T && known.rows === ids.length, {
    expected: `${ids.length} objects with ${T} features`,
    found: `${known.rows} x ${known.columns}`,
    where,
  });
  checkKnown(ids, Array.from({ length: T }, (_, j) => `feature ${j}`), known, where);
  const chunks: ScoreChunk[] = [], rowsOf: number[][] = [];
  for (let m = 0; m < models.length; m++) {
    const rows = Array.from(modelOf.keys()).filter((i) => modelOf[i] === m);
    for (let from = 0; from < rows.length; from += CHUNK) {
      const part = rows.slice(from, from + CHUNK), x = new Float64Array(part.length * T);
      part.forEach((i, r) => x.set(known.data.subarray(i * T, (i + 1) * T), r * T));
      chunks.push({ model: m, ids: part.map((i) => ids[i]), known: x });
      rowsOf.push(part);
    }
  }
  const found = await parallelMap<ScoreChunk, Float64Array>(
    import.meta.resolve("./score_chunk.ts"),
    "scoreChunk",
    chunks,
    { workers, progress, shared: { models, scoring, seed: `${seed}` } },
  );
  const { classNames } = models[0].timeForest,
    K = classNames.length,
    n = ids.length,
    C = SCORE_COLUMNS.length;
  const column = Object.fromEntries(SCORE_COLUMNS.map((name) => [name, new Float64Array(n)])) as Record<
    typeof SCORE_COLUMNS[number],
    Float64Array
  >;
  const time = zeros(n, K), imagined = zeros(n, K), width = C + 2 * K;
  found.forEach((rows, chunk) =>
    rowsOf[chunk].forEach((i, r) => {
      SCORE_COLUMNS.forEach((name, c) => column[name][i] = rows[r * width + c]);
      time.data.set(rows.subarray(r * width + C, r * width + C + K), i * K);
      imagined.data.set(rows.subarray(r * width + C + K, (r + 1) * width), i * K);
    })
  );
  const { labelTime, labelImagined, ...numbers } = column;
  return {
    ids,
    classNames,
    ...numbers,
    gain: numbers.entropyTime.map((h, i) => h - numbers.meanEntropy[i]),
    labelTime: Int32Array.from(labelTime),
    labelImagined: Int32Array.from(labelImagined),
    changes: Uint8Array.from(labelTime, (label, i) => label === labelImagined[i] ? 0 : 1),
    time,
    imagined,
  };
}

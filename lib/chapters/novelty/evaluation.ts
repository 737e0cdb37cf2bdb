/** How well a detector tells new from known, with the paper's numbers (Table 2) and threshold-free ones. */
import {
  averagePrecision,
  bootstrapInterval,
  type DetectionScores,
  detectionScores,
  recallAtFalsePositiveRate,
  rocAuc,
} from "../../learn/mod.ts";
import { quantile } from "../../numerics/mod.ts";

/** Scores to be judged; larger is stranger. */
export interface ScoredSequences {
  /** Scores of the training sequences, from which the cut-offs come. */
  training: ArrayLike<number>;
  /** Scores of tested sequences of known classes. */
  known: ArrayLike<number>;
  /** Scores of sequences of new classes. */
  novel: ArrayLike<number>;
}

/** One detection measured in all the ways that the chapter reports. */
export interface NoveltyMeasures {
  /** Precision, recall and F1 with the cut at the training scores' 80th percentile. */
  at80: DetectionScores;
  /** The same at the 95th percentile. */
  at95: DetectionScores;
  /** Share of known sequences above the 95th percentile; 0.05 if they are like the training sequences. */
  falsePositiveRate: number;
  /** Area under the receiver operating characteristic. */
  area: number;
  /** Area under the precision-recall curve, as average precision. */
  averagePrecision: number;
  /** Recall where 5 % of the known sequences are flagged. */
  recallAt5: number;
  /** Share of new sequences among the tested: the average precision of guessing. */
  novelShare: number;
}

/** Returns all measures of a score; the new sequences are the positive class. */
export function measureNovelty({ training, known, novel }: ScoredSequences): NoveltyMeasures {
  const scores = [...Array.from(known), ...Array.from(novel)];
  const positive = scores.map((_, i) => i >= known.length);
  const at95 = detectionScores(positive, scores, quantile(training, 0.95));
  return {
    at80: detectionScores(positive, scores, quantile(training, 0.8)),
    at95,
    falsePositiveRate: at95.falsePositives / known.length,
    area: rocAuc(positive, scores),
    averagePrecision: averagePrecision(positive, scores),
    recallAt5: recallAtFalsePositiveRate(positive, scores, 0.05),
    novelShare: novel.length / scores.length,
  };
}

/** Options of {@link areaInterval}. */
export interface AreaIntervalOptions {
  /** Star of each known and then of each new sequence: whole stars are drawn. */
  stars: ArrayLike<number | string>;
  seed: number | string;
  /** Default 300. */
  resamples?: number;
}

/** Returns the area under the receiver operating characteristic with its 95 % bootstrap interval over stars. */
export function areaInterval(
  known: ArrayLike<number>,
  novel: ArrayLike<number>,
  options: AreaIntervalOptions,
): { estimate: number; low: number; high: number } {
  const scores = [...Array.from(known), ...Array.from(novel)];
  const { estimate, low, high } = bootstrapInterval(
    scores.length,
    (rows) => rocAuc(Array.from(rows, (i) => i >= known.length), Array.from(rows, (i) => scores[i])),
    { seed: options.seed, resamples: options.resamples ?? 300, groups: options.stars },
  );
  return { estimate, low, high };
}

import { demand } from "../../core/mod.ts";
import type { ClassProbabilities, LabelInput } from "../labels.ts";
import { encodeLabels } from "../labels.ts";
import { columnOf } from "../../numerics/mod.ts";

/** Points of a threshold curve: for each distinct score, descending, what calling "positive" at or above it gives. */
export interface ThresholdCurve {
  /** Distinct scores, largest first. */
  thresholds: Float64Array;
  /** True positives at each threshold. */
  truePositives: Float64Array;
  /** False positives at each threshold. */
  falsePositives: Float64Array;
  /** Number of truly positive objects. */
  positives: number;
  /** Number of truly negative objects. */
  negatives: number;
}

/**
 * Returns counts of true and false positives at each distinct score. Objects of equal score enter together, so ties
 * cannot be won by order. Throws an EphemeraError on lengths that differ, a NaN score, or a class that is absent.
 * @param positive whether each object truly is positive (non-zero or true).
 * @param scores one a object, larger is more positive; infinities are allowed.
 */
export function thresholdCurve(
  positive: ArrayLike<number | boolean>,
  scores: ArrayLike<number>,
): ThresholdCurve {
  const n = scores.length;
  demand(positive.length === n && n > 0, {
    expected: "one truth value a score, at least one",
    found: `${positive.length} truth values, ${n} scores`,
    where: "thresholdCurve",
  });
  // Numbers sort many times faster than objects by a comparison, so scores are sorted alone and each object then finds its place.
  const ascending = Float64Array.from(scores).sort();
  demand(!Number.isNaN(ascending[n - 1]), {
    expected: "scores without NaN",
    found: "NaN",
    where: "thresholdCurve",
    remedy: "give objects without a score the lowest one, or leave them out",
  });
  let count = 0;
  for (let i = 0; i < n; i++) {
    if (i === 0 || ascending[i] !== ascending[count - 1]) ascending[count++] = ascending[i];
  }
  const truePositives = new Float64Array(count), falsePositives = new Float64Array(count);
  for (let i = 0; i < n; i++) {
    const score = scores[i];
    let low = 0, high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ascending[middle] < score) low = middle + 1;
      else high = middle;
    }
    if (positive[i]) truePositives[count - 1 - low]++;
    else falsePositives[count - 1 - low]++;
  }
  for (let c = 1; c < count; c++) {
    truePositives[c] += truePositives[c - 1];
    falsePositives[c] += falsePositives[c - 1];
  }
  const t = truePositives[count - 1], f = falsePositives[count - 1];
  demand(t > 0 && f > 0, {
    expected: "both positive and negative objects",
    found: `${t} positive, ${f} negative`,
    where: "thresholdCurve",
  });
  return {
    thresholds: ascending.slice(0, count).reverse(),
    truePositives,
    falsePositives,
    positives: t,
    negatives: f,
  };
}

/**
 * Returns the area under the receiver operating characteristic: the chance that a positive object outscores a negative
 * one, ties counting one half. See {@link thresholdCurve} for the arguments and errors.
 *
 * @example
 * ```ts
 * import { rocAuc } from "ephemera/learn";
 * import assert from "node:assert/strict";
 * assert.equal(rocAuc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 0.75);
 * ```
 */
export function rocAuc(positive: ArrayLike<number | boolean>, scores: ArrayLike<number>): number {
  const { truePositives, falsePositives, positives, negatives } = thresholdCurve(positive, scores);
  let area = 0;
  for (let i = 0; i < truePositives.length; i++) {
    const t = i === 0 ? 0 : truePositives[i - 1], f = i === 0 ? 0 : falsePositives[i - 1];
    area += (falsePositives[i] - f) * (truePositives[i] + t) / 2;
  }
  return area / (positives * negatives);
}

/** Returns the one-against-the-rest ROC area of each class that occurs in `truth` beside others, and their plain mean. */
export function rocAucPerClass(
  truth: LabelInput,
  predicted: ClassProbabilities,
): { perClass: Map<string, number>; macro: number } {
  const { codes, classNames } = encodeLabels(truth, predicted.classNames);
  const perClass = new Map<string, number>();
  let sum = 0;
  classNames.forEach((name, k) => {
    if (!codes.includes(k)) return;
    const area = rocAuc(Array.from(codes, (code) => code === k), columnOf(predicted.probabilities, k));
    perClass.set(name, area);
    sum += area;
  });
  return { perClass, macro: sum / perClass.size };
}

/** Returns the average precision, sum of (R_n - R_{n-1}) P_n over the distinct thresholds: no interpolation. */
export function averagePrecision(positive: ArrayLike<number | boolean>, scores: ArrayLike<number>): number {
  const { truePositives, falsePositives, positives } = thresholdCurve(positive, scores);
  let sum = 0, before = 0;
  for (let i = 0; i < truePositives.length; i++) {
    sum += (truePositives[i] - before) * truePositives[i] / (truePositives[i] + falsePositives[i]);
    before = truePositives[i];
  }
  return sum / positives;
}

/** Precision and recall at each distinct score, largest first, after the conventional start (recall 0, precision 1). */
export interface PrecisionRecallCurve {
  /** True positives over predicted positives. */
  precision: Float64Array;
  /** True positives over actual positives. */
  recall: Float64Array;
  /** Score of each point; the start has +Infinity. */
  thresholds: Float64Array;
}

/** Returns the precision-recall curve, up to the first threshold at which every positive object is found. */
export function precisionRecallCurve(
  positive: ArrayLike<number | boolean>,
  scores: ArrayLike<number>,
): PrecisionRecallCurve {
  const curve = thresholdCurve(positive, scores);
  const last = curve.truePositives.indexOf(curve.positives);
  const precision = [1], recall = [0], thresholds = [Infinity];
  for (let i = 0; i <= last; i++) {
    precision.push(curve.truePositives[i] / (curve.truePositives[i] + curve.falsePositives[i]));
    recall.push(curve.truePositives[i] / curve.positives);
    thresholds.push(curve.thresholds[i]);
  }
  return {
    precision: Float64Array.from(precision),
    recall: Float64Array.from(recall),
    thresholds: Float64Array.from(thresholds),
  };
}

/**
 * Returns the area under the precision-recall curve by trapezoids. It is optimistic where the curve is sparse (Davis &
 * Goadrich 2006); {@link averagePrecision} is the safer number.
 */
export function precisionRecallAuc(positive: ArrayLike<number | boolean>, scores: ArrayLike<number>): number {
  const { precision, recall } = precisionRecallCurve(positive, scores);
  let area = 0;
  for (let i = 1; i < recall.length; i++) {
    area += (recall[i] - recall[i - 1]) * (precision[i] + precision[i - 1]) / 2;
  }
  return area;
}

/** Receiver operating characteristic, from (0, 0) to (1, 1). */
export interface RocCurve {
  /** False positives over all negatives. */
  falsePositiveRate: Float64Array;
  /** True positives over all positives. */
  truePositiveRate: Float64Array;
  /** Score of each point; the start has +Infinity. */
  thresholds: Float64Array;
}

/** Returns the receiver operating characteristic at every distinct score. */
export function rocCurve(positive: ArrayLike<number | boolean>, scores: ArrayLike<number>): RocCurve {
  const { thresholds, truePositives, falsePositives, positives, negatives } = thresholdCurve(
    positive,
    scores,
  );
  return {
    falsePositiveRate: Float64Array.from([0, ...falsePositives.map((f) => f / negatives)]),
    truePositiveRate: Float64Array.from([0, ...truePositives.map((t) => t / positives)]),
    thresholds: Float64Array.from([Infinity, ...thresholds]),
  };
}

/** Returns the largest recall of any threshold whose false-positive rate does not exceed `rate` (0 when there is none). */
export function recallAtFalsePositiveRate(
  positive: ArrayLike<number | boolean>,
  scores: ArrayLike<number>,
  rate: number,
): number {
  const { truePositives, falsePositives, positives, negatives } = thresholdCurve(positive, scores);
  let best = 0;
  for (let i = 0; i < truePositives.length; i++) {
    if (falsePositives[i] / negatives <= rate) best = truePositives[i] / positives;
  }
  return best;
}

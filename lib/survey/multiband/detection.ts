/** When a survey notices an object: the efficiency of one visit, and the rule that makes detections an alert. */
import { Flag } from "../../observations/mod.ts";

/** How a survey detects and triggers. */
export interface DetectionRule {
  /** Signal-to-noise ratio at which half of the sources are detected. */
  half: number;
  /** Slope of the logistic step in ln(signal-to-noise ratio) at `half`; Infinity (in JSON: null) for a sharp threshold. */
  steepness: number;
  /** Share of bright sources that are detected, 0 to 1: the rest falls on bad pixels and bad subtractions. */
  most: number;
  /** Detections that make an alert, at least 1. */
  detections: number;
  /** Days by which the first and the last of them must differ at least: what moves in between is an asteroid. */
  separation: number;
}

/**
 * Returns the probability that a source of a signal-to-noise ratio is detected: a logistic function of the ratio's
 * logarithm, most / (1 + (half / |snr|)^steepness), so that pure noise makes no detections. Difference images are
 * searched for both signs.
 *
 * @example
 * ```ts
 * import { detectionEfficiency } from "ephemera/survey";
 * import assert from "node:assert/strict";
 * const rule = { half: 5, steepness: 6, most: 1, detections: 2, separation: 0.02 };
 * assert.equal(detectionEfficiency(5, rule), 0.5);
 * assert.ok(detectionEfficiency(-12, rule) > 0.99);
 * ```
 */
export function detectionEfficiency(signalToNoise: number, rule: DetectionRule): number {
  const ratio = rule.half / Math.abs(signalToNoise);
  if (rule.steepness === Infinity) return ratio <= 1 ? rule.most : 0;
  return rule.most / (1 + Math.pow(ratio, rule.steepness));
}

/**
 * Returns the row of the detection that makes an object an alert, -1 when none does: the first that is at least the
 * `detections`-th and comes at least `separation` days after an earlier one.
 * @param time MJD, ascending.
 * @param flags bits of `Flag`; only `Flag.detected` is looked at.
 *
 * @example
 * ```ts
 * import { triggerOf } from "ephemera/survey";
 * import assert from "node:assert/strict";
 * const rule = { half: 5, steepness: 6, most: 1, detections: 2, separation: 30 / 1440 };
 * assert.equal(triggerOf(Float64Array.of(1, 1.01, 2), Uint8Array.of(1, 1, 1), rule), 2);
 * assert.equal(triggerOf(Float64Array.of(1, 2), Uint8Array.of(1, 0), rule), -1);
 * ```
 */
export function triggerOf(time: Float64Array, flags: Uint8Array, rule: DetectionRule): number {
  let count = 0, first = Infinity;
  for (let i = 0; i < time.length; i++) {
    if ((flags[i] & Flag.detected) === 0) continue;
    if (count++ === 0) first = time[i];
    if (count >= rule.detections && (rule.detections === 1 || time[i] - first >= rule.separation)) return i;
  }
  return -1;
}

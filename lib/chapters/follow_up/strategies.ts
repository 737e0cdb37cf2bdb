/** Who is observed first: the strategies of section 5.4, and further ones. */
import { demand, Random } from "../../core/mod.ts";
import { rowEntropies } from "./entropy.ts";
import { followedUp } from "./follow_up_set.ts";
import type { OutOfFold } from "./out_of_fold.ts";
import type { FollowUpScores } from "./scoring.ts";

/**
 * A way of ranking. The paper's six: `"random"`, `"entropy"` (H_t), `"gain"` (IG), `"gain + change"` (IG + Delta),
 * `"entropy + change"` (H_t + Delta), `"ideal"` (IG with the true spectrum; cannot be had before observing). Further ones:
 * `"spectrum uncertainty"` (largest differential entropy of Q(x_s | x_t)), `"mutual information"`, `"change probability"` and
 * `"decision gain"`, see {@link FollowUpScores}.
 */
export type Strategy =
  | "random"
  | "entropy"
  | "gain"
  | "gain + change"
  | "entropy + change"
  | "ideal"
  | "spectrum uncertainty"
  | "mutual information"
  | "change probability"
  | "decision gain";

/** The six strategies of the paper, in its order. */
export const PAPER_STRATEGIES: readonly Strategy[] = [
  "random",
  "entropy",
  "gain",
  "gain + change",
  "entropy + change",
  "ideal",
];

/** All strategies. */
export const STRATEGIES: readonly Strategy[] = [
  ...PAPER_STRATEGIES,
  "spectrum uncertainty",
  "mutual information",
  "change probability",
  "decision gain",
];

/** Options of {@link rankObjects}. */
export interface RankOptions {
  /** IG with the true spectrum of each object ({@link idealGain}); only `"ideal"` needs it. */
  ideal?: Float64Array;
  /** Seed of `"random"`. */
  seed?: number | string;
}

/**
 * Returns the numbers of all objects, first to be observed first. Strategies with "change" put the objects with Delta = 1
 * before all others. Ties are broken by identifier (code points), so that the ranking does not depend on the order of the
 * table; the public code's sort leaves them to chance.
 *
 * @throws EphemeraError when a strategy lacks what it needs
 */
export function rankObjects(
  strategy: Strategy,
  scores: FollowUpScores,
  options: RankOptions = {},
): Uint32Array {
  const { ids, changes } = scores, n = ids.length, byName = Uint32Array.from({ length: n }, (_, i) => i);
  byName.sort((a, b) => ids[a] < ids[b] ? -1 : ids[a] > ids[b] ? 1 : a - b);
  if (strategy === "random") {
    demand(options.seed !== undefined, {
      expected: "a seed for the random strategy",
      found: "none",
      where: "rankObjects",
    });
    return new Random(options.seed).stream("random strategy").shuffle(byName);
  }
  const values = strategyValues(strategy, scores, options.ideal);
  const first = strategy.endsWith("+ change") ? changes : null;
  // The sort is stable: equals keep the order of their names.
  return byName.sort((a, b) => (first === null ? 0 : first[b] - first[a]) || values[b] - values[a]);
}

/** Returns the number by which a strategy orders the objects (within each group of Delta), larger first. */
export function strategyValues(
  strategy: Strategy,
  scores: FollowUpScores,
  ideal?: Float64Array,
): Float64Array {
  switch (strategy) {
    case "entropy":
    case "entropy + change":
      return scores.entropyTime;
    case "gain":
    case "gain + change":
      return scores.gain;
    case "ideal":
      demand(ideal?.length === scores.ids.length, {
        expected: "the gain with the true spectrum of each object",
        found: ideal === undefined ? "none" : `${ideal.length}`,
        where: "strategy ideal",
      });
      return ideal;
    case "spectrum uncertainty":
      return scores.spectrumEntropy;
    case "mutual information":
      return scores.mutualInformation;
    case "change probability":
      return scores.changeProbability;
    case "decision gain":
      return scores.decisionGain;
    default:
      demand(false, {
        expected: `one of the strategies ${STRATEGIES.join(", ")}`,
        found: `"${strategy}"`,
        where: "strategyValues",
        remedy: "the random strategy has no values: rank by it",
      });
  }
}

/** Returns IG(x_t, x_s) = H_t - H_ts with each object's true spectrum (eq. 3), in nats. All objects need one. */
export function idealGain({ set, time, both }: OutOfFold): Float64Array {
  const missing = followedUp(set).indexOf(false);
  demand(missing < 0, () => ({
    expected: "a spectrum of every object",
    found: "none",
    where: `idealGain, object ${set.ids[missing]}`,
  }));
  const before = rowEntropies(time.probabilities), after = rowEntropies(both.probabilities);
  return before.map((h, i) => h - after[i]);
}

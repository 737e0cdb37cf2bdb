/** A ranked list of targets with reasons, gains and costs. */
import { demand } from "../../core/mod.ts";
import { type Matrix, rowOf } from "../../numerics/mod.ts";
import { rowEntropies } from "./entropy.ts";
import { knapsack } from "./knapsack.ts";
import { firstLargest } from "./plain_forest.ts";
import type { FollowUpScores } from "./scoring.ts";
import { rankObjects, type Strategy, strategyValues } from "./strategies.ts";

/** One line of a target list. Numbers that are not known are null. */
export interface RankedTarget {
  /** 1 for the first. */
  rank: number;
  id: string;
  /** Class that P_t finds most probable, and its probability. */
  label: string;
  probability: number;
  /** Class that most imagined spectra lead to. */
  imaginedLabel: string | null;
  /** Share of imagined spectra that change the class. */
  changeProbability: number | null;
  /** Expected information gain, nats (eq. 10); of a table of probabilities, H_t, which no gain can exceed. */
  expectedGain: number;
  /** How much likelier the right class is named afterwards. */
  decisionGain: number | null;
  /** Seconds of telescope time. */
  cost: number | null;
  /** Expected gain per hour of telescope time, nats. */
  gainPerHour: number | null;
  /** Why it stands here, in a sentence. */
  reason: string;
}

/** Options of {@link rankTargets}. */
export interface RankTargetsOptions {
  /** Default `"entropy + change"`, the paper's best at correcting classes. */
  strategy?: Strategy;
  /** Seed of the strategy `"random"`. */
  seed?: number | string;
  /** Seconds that each object costs. */
  costs?: ArrayLike<number>;
  /**
   * Seconds of telescope time, with costs: the list is then the best choice within it, by value per second, objects with
   * Delta = 1 first where the strategy says so.
   */
  budget?: number;
}

/** Returns the targets in the order of a strategy, or the best choice within a budget in the order of value per second. */
export function rankTargets(scores: FollowUpScores, options: RankTargetsOptions = {}): RankedTarget[] {
  const { strategy = "entropy + change", seed, costs, budget } = options;
  demand(costs === undefined || costs.length === scores.ids.length, {
    expected: `${scores.ids.length} costs`,
    found: `${costs?.length}`,
    where: "rankTargets",
  });
  demand(budget === undefined || (costs !== undefined && strategy !== "random"), {
    expected: "costs, and a strategy that values objects, for a budget",
    found: costs === undefined ? "no costs" : "the random strategy",
    where: "rankTargets",
  });
  let order = rankObjects(strategy, scores, { seed });
  if (budget !== undefined) order = withinBudget(scores, strategy, costs!, budget, order);
  return Array.from(order, (i, r) => target(scores, i, r + 1, costs?.[i] ?? null));
}

function withinBudget(
  scores: FollowUpScores,
  strategy: Strategy,
  costs: ArrayLike<number>,
  budget: number,
  order: Uint32Array,
): Uint32Array {
  const values = strategyValues(strategy, scores), result: number[] = [];
  const groups = strategy.endsWith("+ change")
    ? [[...order].filter((i) => scores.changes[i]), [...order].filter((i) => !scores.changes[i])]
    : [[...order]];
  let left = budget;
  for (const group of groups) {
    const price = group.map((i) => costs[i]);
    const { chosen, cost } = knapsack(group.map((i) => values[i]), price, left, { most: 20_000 });
    left -= cost;
    result.push(
      ...[...chosen].sort((a, b) => values[group[b]] / price[b] - values[group[a]] / price[a] || a - b).map((
        k,
      ) => group[k]),
    );
  }
  return Uint32Array.from(result);
}

function target(scores: FollowUpScores, i: number, rank: number, cost: number | null): RankedTarget {
  const { classNames, time, ids } = scores, p = rowOf(time, i), label = scores.labelTime[i];
  const known = (value: number) => Number.isFinite(value) ? value : null;
  const changeProbability = known(scores.changeProbability[i]);
  const imagined = changeProbability !== null, gain = imagined ? scores.gain[i] : scores.entropyTime[i];
  const second = firstLargest(p.map((value, c) => c === label ? -1 : value), 0, p.length);
  const share = (value: number) => `${Math.round(100 * value)} %`;
  const now = p[label] > 0.95 || p.length < 2
    ? `${classNames[label]} (${share(p[label])}) from its known features`
    : `between ${classNames[label]} (${share(p[label])}) and ${classNames[second]} (${share(p[second])})`;
  const then = !imagined
    ? `entropy ${gain.toFixed(2)} nats`
    : scores.changes[i]
    ? `most imagined follow-ups make it ${classNames[scores.labelImagined[i]]} (class changes in ${
      share(changeProbability)
    }), expected gain ${gain.toFixed(2)} nats`
    : `class changes in ${share(changeProbability)} of imagined follow-ups, expected gain ${
      gain.toFixed(2)
    } nats`;
  return {
    rank,
    id: ids[i],
    label: classNames[label],
    probability: p[label],
    imaginedLabel: imagined ? classNames[scores.labelImagined[i]] : null,
    changeProbability,
    expectedGain: gain,
    decisionGain: known(scores.decisionGain[i]),
    cost,
    gainPerHour: cost === null ? null : gain * 3600 / cost,
    reason: `${now}; ${then}`,
  };
}

/**
 * Returns what can be said from probabilities alone: entropies and classes; everything that needs imagined spectra is NaN, and
 * only the strategies `"entropy"` and `"random"` make sense.
 *
 * @throws EphemeraError for probabilities that are negative or do not sum to 1, naming the object
 */
export function scoresOfProbabilities(
  ids: readonly string[],
  classNames: readonly string[],
  time: Matrix,
): FollowUpScores {
  const n = ids.length, K = classNames.length, none = () => new Float64Array(n).fill(NaN);
  for (let i = 0; i < n; i++) {
    const row = rowOf(time, i), sum = row.reduce((total, p) => total + p, 0);
    demand(row.every((p) => p >= 0) && Math.abs(sum - 1) < 1e-6, () => ({
      expected: "probabilities that are not negative and sum to 1",
      found: [...row].join(", "),
      where: `object ${ids[i]}`,
    }));
  }
  const labelTime = Int32Array.from(ids, (_, i) => firstLargest(time.data, i * K, K));
  return {
    ids,
    classNames,
    entropyTime: rowEntropies(time),
    meanEntropy: none(),
    gain: none(),
    labelTime,
    labelImagined: labelTime,
    changes: new Uint8Array(n),
    changeProbability: none(),
    mutualInformation: none(),
    decisionGain: none(),
    sampleEntropy: none(),
    spectrumEntropy: none(),
    spectrumEntropyError: none(),
    time,
    imagined: { ...time, data: new Float64Array(n * K).fill(NaN) },
  };
}

/** What one kind of follow-up of the same objects is worth and costs. */
export interface KindOffer {
  /** Name of the kind. */
  kind: string;
  /** What it is expected to bring each object. */
  values: ArrayLike<number>;
  /** Seconds that it costs each object. */
  costs: ArrayLike<number>;
}

/** Returns for each object the kind with the greatest value per second (of equals the first); null where none has a value. */
export function bestKinds(offers: readonly KindOffer[]): (string | null)[] {
  demand(
    offers.length > 0 &&
      offers.every((o) => o.values.length === offers[0].values.length && o.costs.length === o.values.length),
    { expected: "offers for the same objects, at least one", found: `${offers.length}`, where: "bestKinds" },
  );
  return Array.from(offers[0].values, (_, i) => {
    let best: string | null = null, most = 0;
    for (const { kind, values, costs } of offers) {
      if (values[i] / costs[i] > most) {
        most = values[i] / costs[i];
        best = kind;
      }
    }
    return best;
  });
}

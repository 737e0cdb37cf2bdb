/** A ranked list of targets with reasons, gains and costs. */
import { demand } from "../../core/mod.ts";
import { type Matrix, rowOf } from "../../numerics/mod.ts";
import { rowEntropies } from "./entropy.ts";
import { knapsack } from "./knapsack.ts";
import type { Window } from "./night.ts";
import { firstLargest } from "./plain_forest.ts";
import { scheduleNight } from "./schedule.ts";
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
  /** When its observation begins, MJD (UT); only in a night's list. */
  start?: number;
  /** Its airmass in the middle of its observation; only in a night's list. */
  airmass?: number;
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
  /** A night, with costs: the list is then one that can be observed in it, in the order of observation. */
  night?: NightOptions;
}

/** A night and what is up in it. */
export interface NightOptions {
  /** The dark hours, MJD (UT); a budget shortens them from their end. */
  dark: Window;
  /** When each object may be observed, MJD (UT); null when it never is up. It is then not listed. */
  windows: readonly (Window | null)[];
  /** Airmass of an object at a time, MJD (UT). */
  airmass(object: number, mjd: number): number;
}

/** So many objects of the greatest value per second are looked at for a night: many times what fits into one. */
const NIGHT_CANDIDATES = 600;

/**
 * Returns the targets in the order of a strategy; with a budget the best choice within it in the order of value per second; with
 * a night a good choice that keeps every object's window, in the order of observation.
 *
 * @throws EphemeraError for numbers of costs or windows other than of objects, or a budget or night without costs
 */
export function rankTargets(scores: FollowUpScores, options: RankTargetsOptions = {}): RankedTarget[] {
  const { strategy = "entropy + change", seed, costs, budget, night } = options;
  demand(costs === undefined || costs.length === scores.ids.length, {
    expected: `${scores.ids.length} costs`,
    found: `${costs?.length}`,
    where: "rankTargets",
  });
  demand((budget === undefined && night === undefined) || (costs !== undefined && strategy !== "random"), {
    expected: "costs, and a strategy that values objects, for a budget or a night",
    found: costs === undefined ? "no costs" : "the random strategy",
    where: "rankTargets",
  });
  demand(night === undefined || night.windows.length === scores.ids.length, {
    expected: `${scores.ids.length} windows`,
    found: `${night?.windows.length}`,
    where: "rankTargets",
  });
  if (night !== undefined) return nightTargets(scores, strategy, costs!, night, budget);
  let order = rankObjects(strategy, scores, { seed });
  if (budget !== undefined) order = withinBudget(scores, strategy, costs!, budget, order);
  return Array.from(order, (i, r) => target(scores, i, r + 1, costs?.[i] ?? null));
}

function nightTargets(
  scores: FollowUpScores,
  strategy: Strategy,
  costs: ArrayLike<number>,
  { dark, windows, airmass }: NightOptions,
  budget = Infinity,
): RankedTarget[] {
  const DAY = 86400, values = strategyValues(strategy, scores), byChange = strategy.endsWith("+ change");
  const length = Math.min(budget, (dark.to - dark.from) * DAY);
  const numberOf = new Map(scores.ids.map((id, i) => [id, i]));
  const possible = scores.ids.flatMap((id, i) => {
    const window = windows[i];
    if (window === null || !(values[i] > 0)) return [];
    const from = Math.max(0, (window.from - dark.from) * DAY);
    const to = Math.min(length, (window.to - dark.from) * DAY);
    const priority = byChange ? scores.changes[i] : 0;
    return from + costs[i] <= to ? [{ id, value: values[i], cost: costs[i], from, to, priority }] : [];
  });
  possible.sort((a, b) =>
    b.priority - a.priority || b.value / b.cost - a.value / a.cost || (a.id < b.id ? -1 : 1)
  );
  const { targets } = scheduleNight(possible.slice(0, NIGHT_CANDIDATES), { length });
  return targets.map(({ id, start, end }, r) => {
    const i = numberOf.get(id)!, middle = dark.from + (start + end) / 2 / DAY;
    return {
      ...target(scores, i, r + 1, costs[i]),
      start: dark.from + start / DAY,
      airmass: airmass(i, middle),
    };
  });
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

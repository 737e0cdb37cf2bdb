/** Follow-up as it goes on: rank, observe a few, learn from them, rank again. */
import { demand } from "../../core/mod.ts";
import { takeRows } from "../../numerics/mod.ts";
import { configure, type FollowUpSettings, PAPER } from "./configuration.ts";
import { besideEachOther, followedUp, type FollowUpSet, labelsOf, takeObjects } from "./follow_up_set.ts";
import { firstLargest, forestProbabilities } from "./plain_forest.ts";
import { fitParts, plainModel } from "./plain_model.ts";
import { scoreObjects } from "./scoring.ts";
import { type StoppingOptions, stoppingPoint } from "./stopping.ts";
import { rankObjects, type Strategy } from "./strategies.ts";

/** Options of {@link onlineFollowUp}. */
export interface OnlineOptions {
  seed: number | string;
  strategy: Exclude<Strategy, "ideal">;
  /** Numbers of the objects whose follow-up and class are known at the start: some of every class. */
  initial: ArrayLike<number>;
  /** Objects observed between two trainings. */
  perRound: number;
  /** Most rounds. */
  rounds: number;
  settings?: FollowUpSettings;
  /** Stop earlier by this rule on the realised gains. Default: do not. */
  stopping?: StoppingOptions;
  workers?: number;
}

/** One round. */
export interface OnlineRound {
  /** Objects known before it. */
  observed: number;
  /** Accuracy of P_t on all objects not observed before the round. */
  accuracy: number;
  /** Identifiers observed in it, first first. */
  ids: string[];
  /** P_ts(y) - P_t(y) of each by the models before the round. */
  gains: number[];
}

/**
 * Resolves to the rounds of a follow-up that retrains after each: the forests and the density know only what was observed
 * so far. Every object of the set needs its follow-up and class, which are looked at only once it is chosen.
 *
 * @throws EphemeraError without labels, for an object without its follow-up, or an initial set that lacks a class
 */
export async function onlineFollowUp(set: FollowUpSet, options: OnlineOptions): Promise<OnlineRound[]> {
  const { seed, strategy, initial, perRound, rounds, settings, stopping, workers } = options;
  const where = "onlineFollowUp", configuration = configure(PAPER, settings), labels = labelsOf(set, where);
  const missing = followedUp(set).indexOf(false);
  demand(missing < 0, () => ({
    expected: "a follow-up of every object to reveal",
    found: "none",
    where: `${where}, object ${set.ids[missing]}`,
  }));
  const known = new Set(Array.from(initial)), started = new Set([...known].map((i) => labels.codes[i]));
  const lacking = [...new Set(labels.codes)].find((code) => !started.has(code));
  demand(lacking === undefined, () => ({
    expected: "initial objects of every class",
    found: `none of ${labels.classNames[lacking!]}`,
    where,
  }));
  const result: OnlineRound[] = [], all: number[] = [];
  for (let round = 0; round < rounds && known.size < set.ids.length; round++) {
    const observed = [...known].sort((a, b) => a - b);
    const rest = set.ids.map((_, i) => i).filter((i) => !known.has(i));
    const parts = await fitParts(takeObjects(set, observed), {
      configuration,
      seed: `${seed}/${round}`,
      workers,
    });
    const model = plainModel(parts, configuration.mixture.densityFloor), { classNames } = model.timeForest;
    const left = takeObjects(set, rest), K = classNames.length;
    const scores = await scoreObjects(model, left.ids, left.known, {
      seed: `${seed}/${round}`,
      scoring: configuration.scoring,
      workers,
    });
    const truth = rest.map((i) => classNames.indexOf(labels.classNames[labels.codes[i]]));
    const right = truth.filter((y, r) => firstLargest(scores.time.data, r * K, K) === y).length;
    const chosen = [...rankObjects(strategy, scores, { seed: `${seed}/${round}` })].slice(0, perRound);
    const after = forestProbabilities(
      model.bothForest,
      besideEachOther(takeRows(left.known, chosen), takeRows(left.revealed, chosen)),
    );
    const gains = chosen.map((r, c) => after.data[c * K + truth[r]] - scores.time.data[r * K + truth[r]]);
    result.push({
      observed: known.size,
      accuracy: right / rest.length,
      ids: chosen.map((r) => left.ids[r]),
      gains,
    });
    for (const r of chosen) known.add(rest[r]);
    all.push(...gains);
    if (stopping !== undefined && stoppingPoint(all, stopping) !== null) break;
  }
  return result;
}

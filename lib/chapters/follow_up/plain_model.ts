/** What is fitted on a set of objects: both forests and the joint density, as plain data. */
import { demand } from "../../core/mod.ts";
import { type Labels, RandomForestClassifier, takeLabels } from "../../learn/mod.ts";
import { type Matrix, takeRows } from "../../numerics/mod.ts";
import type { FollowUpConfiguration } from "./configuration.ts";
import { besideEachOther, followedUp, type FollowUpSet, labelsOf } from "./follow_up_set.ts";
import { fitJointDensity, type JointDensity } from "./joint_density.ts";
import { type PlainForest, plainForest } from "./plain_forest.ts";

/** P_t, P_ts and Q(x_t, x_s) as plain data. */
export interface PlainModel {
  timeForest: PlainForest;
  bothForest: PlainForest;
  joint: JointDensity;
  densityFloor: number;
}

/** The same with forests that can be saved. */
export interface FittedParts {
  time: RandomForestClassifier;
  both: RandomForestClassifier;
  joint: JointDensity;
}

/** Options of {@link fitParts}. */
export interface FitPartsOptions {
  configuration: FollowUpConfiguration;
  seed: number | string;
  /** Workers that grow trees. Default: one a core. */
  workers?: number;
  /** A joint density to take instead of fitting one. */
  joint?: JointDensity;
}

/**
 * Resolves to the forests and the joint density of a set: P_t of all its objects, P_ts and Q of those that were followed up.
 *
 * @throws EphemeraError without labels, or when a class has no object that was followed up: the two forests would then
 * choose among different classes
 */
export async function fitParts(set: FollowUpSet, options: FitPartsOptions): Promise<FittedParts> {
  const { configuration: { forest, mixture }, seed, workers } = options, where = "follow-up model";
  const labels = labelsOf(set, where), followed = followedUp(set);
  const complete = Array.from(followed.keys()).filter((i) => followed[i]);
  const known = new Set(labels.codes), seen = new Set(complete.map((i) => labels.codes[i]));
  for (const code of known) {
    demand(seen.has(code), () => ({
      expected: `an object of each class with ${set.revealedNames.join(", ")}`,
      found: `none of class ${labels.classNames[code]}`,
      where,
      remedy: "take the class out, or follow some of its objects up first",
    }));
  }
  const { trees, probabilities } = forest;
  const time = await new RandomForestClassifier({ seed: `${seed}/time`, trees, probabilities, workers })
    .fit(set.known, labels);
  const x = besideEachOther(takeRows(set.known, complete), takeRows(set.revealed, complete));
  const both = await new RandomForestClassifier({ seed: `${seed}/both`, trees, probabilities, workers })
    .fit(x, takeLabels(labels, complete));
  const joint = options.joint ?? fitJointDensity(x, set.known.columns, { ...mixture, seed: `${seed}/joint` });
  return { time, both, joint };
}

/** Returns fitted parts as plain data. */
export function plainModel({ time, both, joint }: FittedParts, densityFloor: number): PlainModel {
  return { timeForest: plainForest(time), bothForest: plainForest(both), joint, densityFloor };
}

/** Returns the labels with only those classes that occur. */
export function presentLabels({ codes, classNames }: Labels): Labels {
  const present = new Set(codes), kept = classNames.filter((_, k) => present.has(k));
  return { codes: codes.map((code) => kept.indexOf(classNames[code])), classNames: kept };
}

/** Returns the rows of x_t and x_s that a set's followed-up objects among `rows` have. */
export function completeRows(set: FollowUpSet): Matrix {
  const followed = followedUp(set), rows = Array.from(followed.keys()).filter((i) => followed[i]);
  return besideEachOther(takeRows(set.known, rows), takeRows(set.revealed, rows));
}

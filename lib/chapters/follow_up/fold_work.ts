/** The work of one worker in an out-of-fold fit. */
import type { Split } from "../../learn/mod.ts";
import type { FollowUpConfiguration } from "./configuration.ts";
import { type FollowUpSet, takeObjects } from "./follow_up_set.ts";
import type { JointDensity } from "./joint_density.ts";
import { fitParts, type PlainModel, plainModel } from "./plain_model.ts";

/** What all folds share. */
export interface FoldTask {
  set: FollowUpSet;
  splits: readonly Split[];
  configuration: FollowUpConfiguration;
  seed: string;
  joint?: JointDensity;
}

/** Returns the model of one fold, fitted on the other folds. */
export async function fitFold(fold: number, shared: unknown): Promise<PlainModel> {
  const { set, splits, configuration, seed, joint } = shared as FoldTask;
  const parts = await fitParts(takeObjects(set, splits[fold].train), {
    configuration,
    seed: `${seed}/fold ${fold}`,
    workers: 1,
    joint,
  });
  return plainModel(parts, configuration.mixture.densityFloor);
}

import type { tf } from "../tf.ts";
import { Random } from "../../core/mod.ts";
import { applyDropout, hashKey } from "./dropout.ts";

/** Options of {@link StepContext.dropout}. */
export interface DropoutOptions {
  /** Axes along which one draw serves all positions, e.g. `[1]`: the same features are dropped at all times. */
  sharedAxes?: readonly number[];
}

/** What a loss function is told besides the batch. */
export interface StepContext {
  /** False in validation, where dropout does nothing. */
  readonly training: boolean;
  /** Steps taken before this one. */
  readonly step: number;
  /** Epochs completed before this one. */
  readonly epoch: number;
  /** Numbers of the examples in this batch, as given to {@link BatchSource.take}. */
  readonly indices: Int32Array;
  /**
   * Returns `x` with elements dropped at the given rate and the others scaled by 1 / (1 - rate). The draws depend on the
   * seed, the step, how many calls came before in this step, and the place in the batch: nothing else. The first
   * axis must run over the examples of the batch for the draws to be the same when a batch is taken in pieces.
   */
  dropout<T extends tf.Tensor>(x: T, rate: number, options?: DropoutOptions): T;
  /** Returns a generator that depends on the seed, the step and `name` alone. */
  random(name: string): Random;
  /** Returns a context of the same batch whose dropout draws are its own, so that two parts of a loss do not depend on each other's. */
  part(name: string): StepContext;
}

/** What {@link makeContext} needs. */
export interface ContextFacts {
  training: boolean;
  seed: number | string;
  step: number;
  epoch: number;
  indices: Int32Array;
  /** Place of the first of `indices` in the whole batch. */
  firstExample: number;
}

/** Returns the context of one call of the loss function, or with `name` that of a part of it. */
export function makeContext(facts: ContextFacts, name = ""): StepContext {
  const { training, seed, step, epoch, indices, firstExample } = facts;
  let calls = 0;
  return {
    training,
    step,
    epoch,
    indices,
    dropout(x, rate, options = {}) {
      const key = hashKey(seed, "dropout", name, step, calls++);
      if (!training) return x;
      return applyDropout(x, { rate, key, firstExample, examples: indices.length, ...options });
    },
    part: (part) => makeContext(facts, `${name}/${part}`),
    random: (name) => new Random(seed).stream("step").stream(step).stream(name),
  };
}

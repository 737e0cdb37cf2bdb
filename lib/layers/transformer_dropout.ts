import type { StepContext, tf } from "../tensor/mod.ts";

/** What a layer needs to drop elements: a step's context. Without one, nothing is dropped. */
export type DropoutContext = Pick<StepContext, "dropout" | "training">;

/**
 * Returns `x` with elements dropped at the given rate in a training step, and `x` itself otherwise.
 *
 * @param rate from 0 to below 1
 * @param context of the step; nothing outside of training
 */
export function drop<T extends tf.Tensor>(x: T, rate: number, context: DropoutContext | undefined): T {
  return context && rate > 0 ? context.dropout(x, rate) : x;
}

import { demand } from "../core/mod.ts";
import type { StepContext, tf } from "../tensor/mod.ts";

/** What a layer needs to drop elements: a step's context. Without one, nothing is dropped. */
export type DropoutContext = Pick<StepContext, "dropout" | "training">;

/** Demands a rate from 0 to below 1, also where nothing is dropped: a wrong one is not to wait for the training. */
export function demandRate(rate: number, name: string, where: string): void {
  demand(rate >= 0 && rate < 1, () => ({
    expected: `a rate from 0 to below 1 as ${name}`,
    found: String(rate),
    where,
  }));
}

/** Returns `x` with elements dropped at the given rate in a training step, and `x` itself without a step's context. */
export function drop<T extends tf.Tensor>(x: T, rate: number, context: DropoutContext | undefined): T {
  return context && rate > 0 ? context.dropout(x, rate) : x;
}

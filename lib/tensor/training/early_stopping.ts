import { demand } from "../../core/mod.ts";
import type { NamedArrays } from "../interchange/named_arrays.ts";

/** When to stop before the last epoch. */
export interface EarlyStoppingOptions {
  /** Epochs without improvement after which training stops. */
  patience: number;
  /** What counts as an improvement: better than the best by more than this. Default 0. */
  minimumDelta?: number;
  /** Column of the epochs' history to watch. Default `validation/loss` with validation, else `loss`. */
  monitor?: string;
  /** Whether larger is better, as for an accuracy. Default false. */
  largerIsBetter?: boolean;
  /** Whether the parameters are set to those of the best epoch at the end. Default true. */
  restoreBest?: boolean;
}

/** What early stopping remembers between epochs. */
export interface BestSoFar {
  /** Best value, null before the first epoch. */
  value: number | null;
  /** Epoch of the best value, counted from 0; -1 before the first. */
  epoch: number;
  /** Epochs since then. */
  waited: number;
  /** Parameters after that epoch. */
  weights: NamedArrays;
}

/** The state before the first epoch. */
export function nothingYet(): BestSoFar {
  return { value: null, epoch: -1, waited: 0, weights: new Map() };
}

/** Returns whether an epoch improves on the best so far. NaN never does. */
export function improves(
  best: BestSoFar,
  row: Readonly<Record<string, number>>,
  options: EarlyStoppingOptions,
): { better: boolean; value: number } {
  const monitor = options.monitor ?? ("validation/loss" in row ? "validation/loss" : "loss");
  demand(monitor in row, () => ({
    expected: `a column among ${Object.keys(row).join(", ")}`,
    found: monitor,
    where: "earlyStopping.monitor",
  }));
  const value = row[monitor], sign = options.largerIsBetter ? -1 : 1;
  if (Number.isNaN(value)) return { better: false, value };
  const better = best.value === null || sign * (best.value - value) > (options.minimumDelta ?? 0);
  return { better, value };
}

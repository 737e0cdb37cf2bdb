/** The best use of a limited time: choosing items of given value and cost. */
import { demand } from "../../core/mod.ts";

/** A choice of items. */
export interface KnapsackChoice {
  /** Numbers of the chosen items, ascending. */
  chosen: Uint32Array;
  /** Their summed value. */
  value: number;
  /** Their summed cost. */
  cost: number;
  /** No choice within the budget is worth more than this (the best, where the choice is exact). */
  bound: number;
  /** Whether no choice is worth more. */
  exact: boolean;
}

/** Options of {@link knapsack}. */
export interface KnapsackOptions {
  /**
   * `"greedy"`: by value per cost, or the single most valuable item if that is worth more; at least half of the best.
   * `"branch and bound"`: the best, unless `most` steps do not suffice. Default branch and bound.
   */
  method?: "greedy" | "branch and bound";
  /** Most steps of the search. Default a million. */
  most?: number;
}

/**
 * Returns a choice of items of the greatest value whose costs sum to at most the budget. Items whose value is not positive are
 * never chosen. The search (Horowitz & Sahni 1974) takes items by value per cost and gives a branch up when even a divisible
 * next item (Dantzig's bound) could not beat the best choice so far.
 *
 * @throws EphemeraError for a cost that is not positive, a value that is not finite, or a negative budget
 *
 * @example
 * ```ts
 * import { knapsack } from "ephemera/chapters/follow_up";
 * import assert from "node:assert/strict";
 * const { chosen, value } = knapsack([6, 5, 5], [6, 5, 5], 10);
 * assert.deepEqual([[...chosen], value], [[1, 2], 10]);
 * ```
 */
export function knapsack(
  values: ArrayLike<number>,
  costs: ArrayLike<number>,
  budget: number,
  options: KnapsackOptions = {},
): KnapsackChoice {
  const { method = "branch and bound", most = 1e6 } = options, n = values.length;
  demand(costs.length === n && budget >= 0, {
    expected: "a cost for each value, and a budget that is not negative",
    found: `${n} values, ${costs.length} costs, a budget of ${budget}`,
    where: "knapsack",
  });
  for (let i = 0; i < n; i++) {
    demand(Number.isFinite(values[i]) && costs[i] > 0, () => ({
      expected: "finite values and positive costs",
      found: `${values[i]} for ${costs[i]}`,
      where: `knapsack, item ${i}`,
    }));
  }
  const order: number[] = [];
  for (let i = 0; i < n; i++) if (values[i] > 0 && costs[i] <= budget) order.push(i);
  order.sort((a, b) => values[b] / costs[b] - values[a] / costs[a] || a - b);
  const greedy = greedyChoice(order, values, costs, budget);
  const bound = dantzig(order, values, costs, 0, budget, 0);
  if (method === "greedy") return finish(greedy, values, costs, bound, bound <= total(greedy, values));
  const { best, exact } = search(order, values, costs, budget, greedy, most);
  return finish(best, values, costs, bound, exact);
}

function total(items: readonly number[], values: ArrayLike<number>): number {
  return items.reduce((sum, i) => sum + values[i], 0);
}

function finish(
  items: readonly number[],
  values: ArrayLike<number>,
  costs: ArrayLike<number>,
  bound: number,
  exact: boolean,
): KnapsackChoice {
  const value = total(items, values);
  return {
    chosen: Uint32Array.from(items).sort(),
    value,
    cost: total(items, costs),
    bound: exact ? value : Math.max(value, bound),
    exact,
  };
}

function greedyChoice(
  order: readonly number[],
  values: ArrayLike<number>,
  costs: ArrayLike<number>,
  budget: number,
): number[] {
  const items: number[] = [];
  let left = budget, alone = -1;
  for (const i of order) {
    if (alone < 0 || values[i] > values[alone]) alone = i;
    if (costs[i] > left) continue;
    items.push(i);
    left -= costs[i];
  }
  return alone >= 0 && values[alone] > total(items, values) ? [alone] : items;
}

/** Value so far plus that of the items from `from` on, the last of them divided. */
function dantzig(
  order: readonly number[],
  values: ArrayLike<number>,
  costs: ArrayLike<number>,
  from: number,
  left: number,
  value: number,
): number {
  for (let k = from; k < order.length; k++) {
    const i = order[k];
    if (costs[i] > left) return value + values[i] * left / costs[i];
    left -= costs[i];
    value += values[i];
  }
  return value;
}

function search(
  order: readonly number[],
  values: ArrayLike<number>,
  costs: ArrayLike<number>,
  budget: number,
  start: readonly number[],
  most: number,
): { best: readonly number[]; exact: boolean } {
  let best = start, bestValue = total(start, values), value = 0, left = budget, k = 0;
  const taken: number[] = []; // places in `order`
  for (let steps = 0; steps < most; steps++) {
    // Rounding must not make an equal choice look better without end.
    const hopeless = dantzig(order, values, costs, k, left, value) <= bestValue * (1 + 1e-12);
    if (!hopeless && k < order.length) {
      const i = order[k];
      if (costs[i] <= left) {
        taken.push(k);
        left -= costs[i];
        value += values[i];
        if (value > bestValue) {
          best = taken.map((place) => order[place]);
          bestValue = value;
        }
      }
      k++;
      continue;
    }
    const last = taken.pop();
    if (last === undefined) return { best, exact: true };
    left += costs[order[last]];
    value -= values[order[last]];
    k = last + 1;
  }
  return { best, exact: false };
}

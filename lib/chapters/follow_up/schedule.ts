/** A night's list: which objects, and when, so that each is observed while it is up. */
import { demand } from "../../core/mod.ts";
import { knapsack } from "./knapsack.ts";

/** An object that may be observed tonight. Times are seconds from the start of the night. */
export interface Target {
  id: string;
  /** What observing it is worth. */
  value: number;
  /** How long it takes. */
  cost: number;
  /** It cannot begin before. */
  from: number;
  /** It must have ended by then. */
  to: number;
  /** Targets of a greater priority are placed first and never make way for others. Default 0 for all; greedy method only. */
  priority?: number;
}

/** An object's place in the night. */
export interface ScheduledTarget {
  id: string;
  start: number;
  end: number;
}

/** A night's list. */
export interface Schedule {
  /** In the order of observation. */
  targets: ScheduledTarget[];
  /** Summed value. */
  value: number;
  /** No list is worth more than this. */
  bound: number;
  /** Whether no list is worth more. */
  exact: boolean;
}

/** Options of {@link scheduleNight}. */
export interface ScheduleOptions {
  /** Length of the night, seconds. */
  length: number;
  /**
   * `"exact"`: over all subsets, for at most 16 targets. `"greedy"`: by value per second, each put where it fits, then exchanges.
   * Default: exact for at most 12 targets without priorities, else greedy.
   */
  method?: "exact" | "greedy";
}

const MOST_EXACT = 16;

/**
 * Returns a list of targets of great summed value, one at a time, each within its window.
 *
 * @throws EphemeraError for a target with a cost that is not positive or a value that is not finite
 */
export function scheduleNight(targets: readonly Target[], options: ScheduleOptions): Schedule {
  const parted = targets.some(({ priority }) => priority !== undefined && priority !== 0);
  const { length, method = targets.length <= 12 && !parted ? "exact" : "greedy" } = options;
  demand(method === "greedy" || !parted, {
    expected: "the greedy method for targets with priorities",
    found: "the exact one",
    where: "scheduleNight",
  });
  demand(length >= 0 && (method === "greedy" || targets.length <= MOST_EXACT), {
    expected: `a length that is not negative, and at most ${MOST_EXACT} targets for the exact method`,
    found: `${length}, ${targets.length} targets`,
    where: "scheduleNight",
  });
  for (const { id, value, cost, from, to } of targets) {
    demand(Number.isFinite(value) && cost > 0 && !Number.isNaN(from + to), () => ({
      expected: "a finite value, a positive cost and a window",
      found: `${value}, ${cost}, ${from} to ${to}`,
      where: `scheduleNight, target ${id}`,
    }));
  }
  const possible = targets.map((t) => ({ ...t, from: Math.max(0, t.from), to: Math.min(length, t.to) }))
    .filter(({ value, cost, from, to }) => value > 0 && from + cost <= to);
  return method === "exact" ? exactSchedule(possible) : greedySchedule(possible, length);
}

/** Dynamic programming over subsets: the earliest time at which each subset can have ended. */
function exactSchedule(targets: readonly Target[]): Schedule {
  const n = targets.length,
    ends = new Float64Array(2 ** n).fill(Infinity),
    last = new Int8Array(2 ** n).fill(-1);
  ends[0] = 0;
  let best = 0, bestValue = 0;
  for (let set = 0; set < 2 ** n; set++) {
    if (ends[set] === Infinity) continue;
    let value = 0;
    for (let j = 0; j < n; j++) if (set >> j & 1) value += targets[j].value;
    if (value > bestValue) {
      best = set;
      bestValue = value;
    }
    for (let j = 0; j < n; j++) {
      if (set >> j & 1) continue;
      const end = Math.max(ends[set], targets[j].from) + targets[j].cost, next = set | 1 << j;
      if (end <= targets[j].to && end < ends[next]) {
        ends[next] = end;
        last[next] = j;
      }
    }
  }
  const order: Target[] = [];
  for (let set = best; set !== 0;) {
    const j = last[set];
    order.unshift(targets[j]);
    set ^= 1 << j;
  }
  return { targets: placed(order)!, value: bestValue, bound: bestValue, exact: true };
}

/** Times of a sequence, each target as early as it can be; null when one would end too late. */
function placed(order: readonly Target[]): ScheduledTarget[] | null {
  const result: ScheduledTarget[] = [];
  let free = 0;
  for (const { id, cost, from, to } of order) {
    const start = Math.max(free, from);
    if (start + cost > to) return null;
    result.push({ id, start, end: free = start + cost });
  }
  return result;
}

/** Puts a target into a sequence where it delays the end least; null where it fits nowhere. */
function inserted(order: readonly Target[], target: Target): Target[] | null {
  let best: Target[] | null = null, earliest = Infinity;
  for (let k = 0; k <= order.length; k++) {
    const tried = [...order.slice(0, k), target, ...order.slice(k)], times = placed(tried);
    if (times === null) continue;
    const end = times[times.length - 1].end;
    if (end < earliest) {
      best = tried;
      earliest = end;
    }
  }
  return best;
}

function greedySchedule(targets: readonly Target[], length: number): Schedule {
  const priority = (target: Target) => target.priority ?? 0;
  const byRate = targets.toSorted((a, b) =>
    priority(b) - priority(a) || b.value / b.cost - a.value / a.cost || (a.id < b.id ? -1 : 1)
  );
  let order: Target[] = [];
  for (const target of byRate) order = inserted(order, target) ?? order;
  // Exchange: a target that found no place may be worth more than one that did.
  for (let improved = true, rounds = 0; improved && rounds < 3; rounds++) {
    improved = false;
    const inside = new Set(order);
    for (const target of byRate) {
      if (inside.has(target)) continue;
      const cheaper = order.filter((t) =>
        priority(t) < priority(target) || (priority(t) === priority(target) && t.value < target.value)
      ).sort((a, b) => priority(a) - priority(b) || a.value - b.value)
        .slice(0, 10);
      for (const out of cheaper) {
        const tried = inserted(order.filter((t) => t !== out), target);
        if (tried === null) continue;
        order = tried;
        inside.delete(out);
        inside.add(target);
        improved = true;
        break;
      }
    }
    for (const target of byRate) {
      if (inside.has(target)) continue;
      const tried = inserted(order, target);
      if (tried === null) continue;
      order = tried;
      inside.add(target);
      improved = true;
    }
  }
  const value = order.reduce((sum, target) => sum + target.value, 0);
  // Without windows nothing is lost: the divisible knapsack over the whole night bounds every list.
  const { bound } = knapsack(
    targets.map((target) => target.value),
    targets.map(({ cost }) => cost),
    length,
    { method: "greedy" },
  );
  return { targets: placed(order)!, value, bound: Math.max(bound, value), exact: value >= bound };
}

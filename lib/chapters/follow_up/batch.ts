/** Choosing several objects at once without choosing the same information twice. */
import { demand } from "../../core/mod.ts";
import { type Matrix, rowOf } from "../../numerics/mod.ts";

/** Options of {@link selectBatch}. */
export interface BatchOptions {
  /** How many objects to choose, when they all cost the same. */
  size?: number;
  /** Cost of each object; with it, `budget` limits the sum instead of `size` the number. */
  costs?: ArrayLike<number>;
  budget?: number;
  /**
   * Distance at which one object tells nothing much of another: what one tells falls as exp(-d^2 / (2 width^2)). Default: the
   * median distance of the candidates to their centre, a quarter of it.
   */
  width?: number;
  /** Only this many objects of the greatest gain are candidates. Default 2000. */
  candidates?: number;
}

/** A batch. */
export interface Batch {
  /** Numbers of the chosen objects, in the order of choice. */
  chosen: Uint32Array;
  /** What each added to the value, given those before it; never rises along the list when costs are equal. */
  added: Float64Array;
  /** The batch's value: how much of all candidates' gain it covers. */
  value: number;
}

/**
 * Returns a batch that covers as much of the candidates' gain as it can: the value of a batch is the sum over candidates i of
 * gain_i times the greatest similarity of i to a chosen object. This function is monotone and submodular (facility location), so
 * that the greedy choice is worth at least 1 - 1/e = 63 % of the best batch of that size (Nemhauser, Wolsey & Fisher 1978). With
 * costs, the choice is by value added per cost, and the better of that and the best single object is at least half of (1 - 1/e).
 *
 * @param gains what is expected of each object; those that are not positive are never chosen.
 * @param points where each object stands, one row an object: its expected class probabilities, or its scaled features.
 * @throws EphemeraError for sizes that differ, or neither a size nor a budget with costs
 */
export function selectBatch(gains: ArrayLike<number>, points: Matrix, options: BatchOptions): Batch {
  const { size = Infinity, costs, budget = Infinity, candidates = 2000 } = options, n = gains.length;
  demand(points.rows === n && (costs === undefined || costs.length === n), {
    expected: `${n} points and costs, one a gain`,
    found: `${points.rows} points, ${costs?.length ?? "no"} costs`,
    where: "selectBatch",
  });
  demand(costs === undefined ? size >= 0 && size < Infinity : budget >= 0 && budget < Infinity, {
    expected: "a size, or costs with a budget",
    found: `size ${size}, budget ${budget}`,
    where: "selectBatch",
  });
  const pool: number[] = [];
  for (let i = 0; i < n; i++) {
    if (gains[i] > 0 && (costs === undefined || costs[i] <= budget)) pool.push(i);
  }
  pool.sort((a, b) => gains[b] - gains[a] || a - b);
  pool.length = Math.min(pool.length, candidates);
  const width = options.width ?? 0.25 * medianDistance(points, pool);
  demand(!(width < 0), { expected: "a width that is not negative", found: `${width}`, where: "selectBatch" });
  const m = pool.length, similarity = new Float64Array(m * m);
  for (let a = 0; a < m; a++) {
    for (let b = 0; b <= a; b++) {
      const squared = squaredDistance(points, pool[a], pool[b]);
      const s = squared === 0 ? 1 : width > 0 ? Math.exp(-squared / (2 * width * width)) : 0;
      similarity[a * m + b] = similarity[b * m + a] = s;
    }
  }
  const covered = new Float64Array(m), chosen: number[] = [], added: number[] = [], out = new Uint8Array(m);
  const gainOf = (a: number) => {
    let sum = 0;
    for (let b = 0; b < m; b++) {
      const more = similarity[a * m + b] - covered[b];
      if (more > 0) sum += more * gains[pool[b]];
    }
    return sum;
  };
  // What an object adds can only fall, so that an old value is a bound: few are reckoned anew (Minoux 1978).
  const bounds = Float64Array.from({ length: m }, (_, a) => gainOf(a)), first = bounds.slice();
  let left = budget;
  while (chosen.length < size) {
    let best = -1;
    for (;;) {
      best = -1;
      let most = 0;
      for (let a = 0; a < m; a++) {
        if (out[a] || (costs !== undefined && costs[pool[a]] > left)) continue;
        const rate = bounds[a] / (costs?.[pool[a]] ?? 1);
        if (rate > most) {
          most = rate;
          best = a;
        }
      }
      if (best < 0) break;
      const now = gainOf(best);
      if (now >= bounds[best]) break;
      bounds[best] = now;
    }
    if (best < 0) break;
    chosen.push(pool[best]);
    added.push(bounds[best]);
    out[best] = 1;
    left -= costs?.[pool[best]] ?? 0;
    for (let b = 0; b < m; b++) covered[b] = Math.max(covered[b], similarity[best * m + b]);
  }
  const value = added.reduce((sum, v) => sum + v, 0);
  if (costs !== undefined && m > 0) {
    const alone = first.indexOf(Math.max(...first));
    if (first[alone] > value) {
      return {
        chosen: Uint32Array.of(pool[alone]),
        added: Float64Array.of(first[alone]),
        value: first[alone],
      };
    }
  }
  return { chosen: Uint32Array.from(chosen), added: Float64Array.from(added), value };
}

function squaredDistance(points: Matrix, i: number, j: number): number {
  const a = rowOf(points, i), b = rowOf(points, j);
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] - b[k]) ** 2;
  return sum;
}

function medianDistance(points: Matrix, pool: readonly number[]): number {
  if (pool.length === 0) return 0;
  const l = points.columns, centre = new Float64Array(l);
  for (const i of pool) for (let k = 0; k < l; k++) centre[k] += points.data[i * l + k] / pool.length;
  const distances = Float64Array.from(pool, (i) => {
    let sum = 0;
    for (let k = 0; k < l; k++) sum += (points.data[i * l + k] - centre[k]) ** 2;
    return Math.sqrt(sum);
  }).sort();
  return distances[distances.length >> 1];
}

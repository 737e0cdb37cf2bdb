/** Splits by object: stratified by class, grouped by parent, the same for the same seed. */
import { demand, Random } from "../core/mod.ts";

/** What is split: a set of light curves, or anything with a number of objects and their labels. */
export interface Splittable {
  /** Number of objects. */
  readonly length: number;
  /** Class of each object, -1 where unknown. */
  readonly labels?: ArrayLike<number>;
}

/** Options of {@link splitObjects} and {@link kFold}. */
export interface SplitOptions {
  /** Seed of the shuffle. */
  seed: number | string;
  /** Keep the share of each class in all parts. Default: when there are labels. */
  stratify?: boolean;
  /**
   * A key per object; objects of one key stay in one part: the chunks of a star, the copies of an augmentation. Shares of
   * classes are then as near as whole groups allow.
   */
  groups?: ArrayLike<string | number>;
}

/**
 * Returns the numbers of the objects in each part, ascending. Without groups, the count of every class in every part is
 * within one of its share.
 *
 * @param fractions share of each part, positive; they are divided by their sum.
 *
 * @example
 * ```ts
 * import { splitObjects } from "ephemera/observations";
 * import assert from "node:assert/strict";
 * const labels = Int32Array.from({ length: 100 }, (_, i) => i % 10 === 0 ? 1 : 0);
 * const [train, test] = splitObjects({ length: 100, labels }, [0.8, 0.2], { seed: 1 });
 * assert.equal(train.length, 80);
 * assert.equal(test.filter((i) => labels[i] === 1).length, 2);
 * ```
 */
export function splitObjects(
  what: Splittable,
  fractions: readonly number[],
  options: SplitOptions,
): Uint32Array[] {
  const sum = fractions.reduce((a, b) => a + b, 0);
  demand(fractions.length > 0 && fractions.every((f) => f > 0) && Number.isFinite(sum), () => ({
    expected: "positive fractions",
    found: `[${fractions.join(", ")}]`,
    where: "splitObjects",
  }));
  const { groups } = options, stratify = options.stratify ?? what.labels !== undefined;
  demand(!stratify || what.labels !== undefined, {
    expected: "labels to stratify by",
    found: "none",
    where: "splitObjects",
    remedy: "give labels, or set stratify: false",
  });
  for (const [name, column] of [["labels", what.labels], ["groups", groups]] as const) {
    demand(column === undefined || column.length === what.length, () => ({
      expected: `${what.length} ${name}, one per object`,
      found: String(column?.length),
      where: "splitObjects",
    }));
  }
  const classes = new Int32Array(what.length);
  if (stratify) { for (let i = 0; i < what.length; i++) classes[i] = what.labels![i]; }
  const shares = fractions.map((f) => f / sum), random = new Random(options.seed).stream("split");
  const part = groups === undefined
    ? splitSingles(classes, shares, random)
    : splitGroups(classes, groups, shares, random);
  return shares.map((_, p) => Uint32Array.from(indicesWhere(part, p)));
}

/** Returns the k pairs of training and test objects of k-fold cross-validation, each object once in a test part. */
export function kFold(
  what: Splittable,
  k: number,
  options: SplitOptions,
): { train: Uint32Array; test: Uint32Array }[] {
  demand(Number.isInteger(k) && k >= 2 && k <= what.length, () => ({
    expected: `a whole number of folds from 2 to ${what.length}, the number of objects`,
    found: String(k),
    where: "kFold",
  }));
  const parts = splitObjects(what, new Array(k).fill(1), options);
  return parts.map((test) => {
    const held = new Set(test);
    return {
      train: Uint32Array.from({ length: what.length }, (_, i) => i).filter((i) => !held.has(i)),
      test,
    };
  });
}

function indicesWhere(part: Int32Array, wanted: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < part.length; i++) if (part[i] === wanted) found.push(i);
  return found;
}

/** Members of each class in order of first appearance of the class number. */
function byClass(classes: Int32Array): number[][] {
  const members = new Map<number, number[]>();
  classes.forEach((c, i) => members.has(c) ? members.get(c)!.push(i) : members.set(c, [i]));
  return [...members.entries()].sort((a, b) => a[0] - b[0]).map(([, list]) => list);
}

function splitSingles(classes: Int32Array, shares: readonly number[], random: Random): Int32Array {
  const part = new Int32Array(classes.length);
  // What each part is owed: rounding of one class is made good by the next, so that the totals come out too.
  const owed = new Float64Array(shares.length);
  for (const members of byClass(classes)) {
    random.shuffle(members);
    const counts = shares.map((share, p) => {
      owed[p] += share * members.length;
      return Math.floor(share * members.length + 1e-9);
    });
    let rest = members.length - counts.reduce((a, b) => a + b, 0);
    const order = shares.map((_, p) => p).sort((a, b) =>
      (owed[b] - counts[b]) - (owed[a] - counts[a]) || a - b
    );
    for (const p of order) {
      // A share that is whole already takes no extra one: counts stay within one of the share.
      if (rest > 0 && shares[p] * members.length - counts[p] > 1e-9) {
        counts[p]++;
        rest--;
      }
    }
    let at = 0;
    counts.forEach((count, p) => {
      owed[p] -= count;
      for (let k = 0; k < count; k++) part[members[at++]] = p;
    });
  }
  return part;
}

function splitGroups(
  classes: Int32Array,
  groups: ArrayLike<string | number>,
  shares: readonly number[],
  random: Random,
): Int32Array {
  const members = new Map<string | number, number[]>();
  for (let i = 0; i < classes.length; i++) {
    const list = members.get(groups[i]);
    if (list) list.push(i);
    else members.set(groups[i], [i]);
  }
  const totals = new Map<number, number>();
  for (const c of classes) totals.set(c, (totals.get(c) ?? 0) + 1);
  const have = shares.map(() => new Map<number, number>());
  // Large groups first: the small ones can then fill what is left.
  const order = random.shuffle([...members.values()]).sort((a, b) => b.length - a.length);
  const part = new Int32Array(classes.length);
  for (const list of order) {
    const counts = new Map<number, number>();
    for (const i of list) counts.set(classes[i], (counts.get(classes[i]) ?? 0) + 1);
    let best = 0, least = Infinity;
    for (let p = 0; p < shares.length; p++) {
      // Growth of the sum of squares of filled shares: lowest where the classes of this group are missing most.
      let cost = 0;
      for (const [c, count] of counts) {
        const target = shares[p] * totals.get(c)!, filled = have[p].get(c) ?? 0;
        cost += ((filled + count) ** 2 - filled ** 2) / target / totals.get(c)!;
      }
      if (cost < least - 1e-12) [least, best] = [cost, p];
    }
    for (const [c, count] of counts) have[best].set(c, (have[best].get(c) ?? 0) + count);
    for (const i of list) part[i] = best;
  }
  return part;
}

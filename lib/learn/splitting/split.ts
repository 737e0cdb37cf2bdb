/** Splits into training and test objects: by class, by group (all chunks of a star stay together), or both. */
import { demand, Random } from "../../core/mod.ts";
import { encodeLabels, type LabelInput } from "../labels.ts";

/** Object numbers of the two sides of a split, each ascending. */
export interface Split {
  /** Object numbers to learn from. */
  train: Uint32Array;
  /** Object numbers to predict. */
  test: Uint32Array;
}

/** Options of {@link folds} and {@link trainTestSplit}. */
export interface SplitOptions {
  /** Class of each object: each side then gets its share of every class. */
  labels?: LabelInput;
  /** Group of each object: a group never lies on both sides. */
  groups?: ArrayLike<number | string>;
  /** Seed of the shuffle. Without one, objects (or groups) are dealt in their own order. */
  seed?: number | string;
}

/**
 * Returns `k` splits, each with another fold as its test side; every object is tested exactly once.
 *
 * With labels alone the folds hold each class in proportion (as even as whole objects allow). With groups alone, whole
 * groups go to the fold with the fewest objects, large groups first. With both, whole groups go where they make the class shares
 * most even, groups with the most uneven classes first.
 * Throws an EphemeraError on fewer objects (or groups) than folds, or a class with fewer objects than folds.
 *
 * @example
 * ```ts
 * import { folds } from "ephemera/learn";
 * import assert from "node:assert/strict";
 * const splits = folds(6, 3, { labels: ["a", "a", "a", "b", "b", "b"], seed: 1 });
 * assert.ok(splits.every(({ test }) => test.filter((i) => i < 3).length === 1 && test.length === 2));
 * ```
 */
export function folds(objects: number, k: number, options: SplitOptions = {}): Split[] {
  const { labels, groups, seed } = options;
  demand(Number.isInteger(k) && k >= 2 && k <= objects, {
    expected: `from 2 to ${objects} folds`,
    found: `${k}`,
    where: "folds",
  });
  checkLength(objects, groups?.length, "groups");
  const codes = labels === undefined ? null : encodeLabels(labels).codes;
  checkLength(objects, codes?.length, "labels");
  const random = seed === undefined ? null : new Random(seed).stream("folds");
  const fold = groups === undefined
    ? dealObjects(objects, k, codes, random)
    : dealGroups(objects, k, codes, groups, random);
  return Array.from({ length: k }, (_, f) => splitBy(objects, (i) => fold[i] === f));
}

/**
 * Returns one split with about `testShare` of the objects (of each class, with labels; of whole groups, with groups) on the
 * test side. Every class with at least two objects (or groups) has one on both sides.
 */
export function trainTestSplit(objects: number, testShare: number, options: SplitOptions): Split {
  const { labels, groups, seed } = options;
  demand(testShare > 0 && testShare < 1 && objects >= 2, {
    expected: "a test share between 0 and 1, of at least two objects",
    found: `${testShare} of ${objects}`,
    where: "trainTestSplit",
  });
  checkLength(objects, groups?.length, "groups");
  const codes = labels === undefined ? new Int32Array(objects) : encodeLabels(labels).codes;
  checkLength(objects, codes.length, "labels");
  const random = new Random(seed ?? 0).stream("split");
  const units = membersOf(objects, groups);
  if (seed !== undefined) random.shuffle(units);
  // A unit (a group, or one object) belongs to its most frequent class.
  const byClass = new Map<number, number[][]>();
  for (const unit of units) {
    const code = mostFrequent(unit, codes);
    byClass.set(code, [...(byClass.get(code) ?? []), unit]);
  }
  const test = new Uint8Array(objects);
  let wanted = 0, taken = 0;
  for (const code of [...byClass.keys()].sort((a, b) => a - b)) {
    const list = byClass.get(code)!;
    wanted += testShare * list.reduce((sum, unit) => sum + unit.length, 0);
    // The wanted number is kept up over all classes, so that rounding does not add up.
    list.forEach((unit, u) => {
      const last = u === list.length - 1, first = u === 0;
      const nearer = Math.abs(taken + unit.length - wanted) < Math.abs(taken - wanted);
      if (list.length > 1 ? (first || (nearer && !last)) : nearer) {
        taken += unit.length;
        for (const i of unit) test[i] = 1;
      }
    });
  }
  return splitBy(objects, (i) => test[i] === 1);
}

function dealObjects(
  objects: number,
  k: number,
  codes: Int32Array | null,
  random: Random | null,
): Int32Array {
  const fold = new Int32Array(objects);
  const classes = codes === null ? 1 : codes.reduce((most, code) => Math.max(most, code), 0) + 1;
  // Continuing the deal from class to class keeps the sizes of the folds within one of each other.
  let next = 0;
  for (let c = 0; c < classes; c++) {
    const members: number[] = [];
    for (let i = 0; i < objects; i++) if (codes === null || codes[i] === c) members.push(i);
    demand(members.length === 0 || members.length >= k, {
      expected: `at least ${k} objects of each class, one a fold`,
      found: `${members.length}`,
      where: `folds, class ${c}`,
      remedy: "use fewer folds, or merge or remove rare classes",
    });
    if (random) random.shuffle(members);
    // Without a shuffle, blocks of neighbours form a fold, as is usual for ordered data.
    members.forEach((i, m) => fold[i] = random ? (next + m) % k : Math.floor(m * k / members.length));
    next += members.length;
  }
  return fold;
}

function dealGroups(
  objects: number,
  k: number,
  codes: Int32Array | null,
  groups: ArrayLike<number | string>,
  random: Random | null,
): Int32Array {
  const units = membersOf(objects, groups);
  demand(units.length >= k, {
    expected: `at least ${k} groups, one a fold`,
    found: `${units.length}`,
    where: "folds",
  });
  if (random) random.shuffle(units);
  const classes = codes === null ? 1 : codes.reduce((most, code) => Math.max(most, code), 0) + 1;
  const totals = new Float64Array(classes);
  for (let i = 0; i < objects; i++) totals[codes === null ? 0 : codes[i]]++;
  const counted = units.map((unit) => {
    const counts = new Float64Array(classes);
    for (const i of unit) counts[codes === null ? 0 : codes[i]]++;
    return {
      unit,
      counts,
      weight: counts.reduce((sum, n, c) => sum + (totals[c] > 0 ? n / totals[c] : 0), 0),
    };
  });
  // Groups that carry much of a class are hardest to place: they go first.
  counted.sort((a, b) => b.weight - a.weight);
  const filled = Array.from({ length: k }, () => new Float64Array(classes));
  const sizes = new Float64Array(k);
  const fold = new Int32Array(objects);
  for (const { unit, counts } of counted) {
    let best = 0, least = Infinity;
    for (let f = 0; f < k; f++) {
      // How much fuller than its share the fold would become, summed over the classes that the group brings.
      let cost = 0;
      for (let c = 0; c < classes; c++) {
        if (counts[c] === 0) continue;
        const before = filled[f][c] / totals[c] - 1 / k,
          after = (filled[f][c] + counts[c]) / totals[c] - 1 / k;
        cost += after * after - before * before;
      }
      if (cost < least - 1e-12 || (Math.abs(cost - least) <= 1e-12 && sizes[f] < sizes[best])) {
        best = f;
        least = cost;
      }
    }
    counts.forEach((n, c) => filled[best][c] += n);
    sizes[best] += unit.length;
    for (const i of unit) fold[i] = best;
  }
  return fold;
}

/** Returns the objects of each group, in order of first appearance; each object alone without groups. */
function membersOf(objects: number, groups: ArrayLike<number | string> | undefined): number[][] {
  if (groups === undefined) return Array.from({ length: objects }, (_, i) => [i]);
  const byName = new Map<number | string, number[]>();
  for (let i = 0; i < objects; i++) {
    const list = byName.get(groups[i]);
    if (list) list.push(i);
    else byName.set(groups[i], [i]);
  }
  return [...byName.values()];
}

function mostFrequent(unit: number[], codes: Int32Array): number {
  const counts = new Map<number, number>();
  let best = codes[unit[0]];
  for (const i of unit) {
    const count = (counts.get(codes[i]) ?? 0) + 1;
    counts.set(codes[i], count);
    if (count > (counts.get(best) ?? 0)) best = codes[i];
  }
  return best;
}

function splitBy(objects: number, isTest: (i: number) => boolean): Split {
  const train: number[] = [], test: number[] = [];
  for (let i = 0; i < objects; i++) (isTest(i) ? test : train).push(i);
  return { train: Uint32Array.from(train), test: Uint32Array.from(test) };
}

function checkLength(objects: number, length: number | undefined, name: string) {
  demand(length === undefined || length === objects, {
    expected: `${objects} ${name}, one an object`,
    found: `${length}`,
    where: "split",
  });
}

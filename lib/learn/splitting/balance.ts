/** Ways to let rare classes count: weights, repeated objects, balanced draws. */
import { Random } from "../../core/mod.ts";
import { classCounts, type Labels } from "../labels.ts";

/**
 * Returns a weight a class that makes all classes count alike, objects / (classes x count); classes without objects get 0.
 *
 * @example
 * ```ts
 * import { balancedClassWeights, encodeLabels } from "ephemera/learn";
 * import assert from "node:assert/strict";
 * assert.deepEqual([...balancedClassWeights(encodeLabels(["a", "a", "a", "b"]))], [4 / 6, 2]);
 * ```
 */
export function balancedClassWeights(labels: Labels): Float64Array {
  const counts = classCounts(labels);
  const present = counts.filter((n) => n > 0).length;
  return counts.map((n) => n === 0 ? 0 : labels.codes.length / (present * n));
}

/**
 * Returns object numbers in which every class occurs as often as the most frequent one: all objects once, then
 * rare ones again at random, in shuffled order.
 */
export function oversample(labels: Labels, seed: number | string): Uint32Array {
  const random = new Random(seed).stream("oversample");
  const members = membersByClass(labels);
  const most = Math.max(...members.map((list) => list.length));
  const rows: number[] = [];
  for (const list of members) {
    if (list.length === 0) continue;
    rows.push(...list);
    for (let extra = list.length; extra < most; extra++) rows.push(list[random.integer(0, list.length)]);
  }
  return random.shuffle(Uint32Array.from(rows));
}

/**
 * Returns a balanced bootstrap: `perClass` objects of each class, drawn with replacement; by default as many as the rarest
 * class has (Chen, Liaw & Breiman 2004, balanced random forest).
 */
export function balancedBootstrap(labels: Labels, random: Random, perClass?: number): Uint32Array {
  const members = membersByClass(labels).filter((list) => list.length > 0);
  const size = perClass ?? Math.min(...members.map((list) => list.length));
  const rows = new Uint32Array(size * members.length);
  members.forEach((list, c) => {
    for (let t = 0; t < size; t++) rows[c * size + t] = list[random.integer(0, list.length)];
  });
  return rows;
}

/** Returns the object numbers of each class. */
export function membersByClass({ codes, classNames }: Labels): number[][] {
  const members: number[][] = classNames.map(() => []);
  codes.forEach((code, i) => members[code].push(i));
  return members;
}

import assert from "node:assert/strict";
import fc from "fast-check";
import { Random } from "../../lib/core/mod.ts";
import {
  balancedBootstrap,
  balancedClassWeights,
  classCounts,
  encodeLabels,
  folds,
  oversample,
  takeLabels,
  trainTestSplit,
} from "../../lib/learn/mod.ts";

const letters = (counts: number[]) => counts.flatMap((n, k) => Array.from({ length: n }, () => "abcdef"[k]));

Deno.test("stratified folds test every object once, with class shares and sizes that differ by at most one", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 5, max: 30 }), { minLength: 1, maxLength: 5 }),
    fc.integer({ min: 2, max: 5 }),
    fc.option(fc.integer(), { nil: undefined }),
    (counts, k, seed) => {
      const labels = encodeLabels(new Random(1).shuffle(letters(counts)));
      const n = labels.codes.length;
      const splits = folds(n, k, { labels, seed });
      const tested = splits.flatMap(({ test }) => [...test]).sort((a, b) => a - b);
      assert.deepEqual(tested, Array.from({ length: n }, (_, i) => i));
      for (const { train, test } of splits) {
        assert.equal(train.length + test.length, n);
        assert.ok(train.every((i) => !test.includes(i)));
        classCounts(takeLabels(labels, test)).forEach((count, c) =>
          assert.ok(Math.abs(count - counts[c] / k) < 1, `${count} of ${counts[c]} in one of ${k}`)
        );
        if (seed !== undefined) assert.ok(Math.abs(test.length - n / k) < 1);
      }
    },
  ));
});

Deno.test("folds and splits never part a group, and keep class shares even while they can", () => {
  const random = new Random(2);
  const groups: string[] = [], labels: string[] = [];
  for (let star = 0; star < 150; star++) {
    const kind = star % 10 === 0 ? "rare" : star % 3 === 0 ? "some" : "many";
    for (let chunk = 0; chunk < random.integer(1, 6); chunk++) {
      groups.push(`star ${star}`);
      labels.push(kind);
    }
  }
  const n = groups.length;
  const encoded = encodeLabels(labels);
  const total = classCounts(encoded);
  const check = ({ train, test }: { train: Uint32Array; test: Uint32Array }, share: number) => {
    const there = new Set(Array.from(train, (i) => groups[i]));
    assert.ok(test.every((i) => !there.has(groups[i])), "no star on both sides");
    classCounts(takeLabels(encoded, test)).forEach((count, c) =>
      assert.ok(Math.abs(count - share * total[c]) <= 5, `${count} of ${total[c]}`)
    );
  };
  for (const split of folds(n, 5, { labels, groups, seed: 3 })) check(split, 0.2);
  check(trainTestSplit(n, 0.3, { labels, groups, seed: 3 }), 0.3);
  const sizes = folds(n, 5, { groups, seed: 1 }).map(({ test }) => test.length);
  assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 5, `${sizes}`);
});

Deno.test("a seed repeats a split and another one changes it", () => {
  const labels = letters([30, 20]);
  assert.deepEqual(folds(50, 5, { labels, seed: 1 }), folds(50, 5, { labels, seed: 1 }));
  assert.notDeepEqual(folds(50, 5, { labels, seed: 1 }), folds(50, 5, { labels, seed: 2 }));
  assert.notDeepEqual(trainTestSplit(50, 0.2, { seed: 1 }), trainTestSplit(50, 0.2, { seed: 2 }));
  assert.equal(trainTestSplit(50, 0.2, { labels, seed: 1 }).test.length, 10);
});

Deno.test("impossible splits are refused with what was found", () => {
  assert.throws(() => folds(10, 3, { labels: letters([8, 2]) }), /at least 3 objects of each class.*found 2/);
  assert.throws(() => folds(4, 5), /from 2 to 4 folds, found 5/);
  assert.throws(() => folds(4, 3, { groups: [1, 1, 2, 2] }), /at least 3 groups.*found 2/);
  assert.throws(() => folds(4, 2, { labels: ["a"] }), /4 labels, one an object, found 1/);
  assert.throws(() => trainTestSplit(4, 2, {}), /between 0 and 1/);
});

Deno.test("weights, oversampling and balanced bootstraps let all classes count alike", () => {
  const labels = encodeLabels(letters([40, 10, 5]));
  const weights = balancedClassWeights(labels);
  classCounts(labels).forEach((n, c) => assert.ok(Math.abs(n * weights[c] - 55 / 3) < 1e-12));
  const rows = oversample(labels, 1);
  assert.deepEqual([...classCounts(takeLabels(labels, rows))], [40, 40, 40]);
  assert.equal(new Set(rows).size, 55, "every object is kept");
  const drawn = balancedBootstrap(labels, new Random(1));
  assert.deepEqual([...classCounts(takeLabels(labels, drawn))], [5, 5, 5]);
});

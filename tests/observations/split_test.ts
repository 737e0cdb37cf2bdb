import assert from "node:assert/strict";
import fc from "fast-check";
import { kFold, splitObjects } from "ephemera/observations";

const problems = fc.record({
  labels: fc.array(fc.integer({ min: -1, max: 4 }), { minLength: 1, maxLength: 200 }),
  fractions: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
  seed: fc.integer(),
});
const all = (parts: Uint32Array[]) => parts.flatMap((part) => [...part]).sort((a, b) => a - b);

Deno.test("a split holds every object once, every class within one of its share, and the same for the same seed", () => {
  fc.assert(fc.property(problems, ({ labels, fractions, seed }) => {
    const what = { length: labels.length, labels }, sum = fractions.reduce((a, b) => a + b);
    const parts = splitObjects(what, fractions, { seed });
    assert.deepEqual(all(parts), labels.map((_, i) => i));
    for (const label of new Set(labels)) {
      const total = labels.filter((l) => l === label).length;
      parts.forEach((part, p) => {
        const share = fractions[p] / sum * total, found = [...part].filter((i) => labels[i] === label).length;
        assert.ok(Math.abs(found - share) < 1, `class ${label}: ${found} for ${share}`);
      });
    }
    assert.deepEqual(splitObjects(what, fractions, { seed }), parts);
  }));
});

Deno.test("the sizes of the parts are near their shares even with many small classes", () => {
  const labels = Array.from({ length: 300 }, (_, i) => i % 100); // a hundred classes of three
  const [train, test] = splitObjects({ length: 300, labels }, [0.8, 0.2], { seed: 2 });
  assert.ok(Math.abs(train.length - 240) <= 2 && Math.abs(test.length - 60) <= 2);
});

Deno.test("groups are never torn apart, and classes are shared out as far as groups allow", () => {
  fc.assert(fc.property(problems, fc.integer({ min: 1, max: 30 }), ({ labels, fractions, seed }, count) => {
    const groups = labels.map((_, i) => `g${(i * 7) % count}`);
    const parts = splitObjects({ length: labels.length, labels }, fractions, { seed, groups });
    assert.deepEqual(all(parts), labels.map((_, i) => i));
    const home = new Map<string, number>();
    parts.forEach((part, p) =>
      part.forEach((i) => {
        assert.equal(home.get(groups[i]) ?? p, p);
        home.set(groups[i], p);
      })
    );
  }));
  const labels = Array.from({ length: 1000 }, (_, i) => Math.floor(i / 5) % 4 === 0 ? 1 : 0);
  const groups = Array.from({ length: 1000 }, (_, i) => Math.floor(i / 5));
  const [, test] = splitObjects({ length: 1000, labels }, [0.8, 0.2], { seed: 1, groups });
  assert.ok(Math.abs(test.length - 200) <= 10);
  assert.ok(Math.abs([...test].filter((i) => labels[i] === 1).length - 50) <= 5);
});

Deno.test("k-fold gives each object to one test part, and training is all the others", () => {
  fc.assert(fc.property(problems, fc.integer({ min: 2, max: 6 }), ({ labels, seed }, k) => {
    fc.pre(labels.length >= k);
    const folds = kFold({ length: labels.length, labels }, k, { seed });
    assert.equal(folds.length, k);
    assert.deepEqual(all(folds.map(({ test }) => test)), labels.map((_, i) => i));
    for (const { train, test } of folds) assert.deepEqual(all([train, test]), labels.map((_, i) => i));
  }));
});

Deno.test("another seed splits otherwise; without labels the split is plain", () => {
  const what = { length: 100 };
  assert.notDeepEqual(splitObjects(what, [1, 1], { seed: 1 }), splitObjects(what, [1, 1], { seed: 2 }));
  assert.equal(splitObjects(what, [3, 1], { seed: 1 })[1].length, 25);
});

Deno.test("wrong fractions, folds and groups are refused", () => {
  assert.throws(() => splitObjects({ length: 3 }, [1, 0], { seed: 1 }), /positive fractions, found \[1, 0\]/);
  assert.throws(
    () => splitObjects({ length: 3 }, [1], { seed: 1, stratify: true }),
    /labels to stratify by, found none/,
  );
  assert.throws(
    () => splitObjects({ length: 3 }, [1], { seed: 1, groups: ["a"] }),
    /3 groups, one per object, found 1/,
  );
  assert.throws(
    () => kFold({ length: 3 }, 4, { seed: 1 }),
    /folds from 2 to 3, the number of objects, found 4/,
  );
});

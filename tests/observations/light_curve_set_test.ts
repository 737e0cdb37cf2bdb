import assert from "node:assert/strict";
import fc from "fast-check";
import { type LightCurveColumns, LightCurveSet, mergeClasses, withObjects } from "ephemera/observations";
import { lightCurveSets } from "./arbitrary.ts";

const good: LightCurveColumns = {
  ids: ["a", "b"],
  offsets: Uint32Array.of(0, 2, 3),
  time: Float64Array.of(1, 2, 1),
  value: Float64Array.of(15, 16, 17),
  error: Float64Array.of(0.1, 0.1, 0.1),
};

Deno.test("a set gives windows on one object, not copies", () => {
  const set = new LightCurveSet(good), curve = set.at(0);
  assert.equal(curve.value.buffer, good.value.buffer);
  assert.equal(curve.time.length, 2);
  assert.throws(() => set.at(2), /an object number from 0 to 1, found 2/);
});

Deno.test("bad columns are refused with the object and the observation", () => {
  const refuse = (change: Partial<LightCurveColumns>, message: RegExp) =>
    assert.throws(() => new LightCurveSet({ ...good, ...change }), message);
  refuse({ time: Float64Array.of(1, NaN, 1) }, /a finite time, found NaN \(object a, observation 1\)/);
  refuse({ time: Float64Array.of(2, 1, 1) }, /ascending times, found 1 after 2 \(object a, observation 1\)/);
  refuse(
    { value: Float64Array.of(15, 16, Infinity) },
    /a finite value, found Infinity \(object b, observation 0\)/,
  );
  refuse({ error: Float64Array.of(0.1, -0.1, 0.1) }, /not negative, found -0.1 \(object a, observation 1\)/);
  refuse({ band: Uint8Array.of(0, 0, 1) }, /a band from 0 to 0 \(V\), found 1 \(object b/);
  refuse({ ids: ["a", "a"] }, /each object identifier once, found a more than once/);
  refuse({ offsets: Uint32Array.of(0, 3, 2) }, /offsets from 0 to 3/);
  refuse({ labels: Int32Array.of(0, 0) }, /a label from -1 to -1, found 0 \(object a\)/);
  refuse({ metadata: { period: Float64Array.of(1) } }, /2 entries in "period", one per object, found 1/);
  refuse({ value: Float64Array.of(15) }, /3 entries in "value", one per observation, found 1/);
});

Deno.test("subset of all objects in reverse, twice, is the set itself", () => {
  fc.assert(fc.property(lightCurveSets, (set) => {
    const reverse = Array.from({ length: set.length }, (_, i) => set.length - 1 - i);
    assert.deepEqual(set.subset(reverse).subset(reverse).columns(), set.columns());
  }));
});

Deno.test("subset keeps every column of the chosen objects", () => {
  fc.assert(fc.property(lightCurveSets, fc.infiniteStream(fc.nat()), (set, numbers) => {
    const chosen = [...new Set(Array.from({ length: 5 }, () => numbers.next().value % set.length))];
    const part = set.subset(chosen);
    chosen.forEach((i, k) => {
      assert.deepEqual(part.at(k), set.at(i));
      assert.equal(part.metadata.name[k], set.metadata.name[i]);
    });
  }));
});

Deno.test("numbers refuses a column that is absent or text", () => {
  const set = new LightCurveSet({ ...good, metadata: { class: ["x", "y"] } });
  assert.throws(() => set.numbers("period"), /a metadata column "period", found the columns class/);
  assert.throws(() => set.numbers("class"), /numbers in the metadata column "class", found text/);
});

Deno.test("withObjects matches rows by identifier, whatever their order", () => {
  const set = new LightCurveSet(good);
  const table = { id: ["c", "b", "a"], class: ["EA", "EW", ""], period: Float64Array.of(3, 2, 1) };
  const labelled = withObjects(set, table, { label: "class" });
  assert.deepEqual(labelled.numbers("period"), Float64Array.of(1, 2));
  assert.equal(labelled.className(0), undefined);
  assert.equal(labelled.className(1), "EW");
  assert.throws(() => withObjects(set, { id: ["a"] }), /a row for object b, found none/);
  assert.throws(() => withObjects(set, { id: ["a", "b", "a"] }), /one row per object, found two of a/);
  assert.throws(() => withObjects(set, { id: Float64Array.of(1, 2) }), /a text column "id", found numbers/);
  assert.throws(
    () => withObjects(set, table, { label: "class", classNames: ["EA"] }),
    /one of the classes EA, found "EW"/,
  );
});

Deno.test("mergeClasses renames, drops what maps to null, and refuses a class without a place", () => {
  const set = new LightCurveSet({ ...good, labels: Int32Array.of(0, 1), classNames: ["EA", "EW"] });
  const merged = mergeClasses(set, { EA: "ECL", EW: "ECL" });
  assert.deepEqual([...merged.labels!], [0, 0]);
  assert.deepEqual(merged.metadata.subclass, ["EA", "EW"]);
  assert.deepEqual(mergeClasses(set, { EA: null, EW: "ECL" }).ids, ["b"]);
  assert.throws(() => mergeClasses(set, { EA: "ECL" }), /class "EW" in the mapping, found only EA/);
});

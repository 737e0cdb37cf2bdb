import assert from "node:assert/strict";
import fc from "fast-check";
import { concatenate, flatMapCurves, LightCurveSet, mapCurves } from "ephemera/observations";
import { lightCurveSets } from "./arbitrary.ts";

Deno.test("cutting a set in two and concatenating gives the set back", () => {
  fc.assert(fc.property(lightCurveSets, fc.nat(), (set, cut) => {
    const at = cut % (set.length + 1), all = Array.from({ length: set.length }, (_, i) => i);
    const again = concatenate([set.subset(all.slice(0, at)), set.subset(all.slice(at))]);
    assert.deepEqual(again.columns(), set.columns());
  }));
});

Deno.test("bands and classes are matched by name, missing columns are missing", () => {
  const one = new LightCurveSet({
    ids: ["a"],
    offsets: Uint32Array.of(0, 1),
    time: Float64Array.of(1),
    value: Float64Array.of(15),
    bands: ["g"],
    labels: Int32Array.of(0),
    classNames: ["EA"],
    metadata: { period: Float64Array.of(2) },
  });
  const two = new LightCurveSet({
    ids: ["b"],
    offsets: Uint32Array.of(0, 2),
    time: Float64Array.of(1, 2),
    value: Float64Array.of(15, 16),
    band: Uint8Array.of(1, 0),
    bands: ["g", "r"],
    labels: Int32Array.of(1),
    classNames: ["EW", "EA"],
    metadata: { name: ["beta"] },
    flags: Uint8Array.of(0, 1),
  });
  const both = concatenate([one, two]);
  assert.deepEqual(both.band, Uint8Array.of(0, 1, 0));
  assert.deepEqual(both.flags, Uint8Array.of(1, 0, 1));
  assert.deepEqual([both.className(0), both.className(1)], ["EA", "EA"]);
  assert.deepEqual(both.metadata, { period: Float64Array.of(2, NaN), name: ["", "beta"] });
});

Deno.test("sets of different units, or with one object in both, are refused", () => {
  const base = { offsets: Uint32Array.of(0, 1), time: Float64Array.of(1), value: Float64Array.of(1) };
  const a = new LightCurveSet({ ...base, ids: ["a"] });
  assert.throws(
    () => concatenate([a, new LightCurveSet({ ...base, ids: ["b"], quantity: "flux" })]),
    /same quantity, found magnitude and flux/,
  );
  assert.throws(
    () => concatenate([a, new LightCurveSet({ ...base, ids: ["b"], timeScale: "HJD" })]),
    /same time scale, found MJD and HJD/,
  );
  assert.throws(
    () => concatenate([a, new LightCurveSet({ ...base, ids: ["b"], error: Float64Array.of(1) })]),
    /same kind of errors, found none and one per observation/,
  );
  assert.throws(() => concatenate([a, a]), /found a more than once/);
  assert.throws(() => concatenate([]), /at least one set/);
});

Deno.test("mapCurves by the identity keeps all but the extra columns, and null leaves objects out", () => {
  fc.assert(fc.property(lightCurveSets, (set) => {
    const same = mapCurves(
      set,
      ({ time, value, error, band, flags }) => ({ time, value, error, band, flags }),
    );
    if (set.observations > 0) assert.deepEqual({ ...same.columns(), extra: set.extra }, set.columns());
    const odd = mapCurves(set, (curve, i) => i % 2 === 1 ? curve : null);
    assert.deepEqual(odd.ids, set.ids.filter((_, i) => i % 2 === 1));
  }));
});

Deno.test("flatMapCurves cuts objects into chunks that name their parent", () => {
  const set = new LightCurveSet({
    ids: ["a", "b"],
    offsets: Uint32Array.of(0, 5, 6),
    time: Float64Array.of(1, 2, 3, 4, 5, 1),
    value: Float64Array.of(1, 2, 3, 4, 5, 6),
    labels: Int32Array.of(0, -1),
    classNames: ["EA"],
  });
  const chunks = flatMapCurves(
    set,
    ({ time, value }) =>
      Array.from({ length: Math.floor(time.length / 2) }, (_, k) => ({
        time: time.subarray(2 * k, 2 * k + 2),
        value: value.subarray(2 * k, 2 * k + 2),
      })),
  );
  assert.deepEqual(chunks.ids, ["a#0", "a#1"]);
  assert.deepEqual(chunks.metadata.parent, ["a", "a"]);
  assert.deepEqual(chunks.at(1).value, Float64Array.of(3, 4));
  assert.deepEqual([...chunks.labels!], [0, 0]);
});

Deno.test("a change that gives columns of different lengths is refused with the object", () => {
  const set = new LightCurveSet({
    ids: ["a"],
    offsets: Uint32Array.of(0, 2),
    time: Float64Array.of(1, 2),
    value: Float64Array.of(1, 2),
  });
  assert.throws(
    () => mapCurves(set, ({ time }) => ({ time, value: Float64Array.of(1) })),
    /2 entries in "value", as many as times, found 1 \(the curve made of object a\)/,
  );
});

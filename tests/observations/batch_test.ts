import assert from "node:assert/strict";
import fc from "fast-check";
import { batchIndices, LightCurveSet, padBatch, padBatches } from "ephemera/observations";
import { lightCurveSets } from "./arbitrary.ts";

Deno.test("a batch holds every observation once, in its place, with zeros in the padding", () => {
  fc.assert(fc.property(lightCurveSets, (set) => {
    const objects = Array.from({ length: set.length }, (_, i) => i), batch = padBatch(set, objects);
    for (const i of objects) {
      const curve = set.at(i);
      assert.equal(batch.lengths[i], curve.time.length);
      for (let k = 0; k < batch.steps; k++) {
        const cell = i * batch.steps + k, inside = k < curve.time.length;
        assert.equal(batch.mask[cell], inside ? 1 : 0);
        assert.equal(batch.time[cell], inside ? Math.fround(curve.time[k] - curve.time[0]) : 0);
        assert.equal(batch.value[cell], inside ? Math.fround(curve.value[k]) : 0);
        assert.equal(batch.error![cell], inside ? Math.fround(curve.error![k]) : 0);
        assert.equal(batch.band![cell], inside ? curve.band![k] : 0);
      }
    }
    assert.deepEqual(batch.labels, set.labels);
  }));
});

Deno.test("per band, each band has its own sequence in time order", () => {
  fc.assert(fc.property(lightCurveSets, (set) => {
    const batch = padBatch(set, [0], { perBand: true }), curve = set.at(0);
    assert.equal(batch.sequences, 2);
    assert.equal(batch.lengths[0] + batch.lengths[1], curve.time.length);
    for (let s = 0; s < 2; s++) {
      const wanted = [...curve.value].filter((_, j) => curve.band![j] === s).map(Math.fround);
      const row = s * batch.steps;
      assert.deepEqual([...batch.value.subarray(row, row + batch.lengths[s])], wanted);
    }
  }));
});

const long = new LightCurveSet({
  ids: ["a", "b"],
  offsets: Uint32Array.of(0, 4, 5),
  time: Float64Array.of(57000.000001, 57000.000012, 57001, 57002, 57003),
  value: Float64Array.of(1, 2, 3, 4, 5),
});

Deno.test("times survive as 32-bit numbers because they are re-referenced first", () => {
  const { time, references } = padBatch(long, [0]);
  assert.ok(Math.abs(time[1] - 0.000011) < 1e-9);
  assert.equal(references[0], 57000.000001);
  assert.equal(padBatch(long, [0, 1], { reference: 57000 }).time[4], 3);
  assert.equal(padBatch(long, [0], { reference: (curve) => curve.time[3] }).time[3], 0);
});

Deno.test("longer curves are refused, or cut at the end asked for", () => {
  assert.throws(() => padBatch(long, [0], { steps: 3 }), /at most 3 observations, found 4 \(object a\)/);
  assert.deepEqual(padBatch(long, [0], { steps: 3, overlong: "first" }).value, Float32Array.of(1, 2, 3));
  assert.deepEqual(padBatch(long, [0], { steps: 3, overlong: "last" }).value, Float32Array.of(2, 3, 4));
  assert.throws(() => padBatch(long, [0], { steps: 0 }), /a positive whole number of steps/);
  assert.throws(
    () => padBatch(long, [0], { reference: NaN }),
    /a finite reference time, found NaN \(object a\)/,
  );
});

Deno.test("batches hold each object once, shuffled by the seed alone", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer(),
      (n, batchSize, seed) => {
        const batches = batchIndices(n, { batchSize, seed });
        assert.deepEqual(
          batches.flatMap((b) => [...b]).sort((a, b) => a - b),
          Array.from({ length: n }, (_, i) => i),
        );
        assert.deepEqual(batchIndices(n, { batchSize, seed }), batches);
        const whole = batchIndices(n, { batchSize, seed, dropLast: true });
        assert.equal(whole.length, Math.floor(n / batchSize));
      },
    ),
  );
  const sizes = [...padBatches(long, { batchSize: 1 })].map((batch) => batch.steps);
  assert.deepEqual(sizes, [4, 1]);
  assert.throws(() => batchIndices(3, { batchSize: 0 }), /a positive whole batch size, found 0/);
});

import assert from "node:assert/strict";
import { StampSequenceSet } from "ephemera/observations";

const columns = {
  ids: ["a", "b", "c"],
  offsets: Uint32Array.of(0, 2, 2, 3),
  time: Float64Array.of(1, 2, 1),
  band: Uint8Array.of(0, 1, 1),
  bands: ["g", "r"],
  height: 1,
  width: 2,
  planes: ["science", "difference"],
  pixels: Float32Array.from({ length: 12 }, (_, k) => k),
  labels: Int32Array.of(0, -1, 1),
  classNames: ["SN", "EB"],
  metadata: { name: ["A", "B", "C"] },
  epochs: { seeing: Float64Array.of(1, 1.5, 2) },
};
const set = new StampSequenceSet(columns);

Deno.test("objects and images of a stamp set are windows on its pixels", () => {
  assert.equal(set.length, 3);
  assert.deepEqual(set.at(0).pixels, Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7));
  assert.equal(set.at(0).pixels.buffer, columns.pixels.buffer);
  assert.deepEqual([...set].map(({ id, time }) => [id, time.length]), [["a", 2], ["b", 0], ["c", 1]]);
  assert.deepEqual(set.image(1, "difference"), Float32Array.of(6, 7));
  assert.deepEqual(set.image(2), Float32Array.of(8, 9));
  assert.deepEqual([set.className(0), set.className(1)], ["SN", undefined]);
});

Deno.test("a subset keeps the columns of its objects and epochs together", () => {
  const some = set.subset([2, 0]);
  assert.deepEqual(some.offsets, Uint32Array.of(0, 1, 3));
  assert.deepEqual(some.pixels, Float32Array.of(8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7));
  assert.deepEqual(some.metadata, { name: ["C", "A"] });
  assert.deepEqual(some.epochs, { seeing: Float64Array.of(2, 1, 1.5) });
  assert.deepEqual(some.band, Uint8Array.of(1, 0, 1));
  assert.deepEqual(set.subset([0, 1, 2]), set);
  assert.deepEqual(set.filter(({ time }) => time.length > 1).ids, ["a"]);
});

Deno.test("columns that do not fit each other are refused with a sentence", () => {
  const change = (some: object) => () => new StampSequenceSet({ ...columns, ...some });
  assert.throws(change({ pixels: new Float32Array(11) }), /12 entries in "pixels", 4 per epoch, found 11/);
  assert.throws(change({ height: 0 }), /a positive whole height, found 0/);
  assert.throws(change({ time: Float64Array.of(2, 1, 1) }), /ascending times, found 1 after 2 \(object a\)/);
  assert.throws(change({ time: Float64Array.of(1, NaN, 1) }), /finite times, found NaN/);
  assert.throws(change({ band: Uint8Array.of(0, 2, 0) }), /a band from 0 to 1, found 2/);
  assert.throws(change({ ids: ["a", "a", "c"] }), /each object identifier once, found a more than once/);
  assert.throws(change({ offsets: Uint32Array.of(0, 2, 1, 3) }), /ascending offsets/);
  assert.throws(change({ labels: Int32Array.of(0, 2, 0) }), /a label from -1 to 1, found 2/);
  assert.throws(change({ epochs: { seeing: new Float64Array(2) } }), /3 entries in "seeing", one per epoch/);
  assert.throws(() => set.image(3), /an epoch from 0 to 2 .* found epoch 3/);
  assert.throws(
    () => set.image(0, "template"),
    /planes science, difference, found epoch 0, plane "template"/,
  );
  assert.throws(() => set.subset([3]), /object numbers from 0 to 2, found 3/);
});

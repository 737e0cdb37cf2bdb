import assert from "node:assert/strict";
import { Heap } from "../../../lib/tensor/mod.ts";
import { generator, integer } from "./compare.ts";

Deno.test("blocks are aligned, never overlap and keep what is written to them", () => {
  const heap = new Heap(false), random = generator(7);
  const live: { at: number; words: number; mark: number }[] = [];
  for (let step = 0; step < 4000; step++) {
    if (live.length > 0 && random() < 0.48) {
      const [block] = live.splice(integer(random, 0, live.length - 1), 1);
      for (const k of [0, block.words >> 1, block.words - 1]) {
        assert.equal(heap.integers[block.at / 4 + k], block.mark, "another block wrote here");
      }
      heap.free(block.at);
    } else {
      const words = Math.ceil(2 ** (14 * random())), at = heap.allocate(4 * words);
      assert.equal(at % 64, 0);
      heap.integers.fill(step, at / 4, at / 4 + words);
      live.push({ at, words, mark: step });
    }
  }
  for (const { at, words, mark } of live) {
    assert.ok(heap.integers.subarray(at / 4, at / 4 + words).every((word) => word === mark));
    heap.free(at);
  }
  assert.equal(heap.bytesInUse, 0);
});

Deno.test("a block of the same size is used again, and the memory does not grow for it", () => {
  const heap = new Heap(false);
  const first = heap.allocate(1_000_000), capacity = heap.capacity;
  heap.free(first);
  for (let i = 0; i < 1000; i++) {
    const again = heap.allocate(1_000_000);
    assert.equal(again, first);
    heap.free(again);
  }
  assert.equal(heap.capacity, capacity);
});

Deno.test("small free neighbours are joined before a large request is refused", () => {
  const heap = new Heap(false, 512), blocks = Array.from({ length: 24 }, () => heap.allocate(1 << 20));
  blocks.forEach((block) => heap.free(block));
  const large = heap.allocate(28 << 20);
  assert.ok(large > 0);
  heap.free(large);
  assert.equal(heap.bytesInUse, 0);
});

Deno.test("an exhausted memory says what was asked, what is in use and what to do", () => {
  const heap = new Heap(false, 512);
  heap.allocate(20 << 20);
  assert.throws(
    () => heap.allocate(15 << 20),
    /room for a block of 15\.0 MiB.*20\.0 MiB in use of 31\.9 MiB.*smaller batch.*micro-batches.*another backend/,
  );
  assert.ok(heap.allocate(1 << 20) > 0, "smaller blocks still fit");
});

Deno.test("freeing what is no block is refused", () => {
  const heap = new Heap(false), block = heap.allocate(100);
  heap.free(block);
  assert.throws(() => heap.free(block), /address of an allocated block/);
});

Deno.test("the largest use is remembered", () => {
  const heap = new Heap(false), block = heap.allocate(1 << 20);
  heap.free(block);
  assert.equal(heap.bytesInUse, 0);
  assert.equal(heap.peakBytes, 1 << 20);
});

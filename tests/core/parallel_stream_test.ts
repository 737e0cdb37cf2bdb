import assert from "node:assert/strict";
import { parallelStream } from "ephemera/core";

const module = import.meta.resolve("./parallel_functions.ts");

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const results: T[] = [];
  for await (const result of stream) results.push(result);
  return results;
}

for (const workers of [0, 1, 2, 3]) {
  Deno.test(`parallelStream keeps the order of the items with ${workers} workers`, async () => {
    const items = Array.from({ length: 23 }, (_, i) => i);
    const stream = parallelStream<number, number>(module, "slowSquare", items, {
      workers,
      shared: { add: 1 },
    });
    assert.deepEqual(await all(stream), items.map((x) => x * x + 1));
  });

  Deno.test(`parallelStream names the item that failed with ${workers} workers`, async () => {
    await assert.rejects(
      all(parallelStream(module, "failsOnThree", [1, 2, 3, 4], { workers })),
      /failsOnThree failed on item 2: three is refused/,
    );
  });

  Deno.test(`parallelStream takes items as they are needed and ends when it is left, with ${workers} workers`, async () => {
    let taken = 0, closed = false;
    function* endless() {
      try {
        for (;;) yield taken++;
      } finally {
        closed = true;
      }
    }
    const seen: number[] = [];
    const stream = parallelStream<number, number>(module, "slowSquare", endless(), {
      workers,
      ahead: 2,
      shared: { add: 0 },
    });
    for await (const result of stream) {
      seen.push(result);
      if (seen.length === 10) break;
    }
    assert.deepEqual(seen, Array.from({ length: 10 }, (_, i) => i * i));
    assert.ok(closed, "the source of items is closed");
    assert.ok(taken <= 10 + 2 * Math.max(1, workers) + 1, `${taken} items were taken`);
  });
}

Deno.test("parallelStream of no items yields nothing", async () => {
  assert.deepEqual(
    await all(parallelStream(module, "slowSquare", [], { workers: 2, shared: { add: 0 } })),
    [],
  );
});

Deno.test("parallelStream stops when its signal says so", async () => {
  const stop = new AbortController(), seen: unknown[] = [];
  await assert.rejects(async () => {
    const items = Array.from({ length: 200 }, (_, i) => i);
    for await (
      const result of parallelStream(module, "slowSquare", items, {
        workers: 2,
        shared: { add: 0 },
        signal: stop.signal,
      })
    ) {
      seen.push(result);
      if (seen.length === 2) stop.abort(new Error("enough"));
    }
  }, /enough/);
  assert.ok(seen.length < 200);
});

import assert from "node:assert/strict";
import { parallelMap, textProgress } from "ephemera/core";

const module = import.meta.resolve("./parallel_functions.ts");

for (const workers of [0, 1, 2, 3]) {
  Deno.test(`parallelMap keeps the order of the items with ${workers} workers`, async () => {
    const items = Array.from({ length: 23 }, (_, i) => i);
    const results = await parallelMap<number, number>(module, "slowSquare", items, {
      workers,
      shared: { add: 1 },
    });
    assert.deepEqual(results, items.map((x) => x * x + 1));
  });

  Deno.test(`parallelMap names the item that failed with ${workers} workers`, async () => {
    await assert.rejects(
      parallelMap(module, "failsOnThree", [1, 2, 3, 4], { workers }),
      /failsOnThree failed on item 2: three is refused/,
    );
  });
}

Deno.test("parallelMap of no items is an empty list", async () => {
  assert.deepEqual(await parallelMap(module, "slowSquare", [], { shared: { add: 0 } }), []);
});

Deno.test("parallelMap stops when its signal says so", async () => {
  const stop = new AbortController();
  const progress = { update: (done: number) => done === 2 && stop.abort(new Error("enough")), finish() {} };
  const items = Array.from({ length: 200 }, (_, i) => i);
  await assert.rejects(
    parallelMap(module, "slowSquare", items, {
      workers: 2,
      shared: { add: 0 },
      signal: stop.signal,
      progress,
    }),
    /enough/,
  );
});

Deno.test("textProgress draws over its line on a terminal and ends with a message", () => {
  let text = "", clock = 0;
  const progress = textProgress({
    label: "fit",
    interactive: true,
    write: (t) => text += t,
    now: () => clock,
  });
  for (let i = 1; i <= 4; i++) {
    clock += 1000;
    progress.update(i, 4, "loss 0.5");
  }
  progress.finish("done");
  assert.ok(text.startsWith("\r\x1b[2Kfit 25 % (1/4), 3 s left, loss 0.5"));
  assert.match(text, /fit: done\n$/);
});

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
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

/** What parallel_child.ts writes; a worker that outlives the work would keep it from ending. */
async function runChild(how: "aborted" | "plain", ...permissions: string[]): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      ...permissions,
      fileURLToPath(import.meta.resolve("./parallel_child.ts")),
      how,
    ],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(120_000),
  });
  const { success, stdout, stderr } = await child.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("parallelMap with an aborted signal starts no worker that would outlive it", async () => {
  assert.equal(await runChild("aborted", "--allow-read"), "too late");
});

Deno.test("parallelMap works on the calling thread where workers cannot load", async () => {
  assert.equal(await runChild("plain"), "[ 2, 5, 10 ]");
});

Deno.test("parallelMap leaves no listener on a signal that outlives it", async () => {
  let listeners = 0;
  const { signal } = new AbortController();
  const add = signal.addEventListener.bind(signal), remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args));
  await parallelMap(module, "slowSquare", [1, 2, 3], { workers: 2, shared: { add: 1 }, signal });
  assert.equal(listeners, 0);
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

Deno.test("textProgress in a log tells every stage of the work, each with its own time", () => {
  const lines: string[] = [];
  let clock = 0;
  const progress = textProgress({
    label: "fit",
    interactive: false,
    write: (line) => lines.push(line),
    now: () => clock,
  });
  for (const second of [10, 1]) {
    for (let i = 1; i <= 2; i++) {
      clock += 1000 * second;
      progress.update(i, 2);
    }
    progress.finish();
  }
  assert.deepEqual(lines, [
    "fit 50 % (1/2), 10 s left\n",
    "fit 100 % (2/2)\n",
    "fit 50 % (1/2), 1 s left\n",
    "fit 100 % (2/2)\n",
  ]);
});

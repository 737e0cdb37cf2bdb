import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import {
  BenchPeer,
  findBenches,
  formatBenchLine,
  medianInTurns,
  medianOf,
  peerPythons,
  PROJECT_ROOT,
  readBenchLine,
  runBench,
} from "../../lib/commands/mod.ts";
import type { BenchLine } from "../../lib/commands/mod.ts";

Deno.test("a bench's line gets all five fields, and its ratio is the peer's time over ours", () => {
  assert.deepEqual(readBenchLine('{"name":"a","ours_ms":2,"peer":"p","peer_ms":3,"threads":1}'), {
    name: "a",
    ours_ms: 2,
    peer: "p",
    peer_ms: 3,
    ratio: 1.5,
    threads: 1,
  });
  // A ratio that contradicts the times is not believed.
  assert.equal(readBenchLine('{"name":"a","ours_ms":4,"peer":"p","peer_ms":1,"ratio":9}')?.ratio, 0.25);
});

Deno.test("a bench's line without a peer has null for what it lacks", () => {
  assert.deepEqual(readBenchLine('{"name":"a","ours_ms":2}'), {
    name: "a",
    ours_ms: 2,
    peer: null,
    peer_ms: null,
    ratio: null,
  });
  assert.equal(readBenchLine('{"name":"a","ours_ms":null,"peer":"p","peer_ms":3}')?.ratio, null);
});

Deno.test("what a bench prints besides its lines is no line", () => {
  for (const text of ["", "versions: 1", "3", "null", '{"peer":"p"}', "[1]"]) {
    assert.equal(readBenchLine(text), null, text);
  }
});

Deno.test("a line for people names both sides, the ratio and the rest", () => {
  const line = readBenchLine('{"name":"GRU","ours_ms":2,"peer":"PyTorch","peer_ms":3,"share":0.5}')!;
  const text = formatBenchLine(line);
  for (const part of ["GRU", "2 ms", "PyTorch 3 ms", "ratio 1.50", "share 0.5"]) {
    assert.ok(text.includes(part));
  }
});

Deno.test("the median has as many values below as above", () => {
  assert.equal(medianOf([3, 1, 2]), 2);
  assert.equal(medianOf([4, 1, 3, 2]), 2.5);
  assert.ok(Number.isNaN(medianOf([])));
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 }), (values) => {
      const median = medianOf(values);
      const below = values.filter((v) => v < median).length, above = values.filter((v) => v > median).length;
      assert.ok(below <= values.length / 2 && above <= values.length / 2);
    }),
  );
});

Deno.test("in turns everybody takes one step a round, in order", async () => {
  const order: string[] = [];
  const turn = (name: string, times: number[]) => () => {
    order.push(name);
    return times.shift()!;
  };
  const medians = await medianInTurns([turn("a", [1, 5, 2]), turn("b", [7, 7, 1])], 3);
  assert.deepEqual(medians, [2, 7]);
  assert.equal(order.join(""), "ababab");
});

Deno.test("the benches of the project are found by their names", () => {
  const benches = findBenches(join(PROJECT_ROOT, "tests", "bench"));
  for (const name of ["features", "learn", "tensor"]) assert.ok(benches.includes(name), name);
});

Deno.test("a folder given for a peer is taken for a virtual environment", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assert.ok(peerPythons([folder])[0].startsWith(`${folder}/`));
    assert.deepEqual(peerPythons(["python3"]), ["python3"]);
  } finally {
    await Deno.remove(folder);
  }
});

/** A peer that answers as tests/peers/bench_protocol.py does, without Python. */
const PEER = `
const say = (values) => Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(values) + "\\n"));
say({ peer: "a peer", flags: "none" });
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  for (const line of text.trim().split("\\n")) {
    const { prepare } = JSON.parse(line);
    if (prepare === "bad") say({ error: "no such case" });
    else say(prepare ? { setting: { threads: 1, prepare } } : { ms: 12.5 });
  }
}`;

Deno.test("a peer says what it is, takes steps, and its refusal of one case leaves it alive for the next", async () => {
  const folder = await Deno.makeTempDir(), file = join(folder, "peer.mjs");
  await Deno.writeTextFile(file, PEER);
  const peer = await BenchPeer.start(Deno.execPath(), ["run", "--no-config", file]);
  try {
    assert.deepEqual(peer.facts, { peer: "a peer", flags: "none" });
    await assert.rejects(peer.prepare("bad", 2), /no such case/);
    assert.deepEqual(await peer.prepare("good", 2), { threads: 1, prepare: "good" });
    assert.equal(await peer.run(), 12.5);
  } finally {
    await peer.stop();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a peer that ends before it has spoken is an error", async () => {
  await assert.rejects(BenchPeer.start(Deno.execPath(), ["eval", "0"]), /its end/);
});

Deno.test("a bench's lines and remarks come apart, and its failure is told", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const print = `console.log("threads 2"); console.log('{"name":"a","ours_ms":1}');`;
    await Deno.writeTextFile(join(folder, "good_bench.ts"), print);
    await Deno.writeTextFile(join(folder, "bad_bench.ts"), `${print} Deno.exit(3);`);
    for (const name of findBenches(folder)) {
      const lines: BenchLine[] = [], remarks: string[] = [];
      const well = await runBench(folder, name, {
        pythons: [],
        permissions: [],
        line: (line) => lines.push(line),
        remark: (text) => remarks.push(text),
      });
      assert.equal(well, name === "good");
      assert.deepEqual(lines.map((line) => line.name), ["a"]);
      assert.ok(remarks.includes("threads 2"));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

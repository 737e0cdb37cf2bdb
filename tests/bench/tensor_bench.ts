/**
 * How fast training steps are, beside PyTorch, Keras on TensorFlow, jax and stock tfjs in the same run.
 *
 *     deno task bench tensor [--json] [--python PATH] [-- --only=GRU --rounds=7 --backend=wasm --long]
 *
 * Everybody takes two steps in turn, of which the second counts, after a rest in which the threads of the one before fall
 * asleep: some libraries' wait in a busy loop for 0.2 s after each step, on the next one's cores. The times are medians. A
 * peer runs each case with the number of threads (one, or as many as we have) and the memory layout that are fastest for
 * it. Where a step is bound by arithmetic, the line also has `register_share`: our rate by the direct method's count of
 * operations, divided by the rate of multiply-adds with 128-bit vectors that never leave their registers, measured in the
 * same turns on the same threads.
 */
import { fileURLToPath } from "node:url";
import {
  BenchPeer,
  fourDigits,
  medianInTurns,
  peerPythons,
  pythonWith,
  type Turn,
} from "../../lib/commands/mod.ts";
import { type BackendName, tf, useBackend, type WasmEngine } from "../../lib/tensor/mod.ts";
import { tensorFlowFolder } from "../../lib/tensor/native/mod.ts";
import { arithmetic, type BenchCase, prepare } from "./tensor_cases.ts";

const options = (name: string) =>
  Deno.args.filter((each) => each.startsWith(`--${name}=`)).map((each) => each.slice(name.length + 3));
const rounds = Number(options("rounds")[0] ?? 5);
const only = options("only").map((text) => text.toLowerCase());
const long = Deno.args.includes("--long");

const recurrent = (cell: "gru" | "lstm", time: number): BenchCase => ({
  kind: "recurrent",
  cell,
  units: [96, 96],
  bidirectional: false,
  pool: "last",
  batch: 256,
  time,
  features: 3,
  classes: 8,
});
const product = (batch: number, m: number, n: number, k: number, transposed = ""): BenchCase => ({
  kind: "product",
  batch,
  m,
  n,
  k,
  transposeA: transposed.includes("a"),
  transposeB: transposed.includes("b"),
});
const spectra = [3794, 2847, 1900, 953, 7];
const block: BenchCase = {
  kind: "transformer",
  batch: 64,
  time: 390,
  width: 192,
  heads: 4,
  feedForward: 384,
};

const cases: Record<string, BenchCase> = {
  "GRU 2x96, batch 256, T 50, train step": recurrent("gru", 50),
  "GRU 2x96, batch 256, T 200, train step": recurrent("gru", 200),
  "LSTM 2x96, batch 256, T 50, train step": recurrent("lstm", 50),
  "LSTM 2x96, batch 256, T 200, train step": recurrent("lstm", 200),
  "bidirectional GRU 256-64-32-32, batch 256, T 162, train step": {
    ...recurrent("gru", 162) as BenchCase & { kind: "recurrent" },
    units: [256, 64, 32, 32],
    bidirectional: true,
    pool: "max",
    features: 12,
    classes: 15,
  },
  "product 2048x1024 by 1024x1024": product(1, 2048, 1024, 1024),
  "product, first transposed, 1024x2048 by 2048x1024": product(1, 1024, 1024, 2048, "a"),
  "product, second transposed, 2048x1024 by 1024x1024": product(1, 2048, 1024, 1024, "b"),
  "products of attention, 256 of 390x48 by 48x390": product(256, 390, 390, 48, "b"),
  "six convolutions 3x3x64 on 256 stamps 21x21, all gradients": {
    kind: "convolutions",
    batch: 256,
    size: 21,
    channels: 64,
    layers: 6,
  },
  "transformer block, 390 tokens, width 192, 4 heads, batch 64, train step": block,
  "dense VAE 3794-2847-1900-953-7, batch 256, train step": {
    kind: "autoencoder",
    batch: 256,
    sizes: spectra,
  },
  "dense VAE 3794-2847-1900-953-7, batch 32, train step": { kind: "autoencoder", batch: 32, sizes: spectra },
};
/** Cases of many seconds a step, with `--long`. */
const longCases: Record<string, BenchCase> = {
  "GRU 4x96, batch 2000, T 200, train step": {
    ...recurrent("gru", 200) as BenchCase & { kind: "recurrent" },
    units: [96, 96, 96, 96],
    batch: 2000,
  },
  "GRU autoencoder, four layers of 96 each way, batch 2000, T 200, train step": {
    kind: "sequence autoencoder",
    layers: 4,
    units: 96,
    batch: 2000,
    time: 200,
  },
};

const backend = await useBackend(
  (options("backend")[0] ?? Deno.env.get("EPHEMERA_BACKEND") ?? "wasm") as BackendName,
  { quiet: true },
);
const { threads } = backend;
const engine = backend.name === "wasm"
  ? (tf.backend() as unknown as { engine: WasmEngine }).engine
  : undefined;

const script = (name: string) => fileURLToPath(new URL(`../peers/${name}`, import.meta.url));
const pythons = peerPythons(options("python").length > 0 ? options("python") : undefined);
const peers: BenchPeer[] = [];
for (const [module, file] of [["torch", "torch"], ["tensorflow", "keras"], ["jax", "jax"]]) {
  const python = await pythonWith(pythons, module);
  if (python === undefined) {
    console.log(`${module}: no Python with it was given (--python or EPHEMERA_PEERS)`);
    continue;
  }
  await start(module, python, [script(`tensor_bench_${file}.py`), String(threads)]);
}
if (!Deno.args.includes("--no-stock")) {
  const isolated = ["run", "-A", "--quiet", "--no-config", "--no-lock"],
    stock = script("tensor_bench_tfjs.mjs");
  const where = backend.name === "tensorflow"
    ? ["--node-modules-dir=manual", stock, tensorFlowFolder()]
    : ["--node-modules-dir=none", stock];
  await start("stock tfjs", Deno.execPath(), [...isolated, ...where]);
}

async function start(what: string, command: string, args: string[]): Promise<void> {
  try {
    peers.push(await BenchPeer.start(command, args));
  } catch (error) {
    console.log(`${what} does not start: ${error instanceof Error ? error.message : error}`);
  }
}

console.log(
  `ours: ${backend.name}, ${backend.device}, ${threads} threads, Deno ${Deno.version.deno}, V8 ${Deno.version.v8}, ` +
    `deterministic ${engine?.deterministic ?? false}, BLAS ${Deno.env.get("EPHEMERA_BLAS") ?? "our own"}`,
);
for (const { facts } of peers) console.log(`peer: ${facts.peer}; ${facts.flags}`);

async function timed(work: () => void | Promise<void>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** Seconds after which every peer's threads sleep. */
const REST = 0.3;

/** The turn after a rest and a step that does not count. */
function rested(turn: Turn): Turn {
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, 1000 * REST));
    await turn();
    return turn();
  };
}

const registerTurns = 2_000_000;

/** Milliseconds of multiply-adds in registers, {@link registerTurns} times 24 vectors on every thread. */
function registerLoop(): Promise<number> {
  const calls = Array.from({ length: threads }, () => [registerTurns, 0.999, 0.5]);
  return timed(() => engine!.run("peakRate", calls));
}

/** 10^9 additions and multiplications a second of a register loop of so many milliseconds. */
const registerRate = (ms: number) => threads * registerTurns * 24 * 8 / 1e6 / ms;

async function measure(name: string, given: BenchCase): Promise<void> {
  const ready = prepare(given);
  const joined: { peer: BenchPeer; setting: Record<string, unknown> }[] = [];
  try {
    for (let k = 0; k < 2; k++) await ready.step();
    for (const peer of peers) {
      try {
        joined.push({ peer, setting: await peer.prepare(given, threads) });
      } catch (error) {
        const reason = error instanceof Error ? error.message : `${error}`;
        if (!reason.includes("no case")) console.log(`${name}: ${reason}`);
      }
    }
    const operations = arithmetic(given);
    const turns: Turn[] = [() => timed(ready.step), ...joined.map(({ peer }) => () => peer.run())];
    if (engine && operations > 0) turns.push(registerLoop);
    const [ours, ...theirs] = await medianInTurns(turns.map(rested), rounds);
    const facts: Record<string, unknown> = { threads, backend: backend.name };
    if (engine) facts.vectors = engine.wide ? 256 : 128;
    if (operations > 0) {
      facts.gflops = fourDigits(operations / 1e6 / ours);
      if (engine) facts.register_share = fourDigits(operations / 1e6 / ours / registerRate(theirs.at(-1)!));
    }
    const own = { name, ours_ms: ours };
    if (joined.length === 0) console.log(JSON.stringify({ ...own, ...facts }));
    joined.forEach(({ peer, setting }, k) =>
      console.log(
        JSON.stringify({
          ...own,
          peer: peer.facts.peer,
          peer_ms: theirs[k],
          ...facts,
          peer_setting: setting,
        }),
      )
    );
  } finally {
    ready.dispose();
  }
}

if (engine) {
  // The first calls run code that is not optimised yet.
  for (let k = 0; k < 5; k++) await registerLoop();
  const [ms] = await medianInTurns([registerLoop], 9), rate = registerRate(ms).toFixed(1);
  console.log(`multiply-adds in registers: ${rate} GFLOP/s on ${threads} threads, 128-bit vectors`);
}
for (const [name, given] of Object.entries(long ? { ...cases, ...longCases } : cases)) {
  if (only.length === 0 || only.some((text) => name.toLowerCase().includes(text))) await measure(name, given);
}
for (const peer of peers) await peer.stop();

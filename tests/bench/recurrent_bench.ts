/**
 * How long one training step of recurrent networks takes: forward, backward through time and Adam.
 *
 *     deno run -A tests/bench/recurrent_bench.ts [--name=part of a name] [--repeats=7] [--cpu]
 *     deno run -A tests/bench/recurrent_bench.ts --python=VENV/bin/python      beside PyTorch
 *
 * Prints JSON lines { name, ours_ms } and, beside PyTorch, { name, ours_ms, peer, peer_ms, ratio } for one thread and for
 * as many as ours: medians of steps taken in turn, ours and theirs. `--cpu` adds the processor time of all threads of a
 * step, which a busy machine distorts less; on one thread it is the time of a quiet machine. The stock tf.layers.gru and
 * tf.layers.lstm are measured once, at the smallest size, with `--stock`.
 */
import { fileURLToPath } from "node:url";
import process from "node:process";
import {
  adam,
  bidirectional,
  createParameters,
  glorotUniform,
  gru,
  lstm,
  orthogonal,
  tf,
  useBackend,
  type WasmBackend,
  zeros,
} from "../../lib/tensor/mod.ts";

const argument = (name: string) =>
  Deno.args.find((each) => each.startsWith(`--${name}=`))?.slice(name.length + 3);
const repeats = Number(argument("repeats") ?? 7),
  wanted = argument("name") ?? "",
  python = argument("python");
const withCpu = Deno.args.includes("--cpu");

/** A network and a batch; `tests/peers/recurrent_peer.py` builds the same from the same line. */
interface Bench {
  name: string;
  cell: "gru" | "lstm";
  units: number[];
  both: boolean;
  batch: number;
  time: number;
  features: number;
}

const classes = 8;
const stack = (cell: "gru" | "lstm", time: number): Bench => {
  const shape = { units: [96, 96], both: false, batch: 256, time, features: 3 };
  return { name: `${cell} 2x96, batch 256, T = ${time}`, cell, ...shape };
};
const benches: Bench[] = [
  stack("gru", 50),
  stack("gru", 200),
  stack("lstm", 50),
  stack("lstm", 200),
  {
    name: "bidirectional gru 256-64-32-32, batch 64, T = 162",
    cell: "gru",
    units: [256, 64, 32, 32],
    both: true,
    batch: 64,
    time: 162,
    features: 13,
  },
].filter(({ name }) => name.includes(wanted)) as Bench[];

/** The bench's training step, ready to be taken again and again; PyTorch's GRU is reset-after. */
function stepOf({ cell, units, both, batch, time, features }: Bench): () => number {
  const gates = cell === "gru" ? 3 : 4, directions = both ? ["ahead", "back"] : ["ahead"];
  const first: Record<string, ReturnType<typeof zeros>> = {};
  let width = features;
  units.forEach((count, layer) => {
    for (const direction of directions) {
      const at = `${layer}/${direction}`;
      first[`${at}/kernel`] = glorotUniform([width, gates * count]);
      first[`${at}/recurrent`] = orthogonal([count, gates * count]);
      first[`${at}/bias`] = zeros(cell === "gru" ? [2, 3 * count] : [4 * count]);
    }
    width = count * directions.length;
  });
  first["dense"] = glorotUniform([width, classes]);
  const parameters = createParameters(first, { seed: 1 });
  const x = tf.randomNormal([batch, time, features], 0, 1, "float32", 2) as tf.Tensor3D;
  const labels = tf.oneHot(
    tf.tensor1d(Array.from({ length: batch }, (_, k) => k * 5 % classes), "int32"),
    classes,
  );
  const loss = () => {
    let states: tf.Tensor = x;
    units.forEach((_, layer) => {
      const last = layer === units.length - 1;
      const run = (direction: string) => {
        const weight = (name: string) => parameters[`${layer}/${direction}/${name}`];
        const options = { returnSequences: !last || both, reverse: direction === "back" };
        const given = [states, weight("kernel"), weight("recurrent"), weight("bias")] as unknown;
        const [input, kernel, recurrent, bias] = given as [
          tf.Tensor3D,
          tf.Tensor2D,
          tf.Tensor2D,
          tf.Tensor1D,
        ];
        return cell === "gru"
          ? gru(input, kernel, recurrent, bias, { ...options, resetAfter: true })
          : lstm(input, kernel, recurrent, bias, options);
      };
      states = both ? bidirectional(() => run("ahead"), () => run("back")) : run("ahead");
    });
    const seen = both ? tf.max(states, 1) : states;
    const logits = tf.matMul(seen as tf.Tensor2D, parameters["dense"] as unknown as tf.Tensor2D);
    return tf.neg(tf.mean(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), 1))) as tf.Scalar;
  };
  const optimizer = adam(), state = optimizer.init(parameters), list = Object.values(parameters);
  let step = 0;
  return () =>
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(loss, list);
      const gradients = Object.fromEntries(
        Object.entries(parameters).map(([key, each]) => [key, grads[each.name]]),
      );
      optimizer.update({ parameters, gradients, state, step: step++ });
      return value.dataSync()[0];
    });
}

/** The same network out of the stock layers, one training step. */
function stockStep({ cell, units, batch, time, features }: Bench): () => Promise<unknown> {
  const model = tf.sequential();
  units.forEach((count, layer) => {
    const options = {
      units: count,
      returnSequences: layer < units.length - 1,
      recurrentActivation: "sigmoid" as const,
      recurrentInitializer: "glorotUniform" as const,
      inputShape: [time, features],
    };
    model.add(cell === "gru" ? tf.layers.gru(options) : tf.layers.lstm(options));
  });
  model.add(tf.layers.dense({ units: classes, activation: "softmax" }));
  model.compile({ optimizer: "adam", loss: "categoricalCrossentropy" });
  const x = tf.randomNormal([batch, time, features], 0, 1, "float32", 2);
  const y = tf.oneHot(tf.tensor1d(Array.from({ length: batch }, (_, k) => k % classes), "int32"), classes);
  return () => model.trainOnBatch(x, y);
}

/** A PyTorch process that takes a step whenever it is told to. */
class Peer {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<Uint8Array>;
  #rest = "";

  constructor(command: string) {
    const script = fileURLToPath(new URL("../peers/recurrent_peer.py", import.meta.url));
    this.#process = new Deno.Command(command, { args: [script], stdin: "piped", stdout: "piped" }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#output = this.#process.stdout.getReader();
  }

  async ask(question: unknown): Promise<Record<string, unknown>> {
    await this.#input.write(new TextEncoder().encode(JSON.stringify(question) + "\n"));
    while (!this.#rest.includes("\n")) {
      const { value, done } = await this.#output.read();
      if (done) throw new Error("the peer ended");
      this.#rest += new TextDecoder().decode(value);
    }
    const end = this.#rest.indexOf("\n"), line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return JSON.parse(line);
  }

  async close(): Promise<void> {
    await this.#input.close();
    await this.#process.status;
  }
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
const tenth = (value: number) => Number(value.toFixed(1));
const cpuTime = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

await useBackend("wasm", { quiet: true });
const { threads } = (tf.backend() as WasmBackend).engine;
const peer = python ? new Peer(python) : null;
if (peer) console.log(JSON.stringify(await peer.ask({ facts: true })));

for (const bench of benches) {
  const step = stepOf(bench), ours: number[] = [], oursCpu: number[] = [];
  const counts = threads === 1 ? [1] : [1, threads], theirs = counts.map(() => [] as number[]);
  const theirsCpu = counts.map(() => [] as number[]);
  step();
  if (peer) await peer.ask({ build: bench });
  for (let repeat = 0; repeat < repeats; repeat++) {
    const cpu = cpuTime(), start = performance.now();
    step();
    ours.push(performance.now() - start);
    oursCpu.push(cpuTime() - cpu);
    for (let k = 0; peer && k < counts.length; k++) {
      const answer = await peer.ask({ step: true, threads: counts[k] });
      theirs[k].push(Number(answer.ms));
      theirsCpu[k].push(Number(answer.cpu_ms));
    }
  }
  const mine = { name: bench.name, threads, ours_ms: tenth(median(ours)) };
  const cpu = withCpu ? { ours_cpu_ms: tenth(median(oursCpu)) } : {};
  if (!peer) console.log(JSON.stringify({ ...mine, ...cpu }));
  for (let k = 0; peer && k < counts.length; k++) {
    const peer_ms = median(theirs[k]);
    console.log(JSON.stringify({
      ...mine,
      peer: `PyTorch, ${counts[k]} thread(s)`,
      peer_ms: tenth(peer_ms),
      ratio: Number((peer_ms / mine.ours_ms).toFixed(2)),
      ...(withCpu ? { ...cpu, peer_cpu_ms: tenth(median(theirsCpu[k])) } : {}),
    }));
  }
}
await peer?.close();

if (Deno.args.includes("--stock")) {
  for (const bench of [stack("gru", 50), stack("lstm", 50)]) {
    const step = stockStep(bench);
    await step();
    const start = performance.now();
    await step();
    console.log(
      JSON.stringify({ name: `stock tf.layers, ${bench.name}`, stock_ms: tenth(performance.now() - start) }),
    );
  }
}

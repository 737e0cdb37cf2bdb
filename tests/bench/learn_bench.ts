/**
 * How fast forests, mixtures and neighbours are, beside scikit-learn on the same tables in the same run.
 *
 *     deno run -A tests/bench/learn_bench.ts                               ours alone
 *     deno run -A tests/bench/learn_bench.ts --python=VENV/bin/python      with scikit-learn installed there
 *
 * Prints JSON lines { name, ours_ms, peer, peer_ms, ratio } with ratio = peer_ms / ours_ms, so above 1 ours is faster. The two sides take turns,
 * and each time is the least of the repetitions: what is left when the machine's other work is taken away.
 */
import { fileURLToPath } from "node:url";
import { Random } from "../../lib/core/mod.ts";
import { type Matrix, takeRows, zeros } from "../../lib/numerics/mod.ts";
import {
  GaussianMixture,
  IsolationForest,
  kMeans,
  NearestNeighboursClassifier,
  RandomForestClassifier,
} from "../../lib/learn/mod.ts";

const option = (name: string) =>
  Deno.args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const repetitions = Number(option("repetitions") ?? 3);
const only = option("only");

/** Classes with normal columns about centres of their own: 15 classes in 64 columns, none of them empty. */
function blobs(rows: number, columns: number, classes: number, spread: number, seed: number) {
  const random = new Random(seed);
  const centres = Float64Array.from({ length: classes * columns }, () => random.normal());
  const x: Matrix = zeros(rows, columns);
  const codes = Int32Array.from({ length: rows }, () => random.integer(0, classes));
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      x.data[i * columns + j] = spread * centres[codes[i] * columns + j] + random.normal();
    }
  }
  return { x, codes };
}

const COMPONENTS = 8, ITERATIONS = 20;
const table = blobs(10_000, 64, 15, 0.4, 1);
const labels = Array.from(table.codes, (code) => `class ${code}`);
const points = blobs(20_000, 16, COMPONENTS, 1, 2).x;
const { clusters } = kMeans(points, COMPONENTS, { seed: 1 });
const every = Array.from({ length: 5000 }, (_, i) => i);

let forest = new RandomForestClassifier({ seed: 0 });
let mixture = new GaussianMixture({ components: 1, seed: 0 });
const tasks: Record<string, () => unknown> = {
  "forest fit, 1 thread": async () =>
    forest = await new RandomForestClassifier({ seed: 0, workers: 1 }).fit(table.x, labels),
  "forest fit, 2 threads": () => new RandomForestClassifier({ seed: 0, workers: 2 }).fit(table.x, labels),
  "forest predict, 1 thread": () => forest.predictProbabilities(table.x),
  "mixture fit": () => {
    const options = {
      components: COMPONENTS,
      seed: 0,
      tolerance: 0,
      maxIterations: ITERATIONS,
      start: { clusters },
    };
    mixture = new GaussianMixture(options).fit(points);
  },
  "mixture energy": () => mixture.score(points),
  "isolation forest fit and score": () => new IsolationForest({ seed: 0 }).fit(table.x).score(table.x),
  "nearest neighbours fit and predict": () =>
    new NearestNeighboursClassifier().fit(points, Array.from({ length: points.rows }, (_, i) => `${i % 3}`))
      .predictProbabilities(takeRows(points, every)),
};

const peer = option("python") ? await startPeer(option("python")!) : null;
for (const [name, work] of Object.entries(tasks)) {
  if (only !== undefined && !name.includes(only)) continue;
  let ours = Infinity, theirs = Infinity;
  for (let r = 0; r < repetitions; r++) {
    const begin = performance.now();
    await work();
    ours = Math.min(ours, performance.now() - begin);
    if (peer) theirs = Math.min(theirs, await peer.run(name));
  }
  const beside = peer
    ? { peer: "scikit-learn", peer_ms: rounded(theirs), ratio: rounded(theirs / ours) }
    : {};
  console.log(JSON.stringify({ name, ours_ms: rounded(ours), ...beside }));
}
await peer?.stop();

function rounded(x: number): number {
  return Number(x.toPrecision(4));
}

/** Hands the tables over in a temporary folder and starts scikit-learn's side, which answers each task with milliseconds. */
async function startPeer(python: string) {
  const folder = await Deno.makeTempDir();
  const bytes = (m: Matrix) => new Uint8Array(m.data.buffer);
  const json = (name: string, value: unknown) =>
    Deno.writeTextFile(`${folder}/${name}.json`, JSON.stringify(value));
  await Deno.writeFile(`${folder}/forest_x.bin`, bytes(table.x));
  await Deno.writeFile(`${folder}/mixture_x.bin`, bytes(points));
  await json("forest_y", labels);
  await json("mixture_start", [...clusters]);
  await json("shape", {
    forest: [table.x.rows, table.x.columns],
    mixture: [points.rows, points.columns],
    components: COMPONENTS,
    iterations: ITERATIONS,
  });
  const script = fileURLToPath(new URL("../peers/learn_bench.py", import.meta.url));
  const process = new Deno.Command(python, { args: [script, folder], stdin: "piped", stdout: "piped" })
    .spawn();
  const writer = process.stdin.getWriter();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const line = async () => {
    while (!text.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error("scikit-learn's side ended");
      text += value;
    }
    const end = text.indexOf("\n"), found = text.slice(0, end);
    text = text.slice(end + 1);
    return found;
  };
  await line();
  return {
    async run(name: string): Promise<number> {
      await writer.write(new TextEncoder().encode(`${name}\n`));
      return Number(await line());
    },
    async stop() {
      await writer.close();
      await process.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

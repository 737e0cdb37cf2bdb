/**
 * Stock tfjs's side of tests/bench/tensor_bench.ts: `tf.layers` on the packaged WebAssembly backend, or on the native
 * TensorFlow in the folder that is given, in a process without anything of ours. Same protocol as bench_protocol.py. It takes part only where a step takes seconds rather than minutes.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import util from "node:util";

const [folder] = Deno.args;
console.log = console.warn = () => {};
const { tf, peer, flags, threads } = folder === undefined ? await packaged() : native();

/** The packaged WebAssembly backend; composed names keep the packages out of the project's own graph and lock file. */
async function packaged() {
  const version = "4.22.0", backend = `npm:@tensorflow/tfjs-backend-wasm@${version}`;
  const tf = await import(`npm:@tensorflow/tfjs@${version}`), wasm = await import(backend);
  wasm.setWasmPaths(fileURLToPath(new URL("./", import.meta.resolve(backend))));
  await tf.setBackend("wasm");
  const threads = wasm.getThreadsCount(), simd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT");
  return { tf, threads, peer: "backend wasm", flags: `threads ${threads}, SIMD ${simd}` };
}

/** Native TensorFlow as `deno task setup:tensorflow` installed it in `folder`. */
function native() {
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
  const require = createRequire(join(folder, "package.json"));
  const { package: name, tensorFlow } = JSON.parse(Deno.readTextFileSync(join(folder, "setup.json")));
  const threads = navigator.hardwareConcurrency;
  return {
    tf: require(name),
    threads,
    peer: "backend tensorflow",
    flags: `TensorFlow ${tensorFlow?.version ?? "as downloaded"}`,
  };
}

function makeStep(given) {
  const { kind, batch } = given;
  if (kind === "recurrent" && !given.bidirectional && (folder !== undefined || given.time <= 50)) {
    const model = tf.sequential();
    given.units.forEach((units, index) => {
      const returnSequences = index < given.units.length - 1;
      const first = index === 0 ? { inputShape: [given.time, given.features] } : {};
      const make = given.cell === "gru" ? tf.layers.gru : tf.layers.lstm;
      model.add(make({ units, returnSequences, recurrentActivation: "sigmoid", ...first }));
    });
    model.add(tf.layers.dense({ units: given.classes, activation: "softmax" }));
    model.compile({ optimizer: tf.train.adam(), loss: "categoricalCrossentropy" });
    const x = tf.randomNormal([batch, given.time, given.features], 0, 1, "float32", 1);
    const y = tf.oneHot(tf.randomUniformInt([batch], 0, given.classes, 2), given.classes);
    return async () => void await model.trainOnBatch(x, y);
  }
  if (kind === "product" && batch === 1) {
    const { m, n, k, transposeA, transposeB } = given;
    const a = tf.randomNormal(transposeA ? [k, m] : [m, k]),
      b = tf.randomNormal(transposeB ? [n, k] : [k, n]);
    return async () => {
      const out = tf.matMul(a, b, transposeA, transposeB);
      await out.data();
      out.dispose();
    };
  }
  throw new Error(`no case ${kind} here`);
}

const encoder = new TextEncoder();
const answer = (values) => Deno.stdout.writeSync(encoder.encode(JSON.stringify(values) + "\n"));
answer({
  peer: `stock tfjs 4.22.0 layers, ${peer}`,
  flags,
});
let step, rest = "";
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\n");
  rest = lines.pop();
  for (const line of lines) {
    const request = JSON.parse(line);
    try {
      if (request.prepare) {
        step = makeStep(request.prepare);
        await step();
        answer({ setting: { threads: threads } });
      } else {
        const begin = performance.now();
        await step();
        answer({ ms: performance.now() - begin });
      }
    } catch (error) {
      answer({ error: `${error instanceof Error ? error.message : error}` });
    }
  }
}

/**
 * Stock tfjs's side of tests/bench/tensor_bench.ts: `tf.layers` on the packaged WebAssembly backend, in a process without
 * anything of ours. Same protocol as bench_protocol.py. It takes part only where a step takes seconds rather than minutes.
 */

// Composed names, so that these packages stay out of the project's own graph and lock file.
const version = "4.22.0", backend = `npm:@tensorflow/tfjs-backend-wasm@${version}`;
const tf = await import(`npm:@tensorflow/tfjs@${version}`);
const wasm = await import(backend);

console.log = console.warn = () => {};
wasm.setWasmPaths(decodeURIComponent(new URL("./", import.meta.resolve(backend)).pathname));
await tf.setBackend("wasm");
await tf.ready();

function makeStep(given) {
  const { kind, batch } = given;
  if (kind === "recurrent" && given.time <= 50 && !given.bidirectional) {
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
  peer: `stock tfjs ${tf.version.tfjs} layers, backend wasm`,
  flags: `threads ${wasm.getThreadsCount()}, SIMD ${await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")}`,
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
        answer({ setting: { threads: wasm.getThreadsCount() } });
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

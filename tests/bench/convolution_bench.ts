/**
 * How fast convolutions and attention are, beside the rate of multiply-adds that stay in registers.
 *
 *     deno run -A tests/bench/convolution_bench.ts [--name=part of a name] [--repeats=3]
 *
 * Prints JSON lines { name, ours_ms, gflops, register_gflops, fraction }: the least of the repetitions, the arithmetic of
 * the direct method divided by that time, the rate of the register-only loop on the same threads, and their ratio.
 */
import { layerNorm, multiHeadAttention, tf } from "../../lib/tensor/mod.ts";
import type { WasmEngine } from "../../lib/tensor/mod.ts";

const argument = (name: string) =>
  Deno.args.find((each) => each.startsWith(`--${name}=`))?.slice(name.length + 3);
const repeats = Number(argument("repeats") ?? 3), wanted = argument("name") ?? "";

await tf.setBackend("wasm");
const engine = (tf.backend() as unknown as { engine: WasmEngine }).engine;

function least(work: () => void): number {
  work();
  let best = Infinity;
  for (let r = 0; r < repeats; r++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

const turns = 1_000_000;
const registerRate = () =>
  engine.threads * turns * 24 * 8 / 1e6 /
  least(() => engine.run("peakRate", Array.from({ length: engine.threads }, () => [turns, 0.999, 0.5])));

function report(name: string, operations: number, work: () => void): void {
  if (!name.includes(wanted)) return;
  const before = registerRate(), ms = least(work), after = registerRate();
  const gflops = operations / 1e6 / ms, rate = Math.max(before, after);
  console.log(JSON.stringify({
    name,
    threads: engine.threads,
    ours_ms: Number(ms.toFixed(1)),
    gflops: Number(gflops.toFixed(1)),
    register_gflops: Number(rate.toFixed(1)),
    fraction: Number((gflops / rate).toFixed(2)),
  }));
}

const pixels = 256 * 21 * 21, once = 2 * pixels * 9 * 64 * 64;
const x: tf.Tensor4D = tf.randomNormal([256, 21, 21, 64], 0, 1, "float32", 1);
const filters = Array.from(
  { length: 6 },
  (_, k) => tf.randomNormal([3, 3, 64, 64], 0, 0.05, "float32", k + 2) as tf.Tensor4D,
);

report(
  "conv2d 3x3x64 on [256,21,21,64], forward",
  once,
  () => tf.dispose(tf.conv2d(x, filters[0], 1, "same")),
);
const run = (name: string, inputs: Record<string, tf.Tensor>, attrs: object) =>
  tf.dispose(tf.engine().runKernel(name, inputs, attrs as tf.NamedAttrMap) as tf.Tensor);
const shared = { strides: 1, pad: "same", dataFormat: "NHWC", dimRoundingMode: undefined };
report(
  "conv2d 3x3x64 on [256,21,21,64], filter gradient",
  once,
  () => run("Conv2DBackpropFilter", { x, dy: x }, { ...shared, filterShape: [3, 3, 64, 64] }),
);
report(
  "conv2d 3x3x64 on [256,21,21,64], input gradient",
  once,
  () => run("Conv2DBackpropInput", { dy: x, filter: filters[0] }, { ...shared, inputShape: x.shape }),
);
const block = (x: tf.Tensor, ...filters: tf.Tensor[]) =>
  tf.sum(filters.reduce((y, w) => tf.relu(tf.conv2d(y as tf.Tensor4D, w as tf.Tensor4D, 1, "same")), x))
    .asScalar();
report("six convolutions with relu, forward and backward", 6 * 3 * once, () => {
  const { value, grads } = tf.valueAndGrads(block)([x, ...filters]);
  tf.dispose([value, grads]);
});
tf.dispose([x, filters]);

const length = 390, width = 192, heads = 4, batch = 64, tokens = batch * length;
const sequence: tf.Tensor3D = tf.randomNormal([batch, length, width], 0, 1, "float32", 20);
const products = 4 * batch * length * length * width;
report("attention of 390 tokens, width 192, 4 heads, batch 64, forward", products, () => {
  multiHeadAttention(sequence, sequence, sequence, { heads }).dispose();
});
const attend = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
  tf.sum(multiHeadAttention(q as tf.Tensor3D, k as tf.Tensor3D, v as tf.Tensor3D, { heads })).asScalar();
report("attention of 390 tokens, forward and backward", products * 7 / 2, () => {
  const { value, grads } = tf.valueAndGrads(attend)([sequence, sequence, sequence]);
  tf.dispose([value, grads]);
});
const weights = [[width, width], [width, width], [width, width], [width, width], [width, 768], [768, width]]
  .map((shape, k) => tf.randomNormal(shape, 0, 0.05, "float32", 30 + k));
const product = (x: tf.Tensor, w: tf.Tensor) => tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D);
const transformer = (x: tf.Tensor, ...w: tf.Tensor[]) => {
  const sized = (y: tf.Tensor): tf.Tensor3D => tf.reshape(y, [batch, length, width]);
  const normal = layerNorm(x, null, null);
  const [q, k, v] = w.slice(0, 3).map((each) => sized(product(normal, each)));
  const middle = tf.add(
    x,
    product(tf.reshape(multiHeadAttention(q, k, v, { heads }), [tokens, width]), w[3]),
  );
  return tf.add(middle, product(tf.relu(product(layerNorm(middle, null, null), w[4])), w[5]));
};
const flat = tf.reshape(sequence, [tokens, width]);
report(
  "transformer block of 390 tokens, width 192, 4 heads, batch 64, forward and backward",
  3 * 2 * tokens * (4 * width * width + 2 * width * 768) + products * 7 / 2,
  () => {
    const { value, grads } = tf.valueAndGrads((...t: tf.Tensor[]) =>
      tf.sum(transformer(t[0], ...t.slice(1))).asScalar()
    )([flat, ...weights]);
    tf.dispose([value, grads]);
  },
);
tf.dispose([sequence, flat, weights]);

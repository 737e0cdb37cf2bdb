import assert from "node:assert/strict";
import { configureWasm, gru, layerNorm, lstm, multiHeadAttention, tf } from "../../../lib/tensor/mod.ts";

Deno.test("an operation that does not fit throws with the size, and leaves no memory behind", async () => {
  // The backend of this file is made with 28 MiB.
  configureWasm({ maximumPages: 448 });
  await tf.setBackend("wasm");
  const { heap } = (tf.backend() as unknown as { engine: { heap: { bytesInUse: number } } }).engine;
  const stamps: tf.Tensor4D = tf.ones([4, 40, 40, 32]), filter: tf.Tensor4D = tf.ones([3, 3, 32, 64]);
  const turned: tf.Tensor4D = tf.ones([3, 3, 64, 32]);
  const wide: tf.Tensor4D = tf.ones([2, 2, 32, 2000]), rows: tf.Tensor4D = tf.ones([60, 200, 200, 1]);
  const sequence: tf.Tensor3D = tf.ones([1, 100, 8]), long: tf.Tensor3D = tf.ones([1, 200_000, 8]);
  const run = (name: string, inputs: Record<string, tf.Tensor>, attrs: object) =>
    tf.engine().runKernel(name, inputs, attrs as tf.NamedAttrMap);
  const shared = { pad: "same", dataFormat: "NHWC" };
  const series: tf.Tensor3D = tf.ones([256, 250, 3]), tall: tf.Tensor2D = tf.ones([1000, 8]);
  const across: tf.Tensor2D = tf.ones([8, 9000]), many: tf.Tensor3D = tf.ones([500, 100, 8]);
  const kernel: tf.Tensor2D = tf.ones([3, 128]), inner: tf.Tensor2D = tf.ones([32, 128]);
  const states = (cell: typeof gru | typeof lstm, gates: number) => (x: tf.Tensor3D) => {
    const w = tf.slice(kernel, [0, 0], [3, 32 * gates]), u = tf.slice(inner, [0, 0], [32, 32 * gates]);
    return tf.sum(cell(x, w, u, null, { returnSequences: true, gates: "keep" }));
  };
  // One that fits, so that the inputs and the threads' block have their places.
  tf.tidy(() => {
    tf.conv2d(stamps, filter, 1, "same");
    multiHeadAttention(sequence, sequence, sequence, { heads: 2 });
    for (const x of [wide, rows, long, turned, series, tall, across, many, kernel, inner]) {
      tf.slice(tf.reshape(x, [-1]), 0, 5);
    }
  });
  const before = heap.bytesInUse;
  const tooLarge: Record<string, () => unknown> = {
    "convolution": () => tf.conv2d(stamps, wide, 1, "same"),
    "gradient of the input": () =>
      run("Conv2DBackpropInput", { dy: stamps, filter: turned }, {
        ...shared,
        strides: 3,
        inputShape: [4, 120, 120, 64],
      }),
    "pooling": () => tf.maxPool(rows, 2, 1, "same"),
    "attention": () => multiHeadAttention(sequence, long, long, { heads: 1 }),
    "layerNorm": () => layerNorm(rows, null, null),
    "gru": () => tf.grad(states(gru, 3) as (x: tf.Tensor) => tf.Tensor)(series),
    "lstm": () => tf.grad(states(lstm, 4) as (x: tf.Tensor) => tf.Tensor)(series),
    "product": () => tf.matMul(tall, across),
    "products": () => tf.matMul(many, many, false, true),
  };
  for (const [name, work] of Object.entries(tooLarge)) {
    assert.throws(() => tf.tidy(() => void work()), /room for a block/, name);
    assert.equal(heap.bytesInUse, before, name);
  }
  tf.dispose([stamps, filter, wide, rows, sequence, long, turned, series, tall, across, many, kernel, inner]);
});

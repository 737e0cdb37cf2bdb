import assert from "node:assert/strict";
import { tf, useBackend, type WasmBackend, WasmEngine } from "../../../lib/tensor/mod.ts";
import { loadBytes, moduleAddress } from "../../../lib/tensor/wasm/module.ts";

const bytes = loadBytes(moduleAddress("kernels")) as Uint8Array;

function engineOf(threads: number, maximumPages = 65535): WasmEngine {
  return new WasmEngine(bytes, { threads, deterministic: false, wide: false, maximumPages, blas: "" });
}

async function current(): Promise<WasmEngine> {
  await tf.setBackend("wasm");
  return (tf.backend() as WasmBackend).engine;
}

Deno.test("shards cover the range once, start at multiples and do not depend on the load", () => {
  for (const threads of [1, 2, 3, 7]) {
    const engine = engineOf(threads);
    for (const n of [0, 1, 5, 16, 17, 100, 1001]) {
      for (const unit of [1, 5, 16]) {
        const ranges = engine.shards(n, unit);
        assert.ok(ranges.length <= threads);
        assert.equal(ranges.reduce((sum, [from, to]) => sum + to - from, 0), n);
        ranges.forEach(([from, to], i) => {
          assert.equal(from % unit, 0);
          assert.ok(to > from);
          assert.equal(from, i === 0 ? 0 : ranges[i - 1][1]);
        });
      }
    }
    assert.equal(engine.shards(1000, 1, 1).length, 1);
  }
});

Deno.test("a parallel call runs every task once, on any number of threads", async () => {
  for (const threads of [1, 2, 5]) {
    const engine = engineOf(threads), at = engine.scratch(4 * 3000);
    for (let round = 0; round < 200; round++) {
      engine.heap.floats.fill(round, at / 4, at / 4 + 3000);
      const tasks = Array.from({ length: 300 }, (_, i) => [at + 40 * i, at + 40 * i, 10, 2, 0]);
      engine.run("unaryScale", tasks);
      const values = engine.heap.floats.subarray(at / 4, at / 4 + 3000);
      assert.ok(values.every((value) => value === 2 * round), `round ${round} with ${threads} threads`);
    }
    await engine.close();
  }
});

Deno.test("what is read from a tensor is a copy that is not backed by the kernels' memory", async () => {
  await current();
  const x = tf.square(tf.tensor1d([1, 2, 3])), values = x.dataSync();
  assert.ok(values.buffer instanceof ArrayBuffer);
  values[0] = 99;
  assert.deepEqual(Array.from(await x.data()), [1, 4, 9]);
  x.dispose();
});

Deno.test("a slice lives on when the tensor that it came from is gone", async () => {
  const engine = await current();
  const x = tf.square(tf.range(0, 1000)), part = tf.slice(x, 500, 3), names = tf.tensor1d(["a", "b", "c"]);
  x.dispose();
  const over = tf.fill([1000], -1);
  assert.deepEqual(Array.from(part.dataSync()), [250000, 251001, 252004]);
  assert.deepEqual(tf.slice(names, 1, 2).dataSync(), ["b", "c"] as unknown as Float32Array);
  tf.dispose([part, over, names]);
  assert.ok(engine.heap.bytesInUse >= 0);
});

Deno.test("tensors survive the growth of an unshared memory", async () => {
  await useBackend("wasm", { threads: 1, quiet: true });
  const engine = await current(), x = tf.square(tf.tensor1d([1, 2, 3])), before = engine.heap.capacity;
  const rounded = tf.cast(x, "int32");
  const large = tf.fill([before / 4], 1);
  assert.ok(engine.heap.capacity > before);
  assert.deepEqual(Array.from(x.dataSync()), [1, 4, 9]);
  assert.deepEqual(Array.from(tf.add(rounded, 1).dataSync()), [2, 5, 10]);
  assert.deepEqual(Array.from(tf.add(x, tf.slice(large, 0, 3)).dataSync()), [2, 5, 10]);
  tf.dispose([x, large, rounded]);
  await useBackend("wasm", { threads: navigator.hardwareConcurrency, quiet: true });
});

Deno.test("an operation that does not fit throws, and the backend goes on", async () => {
  await useBackend("wasm", { maximumPages: 512, quiet: true });
  const x = tf.ones([2000, 1000]);
  assert.throws(() => tf.tidy(() => tf.stack([x, x, x, x, x])), /wasm tensor memory.*smaller batch/);
  assert.equal(tf.tidy(() => tf.sum(x).dataSync()[0]), 2e6);
  x.dispose();
  await useBackend("wasm", { maximumPages: 65535, quiet: true });
});

Deno.test("the memory stays flat over thousands of training steps", async () => {
  const engine = await current();
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        inputShape: [6],
        units: 9,
        activation: "tanh",
        kernelInitializer: tf.initializers.glorotNormal({ seed: 1 }),
      }),
      tf.layers.dense({
        units: 2,
        activation: "softmax",
        kernelInitializer: tf.initializers.glorotNormal({ seed: 2 }),
      }),
    ],
  });
  const optimizer = tf.train.adam(0.01), x = tf.randomNormal([16, 6], 0, 1, "float32", 3);
  const y = tf.oneHot(tf.argMax(tf.slice(x, [0, 0], [-1, 2]), 1), 2).toFloat();
  const step = () => {
    const loss = optimizer.minimize(
      () => tf.losses.softmaxCrossEntropy(y, model.apply(x) as tf.Tensor) as tf.Scalar,
      true,
    )!;
    const value = loss.dataSync()[0];
    loss.dispose();
    return value;
  };
  const first = step();
  for (let i = 0; i < 20; i++) step();
  const inUse = engine.heap.bytesInUse, capacity = engine.heap.capacity, tensors = tf.memory().numTensors;
  let last = 0;
  for (let i = 0; i < 2000; i++) last = step();
  assert.equal(engine.heap.bytesInUse, inUse);
  assert.equal(engine.heap.capacity, capacity);
  assert.equal(tf.memory().numTensors, tensors);
  assert.ok(last < first, "it learns");
  model.dispose();
  optimizer.dispose();
  tf.dispose([x, y]);
});

Deno.test("tensors travel between backends", async () => {
  await tf.setBackend("cpu");
  const x = tf.tensor1d([1, 2, 3]);
  await tf.setBackend("wasm");
  const y = tf.square(x);
  await tf.setBackend("cpu");
  assert.deepEqual(Array.from(tf.add(y, x).dataSync()), [2, 6, 12]);
  tf.dispose([x, y]);
  await tf.setBackend("wasm");
});

Deno.test("complex and string tensors go through the cpu kernels", async () => {
  await current();
  const found = tf.tidy(() => {
    const z = tf.complex(tf.square(tf.tensor1d([1, 2])), tf.tensor1d([3, 4]));
    return [tf.real(tf.mul(z, z)).dataSync(), tf.imag(tf.fft(z)).dataSync()].map((values) =>
      Array.from(values)
    );
  });
  assert.deepEqual(found, [[1 - 9, 16 - 16], [7, -1]]);
});

Deno.test("kernels work at addresses beyond two gibibytes", async () => {
  for (const threads of [1, 2]) {
    await useBackend("wasm", { threads, quiet: true });
    const engine = await current(), low = engine.scratch(2 ** 31 + 2 ** 20);
    tf.tidy(() => {
      const a = tf.square(tf.reshape(tf.range(0, 60_000), [200, 300])), b = tf.ones([300, 70]);
      assert.ok(engine.pointer(a) > 2 ** 31);
      const rows = tf.sum(a, 1), product = tf.matMul(a, b), turned = tf.transpose(a);
      assert.ok(tf.max(tf.abs(tf.sub(tf.div(product, tf.reshape(rows, [200, 1])), 1))).dataSync()[0] < 2e-6);
      assert.ok(tf.max(tf.abs(tf.sub(tf.div(tf.sum(turned, 0), rows), 1))).dataSync()[0] < 2e-6);
      assert.deepEqual(Array.from(tf.slice(turned, [7, 2], [2, 2]).dataSync()), [
        607 ** 2,
        907 ** 2,
        608 ** 2,
        908 ** 2,
      ]);
      assert.equal(tf.concat([a, a], 1).shape[1], 600);
      assert.ok(Math.abs(tf.sum(tf.softmax(tf.div(a, 1e9))).dataSync()[0] - 200) < 1e-3);
      assert.equal(tf.gather(a, tf.tensor1d([199], "int32")).dataSync()[299], Math.fround(59_999 ** 2));
    });
    engine.free(low);
  }
  await useBackend("wasm", { threads: navigator.hardwareConcurrency, quiet: true });
});

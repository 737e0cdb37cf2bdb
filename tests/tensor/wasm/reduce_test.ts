import assert from "node:assert/strict";
import { tf } from "../../../lib/tensor/mod.ts";
import { agree, generator, integer, size } from "./compare.ts";

const reductions = {
  sum: tf.sum,
  mean: tf.mean,
  max: tf.max,
  min: tf.min,
  prod: tf.prod,
} as Record<string, (x: tf.Tensor, axis?: number[], keepDims?: boolean) => tf.Tensor>;

for (const [name, operation] of Object.entries(reductions)) {
  Deno.test(`${name} over any axes agrees with the cpu backend, with its gradient`, async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = generator(seed), rank = integer(random, 0, 5);
      const shape = Array.from({ length: rank }, () => size(random, rank > 3 ? 4 : 9) % 20 || 1);
      const axes = shape.map((_, d) => d).filter(() => random() < 0.5);
      const keepDims = random() < 0.5, all = random() < 0.2;
      const low = name === "prod" ? 0.9 : -2, high = name === "prod" ? 1.1 : 2;
      // tfjs-core's gradient of the product over several axes is not defined on its own cpu backend.
      const gradient = name !== "prod" && rank > 0;
      await agree((x) => operation(x, all ? undefined : axes, keepDims), {
        seed,
        inputs: [{ shape, low, high }],
        gradient,
        tolerance: 5e-5,
      });
    }
  });
}

Deno.test("large reductions that are divided over threads agree with the cpu backend", async () => {
  const cases: [number[], number[]][] = [
    [[300_007], [0]],
    [[513, 301], [0]],
    [[513, 301], [1]],
    [[9, 301, 77], [1]],
    [[3, 30_001, 3], [1]],
    [[40, 50, 61], [0, 2]],
    [[40, 50, 61], [0, 1, 2]],
  ];
  for (const [shape, axes] of cases) {
    for (const operation of [reductions.sum, reductions.mean, reductions.max, reductions.min]) {
      await agree((x) => operation(x, axes), { seed: 2, inputs: [{ shape }], tolerance: 2e-4 });
    }
  }
});

Deno.test("a sum of many equal numbers keeps its digits", async () => {
  await tf.setBackend("wasm");
  const n = 4_000_001;
  for (const [shape, axis] of [[[n], 0], [[1, n], 1], [[n, 1], 0], [[n / 1, 1, 1], 0]] as const) {
    const found = tf.tidy(() => tf.sum(tf.fill(shape as unknown as number[], 0.1), axis).dataSync()[0]);
    assert.ok(Math.abs(found / (n * Math.fround(0.1)) - 1) < 5e-6, `${shape}: ${found}`);
  }
  const columns = tf.tidy(() => tf.sum(tf.fill([1_000_000, 5], 0.1), 0).dataSync());
  columns.forEach((found) => assert.ok(Math.abs(found / (1e6 * Math.fround(0.1)) - 1) < 2e-5, `${found}`));
});

Deno.test("empty reductions and special values agree with the cpu backend", async () => {
  await agree((x) => tf.sum(x, 1), { seed: 1, inputs: [{ shape: [3, 0] }] });
  await agree((x) => tf.sum(x, 0), { seed: 1, inputs: [{ shape: [3, 0] }] });
  const values = [1, NaN, 3, -Infinity, Infinity, 2];
  for (const shape of [[6], [6, 1], [1, 6], [6, 5]]) {
    for (const operation of [tf.max, tf.min, tf.sum]) {
      await agree((x) => operation(x, 0), { seed: 1, inputs: [{ shape, values }] });
    }
  }
});

Deno.test("integer sums and extremes keep their type", async () => {
  for (const operation of [tf.sum, tf.max, tf.min]) {
    await agree((x) => operation(x, 1), {
      seed: 4,
      inputs: [{ shape: [3, 7], dtype: "int32", low: -50, high: 50 }],
    });
  }
  await agree((x) => tf.mean(x, 1), {
    seed: 4,
    inputs: [{ shape: [3, 7], dtype: "int32", low: -50, high: 50 }],
  });
  await agree((x) => tf.sum(x), { seed: 4, inputs: [{ shape: [21], dtype: "bool" }] });
  await agree((x) => [tf.any(x, 0), tf.all(x, 0)], { seed: 4, inputs: [{ shape: [3, 7], dtype: "bool" }] });
});

Deno.test("positions of extremes agree with the cpu backend", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = generator(seed), shape = [size(random, 9), size(random, 9), size(random, 9)];
    const axis = integer(random, 0, 2), values = Array.from({ length: 101 }, () => integer(random, 0, 6));
    await agree((x) => [tf.argMax(x, axis), tf.argMin(x, axis)], { seed, inputs: [{ shape, values }] });
  }
});

Deno.test("softmax and its relatives agree with the cpu backend, with their gradients", async () => {
  for (let seed = 1; seed <= 15; seed++) {
    const random = generator(seed), shape = [size(random, 9), size(random)];
    await agree((x) => tf.softmax(x), { seed, inputs: [{ shape, low: -9, high: 9 }], gradient: true });
    await agree((x) => tf.logSoftmax(x), {
      seed,
      inputs: [{ shape, low: -9, high: 9 }],
      gradient: true,
      tolerance: 1e-4,
    });
    await agree((x) => tf.logSumExp(x, 1), { seed, inputs: [{ shape }], gradient: true });
  }
  await agree((x) => tf.softmax(x), { seed: 1, inputs: [{ shape: [300, 101], low: -100, high: 100 }] });
  await agree((x) => tf.softmax(x), { seed: 1, inputs: [{ shape: [2, 3], values: [1e30, 1, -1e30] }] });
});

Deno.test("running sums agree with the cpu backend along any axis", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = generator(seed), shape = [size(random, 5), size(random, 5), size(random, 9)];
    const axis = integer(random, 0, 2), exclusive = random() < 0.5, reverse = random() < 0.5;
    await agree((x) => tf.cumsum(x, axis, exclusive, reverse), {
      seed,
      inputs: [{ shape }],
      tolerance: 1e-4,
    });
  }
});

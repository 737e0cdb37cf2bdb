import assert from "node:assert/strict";
import { tf } from "../../../lib/tensor/mod.ts";
import { agree, generator, integer, size } from "../wasm/compare.ts";

type Pool = (x: tf.Tensor4D, f: [number, number], s: [number, number], pad: "same" | "valid") => tf.Tensor4D;

const pools: Record<string, Pool> = {
  maxPool: (x, filter, strides, pad) => tf.maxPool(x, filter, strides, pad),
  avgPool: (x, filter, strides, pad) => tf.avgPool(x, filter, strides, pad),
};

for (const [name, pool] of Object.entries(pools)) {
  Deno.test(`${name} agrees with the cpu backend`, async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = generator(seed), small = () => integer(random, 1, 4);
      const filter: [number, number] = [small(), small()], strides: [number, number] = [small(), small()];
      const pad = seed % 2 ? "same" : "valid";
      const shape = [
        integer(random, 1, 3),
        filter[0] + integer(random, 0, 6),
        filter[1] + integer(random, 0, 6),
      ];
      await agree((x) => pool(x as tf.Tensor4D, filter, strides, pad), {
        seed,
        inputs: [{ shape: [...shape, size(random, 20)], low: -3, high: seed % 3 ? 3 : -1 }],
        gradient: true,
      });
    }
  });
}

Deno.test("the largest of windows of negative numbers has the gradient, and of equal ones the first", async () => {
  await tf.setBackend("wasm");
  const x = tf.tensor4d([-5, -1, -7, -2, -2, -9, -3, -3, -4], [1, 3, 3, 1]);
  const gradient = tf.grad((x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 2, 1, "valid"))(x);
  // Windows (by their corner): largest -1 at 1, again -1, then -2 at 3 (first of three), then -2 at 4.
  assert.deepEqual([...gradient.dataSync()], [0, 2, 0, 1, 1, 0, 0, 0, 0]);
  tf.dispose([x, gradient]);
});

for (const backend of ["wasm", "cpu"]) {
  Deno.test(`the gradients of poolings agree with finite differences, at the rim too (${backend})`, async () => {
    await tf.setBackend(backend);
    for (const [name, pool] of Object.entries(pools)) {
      for (let seed = 1; seed <= 6; seed++) {
        const random = generator(seed), shape: [number, number, number, number] = [2, 5, 4, 5];
        const filter: [number, number] = [integer(random, 1, 4), integer(random, 1, 4)];
        const strides: [number, number] = [integer(random, 1, 3), integer(random, 1, 3)];
        const x = Float32Array.from({ length: 200 }, (_, k) => (k * 73 % 200) / 20 - 5);
        tf.tidy(() => {
          const loss = (t: tf.Tensor) => {
            const y = pool(t as tf.Tensor4D, filter, strides, "same");
            return tf.sum(tf.mul(y, tf.reshape(tf.range(1, y.size + 1), y.shape))).asScalar();
          };
          const gradient = tf.grad(loss)(tf.tensor4d(x, shape)).dataSync();
          for (let trial = 0; trial < 15; trial++) {
            // All elements differ by at least 0.05, so that the step does not change which is the largest.
            const k = integer(random, 0, 199), h = 0.02;
            const at = (by: number) => loss(tf.tensor4d(x.with(k, x[k] + by), shape)).dataSync()[0];
            const slope = (at(h) - at(-h)) / (2 * h);
            assert.ok(
              Math.abs(slope - gradient[k]) < 0.02 * (1 + Math.abs(slope)),
              `${name} ${filter} ${strides}: ${slope} ${gradient[k]}`,
            );
          }
        });
      }
    }
  });
}

Deno.test("a window with a number that is not one gives none", async () => {
  await tf.setBackend("wasm");
  const x = tf.tensor4d([1, NaN, 3, 4], [1, 2, 2, 1]);
  const y = tf.maxPool(x, 2, 1, "valid");
  assert.ok(Number.isNaN(y.dataSync()[0]));
  tf.dispose([x, y]);
});

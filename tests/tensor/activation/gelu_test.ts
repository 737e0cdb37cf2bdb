import assert from "node:assert/strict";
import { gelu, tf } from "../../../lib/tensor/mod.ts";
import { agree, generator, size } from "../wasm/compare.ts";

// x Phi(x) and Phi(x) + x phi(x), from the normal distribution function to ten digits (scipy.special.ndtr).
const table = [
  { x: -6, value: -5.919526e-9, slope: -3.546871e-8 },
  { x: -3, value: -0.00404969409489031, slope: -0.011945647 },
  { x: -1, value: -0.158655253931457, slope: -0.083315471 },
  { x: 0, value: 0, slope: 0.5 },
  { x: 0.5, value: 0.345731230636, slope: 0.867495015 },
  { x: 2, value: 1.95449973610364, slope: 1.085231801 },
  { x: 8, value: 8, slope: 1 },
];

Deno.test("gelu and its slope are the closed form's on every backend", async () => {
  for (const backend of ["wasm", "cpu"]) {
    await tf.setBackend(backend);
    const x = tf.tensor1d(table.map(({ x }) => x)), before = tf.memory().numTensors;
    const values = gelu(x), slopes = tf.grad((x: tf.Tensor) => gelu(x).sum())(x);
    assert.equal(tf.memory().numTensors, before + 2);
    table.forEach(({ value, slope }, i) => {
      assert.ok(Math.abs(values.dataSync()[i] - value) < 1e-6, `${backend}, value ${i}`);
      assert.ok(Math.abs(slopes.dataSync()[i] - slope) < 1e-6, `${backend}, slope ${i}`);
    });
    tf.dispose([x, values, slopes]);
  }
});

Deno.test("gelu agrees with the cpu backend in all sizes, with its gradient", async () => {
  const random = generator(1);
  for (let seed = 0; seed < 12; seed++) {
    const inputs = [{ shape: [size(random), size(random)], low: -5, high: 5 }];
    await agree((x) => gelu(x), { seed, inputs, gradient: true });
  }
  await agree((x) => gelu(x), { seed: 1, inputs: [{ shape: [0, 3] }] });
});

Deno.test("what is not a number stays so through relu, gelu and their gradients", async () => {
  await tf.setBackend("wasm");
  const x = tf.tensor1d([NaN, -1, 0, 1, Infinity]);
  const slopes = tf.grad((x: tf.Tensor) => tf.relu(x).sum())(x);
  assert.deepEqual(Array.from(slopes.dataSync()), [NaN, 0, 0, 1, 1]);
  assert.ok(Number.isNaN(gelu(x).dataSync()[0]));
  assert.ok(Number.isNaN(tf.grad((x: tf.Tensor) => gelu(x).sum())(x).dataSync()[0]));
});

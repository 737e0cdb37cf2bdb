import assert from "node:assert/strict";
import { tf } from "../../../lib/tensor/mod.ts";
import { agree, generator, size } from "./compare.ts";

const special = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2.5,
  -2.5,
  1e-30,
  -1e-30,
  1e-6,
  -1e-6,
  30,
  -30,
  80,
  -80,
  88.9,
  -104,
  1e10,
  -1e10,
];
const odd = [...special, Infinity, -Infinity, NaN];

const everywhere: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  abs: tf.abs,
  neg: tf.neg,
  square: tf.square,
  exp: tf.exp,
  expm1: tf.expm1,
  sigmoid: tf.sigmoid,
  tanh: tf.tanh,
  sin: tf.sin,
  cos: tf.cos,
  erf: tf.erf,
  relu: tf.relu,
  relu6: tf.relu6,
  elu: tf.elu,
  selu: tf.selu,
  leakyRelu: (x) => tf.leakyRelu(x, 0.3),
  softplus: tf.softplus,
  step: (x) => tf.step(x, 0.25),
  floor: tf.floor,
  ceil: tf.ceil,
  round: tf.round,
  sign: tf.sign,
  clipByValue: (x) => tf.clipByValue(x, -0.75, 1.25),
};
const positive: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  sqrt: tf.sqrt,
  rsqrt: tf.rsqrt,
  reciprocal: tf.reciprocal,
  log: tf.log,
  log1p: tf.log1p,
};

for (const [name, operation] of Object.entries({ ...everywhere, ...positive })) {
  Deno.test(`${name} and its gradient agree with the cpu backend in all sizes`, async () => {
    const low = name in positive ? 0.05 : -3;
    for (let seed = 1; seed <= 8; seed++) {
      const random = generator(seed);
      const shape = seed === 1 ? [0, 3] : seed === 2 ? [] : [size(random), size(random)];
      await agree(operation, { seed, inputs: [{ shape, low, high: 4 }], gradient: true });
    }
    await agree(operation, { seed: 1, inputs: [{ shape: [260_003], low, high: 4 }] });
  });

  Deno.test(`${name} agrees with the cpu backend at extreme values`, async () => {
    const values = name === "round"
      ? [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, ...odd]
      : name === "log1p"
      ? odd.filter((v) => !(v < -1))
      : odd;
    await agree(operation, { seed: 1, inputs: [{ shape: [values.length], values }] });
  });
}

Deno.test("exp, log, tanh and sigmoid are within a few units in the last place of the exact values", async () => {
  await tf.setBackend("wasm");
  const x = Float32Array.from({ length: 20_001 }, (_, i) => (i - 10_000) / 120);
  const exact: [string, (x: tf.Tensor) => tf.Tensor, (x: number) => number, Float32Array][] = [
    ["exp", tf.exp, Math.exp, x],
    ["log", tf.log, Math.log, x.map((v) => Math.exp(v))],
    ["tanh", tf.tanh, Math.tanh, x.map((v) => v / 20)],
    ["sigmoid", tf.sigmoid, (v) => 1 / (1 + Math.exp(-v)), x],
    ["sin", tf.sin, Math.sin, x.filter((v) => Math.abs(Math.sin(v)) > 0.01)],
    ["cos", tf.cos, Math.cos, x.filter((v) => Math.abs(Math.cos(v)) > 0.01)],
    ["softplus", tf.softplus, (v) => v > 30 ? v + Math.log1p(Math.exp(-v)) : Math.log1p(Math.exp(v)), x],
    ["expm1", tf.expm1, Math.expm1, x],
    ["log1p", tf.log1p, Math.log1p, x.map((v) => Math.exp(v))],
  ];
  for (const [name, operation, reference, points] of exact) {
    const found = tf.tidy(() => operation(tf.tensor1d(points)).dataSync());
    points.forEach((point, i) => {
      const wanted = reference(point);
      if (Math.abs(wanted) < 1.2e-38) return;
      const error = Math.abs(found[i] - wanted) / Math.abs(wanted);
      assert.ok(error < 6e-7, `${name}(${point}) is ${found[i]}, exactly ${wanted}: relative error ${error}`);
    });
  }
});

Deno.test("integer tensors keep their type", async () => {
  for (const operation of [tf.abs, tf.neg, tf.square, tf.relu, tf.sign]) {
    await agree(operation, { seed: 2, inputs: [{ shape: [13], dtype: "int32", low: -9, high: 9 }] });
  }
});

Deno.test("a tensor cast between types computes with the converted values", async () => {
  await agree((x) => tf.exp(tf.cast(x, "float32")), {
    seed: 3,
    inputs: [{ shape: [9], dtype: "int32", low: -3, high: 3 }],
  });
  await agree((x) => tf.mul(tf.cast(x, "float32"), 2), { seed: 3, inputs: [{ shape: [9], dtype: "bool" }] });
  await agree((x) => tf.cast(x, "int32"), { seed: 3, inputs: [{ shape: [9], low: -9, high: 9 }] });
  await agree((x) => tf.cast(x, "int32"), {
    seed: 3,
    inputs: [{ shape: [6], values: [2147483520, -2147483648, 3e9, 0.9, -0.9, 7.5] }],
  });
  await agree((x) => tf.cast(x, "int32"), {
    seed: 3,
    inputs: [{ shape: [5], values: [NaN, 1.5, -1.5, 2, 3] }],
  });
  await agree((x) => [tf.cast(x, "bool"), tf.cast(x, "int32")], {
    seed: 3,
    inputs: [{ shape: [3, 11], low: -2, high: 2 }],
  });
  await agree((x) => tf.cast(x, "bool"), { seed: 3, inputs: [{ shape: [4], values: [0, 1, -2, 0.5] }] });
  await agree((x) => tf.matMul(tf.cast(x, "float32"), tf.ones([3, 2])), {
    seed: 4,
    inputs: [{ shape: [5, 3], dtype: "bool" }],
  });
});

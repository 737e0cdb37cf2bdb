import { tf, useBackend } from "../../../lib/tensor/mod.ts";
import { agree, generator, size } from "./compare.ts";

Deno.test("a matrix product agrees with the cpu backend in all transpose forms and sizes", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = generator(seed), m = size(random, 90), n = size(random, 90), k = size(random, 90);
    const ta = random() < 0.5, tb = random() < 0.5;
    await agree((a, b) => tf.matMul(a, b, ta, tb), {
      seed,
      inputs: [{ shape: ta ? [k, m] : [m, k] }, { shape: tb ? [n, k] : [k, n] }],
      gradient: true,
      tolerance: 1e-4,
    });
  }
});

Deno.test("a batched matrix product agrees with the cpu backend for equal batches and one shared matrix", async () => {
  const batches: [number[], number[]][] = [[[3], [3]], [[2, 3], [2, 3]], [[4], [1]], [[1], [4]], [[5], []], [
    [],
    [5],
  ], [
    [2, 2],
    [],
  ]];
  for (let seed = 1; seed <= 42; seed++) {
    const random = generator(seed), [outerA, outerB] = batches[seed % batches.length];
    const m = size(random, 20),
      n = size(random, 20),
      k = size(random, 20),
      ta = random() < 0.5,
      tb = random() < 0.5;
    await agree((a, b) => tf.matMul(a, b, ta, tb), {
      seed,
      inputs: [{ shape: [...outerA, ...(ta ? [k, m] : [m, k])] }, {
        shape: [...outerB, ...(tb ? [n, k] : [k, n])],
      }],
      gradient: outerA.join() === outerB.join(),
      tolerance: 1e-4,
    });
  }
});

Deno.test("batches that each broadcast along another axis are paired as numpy pairs them", async () => {
  await tf.setBackend("wasm");
  tf.tidy(() => {
    const a = tf.randomNormal([2, 1, 4, 5], 0, 1, "float32", 1),
      b = tf.randomNormal([1, 3, 5, 6], 0, 1, "float32", 2);
    const out = tf.matMul(a, b);
    for (let i = 0; i < 2; i++) {
      for (let j = 0; j < 3; j++) {
        const one = tf.matMul(
          tf.reshape(tf.slice(a, [i, 0, 0, 0], [1, 1, 4, 5]), [4, 5]),
          tf.reshape(tf.slice(b, [0, j, 0, 0], [1, 1, 5, 6]), [5, 6]),
        );
        tf.test_util.expectArraysClose(
          tf.reshape(tf.slice(out, [i, j, 0, 0], [1, 1, 4, 6]), [4, 6]).dataSync(),
          one.dataSync(),
          1e-5,
        );
      }
    }
  });
});

Deno.test("a large product that is divided over threads agrees with the cpu backend", async () => {
  for (const [m, n, k] of [[203, 130, 300], [64, 700, 129], [1500, 3, 40], [3, 1500, 40], [7, 9, 3000]]) {
    for (const [ta, tb] of [[false, false], [true, false], [false, true], [true, true]]) {
      await agree((a, b) => tf.matMul(a, b, ta, tb), {
        seed: m + n,
        inputs: [{ shape: ta ? [k, m] : [m, k] }, { shape: tb ? [n, k] : [k, n] }],
        tolerance: 3e-4,
      });
    }
  }
});

Deno.test("fused bias and activation agree with the cpu backend", async () => {
  const activations = ["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"] as const;
  for (let seed = 1; seed <= 56; seed++) {
    const random = generator(seed), m = size(random), n = size(random), k = size(random, 300);
    const activation = activations[seed % activations.length], ta = random() < 0.3, tb = random() < 0.3;
    const biasShape = seed % 3 === 0 ? [1] : [n];
    await agree((a, b, bias, slope) =>
      tf.fused.matMul({
        a: a as tf.Tensor2D,
        b: b as tf.Tensor2D,
        transposeA: ta,
        transposeB: tb,
        bias: seed % 4 === 0 ? undefined : bias,
        activation,
        preluActivationWeights: activation === "prelu" ? slope : undefined,
        leakyreluAlpha: 0.3,
      }), {
      seed,
      inputs: [{ shape: ta ? [k, m] : [m, k] }, { shape: tb ? [n, k] : [k, n] }, { shape: biasShape }, {
        shape: [n],
      }],
      tolerance: 1e-4,
    }, activation);
  }
});

Deno.test("a product over an empty axis is zero, and one with no rows is empty", async () => {
  await agree((a, b) => tf.matMul(a, b), { seed: 1, inputs: [{ shape: [3, 0] }, { shape: [0, 5] }] });
  await agree((a, b) => tf.matMul(a, b), { seed: 1, inputs: [{ shape: [0, 4] }, { shape: [4, 5] }] });
});

Deno.test("integer products keep their type", async () => {
  await agree((a, b) => tf.matMul(a, b), {
    seed: 3,
    inputs: [{ shape: [3, 4], dtype: "int32", low: -9, high: 9 }, {
      shape: [4, 2],
      dtype: "int32",
      low: -9,
      high: 9,
    }],
  });
});

Deno.test("a product on many threads is divided into a grid and stays the same", async () => {
  await useBackend("wasm", { threads: 6, quiet: true });
  for (const [m, n, k] of [[100, 97, 60], [7, 900, 90], [900, 1, 700], [1, 900, 700], [333, 64, 64]]) {
    await agree((a, b) => tf.relu(tf.matMul(a, b)), {
      seed: m,
      inputs: [{ shape: [m, k] }, { shape: [k, n] }],
      tolerance: 2e-4,
    });
  }
  await useBackend("wasm", { threads: navigator.hardwareConcurrency, quiet: true });
});

// Programs in the manner of tfjs's own examples give the same losses on the wasm backend as on the cpu backend.
import assert from "node:assert/strict";
import { tf, useBackend } from "../../../lib/tensor/mod.ts";
import { generator } from "./compare.ts";

function data(shape: number[], seed: number): tf.Tensor {
  const random = generator(seed);
  return tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random() - 0.5), shape);
}

const seeded = (seed: number) => tf.initializers.glorotUniform({ seed });
const orthogonal = (seed: number) => tf.initializers.randomUniform({ minval: -0.3, maxval: 0.3, seed });

const programs: Record<string, () => Promise<number[]>> = {
  async "a dense classifier trained with adam"() {
    const model = tf.sequential();
    model.add(
      tf.layers.dense({ inputShape: [8], units: 16, activation: "relu", kernelInitializer: seeded(1) }),
    );
    model.add(tf.layers.batchNormalization());
    model.add(tf.layers.dense({ units: 3, activation: "softmax", kernelInitializer: seeded(2) }));
    model.compile({ optimizer: tf.train.adam(0.05), loss: "categoricalCrossentropy", metrics: ["accuracy"] });
    const x = data([48, 8], 3), y = tf.oneHot(tf.argMax(tf.slice(x, [0, 0], [-1, 3]), 1), 3);
    const { history } = await model.fit(x, y, { epochs: 5, batchSize: 16, shuffle: false, verbose: 0 });
    return [...history.loss, ...history.acc] as number[];
  },
  async "a convolutional network trained with momentum"() {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({
          inputShape: [12, 12, 1],
          filters: 4,
          kernelSize: 3,
          activation: "relu",
          kernelInitializer: seeded(1),
        }),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.depthwiseConv2d({ kernelSize: 2, depthwiseInitializer: seeded(4) }),
        tf.layers.averagePooling2d({ poolSize: 2 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 2, activation: "softmax", kernelInitializer: seeded(2) }),
      ],
    });
    model.compile({ optimizer: tf.train.momentum(0.1, 0.9), loss: "categoricalCrossentropy" });
    const x = data([12, 12, 12, 1], 5),
      y = tf.oneHot(tf.tensor1d([0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0], "int32"), 2);
    const { history } = await model.fit(x, y, { epochs: 4, batchSize: 6, shuffle: false, verbose: 0 });
    return history.loss as number[];
  },
  async "a recurrent regression trained with rmsprop"() {
    const model = tf.sequential({
      layers: [
        tf.layers.gru({
          inputShape: [7, 3],
          units: 6,
          returnSequences: true,
          kernelInitializer: seeded(1),
          recurrentInitializer: orthogonal(2),
        }),
        tf.layers.lstm({ units: 5, kernelInitializer: seeded(3), recurrentInitializer: orthogonal(4) }),
        tf.layers.dense({ units: 1, kernelInitializer: seeded(5) }),
      ],
    });
    model.compile({ optimizer: tf.train.rmsprop(0.02), loss: "meanSquaredError" });
    const x = data([16, 7, 3], 6), y = tf.sum(x, [1, 2]).reshape([16, 1]);
    const { history } = await model.fit(x, y, { epochs: 4, batchSize: 8, shuffle: false, verbose: 0 });
    return history.loss as number[];
  },
  async "an embedding with a one-dimensional convolution"() {
    const model = tf.sequential({
      layers: [
        tf.layers.embedding({
          inputDim: 11,
          outputDim: 4,
          inputLength: 9,
          embeddingsInitializer: orthogonal(1),
        }),
        tf.layers.conv1d({ filters: 5, kernelSize: 3, activation: "tanh", kernelInitializer: seeded(2) }),
        tf.layers.globalMaxPooling1d({}),
        tf.layers.dense({ units: 1, activation: "sigmoid", kernelInitializer: seeded(3) }),
      ],
    });
    model.compile({ optimizer: tf.train.sgd(0.5), loss: "binaryCrossentropy" });
    const random = generator(8), codes = Array.from({ length: 12 * 9 }, () => Math.floor(11 * random()));
    const x = tf.tensor2d(codes, [12, 9], "int32"),
      y = tf.tensor2d(codes.filter((_, i) => i % 9 === 0).map((v) => v % 2), [12, 1]);
    const { history } = await model.fit(x, y, { epochs: 4, batchSize: 12, shuffle: false, verbose: 0 });
    return history.loss as number[];
  },
};

for (const [name, program] of Object.entries(programs)) {
  Deno.test(`${name} has the same losses as on the cpu backend`, async () => {
    const found: number[][] = [];
    for (const backend of ["cpu", "wasm"]) {
      await tf.setBackend(backend);
      found.push(await program());
      tf.disposeVariables();
    }
    found[0].forEach((expected, i) => {
      assert.ok(
        Math.abs(found[1][i] - expected) < 2e-4 * (1 + Math.abs(expected)),
        `epoch ${i}: ${found[1][i]}, cpu ${expected}`,
      );
    });
  });
}

Deno.test("a program gives the same bits each time, and without fused multiply-adds the same losses to rounding", async () => {
  const { "a convolutional network trained with momentum": program } = programs;
  const runs: number[][] = [];
  for (const deterministic of [false, false, true, true]) {
    await useBackend("wasm", { threads: 3, deterministic, quiet: true });
    runs.push(await program());
    tf.disposeVariables();
  }
  assert.deepEqual(runs[0], runs[1]);
  assert.deepEqual(runs[2], runs[3]);
  runs[0].forEach((loss, i) => assert.ok(Math.abs(loss - runs[2][i]) < 2e-4, `${loss} and ${runs[2][i]}`));
  await useBackend("wasm", { threads: navigator.hardwareConcurrency, deterministic: false, quiet: true });
});

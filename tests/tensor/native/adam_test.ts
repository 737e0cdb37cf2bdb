// TensorFlow's own Adam step; skipped by name where `deno task setup:tensorflow` has not been run.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { adam, type AdamOptions, tf, useBackend } from "../../../lib/tensor/mod.ts";
import { tensorFlowFolder } from "../../../lib/tensor/native/mod.ts";

const installed = existsSync(join(tensorFlowFolder(), "setup.json"));
const test = (name: string, run: () => void | Promise<void>) =>
  Deno.test({ name, ignore: !installed, sanitizeResources: false, sanitizeOps: false, fn: run });

const shapes: Record<string, number[]> = { scalar: [], row: [5], matrix: [40, 31], untouched: [3] };

/** Values of parameters and moments after four steps with gradients of growing size. */
async function fourSteps(backend: "tensorflow" | "cpu", options: AdamOptions) {
  await useBackend(backend, { quiet: true });
  const draw = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, "float32", seed);
  const parameters: Record<string, tf.Variable> = {};
  Object.entries(shapes).forEach(([name, shape], k) => {
    const start = draw(shape, k + 1);
    parameters[name] = tf.variable(start);
    start.dispose();
  });
  const optimizer = adam(options), state = optimizer.init(parameters), counts: number[] = [];
  for (let step = 0; step < 4; step++) {
    const gradients = tf.tidy(() =>
      Object.fromEntries(
        ["scalar", "row", "matrix"].map((
          name,
          k,
        ) => [name, draw(shapes[name], 10 + 10 * step + k).mul(10 ** (step - 2))]),
      )
    );
    optimizer.update({ parameters, gradients, state, step });
    tf.dispose(gradients);
    counts.push(tf.memory().numTensors);
  }
  const all = { ...parameters, ...state };
  const values = Object.entries(all).map(([name, each]) => [name, each.dataSync().slice()] as const);
  tf.dispose(all);
  return { values, counts };
}

const settings: Record<string, AdamOptions> = {
  "plain": { learningRate: 0.01 },
  "AMSGrad with weight decay": { learningRate: 0.02, amsgrad: true, weightDecay: 0.1, epsilon: 1e-5 },
  "other means, groups": {
    learningRate: 0.01,
    beta1: 0,
    beta2: 0.9,
    groups: [{ accept: (name) => name === "row", learningRate: 0.1, weightDecay: 0.5 }],
  },
};

for (const [name, options] of Object.entries(settings)) {
  test(`TensorFlow's Adam step gives the composed step's numbers: ${name}`, async () => {
    const found = await fourSteps("tensorflow", options), expected = await fourSteps("cpu", options);
    expected.values.forEach(([key, values], i) => {
      const [otherKey, others] = found.values[i];
      assert.equal(otherKey, key);
      // TensorFlow's 1 - beta2 is that of the 32-bit beta2.
      const relative = /^(second|largest)/.test(key) ? 6e-5 : 4e-6;
      const scale = Math.max(...values.map(Math.abs));
      values.forEach((value, k) =>
        assert.ok(
          Math.abs(value - others[k]) <= relative * Math.max(Math.abs(value), scale / 10),
          `${key} ${k}`,
        )
      );
    });
    assert.ok(found.counts.every((count) => count === found.counts[0]));
  });
}

test("TensorFlow's Adam step leaves alone what shares data with a parameter, tensors and arrays", async () => {
  await useBackend("tensorflow", { quiet: true });
  const array = new Float32Array(64).fill(1), start = tf.tensor1d(array), parameter = tf.variable(start);
  const gradient = tf.ones([64]), optimizer = adam({ learningRate: 0.5 });
  const parameters = { parameter }, state = optimizer.init(parameters);
  const step = (number: number) =>
    optimizer.update({ parameters, gradients: { parameter: gradient }, state, step: number });
  step(0);
  const after = parameter.clone();
  step(1);
  assert.ok(array.every((value) => value === 1));
  assert.ok(start.dataSync().every((value) => value === 1));
  assert.ok(after.dataSync().every((value) => Math.abs(value - 0.5) < 1e-5));
  assert.ok(parameter.dataSync().every((value) => Math.abs(value) < 1e-5));
  tf.dispose([start, after, gradient, parameters, state]);
});

test("a failing Adam step on native TensorFlow throws and leaves the parameters readable", async () => {
  await useBackend("tensorflow", { quiet: true });
  const parameter = tf.variable(tf.tensor1d([1, 2, 3])), optimizer = adam({ weightDecay: 0.1 });
  const parameters = { parameter }, state = optimizer.init(parameters), gradient = tf.ones([4]);
  assert.throws(
    () => optimizer.update({ parameters, gradients: { parameter: gradient }, state, step: 0 }),
    /a gradient of shape \[3\], found \[4\]/,
  );
  assert.deepEqual([...parameter.dataSync()], [1, 2, 3]);
  tf.dispose([gradient, parameters, state]);
});

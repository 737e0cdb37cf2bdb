import assert from "node:assert/strict";
import { adam, type AdamOptions, tf } from "../../../lib/tensor/mod.ts";
import { generator } from "../wasm/compare.ts";

const shapes: Record<string, number[]> = { a: [1], b: [3, 5], c: [400, 161], d: [2, 2, 2], e: [7] };

/** Values of all parameters and moments after five steps with given gradients. */
async function fiveSteps(backend: string, options: AdamOptions): Promise<Map<string, Float32Array>> {
  await tf.setBackend(backend);
  const random = generator(5);
  const draw = (shape: number[], scale: number) =>
    tf.tensor(
      Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => scale * (random() - 0.5)),
      shape,
    );
  const parameters: Record<string, tf.Variable> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const start = draw(shape, 2);
    parameters[name] = tf.variable(start);
    start.dispose();
  }
  const optimizer = adam(options), state = optimizer.init(parameters);
  for (let step = 0; step < 5; step++) {
    const gradients: Record<string, tf.Tensor> = {};
    for (const [name, shape] of Object.entries(shapes)) {
      // One parameter without a gradient, gradients of very different sizes, zeros among them.
      if (name !== "e") gradients[name] = name === "d" ? tf.zeros(shape) : draw(shape, 10 ** (step - 3));
    }
    optimizer.update({ parameters, gradients, state, step });
    tf.dispose(gradients);
  }
  const all = { ...parameters, ...state };
  const values = new Map(
    Object.entries(all).map(([name, variable]) => [name, variable.dataSync().slice() as Float32Array]),
  );
  tf.dispose(all);
  return values;
}

const settings: Record<string, AdamOptions> = {
  "plain": { learningRate: 0.01 },
  "AMSGrad with weight decay": { learningRate: 0.02, amsgrad: true, weightDecay: 0.1, epsilon: 1e-7 },
  "groups": {
    learningRate: 0.01,
    beta1: 0.5,
    beta2: 0.9,
    groups: [{ accept: (name) => name === "b", learningRate: 0.1, weightDecay: 0.5 }],
  },
};

for (const [name, options] of Object.entries(settings)) {
  Deno.test(`the Adam step in one pass gives the composed step's numbers: ${name}`, async () => {
    const expected = await fiveSteps("cpu", options), found = await fiveSteps("wasm", options);
    assert.deepEqual([...found.keys()], [...expected.keys()]);
    for (const [key, values] of expected) {
      const other = found.get(key)!, largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      values.forEach((value, k) => {
        // Terms of either sign cancel in the first moment: what is left is off by the rounding of the terms.
        const bound = 2e-6 * Math.abs(value) + 2e-7 * largest;
        assert.ok(Math.abs(value - other[k]) <= bound, `${key}[${k}]: ${value} and ${other[k]}`);
      });
    }
  });
}

Deno.test("the Adam step in place leaves tensors alone that share a parameter's data", async () => {
  await tf.setBackend("wasm");
  const start = tf.tensor1d([1, 2, 3]), parameter = tf.variable(start), copy = parameter.clone();
  const gradient = tf.tensor1d([1, -1, 1]);
  const optimizer = adam({ learningRate: 0.1 }), state = optimizer.init({ p: parameter });
  optimizer.update({ parameters: { p: parameter }, gradients: { p: gradient }, state, step: 0 });
  assert.deepEqual([...start.dataSync()], [1, 2, 3]);
  assert.deepEqual([...copy.dataSync()], [1, 2, 3]);
  assert.ok(Math.abs(parameter.dataSync()[0] - 0.9) < 1e-6);
  tf.dispose([start, parameter, copy, gradient, state]);
});

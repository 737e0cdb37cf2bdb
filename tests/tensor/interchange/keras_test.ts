import assert from "node:assert/strict";
import { join } from "node:path";
import { tf } from "../../../lib/tensor/tf.ts";
import { startedWide } from "../../../lib/tensor/wasm/mod.ts";
import { bidirectional, gru, type GruOptions, lstm } from "../../../lib/tensor/recurrent/mod.ts";
import {
  batchNormalizationWeights,
  bidirectionalWeights,
  denseWeights,
  type GruWeights,
  gruWeights,
  type KerasLayer,
  kerasLayer,
  lstmWeights,
  plainArray,
  readKerasWeights,
  type RecurrentWeights,
  type WeightArray,
} from "../../../lib/tensor/interchange/mod.ts";
import published from "./fixtures/keras_outputs.json" with { type: "json" };

await tf.setBackend("cpu");
const fixtures = join(import.meta.dirname!, "fixtures");

const tensor = ({ shape, data }: WeightArray) => tf.tensor(Float32Array.from(data), shape);

function runGru(w: GruWeights, x: tf.Tensor3D, options: GruOptions): tf.Tensor {
  const bias = w.bias === null ? null : tensor(w.bias);
  const [kernel, recurrent] = [tensor(w.kernel) as tf.Tensor2D, tensor(w.recurrentKernel) as tf.Tensor2D];
  return gru(x, kernel, recurrent, bias, { resetAfter: w.resetAfter, ...options });
}

function runLstm(
  w: RecurrentWeights,
  x: tf.Tensor3D,
  options: { returnSequences: boolean; reverse?: boolean },
): tf.Tensor {
  const [kernel, recurrent] = [tensor(w.kernel) as tf.Tensor2D, tensor(w.recurrentKernel) as tf.Tensor2D];
  return lstm(x, kernel, recurrent, tensor(w.bias!) as tf.Tensor1D, options);
}

function runDense(layer: KerasLayer, x: tf.Tensor): tf.Tensor {
  const { kernel, bias } = denseWeights(layer);
  const product = tf.matMul(tf.reshape(x, [-1, kernel.shape[0]]), tensor(kernel) as tf.Tensor2D);
  return tf.reshape(tf.add(product, tensor(bias!)), [...x.shape.slice(0, -1), kernel.shape[1]]);
}

/** How each layer of the fixture's model is computed here. */
const stages: Record<string, (layer: KerasLayer, x: tf.Tensor3D, file: string) => tf.Tensor> = {
  both_gru(layer, x) {
    const { forward, backward } = bidirectionalWeights(layer, gruWeights);
    assert.equal(forward.resetAfter, true);
    return bidirectional(
      () => runGru(forward, x, { returnSequences: true }),
      () => runGru(backward, x, { returnSequences: true, reverse: true }),
    );
  },
  gru_before(layer, x, file) {
    const weights = gruWeights(layer);
    assert.equal(weights.resetAfter, false);
    const recurrentActivation = file === "keras2" ? "hard_sigmoid" : "sigmoid";
    return runGru(weights, x, { returnSequences: true, recurrentActivation });
  },
  drop(layer, x) {
    assert.deepEqual(layer.weights, []);
    return x;
  },
  gru_bare(layer, x) {
    assert.throws(() => gruWeights(layer), /Expected a bias, which tells .* give resetAfter/);
    return runGru(gruWeights(layer, { resetAfter: true }), x, { returnSequences: true });
  },
  each_time: runDense,
  normal(layer, x) {
    const { gamma, beta, movingMean, movingVariance } = batchNormalizationWeights(layer);
    const scale = tf.div(tensor(gamma!), tf.sqrt(tf.add(tensor(movingVariance), 1e-3)));
    return tf.add(tf.mul(tf.sub(x, tensor(movingMean)), scale), tensor(beta!));
  },
  both_lstm(layer, x) {
    const { forward, backward } = bidirectionalWeights(layer, lstmWeights);
    return bidirectional(
      () => runLstm(forward, x, { returnSequences: true }),
      () => runLstm(backward, x, { returnSequences: true, reverse: true }),
    );
  },
  lstm: (layer, x) => runLstm(lstmWeights(layer), x, { returnSequences: false }),
  dense: runDense,
};

for (const [file, path] of [["keras2", "keras2_weights.h5"], ["keras3", "keras3_model.h5"]] as const) {
  Deno.test(`weights written by ${file} give Keras's numbers in every layer`, async () => {
    const weights = await readKerasWeights(join(fixtures, path));
    assert.equal(weights.kerasVersion, published.versions[file]);
    let x = tf.tensor(published.input.data, published.input.shape);
    for (const [name, output] of Object.entries(published.outputs[file])) {
      x = stages[name](kerasLayer(weights, name), x as tf.Tensor3D, file);
      assert.deepEqual(x.shape, output.shape, name);
      const values = await x.data();
      output.data.forEach((expected, i) =>
        assert.ok(
          Math.abs(values[i] - expected) < 3e-6 * Math.max(1, Math.abs(expected)),
          `${name}: ${values[i]}, ${expected}`,
        )
      );
    }
  });
}

function layer(weights: Record<string, number[]>): KerasLayer {
  return {
    name: "test",
    weights: Object.entries(weights).map(([name, shape]) => {
      const count = shape.reduce((product, extent) => product * extent, 1);
      // Each array counts in its own thousand, so that a test can tell where a number came from.
      const start = 1000 * Object.keys(weights).indexOf(name);
      return { name, array: plainArray(shape, Float32Array.from({ length: count }, (_, i) => start + i)) };
    }),
  };
}

Deno.test("one matrix a gate, as Keras 1 wrote them, are put side by side in the order of the operations", () => {
  const gates = (letters: string[], features: number, units: number) =>
    Object.fromEntries(letters.flatMap((gate) => [
      [`cell_W_${gate}:0`, [features, units]],
      [`cell_U_${gate}:0`, [units, units]],
      [`cell_b_${gate}:0`, [units]],
    ]));
  const { kernel, recurrentKernel, bias, units, resetAfter } = gruWeights(
    layer(gates(["z", "r", "h"], 2, 2)),
  );
  assert.deepEqual([units, resetAfter], [2, false]);
  assert.deepEqual([...kernel.data], [0, 1, 3000, 3001, 6000, 6001, 2, 3, 3002, 3003, 6002, 6003]);
  assert.deepEqual([...recurrentKernel.data].slice(0, 6), [1000, 1001, 4000, 4001, 7000, 7001]);
  assert.deepEqual([...bias!.data], [2000, 2001, 5000, 5001, 8000, 8001]);
  // Keras 1 stored the gates of an LSTM in the order i, c, f, o.
  const old = lstmWeights(layer(gates(["i", "c", "f", "o"], 1, 1)));
  assert.deepEqual([...old.kernel.data], [0, 6000, 3000, 9000]);
});

Deno.test("layers that are not what they are taken for are refused with the list of their weights", () => {
  const dense = layer({ "d/kernel:0": [3, 2], "d/bias:0": [2] });
  assert.throws(
    () => gruWeights(dense),
    /a recurrent_kernel, found d\/kernel:0 \[3, 2\], d\/bias:0 \[2\] \(Keras layer test\)/,
  );
  assert.throws(() => denseWeights(layer({ "d/bias:0": [2] })), /a matrix named kernel or W/);
  assert.throws(() => denseWeights(layer({ "d/kernel:0": [3, 2], "d/bias:0": [3] })), /bias of 2 numbers/);
  assert.throws(() => denseWeights(layer({})), /found no weights/);
  assert.throws(() => batchNormalizationWeights(dense), /moving_mean/);
  assert.throws(
    () => bidirectionalWeights(dense, gruWeights),
    /a forward layer and then of a backward layer/,
  );
  const shapes = { "g/kernel:0": [2, 12], "g/recurrent_kernel:0": [4, 12] };
  assert.throws(() => lstmWeights(layer({ ...shapes, "g/bias:0": [12] })), /\[units, 4 units\]/);
  assert.throws(
    () => gruWeights(layer({ ...shapes, "g/bias:0": [24] })),
    /a bias \[12\] or \[2, 12\].*CuDNN/,
  );
  assert.throws(() => gruWeights(layer({ ...shapes, "g/bias:0": [12] }), { resetAfter: true }), /two rows/);
});

Deno.test("a file that is not HDF5, cut short or without Keras's attributes is refused in one sentence, and nothing is printed", async () => {
  const whole = await Deno.readFile(join(fixtures, "keras2_weights.h5"));
  const printed: unknown[][] = [];
  const { error, warn, log } = console;
  console.error = console.warn = console.log = (...words: unknown[]) => void printed.push(words);
  try {
    await assert.rejects(
      readKerasWeights(new TextEncoder().encode("no HDF5")),
      /complete HDF5 file, found file signature not found/,
    );
    await assert.rejects(readKerasWeights(new Uint8Array(0)), /complete HDF5 file/);
    await assert.rejects(
      readKerasWeights(whole.subarray(0, 30_000)),
      /complete HDF5 file, found truncated file/,
    );
    await assert.rejects(
      readKerasWeights(whole, { maximumElements: 20 }),
      /at most 20 elements, found shape \[3, 12\]/,
    );
    const renamed = whole.slice(), name = new TextEncoder().encode("layer_names");
    const at = renamed.findIndex((_, i) => name.every((byte, k) => renamed[i + k] === byte));
    renamed[at] += 1;
    await assert.rejects(readKerasWeights(renamed), /the attribute layer_names, .*found none/);
    assert.equal((await readKerasWeights(whole)).layers.length, 10); // the library works on after all that
  } finally {
    Object.assign(console, { error, warn, log });
  }
  assert.deepEqual(printed, []);
  const weights = await readKerasWeights(whole);
  assert.throws(() => kerasLayer(weights, "gru_7"), /a layer among input_1, both_gru.*, found gru_7/);
});

Deno.test({
  name: "a file damaged at any one place is refused or read, but never breaks the reader",
  // The reader's own WebAssembly meets its errors by bounds checks, which the flags for wide vectors take away.
  ignore: startedWide(),
  fn: readDamaged,
});

async function readDamaged(): Promise<void> {
  const whole = await Deno.readFile(join(fixtures, "keras2_weights.h5"));
  let refused = 0;
  for (let at = 8; at < whole.length; at += 997) {
    const damaged = whole.slice();
    damaged[at] ^= 0x5a;
    try {
      await readKerasWeights(damaged);
    } catch (error) {
      assert.equal((error as Error).name, "EphemeraError", `byte ${at}: ${error}`);
      refused++;
    }
  }
  assert.ok(refused > 0);
  assert.equal((await readKerasWeights(whole)).layers.length, 10);
}

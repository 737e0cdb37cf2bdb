// Native TensorFlow, where `deno task setup:tensorflow` has installed it; elsewhere these tests are listed as skipped.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { FusedGRU, gru, lstm, tf, useBackend } from "../../../lib/tensor/mod.ts";
import { tensorFlowFolder } from "../../../lib/tensor/native/mod.ts";
import { checkTensorFlow } from "../../../lib/commands/setup_tensorflow_check.ts";

const installed = existsSync(join(tensorFlowFolder(), "setup.json"));
const test = (name: string, run: () => Promise<void>) =>
  Deno.test({ name, ignore: !installed, sanitizeResources: false, sanitizeOps: false, fn: run });

/** The values of the tensors of `compute` on each of the two backends, the native one first. */
async function onBoth(compute: () => tf.Tensor[]): Promise<[Float32Array[], Float32Array[]]> {
  const results: Float32Array[][] = [];
  for (const name of ["tensorflow", "cpu"] as const) {
    await useBackend(name, { quiet: true });
    const tensors = tf.tidy(compute);
    results.push(await Promise.all(tensors.map((each) => each.data() as Promise<Float32Array>)));
    tf.dispose(tensors);
  }
  return results as [Float32Array[], Float32Array[]];
}

function assertClose([native, plain]: [Float32Array[], Float32Array[]], tolerance = 2e-5): void {
  assert.equal(native.length, plain.length);
  native.forEach((values, k) => {
    assert.equal(values.length, plain[k].length);
    const scale = Math.max(1, ...plain[k].map(Math.abs));
    values.forEach((value, i) => assert.ok(Math.abs(value - plain[k][i]) <= tolerance * scale, `${k} ${i}`));
  });
}

const normal = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, "float32", seed);

test("auto takes the native TensorFlow that is installed", async () => {
  const before = Deno.env.get("EPHEMERA_BACKEND");
  Deno.env.delete("EPHEMERA_BACKEND");
  try {
    const { name, reason } = await useBackend("auto", { quiet: true });
    assert.equal(name, "tensorflow");
    assert.match(reason, /tfjs-node|loaded before/);
  } finally {
    if (before !== undefined) Deno.env.set("EPHEMERA_BACKEND", before);
  }
});

test("native TensorFlow trains a recurrent network with plain JavaScript's losses", async () => {
  const { losses, difference } = await checkTensorFlow();
  assert.ok(losses[1] < losses[0]);
  assert.ok(difference < 1e-4);
});

test("recurrences and their gradients on native TensorFlow are those of the cpu backend, masks and both conventions included", async () => {
  for (const cell of ["gru", "gru after", "lstm"]) {
    const gates = cell === "lstm" ? 4 : 3, after = cell === "gru after";
    assertClose(
      await onBoth(() => {
        const x = normal([5, 7, 3], 1), kernel = normal([3, gates * 4], 2), inner = normal([4, gates * 4], 3);
        const bias = normal(after ? [2, 12] : [gates * 4], 4);
        const mask = tf.tensor2d(Array.from({ length: 35 }, (_, i) => i % 7 < 2 + i / 7 ? 1 : 0), [5, 7]);
        const options = { mask, returnSequences: true };
        const value = (x: tf.Tensor, kernel: tf.Tensor, inner: tf.Tensor, bias: tf.Tensor) =>
          (cell === "lstm"
            ? lstm(
              x as tf.Tensor3D,
              kernel as tf.Tensor2D,
              inner as tf.Tensor2D,
              bias as tf.Tensor1D,
              options,
            )
            : gru(x as tf.Tensor3D, kernel as tf.Tensor2D, inner as tf.Tensor2D, bias, {
              ...options,
              resetAfter: after,
            })).square().sum().asScalar();
        const { value: sum, grads } = tf.valueAndGrads(value)([x, kernel, inner, bias]);
        return [sum, ...grads];
      }),
    );
  }
});

test("convolutions, pooling, softmax, relu, products and gathering have the cpu backend's gradients on native TensorFlow", async () => {
  const at = [[0, 2], [1, 1]];
  const functions: [number[][], (...tensors: tf.Tensor[]) => tf.Tensor][] = [
    [[[2, 7, 6, 3], [3, 3, 3, 4]], (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, [2, 1], "same")],
    [[[2, 9, 3], [4, 3, 5]], (x, w) => tf.conv1d(x as tf.Tensor3D, w as tf.Tensor3D, 2, "valid")],
    [[[2, 6, 6, 3]], (x) => tf.maxPool(tf.sub(x, 9) as tf.Tensor4D, 2, 2, "same")],
    // Not "same": the cpu kernel then divides the gradient by windows that hang over the edge.
    [[[2, 6, 6, 3]], (x) => tf.avgPool(x as tf.Tensor4D, 3, 1, "valid")],
    [[[4, 5]], (x) => tf.logSoftmax(x)],
    [[[4, 5]], (x) => tf.gather(x, tf.tensor(at, undefined, "int32"))],
    [[[2, 3, 4], [2, 5, 4]], (a, b) => tf.matMul(a, b, false, true)],
    [[[3, 4], [4, 5]], (a, b) => tf.matMul(a, b)],
    [[[4, 3], [4, 5]], (a, b) => tf.matMul(a, b, true)],
    [[[3, 4], [5, 4]], (a, b) => tf.matMul(a, b, false, true)],
    [[[4, 3], [5, 4]], (a, b) => tf.matMul(a, b, true, true)],
    [[[1, 1], [1, 6]], (a, b) => tf.matMul(a, b)],
    [[[4, 5]], (x) => tf.relu(x)],
    [[[3, 4]], (x) => tf.cumsum(x, 0)],
  ];
  for (const [shapes, compute] of functions) {
    assertClose(
      await onBoth(() => {
        const inputs = shapes.map((shape, k) => normal(shape, k + 1));
        const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) =>
          compute(...tensors).square().sum().asScalar()
        )(inputs);
        return [value, ...grads];
      }),
    );
  }
});

test("a tf.layers model with our recurrent layer trains on native TensorFlow and holds its memory", async () => {
  await useBackend("tensorflow", { quiet: true });
  const layer = new FusedGRU({ units: 6, inputShape: [8, 2], seed: 3 });
  const model = tf.sequential({ layers: [layer, tf.layers.dense({ units: 1, useBias: true })] });
  model.compile({ optimizer: tf.train.adam(0.02), loss: "meanSquaredError" });
  const x = normal([32, 8, 2], 1), y = tf.tidy(() => x.mean([1, 2]).expandDims(1));
  const losses: number[] = [], counts: number[] = [];
  for (let step = 0; step < 12; step++) {
    losses.push(await model.trainOnBatch(x, y) as number);
    counts.push(tf.memory().numTensors);
  }
  assert.ok(losses[11] < losses[0] / 2, `${losses}`);
  assert.equal(counts[11], counts[2]);
  model.dispose();
  tf.dispose([x, y]);
});

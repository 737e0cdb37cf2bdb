// Dropout in attention and transformers: off at prediction, a function of seed and step in training.
import assert from "node:assert/strict";
import { droppedAttention } from "../../lib/layers/attention_dropout.ts";
import { transformer, type TransformerOptions, transformerParameters } from "../../lib/layers/mod.ts";
import { disposeParameters, makeContext, multiHeadAttention, tf } from "../../lib/tensor/mod.ts";
import { checkSlopes, close, draw, drawnParameters, values, weighted } from "./transformer_support.ts";

const plain: TransformerOptions = { width: 6, heads: 2, layers: 2 };
const places: Record<string, TransformerOptions> = {
  "attention weights": { ...plain, attentionDropout: 0.3 },
  "the attention's output": { ...plain, attentionOutputDropout: 0.3 },
  "feed-forward layers": { ...plain, dropout: 0.3 },
  "all places": { ...plain, attentionDropout: 0.3, attentionOutputDropout: 0.3, dropout: 0.3 },
};

const BATCH = 4, LENGTH = 5;

function context({ training = true, step = 3, seed = 1, first = 0, count = BATCH } = {}) {
  const indices = Int32Array.from({ length: count }, (_, k) => first + k);
  return makeContext({ training, seed, step, epoch: 0, indices, firstExample: first });
}

for (const [place, options] of Object.entries(places)) {
  for (const backend of ["cpu", "wasm"]) {
    Deno.test(`dropout in ${place} is off at prediction and keyed by seed and step in training (${backend})`, async () => {
      await tf.setBackend(backend);
      const parameters = drawnParameters(transformerParameters("model", options), 2);
      const x = draw<tf.Rank.R3>([BATCH, LENGTH, 6], 1);
      const mask = tf.tensor2d(Array.from({ length: BATCH * LENGTH }, (_, k) => Number(k % 3 > 0)), [
        BATCH,
        LENGTH,
      ]);
      const run = (given?: Parameters<typeof context>[0]) =>
        values(() =>
          transformer(parameters, "model", x, options, { mask, dropout: given && context(given) })
        );
      const prediction = run();
      assert.deepEqual(run({ training: false }), prediction);
      const without = values(() => transformer(parameters, "model", x, plain, { mask }));
      assert.deepEqual(without, prediction);
      const step = run({});
      assert.notDeepEqual(step, prediction);
      assert.deepEqual(run({}), step);
      assert.notDeepEqual(run({ step: 4 }), step);
      assert.notDeepEqual(run({ seed: 2 }), step);
      // The same draws when a batch is taken in pieces.
      const pieces = [[0, 3], [3, 1]].map(([first, count]) =>
        values(() =>
          transformer(parameters, "model", tf.slice(x, first, count), options, {
            mask: tf.slice(mask, first, count),
            dropout: context({ first, count }),
          })
        )
      );
      close(pieces.flatMap((piece) => [...piece]), step, 1e-5, "pieces");
      disposeParameters(parameters);
      tf.dispose([x, mask]);
    });
  }

  Deno.test(`gradients through dropout in ${place} agree with finite differences`, async () => {
    await tf.setBackend("wasm");
    const parameters = drawnParameters(transformerParameters("model", options), 2);
    const x = draw<tf.Rank.R3>([BATCH, LENGTH, 6], 1), before = tf.memory().numTensors;
    const loss = ([x]: tf.Tensor[]) =>
      weighted(transformer(parameters, "model", x as tf.Tensor3D, options, { dropout: context() }), 5);
    checkSlopes(loss, parameters, { x });
    assert.equal(tf.memory().numTensors, before, "no tensor may be left behind");
    disposeParameters(parameters);
    x.dispose();
  });
}

Deno.test("attention whose weights are not dropped after all is the kernel's, gradients included", async () => {
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    const query = draw<tf.Rank.R3>([3, 4, 6], 1), key = draw<tf.Rank.R3>([3, 5, 6], 2);
    const value = draw<tf.Rank.R3>([3, 5, 9], 3);
    const mask = tf.tensor2d([[1, 1, 0, 1, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]]);
    for (const given of [mask, null]) {
      const kernel = (q: tf.Tensor3D, k: tf.Tensor3D, v: tf.Tensor3D) =>
        multiHeadAttention(q, k, v, { heads: 3, mask: given });
      const composed = (q: tf.Tensor3D, k: tf.Tensor3D, v: tf.Tensor3D) =>
        droppedAttention(q, k, v, { heads: 3, mask: given, drop: (weights) => weights });
      const all = [kernel, composed].map((attention) =>
        tf.tidy(() => {
          const loss = (...t: tf.Tensor[]) =>
            weighted(attention(...t as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D]), 4);
          return [attention(query, key, value), ...tf.grads(loss)([query, key, value])].map((each) =>
            Float32Array.from(each.dataSync())
          );
        })
      );
      ["value", "query", "key", "value gradient"].forEach((what, k) =>
        close(all[1][k], all[0][k], 1e-5, `${what} (${backend})`)
      );
    }
    tf.dispose([query, key, value, mask]);
  }
});

Deno.test("what is dropped are the weights after the softmax: the values' mixture is that of what is left", async () => {
  await tf.setBackend("wasm");
  const [queries, keys, size] = [2, 3, 2], query = draw<tf.Rank.R3>([1, queries, size], 1);
  const key = draw<tf.Rank.R3>([1, keys, size], 2), value = draw<tf.Rank.R3>([1, keys, size], 3);
  const kept = [2, 0, 2, 0, 2, 2];
  const found = values(() =>
    droppedAttention(query, key, value, {
      heads: 1,
      drop: (weights) => tf.mul(weights, tf.tensor4d(kept, [1, 1, queries, keys])),
    })
  );
  const [q, k, v] = [query, key, value].map((each) => each.dataSync());
  const expected: number[] = [];
  for (let i = 0; i < queries; i++) {
    const powers = Array.from(
      { length: keys },
      (_, j) => Math.exp((q[2 * i] * k[2 * j] + q[2 * i + 1] * k[2 * j + 1]) / Math.SQRT2),
    );
    const total = powers.reduce((a, b) => a + b, 0);
    for (let d = 0; d < size; d++) {
      expected.push(powers.reduce((sum, p, j) => sum + p / total * kept[i * keys + j] * v[2 * j + d], 0));
    }
  }
  close(found, expected, 1e-6, "mixture");
  tf.dispose([query, key, value]);
});

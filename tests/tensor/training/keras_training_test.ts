/** The whole chain (recurrences and their gradients, clipping, AMSGrad, batches) against a training run of Keras. */
import assert from "node:assert/strict";
import {
  adam,
  arrayBatches,
  bidirectional,
  disposeParameters,
  gru,
  parametersFromArrays,
  plainArray,
  readParameters,
  tf,
  train,
} from "../../../lib/tensor/mod.ts";
import published from "./fixtures/keras_training.json" with { type: "json" };

const array = ({ shape, data }: { shape: number[]; data: number[] }) =>
  plainArray(shape, Float32Array.from(data));

for (const [backend, microBatch] of [["cpu", 4], ["wasm", 4], ["wasm", 3]] as const) {
  Deno.test(`training on ${backend} in pieces of ${microBatch} takes Keras's steps`, async () => {
    await tf.setBackend(backend);
    const { names, before, after, losses, norms } = published;
    const parameters = parametersFromArrays(new Map(names.map((name, i) => [name, array(before[i])])));
    const [
      forwardKernel,
      forwardState,
      forwardBias,
      backKernel,
      backState,
      backBias,
      kernel,
      state,
      bias,
      dense,
      offset,
    ] = names.map((name) => parameters[name]) as unknown as tf.Tensor2D[];
    const { history } = await train({
      parameters,
      loss: ({ x, y }) => {
        const options = { resetAfter: true, returnSequences: true };
        const states = bidirectional(
          () => gru(x as tf.Tensor3D, forwardKernel, forwardState, forwardBias, options),
          () => gru(x as tf.Tensor3D, backKernel, backState, backBias, { ...options, reverse: true }),
        );
        const last = gru(states as tf.Tensor3D, kernel, state, bias) as tf.Tensor2D;
        return tf.mean(tf.square(tf.sub(tf.add(tf.matMul(last, dense), offset), y))) as tf.Scalar;
      },
      batches: arrayBatches({ x: array(published.x), y: array(published.y) }),
      epochs: 5,
      batchSize: 4,
      microBatch,
      shuffle: false,
      seed: 0,
      optimizer: adam({ learningRate: 0.05, amsgrad: true, epsilon: 1e-12 }),
      clipNorm: 0.5,
    });
    losses.forEach((loss, i) => {
      assert.ok(
        Math.abs(history.steps.loss[i] - loss) < 2e-5,
        `step ${i}: ${history.steps.loss[i]}, ${loss}`,
      );
      const norm = history.steps.gradientNorm[i];
      assert.ok(
        Math.abs(norm - norms[i]) < 1e-4 * Math.max(1, norms[i]),
        `step ${i}: norm ${norm}, ${norms[i]}`,
      );
    });
    const values = await readParameters(parameters);
    names.forEach((name, i) =>
      after[i].data.forEach((expected, k) => {
        const actual = Number(values.get(name)!.data[k]);
        assert.ok(Math.abs(actual - expected) < 2e-4, `${name}[${k}]: ${actual}, ${expected}`);
      })
    );
    disposeParameters(parameters);
  });
}

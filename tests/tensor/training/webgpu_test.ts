/** Training and linear algebra on WebGPU, where nothing may read from the device without waiting. */
import "@tensorflow/tfjs-backend-webgpu";
import assert from "node:assert/strict";
import { cholesky, disposeParameters, logDeterminant, tf, triangularSolve } from "../../../lib/tensor/mod.ts";
import { smallParameters, trainSmall } from "./small_model.ts";

const ignore = await navigator.gpu?.requestAdapter() == null;

/** Runs `work` on cpu and on WebGPU and returns what both gave. */
async function onBoth(work: () => Promise<number[]>): Promise<[number[], number[]]> {
  await tf.setBackend("cpu");
  const cpu = await work();
  await tf.setBackend("webgpu");
  try {
    return [cpu, await work()];
  } finally {
    await tf.setBackend("cpu");
  }
}

// The device keeps promises open for as long as it lives.
const sanitize = { sanitizeOps: false, sanitizeResources: false };

Deno.test({
  name: "training on WebGPU follows the losses of the cpu backend",
  ignore,
  ...sanitize,
  async fn() {
    const [cpu, device] = await onBoth(async () => {
      const parameters = smallParameters();
      const { history } = await trainSmall(parameters, { epochs: 1, more: { microBatch: 5 } });
      disposeParameters(parameters);
      return history.steps.loss;
    });
    device.forEach((loss, i) =>
      assert.ok(Math.abs(loss - cpu[i]) < 1e-4 * cpu[i], `step ${i}: ${loss}, ${cpu[i]}`)
    );
  },
});

Deno.test({
  name: "Cholesky factors, solves and their gradients on WebGPU are those of the cpu backend",
  ignore,
  ...sanitize,
  async fn() {
    const [cpu, device] = await onBoth(async () => {
      const a = tf.tidy(() => {
        const g = tf.reshape(tf.sin(tf.mul(tf.range(0, 3 * 9 * 9), 1.7)), [3, 9, 9]);
        return tf.add(tf.matMul(g, g, false, true), tf.mul(tf.eye(9), 0.5));
      });
      const b = tf.tidy(() => tf.reshape(tf.cos(tf.range(0, 3 * 9 * 4)), [3, 9, 4]));
      const gradients = tf.grads((a: tf.Tensor, b: tf.Tensor) => {
        const factor = cholesky(a);
        return tf.add(tf.sum(tf.square(triangularSolve(factor, b))), tf.sum(logDeterminant(factor)));
      })([a, b]);
      return [...await gradients[0].data(), ...await gradients[1].data()];
    });
    const scale = Math.max(...cpu.map(Math.abs));
    device.forEach((x, i) => assert.ok(Math.abs(x - cpu[i]) < 1e-5 * scale, `${x}, ${cpu[i]}`));
  },
});

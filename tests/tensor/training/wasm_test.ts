/** The training loop and the linear algebra on the default backend; all else about them is tested on cpu. */
import assert from "node:assert/strict";
import { cholesky, disposeParameters, logDeterminant, tf, triangularSolve } from "../../../lib/tensor/mod.ts";
import { fingerprint, smallParameters, trainSmall } from "./small_model.ts";

/** Runs `work` on a backend and goes back to the one before. */
async function on<T>(backend: string, work: () => T | Promise<T>): Promise<T> {
  const before = tf.getBackend();
  await tf.setBackend(backend);
  try {
    return await work();
  } finally {
    await tf.setBackend(before);
  }
}

Deno.test("training on wasm follows the losses of the cpu backend", async () => {
  const run = async () => {
    const parameters = smallParameters();
    const { history } = await trainSmall(parameters);
    disposeParameters(parameters);
    return history.steps.loss;
  };
  const [cpu, wasm] = [await on("cpu", run), await on("wasm", run)];
  wasm.forEach((loss, i) =>
    assert.ok(Math.abs(loss - cpu[i]) < 1e-4 * cpu[i], `step ${i}: ${loss}, ${cpu[i]}`)
  );
});

Deno.test("a run stopped and resumed on wasm equals the uninterrupted one bit for bit, and leaves no tensors", async () => {
  await on("wasm", async () => {
    const first = smallParameters();
    const expected = await fingerprint(first, await trainSmall(first));
    disposeParameters(first);
    const directory = await Deno.makeTempDir(), before = tf.memory().numTensors;
    try {
      const controller = new AbortController();
      const second = smallParameters();
      await trainSmall(second, {
        more: {
          checkpoint: { directory },
          signal: controller.signal,
          onEpoch: (epoch) => epoch === 2 ? controller.abort() : undefined,
        },
      });
      disposeParameters(second);
      const third = smallParameters(5);
      const resumed = await trainSmall(third, { more: { checkpoint: { directory } } });
      assert.equal(await fingerprint(third, resumed), expected);
      disposeParameters(third);
      assert.equal(tf.memory().numTensors, before);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
});

Deno.test("Cholesky factors, solves and their gradients on wasm are those of the cpu backend", async () => {
  const work = async () => {
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
  };
  const [cpu, wasm] = [await on("cpu", work), await on("wasm", work)];
  const scale = Math.max(...cpu.map(Math.abs));
  wasm.forEach((x, i) => assert.ok(Math.abs(x - cpu[i]) < 1e-5 * scale, `${x}, ${cpu[i]}`));
  await on(
    "wasm",
    () => assert.throws(() => cholesky(tf.tensor2d([[1, 2], [2, 1]])), /pivot of -3 in column 1/),
  );
});

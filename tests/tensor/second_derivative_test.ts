// Derivatives of derivatives: right where an operation has them, refused where its gradient is written by hand.
import assert from "node:assert/strict";
import { gelu, gru, lstm, multiHeadAttention, tf, useBackend } from "../../lib/tensor/mod.ts";

const quiet = true;

/** The gradient of the squared length of f's gradient, which a second derivative through f gives. */
const penalty = (f: (x: tf.Tensor) => tf.Tensor) => (x: tf.Tensor) =>
  tf.sum(tf.square(tf.grad((y: tf.Tensor) => f(y))(x)));

Deno.test("a second derivative through relu is that of its line on every backend", async () => {
  for (const backend of ["wasm", "cpu"] as const) {
    await useBackend(backend, { quiet });
    // f = sum relu(x)^2: f' = 2 relu(x), the penalty is 4 relu(x)^2, its gradient 8 relu(x).
    const f = (x: tf.Tensor) => tf.sum(tf.square(tf.relu(x))), x = tf.tensor1d([-2, -0.5, 0.25, 3]);
    const found = Array.from(tf.grad(penalty(f))(x).dataSync());
    assert.deepEqual(found, [0, 0, 2, 24], backend);
    x.dispose();
  }
});

Deno.test("a second derivative through an operation with a gradient written by hand is refused", async () => {
  for (const backend of ["wasm", "cpu"] as const) {
    await useBackend(backend, { quiet });
    const x = tf.randomNormal([2, 3, 4], 0, 1, "float32", 1);
    const weights = (gates: number) =>
      [
        tf.randomNormal<tf.Rank.R2>([4, 5 * gates], 0, 1, "float32", 2),
        tf.randomNormal<tf.Rank.R2>([5, 5 * gates], 0, 1, "float32", 3),
      ] as const;
    const operations: Record<string, (x: tf.Tensor) => tf.Tensor> = {
      gelu: (x) => gelu(x),
      gru: (x) => gru(x as tf.Tensor3D, ...weights(3), null),
      lstm: (x) => lstm(x as tf.Tensor3D, ...weights(4), null),
    };
    // Elsewhere attention is made of operations that have second derivatives of their own.
    if (backend === "wasm") {
      operations.multiHeadAttention = (x) =>
        multiHeadAttention(...[x, x, x] as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D]);
    }
    for (const [name, operation] of Object.entries(operations)) {
      const f = (x: tf.Tensor) => tf.sum(tf.square(operation(x)));
      const expected = {
        name: "EphemeraError",
        message: new RegExp(`derivative of a derivative.*${name}`, "s"),
      };
      assert.throws(() => tf.grad(penalty(f))(x), expected, `${name} on ${backend}`);
    }
    tf.engine().reset();
  }
});

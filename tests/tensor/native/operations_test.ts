// The library's own differentiable operations on native TensorFlow; skipped by name where there is none.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  cholesky,
  gelu,
  layerNorm,
  logDeterminant,
  multiHeadAttention,
  tf,
  triangularSolve,
  useBackend,
} from "../../../lib/tensor/mod.ts";
import { tensorFlowFolder } from "../../../lib/tensor/native/mod.ts";

const installed = existsSync(join(tensorFlowFolder(), "setup.json"));
const normal = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, "float32", seed);
const mask = () => tf.tensor2d([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]);

/** Operations on one tensor, its shape first. */
const operations: Record<string, [shape: number[], operation: (x: tf.Tensor) => tf.Tensor]> = {
  "gelu": [[3, 7], (x) => gelu(x)],
  "relu": [[3, 7], (x) => tf.relu(x)],
  "layerNorm": [[3, 7], (x) => layerNorm(x, tf.ones([7]), tf.zeros([7]))],
  "attention of several heads with hidden keys": [[2, 5, 6], (x) => {
    const [query, key, value] = [x, tf.mul(x, 0.5), tf.add(x, 1)] as tf.Tensor3D[];
    return multiHeadAttention(query, key, value, { heads: 3, mask: mask() });
  }],
  "Cholesky factors, a triangular solve and a determinant": [[2, 4, 4], (x) => {
    const matrices = tf.add(tf.matMul(x, x, false, true), tf.mul(tf.eye(4), 2));
    const factors = cholesky(matrices), solved = triangularSolve(factors, tf.ones([2, 4, 1]));
    return tf.add(tf.sum(tf.square(solved), [1, 2]), logDeterminant(factors));
  }],
};

for (const [name, [shape, operation]] of Object.entries(operations)) {
  Deno.test({
    name: `${name} on native TensorFlow has the cpu backend's values and gradients`,
    ignore: !installed,
    sanitizeResources: false,
    sanitizeOps: false,
    fn: async () => {
      const results: Float32Array[][] = [];
      for (const backend of ["tensorflow", "cpu"] as const) {
        await useBackend(backend, { quiet: true });
        const tensors = tf.tidy(() => {
          const x = normal(shape, 1);
          return [operation(x), tf.grad((x: tf.Tensor) => tf.sum(tf.square(operation(x))))(x)];
        });
        results.push(await Promise.all(tensors.map((each) => each.data() as Promise<Float32Array>)));
        tf.dispose(tensors);
      }
      const [native, plain] = results;
      plain.forEach((expected, k) => {
        const largest = Math.max(1, ...expected.map(Math.abs));
        assert.equal(native[k].length, expected.length);
        expected.forEach((value, i) =>
          assert.ok(Math.abs(native[k][i] - value) < 2e-5 * largest, `${k}, ${i}`)
        );
      });
    },
  });
}

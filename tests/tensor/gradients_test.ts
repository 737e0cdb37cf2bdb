import assert from "node:assert/strict";
import { tf } from "../../lib/tensor/mod.ts";
import { generator } from "./wasm/compare.ts";

/** Compares tf.grads with central differences of sum(weights * f) in single precision, on both backends. */
async function checkGradient(
  f: (...x: tf.Tensor[]) => tf.Tensor,
  shapes: number[][],
  label: string,
  range = [-1, 1],
) {
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    tf.tidy(() => {
      const random = generator(label.length);
      const inputs = shapes.map((shape) =>
        Float32Array.from(
          { length: tf.util.sizeFromShape(shape) },
          () => range[0] + (range[1] - range[0]) * random(),
        )
      );
      const tensors = () => inputs.map((values, i) => tf.tensor(values.slice(), shapes[i]));
      const weights = tf.tidy(() =>
        Float32Array.from({ length: f(...tensors()).size }, () => random() - 0.5)
      );
      const loss = (...x: tf.Tensor[]) => {
        const y = f(...x);
        return tf.sum(tf.mul(y, tf.tensor(weights, y.shape))).asScalar();
      };
      const gradients = tf.grads(loss)(tensors()).map((gradient) => gradient.dataSync());
      const step = 1e-2;
      inputs.forEach((values, i) => {
        for (let k = 0; k < values.length; k++) {
          const before = values[k];
          values[k] = before + step;
          const above = loss(...tensors()).dataSync()[0];
          values[k] = before - step;
          const below = loss(...tensors()).dataSync()[0];
          values[k] = before;
          const numeric = (above - below) / (2 * step);
          assert.ok(
            Math.abs(numeric - gradients[i][k]) < 2e-3 * (1 + Math.abs(numeric)),
            `${label} on ${backend}: input ${i} element ${k}: gradient ${
              gradients[i][k]
            }, difference ${numeric}`,
          );
        }
      });
    });
  }
}

Deno.test("einsum has the gradient of finite differences", async () => {
  const cases: [string, number[][]][] = [
    ["ij,jk->ik", [[3, 4], [4, 2]]],
    ["bhqd,bhkd->bhqk", [[2, 2, 3, 4], [2, 2, 5, 4]]],
    ["bqhd,bkhd->bhqk", [[2, 3, 2, 4], [2, 5, 2, 4]]],
    ["bhqk,bkhd->bqhd", [[2, 2, 3, 5], [2, 5, 2, 4]]],
    ["abc,cd->abd", [[2, 3, 4], [4, 5]]],
    ["ij->ji", [[3, 4]]],
    ["ijk->j", [[2, 3, 4]]],
    ["ij,kj->k", [[3, 4], [2, 4]]],
  ];
  for (const [equation, shapes] of cases) {
    await checkGradient((...x) => tf.einsum(equation, ...x), shapes, equation);
  }
});

Deno.test("cumsum has the gradient of finite differences along every axis", async () => {
  for (const axis of [0, 1, 2]) {
    for (const [exclusive, reverse] of [[false, false], [true, false], [false, true], [true, true]]) {
      await checkGradient((x) => tf.cumsum(x, axis, exclusive, reverse), [[2, 3, 4]], `cumsum ${axis}`);
    }
  }
});

Deno.test("a slice with strides has the gradient of finite differences", async () => {
  await checkGradient((x) => tf.stridedSlice(x, [0, 1], [5, 7], [2, 3]), [[5, 7]], "strides");
  await checkGradient((x) => tf.stridedSlice(x, [4, 1], [-6, 6], [-2, 1]), [[5, 7]], "backwards");
  await checkGradient(
    (x) => tf.stridedSlice(x, [1, 2], [2, 7], [1, 2], 0, 0, 0, 0, 1),
    [[5, 7]],
    "dropped axis",
  );
});

Deno.test("a dilated convolution has the gradient of finite differences", async () => {
  for (const pad of ["same", "valid"] as const) {
    for (const dilation of [[2, 2], [1, 3]] as [number, number][]) {
      await checkGradient(
        (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, pad, "NHWC", dilation),
        [[1, 6, 7, 2], [2, 2, 2, 3]],
        `dilation ${dilation} ${pad}`,
      );
    }
  }
  await checkGradient(
    (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, [2, 1], "same"),
    [[2, 5, 4, 2], [3, 2, 2, 2]],
    "strides without dilation",
  );
});

Deno.test("a comparison inside where lets the gradient of the branches through", async () => {
  await checkGradient((x) => tf.where(tf.greater(x, 0.3), tf.square(x), tf.mul(x, 0.5)), [[7]], "where", [
    0.35,
    2,
  ]);
  await checkGradient(
    (x, y) =>
      tf.where(tf.logicalNot(tf.logicalAnd(tf.less(x, tf.add(y, 1)), tf.notEqual(x, 0))), x, tf.mul(x, y)),
    [[5], [5]],
    "where with logic",
    [0.4, 0.5],
  );
});

Deno.test("maximum, minimum and squaredDifference sum their gradient over broadcast axes", async () => {
  await checkGradient((a, b) => tf.maximum(a, b), [[2, 3, 4], [1, 4]], "maximum");
  await checkGradient((a, b) => tf.minimum(a, b), [[1, 3], [5, 1]], "minimum a");
  await checkGradient((a, b) => tf.squaredDifference(a, b), [[2, 3], [3]], "squaredDifference");
});

Deno.test("tile has the gradient of finite differences in five dimensions", async () => {
  await checkGradient((x) => tf.tile(x, [2, 1, 3, 1, 2]), [[1, 2, 1, 2, 2]], "tile");
});

Deno.test("unstack and split have a gradient when there is one part", async () => {
  await checkGradient((x) => tf.unstack(x, 1)[0], [[3, 1]], "unstack");
  await checkGradient((x) => tf.split(x, 1, 0)[0], [[3, 2]], "split");
  await checkGradient((x) => tf.split(x, [1, 2], 0)[1], [[3, 2]], "split unevenly");
});

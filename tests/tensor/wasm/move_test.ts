import assert from "node:assert/strict";
import { tf } from "../../../lib/tensor/mod.ts";
import { agree, generator, integer, size } from "./compare.ts";

const dtypes = ["float32", "int32", "bool"] as const;

function shapeOf(random: () => number, lowest = 1, highest = 5): number[] {
  const rank = integer(random, lowest, highest);
  return Array.from({ length: rank }, () => size(random, rank > 3 ? 4 : 9) % 18 || 1);
}

function shuffled(random: () => number, n: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = integer(random, 0, i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

Deno.test("transpositions agree with the cpu backend for any order of axes and any type", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = generator(seed), shape = shapeOf(random, 0), order = shuffled(random, shape.length);
    const dtype = dtypes[seed % 3];
    await agree((x) => tf.transpose(x, order), {
      seed,
      inputs: [{ shape, dtype, low: -9, high: 9 }],
      gradient: dtype === "float32",
    });
  }
  for (
    const [shape, order] of [[[700, 801], [1, 0]], [[3, 301, 402], [0, 2, 1]], [[64, 33, 8, 31], [
      0,
      2,
      1,
      3,
    ]]] as const
  ) {
    await agree((x) => tf.transpose(x, [...order]), { seed: 1, inputs: [{ shape: [...shape] }] });
  }
});

Deno.test("slices agree with the cpu backend", async () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = generator(seed), shape = shapeOf(random), dtype = dtypes[seed % 3];
    const begin = shape.map((n) => integer(random, 0, n - 1)),
      extent = shape.map((n, d) => integer(random, 0, n - begin[d]));
    await agree((x) => tf.slice(x, begin, extent), {
      seed,
      inputs: [{ shape, dtype, low: -9, high: 9 }],
      gradient: dtype === "float32",
    });
  }
});

Deno.test("slices with strides and reversed axes agree with the cpu backend", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = generator(seed), shape = shapeOf(random, 1, 4), dtype = dtypes[seed % 3];
    const strides = shape.map(() => [1, 2, 3, -1, -2][integer(random, 0, 4)]);
    const begin = shape.map((n, d) =>
      strides[d] > 0 ? integer(random, 0, n - 1) : n - 1 - integer(random, 0, n - 1)
    );
    const end = shape.map((n, d) => strides[d] > 0 ? n : -n - 1);
    await agree((x) => tf.stridedSlice(x, begin, end, strides), {
      seed,
      inputs: [{ shape, dtype, low: -9, high: 9 }],
    });
    const axes = shape.map((_, d) => d).filter(() => random() < 0.5);
    await agree((x) => tf.reverse(x, axes), { seed, inputs: [{ shape, dtype, low: -9, high: 9 }] });
  }
});

Deno.test("concatenation, stacking, splitting and unstacking agree with the cpu backend", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = generator(seed), shape = shapeOf(random), axis = integer(random, 0, shape.length - 1);
    const dtype = dtypes[seed % 3], gradient = dtype === "float32", low = -9, high = 9;
    const parts = Array.from({ length: integer(random, 1, 4) }, () => {
      const part = shape.slice();
      part[axis] = integer(random, 0, 5);
      return { shape: part, dtype, low, high };
    });
    if (parts.some((part) => part.shape[axis] > 0)) {
      await agree((...tensors) => tf.concat(tensors, axis), {
        seed,
        inputs: parts,
        gradient: gradient && parts.every((p) => p.shape[axis] > 0),
      });
    }
    const equal = Array.from({ length: 3 }, () => ({ shape, dtype, low, high }));
    await agree((...tensors) => tf.stack(tensors, axis), { seed, inputs: equal, gradient });
    await agree((x) => tf.unstack(x, axis), { seed, inputs: [{ shape, dtype, low, high }], gradient });
    const cut = integer(random, 0, shape[axis]);
    if (cut > 0 && cut < shape[axis]) {
      await agree((x) => tf.split(x, [cut, shape[axis] - cut], axis), {
        seed,
        inputs: [{ shape, dtype, low, high }],
        gradient,
      });
    }
  }
});

Deno.test("tiling, broadcasting and padding agree with the cpu backend", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = generator(seed),
      shape = shapeOf(random, 1, 4).map((n) => Math.min(n, 7)),
      dtype = dtypes[seed % 3];
    const gradient = dtype === "float32", low = -9, high = 9, input = { shape, dtype, low, high };
    await agree((x) => tf.tile(x, shape.map((_, d) => 1 + (seed + d) % 3)), {
      seed,
      inputs: [input],
      gradient,
      tolerance: 1e-4,
    });
    const thin = shape.map((n) => random() < 0.5 ? 1 : n);
    await agree((x) => tf.broadcastTo(x, [2, ...shape]), {
      seed,
      inputs: [{ ...input, shape: thin }],
      gradient,
      tolerance: 1e-4,
    });
    const paddings = shape.map(() => [integer(random, 0, 3), integer(random, 0, 3)] as [number, number]);
    await agree((x) => tf.pad(x, paddings, dtype === "float32" ? 2.5 : 1), {
      seed,
      inputs: [input],
      gradient,
    });
  }
});

Deno.test("gathering rows agrees with the cpu backend, with its gradient", async () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = generator(seed),
      shape = shapeOf(random, 1, 4),
      axis = integer(random, 0, shape.length - 1);
    const values = Array.from({ length: 53 }, () => integer(random, 0, shape[axis] - 1)),
      dtype = dtypes[seed % 3];
    const indices = { shape: seed % 2 ? [size(random, 9)] : [3, 4], dtype: "int32" as const, values };
    await agree((x, i) => tf.gather(x, i as tf.Tensor1D, axis), {
      seed,
      inputs: [{ shape, dtype, low: -9, high: 9 }, indices],
      gradient: dtype === "float32" && seed % 2 === 1,
      tolerance: 1e-4,
    });
  }
  await agree((x, i) => tf.gather(x, i as tf.Tensor1D, 1, 1), {
    seed: 1,
    inputs: [{ shape: [3, 5, 2] }, { shape: [3, 4], dtype: "int32", low: 0, high: 5 }],
  });
});

Deno.test("gathering an index that does not exist is refused", async () => {
  await tf.setBackend("wasm");
  tf.tidy(() =>
    assert.throws(() => tf.gather(tf.ones([3, 2]), tf.tensor1d([3], "int32")), /index from 0 to 2/)
  );
});

Deno.test("sums over segments agree with the cpu backend and leave rows without a segment out", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = generator(seed), rows = size(random, 30), tail = seed % 2 ? [] : [size(random, 9), 3];
    const values = Array.from({ length: 61 }, () => integer(random, -1, 5));
    await agree((x, s) => tf.unsortedSegmentSum(x, s as tf.Tensor1D, 5), {
      seed,
      inputs: [{ shape: [rows, ...tail] }, { shape: [rows], dtype: "int32", values }],
      tolerance: 1e-4,
    });
  }
});

Deno.test("one-hot codes, filled tensors and ranges agree with the cpu backend", async () => {
  const inputs = [{ shape: [2, 7], dtype: "int32" as const, low: -1, high: 6 }];
  await agree((x) => tf.oneHot(x, 5), { seed: 1, inputs });
  await agree((x) => tf.oneHot(x, 5, 2, -1, "float32"), { seed: 1, inputs });
  await agree(() => [tf.fill([3, 2], 4.5), tf.fill([3], 4, "int32"), tf.ones([2, 0]), tf.range(0, 7)], {
    seed: 1,
    inputs: [],
  });
  for (const dtype of dtypes) {
    await agree((x) => [tf.zerosLike(x), tf.onesLike(x)], { seed: 1, inputs: [{ shape: [3, 2], dtype }] });
  }
});

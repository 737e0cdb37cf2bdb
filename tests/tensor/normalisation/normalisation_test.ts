import assert from "node:assert/strict";
import { batchNorm, layerNorm, tf } from "../../../lib/tensor/mod.ts";
import { agree, generator, integer, size } from "../wasm/compare.ts";

/** Normalises groups of elements by the definition, in double precision. */
function direct(
  x: ArrayLike<number>,
  group: (i: number) => number,
  channel: (i: number) => number,
  gain: ArrayLike<number>,
  offset: ArrayLike<number>,
  epsilon: number,
): number[] {
  const members = new Map<number, number[]>();
  for (let i = 0; i < x.length; i++) {
    const list = members.get(group(i));
    if (list) list.push(i);
    else members.set(group(i), [i]);
  }
  const y = new Array<number>(x.length);
  for (const list of members.values()) {
    const mean = list.reduce((sum, i) => sum + x[i], 0) / list.length;
    const variance = list.reduce((sum, i) => sum + (x[i] - mean) ** 2, 0) / list.length;
    for (const i of list) {
      y[i] = (x[i] - mean) / Math.sqrt(variance + epsilon) * gain[channel(i)] + offset[channel(i)];
    }
  }
  return y;
}

function draw(random: () => number, n: number, low = -2, high = 2): Float32Array {
  return Float32Array.from({ length: n }, () => low + (high - low) * random());
}

const operations = {
  layerNorm: {
    run: (x: tf.Tensor, gain: tf.Tensor, offset: tf.Tensor) =>
      layerNorm(x, gain as tf.Tensor1D, offset as tf.Tensor1D, { epsilon: 0.01 }),
    group: (width: number) => (i: number) => Math.floor(i / width),
  },
  batchNorm: {
    run: (x: tf.Tensor, gain: tf.Tensor, offset: tf.Tensor) =>
      batchNorm(x, gain as tf.Tensor1D, offset as tf.Tensor1D, { epsilon: 0.01 }).value,
    group: (width: number) => (i: number) => i % width,
  },
};

for (const [name, { run, group }] of Object.entries(operations)) {
  Deno.test(`${name} and its gradients agree with stock operations on the cpu backend`, async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = generator(seed), width = size(random, 50);
      const outer = Array.from({ length: integer(random, 1, 3) }, () => integer(random, 1, 9));
      await agree(run, {
        seed,
        inputs: [{ shape: [...outer, width] }, { shape: [width] }, { shape: [width] }],
        gradient: true,
        tolerance: 2e-4,
      });
    }
    // More rows than one block of the sums, and enough for several threads.
    await agree(run, {
      seed: 77,
      inputs: [{ shape: [700, 90], low: 5, high: 9 }, { shape: [90] }, { shape: [90] }],
      gradient: true,
      tolerance: 1e-3,
    });
  });

  Deno.test(`${name} agrees with its definition and its gradients with finite differences of that`, async () => {
    await tf.setBackend("wasm");
    const random = generator(4), width = 6, rows = 5, n = rows * width;
    const inputs = [draw(random, n), draw(random, width), draw(random, width)], weight = draw(random, n);
    const shapes = [[rows, width], [width], [width]];
    const exact = (given: ArrayLike<number>[]) =>
      direct(given[0], group(width), (i) => i % width, given[1], given[2], 0.01);
    const loss = (given: ArrayLike<number>[]) => exact(given).reduce((sum, y, i) => sum + y * weight[i], 0);
    tf.tidy(() => {
      const tensors = inputs.map((values, k) => tf.tensor(values, shapes[k]));
      const out = run(tensors[0], tensors[1], tensors[2]).dataSync();
      exact(inputs).forEach((y, i) => assert.ok(Math.abs(y - out[i]) < 1e-5, `${i}: ${out[i]}, not ${y}`));
      const gradients = tf.grads((...t: tf.Tensor[]) =>
        tf.sum(tf.mul(run(t[0], t[1], t[2]), tf.tensor(weight, [rows, width]))).asScalar()
      )(tensors);
      gradients.forEach((gradient, which) => {
        gradient.dataSync().forEach((slope, k) => {
          const moved = (by: number) =>
            loss(inputs.map((v, j) => j === which ? Float64Array.from(v).with(k, v[k] + by) : v));
          const expected = (moved(1e-4) - moved(-1e-4)) / 2e-4;
          assert.ok(Math.abs(slope - expected) < 2e-4, `${which}[${k}]: ${slope}, not ${expected}`);
        });
      });
    });
  });

  Deno.test(`${name} keeps its digits where the mean is much larger than the spread`, async () => {
    await tf.setBackend("wasm");
    const random = generator(8), width = 64, rows = 2000;
    const x = draw(random, rows * width, 999, 1001), ones = new Float32Array(width).fill(1);
    const expected = direct(x, group(width), (i) => i % width, ones, new Float32Array(width), 0.01);
    tf.tidy(() => {
      const out = run(tf.tensor(x, [rows, width]), tf.ones([width]), tf.zeros([width])).dataSync();
      const worst = (out as Float32Array).reduce(
        (most, y, i) => Math.max(most, Math.abs(y - expected[i])),
        0,
      );
      assert.ok(worst < 5e-4, String(worst));
    });
  });
}

Deno.test("batchNorm hands out the batch's mean and biased variance", async () => {
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    tf.tidy(() => {
      const { mean, variance } = batchNorm(tf.tensor3d([1, 10, 3, 10, 5, 40, 7, 40], [2, 2, 2]), null, null);
      assert.deepEqual([...mean.dataSync()], [4, 25]);
      assert.deepEqual([...variance.dataSync()], [5, 225]);
    });
  }
});

Deno.test("tfjs's normalisation by given statistics agrees with the cpu backend", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = generator(seed), width = size(random, 20);
    const channel = { shape: [width], low: 0.1, high: 3 }, shape = [2, integer(random, 1, 5), 3, width];
    await agree(
      (x, mean, variance, offset, scale) =>
        tf.batchNorm(
          x as tf.Tensor4D,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          seed % 3 ? offset as tf.Tensor1D : undefined,
          seed % 2 ? scale as tf.Tensor1D : undefined,
          0.01,
        ),
      { seed, inputs: [{ shape }, channel, channel, channel, channel], tolerance: 1e-4 },
    );
  }
});

Deno.test("softmax agrees with 64-bit arithmetic, for large values too, and so does its gradient", async () => {
  await tf.setBackend("wasm");
  const random = generator(6), rows = 7, width = 37;
  for (const spread of [1, 30, 3000]) {
    const x = draw(random, rows * width, -spread, spread), weight = draw(random, rows * width);
    tf.tidy(() => {
      const t = tf.tensor2d(x, [rows, width]), w = tf.tensor2d(weight, [rows, width]);
      const y = tf.softmax(t).dataSync();
      const gradient = tf.grad((t: tf.Tensor) => tf.sum(tf.mul(tf.softmax(t), w)).asScalar())(t).dataSync();
      for (let r = 0; r < rows; r++) {
        const row = [...x.subarray(r * width, (r + 1) * width)], largest = Math.max(...row);
        const e = row.map((v) => Math.exp(v - largest)), total = e.reduce((a, b) => a + b, 0);
        const p = e.map((v) => v / total),
          mixed = p.reduce((sum, v, i) => sum + v * weight[r * width + i], 0);
        p.forEach((v, i) => {
          const k = r * width + i;
          assert.ok(Math.abs(y[k] - v) < 2e-6, `${y[k]}, not ${v}`);
          assert.ok(Math.abs(gradient[k] - v * (weight[k] - mixed)) < 2e-6, `gradient ${k}`);
        });
      }
    });
  }
});

Deno.test("normalisations refuse shapes that do not fit, with a sentence", () => {
  const x = tf.zeros([2, 3]);
  assert.throws(() => layerNorm(x, tf.ones([2]), null), /gain of shape \[3\]/);
  assert.throws(() => batchNorm(x, null, tf.ones([2])), /offset of shape \[3\]/);
  assert.throws(() => layerNorm(x, null, null, { epsilon: 0 }), /positive epsilon/);
  x.dispose();
});

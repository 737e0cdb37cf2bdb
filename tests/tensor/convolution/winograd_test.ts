import assert from "node:assert/strict";
import { tf } from "../../../lib/tensor/mod.ts";
import { agree, generator, integer } from "../wasm/compare.ts";

Deno.test("3 x 3 filters on many channels agree with the cpu backend at all sizes, with their gradients", async () => {
  for (let seed = 1; seed <= 6; seed++) {
    const random = generator(seed), pad = seed % 2 ? "same" : "valid";
    const channels = 4 * integer(random, 4, 9), columns = 16 * integer(random, 1, 4);
    const sides = [integer(random, 5, 10), integer(random, 5, 10)];
    await agree(
      (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, pad),
      {
        seed,
        inputs: [
          { shape: [integer(random, 1, 5), ...sides, channels] },
          { shape: [3, 3, channels, columns] },
        ],
        gradient: true,
        tolerance: 3e-4,
      },
    );
  }
});

/** Root of the mean squared difference over that of the values, and the largest difference over that. */
function errors(found: ArrayLike<number>, exact: Float64Array): { typical: number; worst: number } {
  let squares = 0, size = 0, worst = 0;
  exact.forEach((value, i) => {
    squares += (found[i] - value) ** 2;
    size += value * value;
    worst = Math.max(worst, Math.abs(found[i] - value));
  });
  const root = Math.sqrt(size / exact.length);
  return { typical: Math.sqrt(squares / exact.length) / root, worst: worst / root };
}

Deno.test("the rounding error of the 3 x 3 convolution with 64 channels stays within its stated bound", async () => {
  await tf.setBackend("wasm");
  const random = generator(2), side = 12, channels = 64, columns = 32;
  // Not centred, as after a rectifier: the harder case.
  const x = Float32Array.from({ length: side * side * channels }, random);
  const w = Float32Array.from({ length: 9 * channels * columns }, () => random() - 0.5);
  const exact = new Float64Array(side * side * columns), slope = new Float64Array(w.length);
  const dy = Float32Array.from({ length: exact.length }, () => random() - 0.5);
  for (let y = 0; y < side; y++) {
    for (let z = 0; z < side; z++) {
      for (let tap = 0; tap < 9; tap++) {
        const row = y + Math.floor(tap / 3) - 1, column = z + tap % 3 - 1;
        if (row < 0 || row >= side || column < 0 || column >= side) continue;
        for (let c = 0; c < channels; c++) {
          const value = x[(row * side + column) * channels + c];
          for (let n = 0; n < columns; n++) {
            const at = (tap * channels + c) * columns + n, out = (y * side + z) * columns + n;
            exact[out] += value * w[at];
            slope[at] += value * dy[out];
          }
        }
      }
    }
  }
  tf.tidy(() => {
    const input = tf.tensor4d(x, [1, side, side, channels]),
      filter = tf.tensor4d(w, [3, 3, channels, columns]);
    const forward = errors(tf.conv2d(input, filter, 1, "same").dataSync(), exact);
    const gradient = tf.grad((f: tf.Tensor) =>
      tf.sum(tf.mul(tf.conv2d(input, f as tf.Tensor4D, 1, "same"), tf.tensor(dy, [1, side, side, columns])))
        .asScalar()
    )(filter);
    const backward = errors(gradient.dataSync(), slope);
    assert.ok(forward.typical < 2e-6 && forward.worst < 1e-5, JSON.stringify(forward));
    assert.ok(backward.typical < 2e-6 && backward.worst < 1e-5, JSON.stringify(backward));
  });
});

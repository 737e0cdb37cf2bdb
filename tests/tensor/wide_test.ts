// The wide module, in processes that V8 is told to join vectors in: the same tests, and the same bits.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startedWide, tf, useBackend, type WasmBackend, WIDE_FLAGS } from "../../lib/tensor/mod.ts";

const wide = { DENO_V8_FLAGS: WIDE_FLAGS.join(",") };
const here = fileURLToPath(new URL(".", import.meta.url));

async function deno(args: string[], env: Record<string, string>): Promise<{ code: number; printed: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    env: { NO_COLOR: "1", EPHEMERA_BACKEND: "wasm", ...env },
    cwd: here,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, printed: text(stdout) + text(stderr) };
}

// Elsewhere than on x86-64 V8 does not know the flags and refuses to start.
const known = (await deno(["eval", "0"], wide)).code === 0;

/** Trains a small network of every kind of wide tile for three steps and prints a digest of each weight. */
const training = `
  import { adam, gru, lstm, tf, useBackend, type WasmBackend } from "../../lib/tensor/mod.ts";
  await useBackend("wasm", { threads: 2, quiet: true });
  console.log((tf.backend() as unknown as WasmBackend).engine.wide);
  const draw = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 0.3, "float32", seed);
  const weights = [
    draw([3, 3, 16, 32], 1), draw([3, 3, 32, 40], 2), draw([40, 60], 3), draw([20, 60], 4), draw([2, 60], 5),
    draw([20, 76], 6), draw([19, 76], 7), draw([76], 8), draw([19, 37], 9), draw([5, 5, 40, 7], 10),
  ].map((value) => tf.variable(value));
  const [c1, c2, wg, ug, bg, wl, ul, bl, head, c3] = weights;
  const images = draw([6, 13, 11, 16], 11), optimizer = tf.train.sgd(0.001);
  for (let step = 0; step < 3; step++) {
    optimizer.minimize(() => {
      const planes = tf.relu(tf.conv2d(tf.relu(tf.conv2d(images as tf.Tensor4D, c1 as tf.Tensor4D, 1, "same")),
        c2 as tf.Tensor4D, 1, "same")) as tf.Tensor4D;
      const extra = tf.conv2d(planes, c3 as tf.Tensor4D, 2, "valid");
      const sequence = tf.reshape(tf.mean(planes, 2), [6, 13, 40]) as tf.Tensor3D;
      const states = gru(sequence, wg as tf.Tensor2D, ug as tf.Tensor2D, bg, { returnSequences: true, resetAfter: true });
      const last = lstm(states as tf.Tensor3D, wl as tf.Tensor2D, ul as tf.Tensor2D, bl as tf.Tensor1D);
      return tf.add(tf.mean(tf.square(tf.matMul(last as tf.Tensor2D, head as tf.Tensor2D))),
        tf.mean(tf.square(extra))) as tf.Scalar;
    });
  }
  for (const weight of weights) {
    const digest = await crypto.subtle.digest("SHA-256", weight.dataSync().slice().buffer);
    console.log(weight.shape.join("x"), new Uint8Array(digest).toHex());
  }
`;

async function train(env: Record<string, string>): Promise<string[]> {
  const file = await Deno.makeTempFile({ dir: here, suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, training);
    const { code, printed } = await deno(["run", "-A", "--no-check", "--quiet", file], env);
    assert.equal(code, 0, printed);
    return printed.trim().split("\n");
  } finally {
    await Deno.remove(file);
  }
}

Deno.test({
  name: "training in a process with wide vectors gives the same bits",
  ignore: !known || startedWide(),
  fn: async () => {
    const [flag, ...bits] = await train(wide), [plainFlag, ...plainBits] = await train({});
    assert.deepEqual([flag, plainFlag], ["true", "false"]);
    assert.equal(bits.length, 10);
    assert.deepEqual(bits, plainBits);
  },
});

Deno.test({
  name: "products, convolutions, recurrences and attention pass their tests in a process with wide vectors",
  ignore: !known || startedWide(),
  fn: async () => {
    const args = [
      "test",
      "-A",
      "--quiet",
      "--no-check",
      "wasm/matmul_test.ts",
      "recurrent",
      "convolution",
      "attention",
    ];
    const { code, printed } = await deno(args, wide);
    assert.equal(code, 0, printed);
    assert.match(printed, /ok \| [1-9]\d* passed \| 0 failed/);
  },
});

Deno.test("the wide module computes the same without V8's flags too", async () => {
  const compute = async (asked: boolean) => {
    await useBackend("wasm", { threads: 1, wide: asked, quiet: true });
    const { engine } = tf.backend() as unknown as WasmBackend;
    assert.equal(engine.wide, asked);
    return tf.tidy(() => {
      const a = tf.randomNormal([37, 41], 0, 1, "float32", 1),
        b = tf.randomNormal([41, 29], 0, 1, "float32", 2);
      return Array.from(tf.matMul(a, b).dataSync());
    });
  };
  const wideProduct = await compute(true), plainProduct = await compute(false);
  assert.deepEqual(wideProduct, plainProduct);
  tf.removeBackend("wasm");
});

Deno.test("the deterministic arithmetic has no wide module", async () => {
  await useBackend("wasm", { threads: 1, deterministic: true, wide: true, quiet: true });
  assert.equal((tf.backend() as unknown as WasmBackend).engine.wide, false);
  tf.removeBackend("wasm");
});

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

/** What the program beside this file prints: whether the module is the wide one, and a digest of each trained weight. */
async function train(env: Record<string, string>): Promise<string[]> {
  const { code, printed } = await deno(["run", "-A", "--no-check", "--quiet", "wide_training.ts"], env);
  assert.equal(code, 0, printed);
  return printed.trim().split("\n");
}

Deno.test({
  name: "training in a process with wide vectors gives the same bits",
  ignore: !known || startedWide(),
  fn: async () => {
    const [flag, ...bits] = await train(wide), [plainFlag, ...plainBits] = await train({});
    assert.deepEqual([flag, plainFlag], ["true", "false"]);
    assert.equal(bits.length, 11);
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

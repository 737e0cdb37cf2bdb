import assert from "node:assert/strict";
import { tf, useBackend } from "../../lib/tensor/mod.ts";

const quiet = true;

async function withEnvironment(name: string, value: string, run: () => Promise<void>): Promise<void> {
  const before = Deno.env.get(name);
  Deno.env.set(name, value);
  try {
    await run();
  } finally {
    if (before === undefined) Deno.env.delete(name);
    else Deno.env.set(name, before);
  }
}

/** Runs a program in a process of its own and returns what it printed. */
async function runProgram(
  source: string,
  env: Record<string, string> = {},
  permissions = ["-A"],
): Promise<string> {
  const file = await Deno.makeTempFile({ dir: import.meta.dirname, suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, source);
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--no-prompt", ...permissions, file],
      env: { NO_COLOR: "1", ...env },
      signal: AbortSignal.timeout(20_000),
    });
    const { code, stdout, stderr } = await command.output();
    const printed = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.equal(code, 0, printed);
    return printed;
  } finally {
    await Deno.remove(file);
  }
}

const product = `
  const a = tf.randomNormal([300, 400], 0, 1, "float32", 1), b = tf.randomNormal([400, 500], 0, 1, "float32", 2);
  const sum = tf.matMul(a, b).abs().sum().dataSync()[0];
`;

Deno.test("each backend that is always there can be asked for by name", async () => {
  for (const name of ["cpu", "wasm"] as const) {
    const description = await useBackend(name, { quiet });
    assert.equal(description.name, name);
    assert.equal(tf.getBackend(), name);
    assert.equal(description.reason, "asked for");
  }
});

Deno.test("auto chooses wasm or an installed TensorFlow, and says why", async () => {
  const description = await useBackend("auto", { quiet });
  assert.ok(["wasm", "tensorflow"].includes(description.name));
  assert.match(description.reason, /installed|load/);
  await useBackend("wasm", { quiet });
});

Deno.test("EPHEMERA_BACKEND decides where the program says auto, and a wrong value is refused", async () => {
  await withEnvironment("EPHEMERA_BACKEND", "cpu", async () => {
    assert.equal((await useBackend("auto", { quiet })).name, "cpu");
    assert.equal((await useBackend("wasm", { quiet })).name, "wasm");
  });
  await withEnvironment("EPHEMERA_BACKEND", "gpu", async () => {
    await assert.rejects(
      useBackend("auto", { quiet }),
      /one of auto, tensorflow.*found "gpu".*EPHEMERA_BACKEND/,
    );
  });
});

Deno.test("asking for another number of threads replaces the wasm backend", async () => {
  const one = await useBackend("wasm", { quiet, threads: 1 });
  assert.equal(one.threads, 1);
  const single = tf.tidy(() => tf.matMul(tf.ones([200, 300]), tf.ones([300, 200])).sum().dataSync()[0]);
  const three = await useBackend("wasm", { quiet, threads: 3 });
  assert.equal(three.threads, 3);
  const triple = tf.tidy(() => tf.matMul(tf.ones([200, 300]), tf.ones([300, 200])).sum().dataSync()[0]);
  assert.equal(single, 200 * 200 * 300);
  assert.equal(triple, single);
  await useBackend("wasm", { quiet, threads: navigator.hardwareConcurrency });
});

Deno.test("asking again for the same backend keeps it, also where the deterministic arithmetic has no wide module", async () => {
  const options = { threads: 1, deterministic: true, wide: true, quiet };
  await useBackend("wasm", options);
  const kept = tf.tensor1d([1, 2, 3]);
  await useBackend("wasm", options);
  assert.deepEqual(Array.from(kept.dataSync()), [1, 2, 3]);
  tf.removeBackend("wasm");
});

Deno.test("a number of threads that is none is refused", async () => {
  await assert.rejects(useBackend("wasm", { quiet, threads: 0 }), /threads from 1 to 256/);
  await withEnvironment("EPHEMERA_THREADS", "many", async () => {
    await assert.rejects(useBackend("wasm", { quiet }), /EPHEMERA_THREADS/);
  });
});

Deno.test("a program that used the threads ends by itself, and prints no banner", async () => {
  const source =
    `import { tf } from "../../lib/tensor/mod.ts"; ${product} console.log("sum", sum > 0, tf.getBackend());`;
  for (const threads of ["1", "2", "4"]) {
    assert.equal(await runProgram(source, { EPHEMERA_THREADS: threads }), "sum true wasm\n");
  }
});

Deno.test("a tensor program needs no permissions beyond reading its own files", async () => {
  const source =
    `import { tf } from "../../lib/tensor/mod.ts"; ${product} console.log("sum", sum > 0, tf.getBackend());`;
  const printed = await runProgram(source, {}, ["--allow-read"]);
  assert.match(printed, /sum true wasm/);
});

Deno.test("the choice is printed once", async () => {
  const source = `import { useBackend } from "../../lib/tensor/mod.ts";
    await useBackend("wasm", { threads: 2 }); await useBackend("wasm", { threads: 2 });`;
  const printed = await runProgram(source);
  assert.match(printed, /^Tensors: wasm \(WebAssembly (wide )?SIMD kernels, 2 threads\), asked for\.\n$/);
});

Deno.test("the same seed gives the same bits with any schedule of the threads", async () => {
  const source = `import { tf } from "../../lib/tensor/mod.ts"; ${product} console.log(sum);`;
  const runs = new Set<string>();
  for (let i = 0; i < 3; i++) {
    runs.add(await runProgram(source, { EPHEMERA_THREADS: "3", EPHEMERA_DETERMINISTIC: "1" }));
  }
  assert.equal(runs.size, 1);
});

/** Programs on WebGPU run in processes of their own, ended at once: some software drivers crash while they are torn down. */
const webgpu = `import { tf, useBackend } from "../../lib/tensor/mod.ts";
  await useBackend("webgpu", { quiet: true });
`;

const adapter = await runProgram("console.log(!!await navigator.gpu?.requestAdapter()); Deno.exit(0);");
const withAdapter = adapter.trim() === "true";

Deno.test({
  name: "asking for WebGPU without an adapter says what is missing",
  ignore: withAdapter,
  fn: () => assert.rejects(useBackend("webgpu", { quiet }), /a GPU adapter for WebGPU.*Vulkan/),
});

Deno.test({
  name: "WebGPU computes (needs a GPU adapter)",
  ignore: !withAdapter,
  async fn() {
    const printed = await runProgram(`${webgpu}
      console.log((await tf.matMul(tf.ones([3, 4]), tf.ones([4, 2])).data()).join()); Deno.exit(0);`);
    assert.match(printed, /4,4,4,4,4,4/);
  },
});

Deno.test({
  name: "a network on WebGPU learns as it does on the cpu backend (needs a GPU adapter)",
  ignore: !withAdapter,
  async fn() {
    const printed = await runProgram(`${webgpu}
    const train = async (backend) => {
      await tf.setBackend(backend);
      const seeded = (seed) => tf.initializers.glorotUniform({ seed });
      const model = tf.sequential({ layers: [
        tf.layers.conv1d({ inputShape: [12, 3], filters: 8, kernelSize: 3, activation: "relu", kernelInitializer: seeded(1) }),
        tf.layers.gru({ units: 6, kernelInitializer: seeded(2), recurrentInitializer: seeded(3) }),
        tf.layers.dense({ units: 2, activation: "softmax", kernelInitializer: seeded(4) }),
      ] });
      const optimizer = tf.train.sgd(0.5), x = tf.randomNormal([16, 12, 3], 0, 1, "float32", 5);
      const y = tf.oneHot(tf.tensor1d(Array.from({ length: 16 }, (_, i) => i % 2), "int32"), 2), losses = [];
      for (let i = 0; i < 4; i++) {
        const loss = optimizer.minimize(() => tf.mean(tf.metrics.categoricalCrossentropy(y, model.apply(x))), true);
        losses.push((await loss.data())[0]);
      }
      return losses;
    };
    const expected = await train("cpu"), found = await train("webgpu");
    const worst = Math.max(...expected.map((value, i) => Math.abs(value - found[i])));
    console.log("found:", worst < 1e-4 && expected[3] < expected[0], expected.join(" "), found.join(" ")); Deno.exit(0);`);
    assert.match(printed, /found: true/);
  },
});

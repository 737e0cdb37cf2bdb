import assert from "node:assert/strict";
import { tf, useBackend, type WasmBackend } from "../../../lib/tensor/mod.ts";
import { agree } from "./compare.ts";

const library = Deno.env.get("EPHEMERA_BLAS");

Deno.test({
  name: "products through OpenBLAS agree with the cpu backend in all forms (needs EPHEMERA_BLAS)",
  ignore: library === undefined,
  async fn() {
    const { device } = await useBackend("wasm", { blas: library, quiet: true });
    assert.match(device, /products by/);
    assert.ok((tf.backend() as WasmBackend).engine.blas);
    for (const [ta, tb] of [[false, false], [true, false], [false, true], [true, true]]) {
      const a = ta ? [101, 113] : [113, 101], b = tb ? [127, 101] : [101, 127];
      await agree((x, y) => tf.matMul(x, y, ta, tb), {
        seed: 1,
        inputs: [{ shape: a }, { shape: b }],
        tolerance: 1e-4,
      });
      const batched = [{ shape: [3, ...a] }, { shape: [3, ...b] }];
      await agree((x, y) => tf.matMul(x, y, ta, tb), { seed: 2, inputs: batched, tolerance: 1e-4 });
      await agree((x, y) => tf.matMul(x, y, ta, tb), {
        seed: 3,
        inputs: [{ shape: [2, ...a] }, { shape: b }],
        tolerance: 1e-4,
      });
      await agree(
        (x, y, bias) =>
          tf.fused.matMul({
            a: x as tf.Tensor2D,
            b: y as tf.Tensor2D,
            transposeA: ta,
            transposeB: tb,
            bias,
            activation: "elu",
          }),
        { seed: 4, inputs: [{ shape: a }, { shape: b }, { shape: [127] }], tolerance: 1e-4 },
      );
    }
    await useBackend("wasm", { blas: "", quiet: true });
  },
});

Deno.test("a library that is not there is refused, and the backend stays", async () => {
  await useBackend("wasm", { blas: "", quiet: true });
  const before = tf.backend();
  await assert.rejects(
    useBackend("wasm", { blas: "/nowhere/libopenblas.so", quiet: true }),
    /OpenBLAS.*nowhere/,
  );
  assert.equal(tf.backend(), before);
});

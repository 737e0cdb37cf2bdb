import { tf, useBackend } from "../../../lib/tensor/mod.ts";
import { apply, assertClose, lossWeights, tensorsOf } from "./check.ts";
import { makeCase, parts, referenceStates } from "./reference.ts";

const adapter = await navigator.gpu?.requestAdapter();

Deno.test({
  name:
    "on WebGPU the composed recurrences give the states of a double-precision loop and the gradients of the cpu backend",
  ignore: !adapter,
  // The device lives as long as the process.
  sanitizeResources: false,
  sanitizeOps: false,
  fn: async () => {
    for (const cell of ["gru", "lstm"] as const) {
      for (const options of [{ resetAfter: cell === "gru" }, { hard: true, reverse: true, masked: true }]) {
        const c = makeCase({ cell, batch: 3, time: 5, features: 2, units: 6, ...options });
        const used = parts.filter((part) => part !== "initialCell" || cell === "lstm");
        const results: Record<string, Float32Array[]> = {};
        for (const backend of ["cpu", "webgpu"] as const) {
          await useBackend(backend, { quiet: true });
          const tensors = tensorsOf(c), weights = tf.tensor(lossWeights(c), [c.batch, c.time, c.units]);
          const loss = (...given: tf.Tensor[]) => tf.sum(tf.mul(apply(c, given), weights)) as tf.Scalar;
          const given = used.map((part) => tensors[part]);
          const all = [tf.tidy(() => apply(c, given)), ...tf.grads(loss)(given)];
          results[backend] = await Promise.all(all.map(async (each) => (await each.data()) as Float32Array));
          tf.dispose([all, tensors, weights]);
        }
        assertClose(results.webgpu[0], referenceStates(c), 5e-6, `${cell} states`);
        results.webgpu.slice(1).forEach((gradient, k) =>
          assertClose(gradient, results.cpu[k + 1], 2e-5, `${cell} gradient of ${used[k]}`)
        );
      }
    }
    await useBackend("wasm", { quiet: true });
  },
});

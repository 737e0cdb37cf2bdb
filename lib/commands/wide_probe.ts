// Prints how many billion operations a second a matrix product reaches on one thread. Started by wide.ts.
import { tf, useBackend } from "../tensor/mod.ts";

const size = 512, turns = 12;
await useBackend("wasm", { threads: 1, blas: "", deterministic: false, quiet: true });
const a = tf.ones([size, size]), b = tf.ones([size, size]);
let best = Infinity;
for (let turn = 0; turn < turns; turn++) {
  const begin = performance.now();
  tf.matMul(a, b).dispose();
  best = Math.min(best, performance.now() - begin);
}
console.log(2 * size ** 3 / 1e6 / best);

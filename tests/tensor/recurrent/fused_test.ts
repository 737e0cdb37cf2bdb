import { tf } from "../../../lib/tensor/mod.ts";
import { checkAgainstReference } from "./check.ts";
import { type CaseSettings, makeCase } from "./reference.ts";

const sizes: Pick<CaseSettings, "batch" | "time" | "features" | "units">[] = [
  { batch: 2, time: 4, features: 3, units: 5 },
  { batch: 1, time: 1, features: 1, units: 1 },
  { batch: 13, time: 3, features: 2, units: 8 },
  { batch: 7, time: 11, features: 9, units: 12 },
  // Longer than the chunks of steps that the kernels work on.
  { batch: 2, time: 70, features: 2, units: 3 },
];

for (const cell of ["gru", "lstm"] as const) {
  for (const resetAfter of cell === "gru" ? [false, true] : [false]) {
    const name = `${cell}${resetAfter ? " (reset after)" : ""}`;
    Deno.test(`the ${name} kernels give the values and gradients of a double-precision loop`, async () => {
      await tf.setBackend("wasm");
      for (const size of sizes) {
        for (const hard of [false, true]) {
          for (const reverse of [false, true]) {
            for (const masked of [false, true]) {
              for (const gates of ["keep", "recompute"] as const) {
                checkAgainstReference(makeCase({ cell, ...size, resetAfter, hard, reverse, masked }), {
                  gates,
                });
              }
            }
          }
        }
      }
    });
  }
}

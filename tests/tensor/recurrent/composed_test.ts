import { tf } from "../../../lib/tensor/mod.ts";
import { checkAgainstReference } from "./check.ts";
import { type CaseSettings, makeCase } from "./reference.ts";

const sizes: Pick<CaseSettings, "batch" | "time" | "features" | "units">[] = [
  { batch: 2, time: 4, features: 3, units: 5 },
  { batch: 1, time: 1, features: 1, units: 1 },
  { batch: 3, time: 3, features: 2, units: 4 },
];

for (const cell of ["gru", "lstm"] as const) {
  for (const resetAfter of cell === "gru" ? [false, true] : [false]) {
    const name = `${cell}${resetAfter ? " (reset after)" : ""}`;
    Deno.test(`the composed ${name} gives the values and gradients of a double-precision loop on the cpu backend`, async () => {
      await tf.setBackend("cpu");
      for (const size of sizes) {
        for (const hard of [false, true]) {
          for (const reverse of [false, true]) {
            for (const masked of [false, true]) {
              checkAgainstReference(makeCase({ cell, ...size, resetAfter, hard, reverse, masked }));
            }
          }
        }
      }
    });
  }
}

/** Trains the small model with a checkpoint every five steps, saying each step; its parent kills it on the way. */
import "./backend.ts";
import { smallParameters, trainSmall } from "./small_model.ts";

const [directory, epochs] = Deno.args;
const parameters = smallParameters();
await trainSmall(parameters, {
  epochs: Number(epochs),
  more: {
    checkpoint: { directory, everySteps: 5 },
    progress: {
      update(done) {
        Deno.stdout.writeSync(new TextEncoder().encode(`step ${done}\n`));
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20); // leaves the parent time to strike
      },
      finish() {},
    },
  },
});

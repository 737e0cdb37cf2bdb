// The recurrences on native TensorFlow, as graphs and, the way a GPU takes them, operation by operation; skipped by name
// where `deno task setup:tensorflow` has not been run.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { gru, lstm, tf, useBackend } from "../../../lib/tensor/mod.ts";
import {
  hasNativeOperations,
  NativeScope,
  runProgram,
  tensorFlowFolder,
} from "../../../lib/tensor/native/mod.ts";
import { apply, checkAgainstReference, gradientsOf, lossWeights, tensorsOf } from "../recurrent/check.ts";
import { type CaseSettings, makeCase } from "../recurrent/reference.ts";

const installed = existsSync(join(tensorFlowFolder(), "setup.json"));
const test = (name: string, run: () => void | Promise<void>) =>
  Deno.test({
    name,
    ignore: !installed,
    sanitizeResources: false,
    sanitizeOps: false,
    async fn() {
      await useBackend("tensorflow", { quiet: true });
      await run();
    },
  });

/** Runs `work` the way it runs on a GPU. */
function operationByOperation(work: () => void): void {
  const backend = tf.backend() as unknown as { isUsingGpuDevice: boolean };
  const before = backend.isUsingGpuDevice;
  backend.isUsingGpuDevice = true;
  try {
    work();
  } finally {
    backend.isUsingGpuDevice = before;
  }
}

// 19 steps are programs of 16, 2 and 1.
const sizes: Pick<CaseSettings, "batch" | "time" | "features" | "units">[] = [
  { batch: 1, time: 1, features: 1, units: 1 },
  { batch: 2, time: 4, features: 3, units: 5 },
  { batch: 3, time: 19, features: 2, units: 3 },
];

for (const cell of ["gru", "lstm"] as const) {
  for (const resetAfter of cell === "gru" ? [false, true] : [false]) {
    const name = `${cell}${resetAfter ? " (reset after)" : ""}`;
    const all = () => {
      for (const size of sizes) {
        for (const hard of [false, true]) {
          for (const reverse of [false, true]) {
            for (const masked of [false, true]) {
              checkAgainstReference(makeCase({ cell, ...size, resetAfter, hard, reverse, masked }));
            }
          }
        }
      }
    };
    test(
      `the ${name} as graphs of native TensorFlow gives the values and gradients of a double-precision loop`,
      all,
    );
    test(`the ${name} as single operations of native TensorFlow gives them too`, () =>
      operationByOperation(all));

    test(`the last state of the native ${name} is that of all states, and so are its gradients`, () => {
      for (const reverse of [false, true]) {
        for (const masked of [false, true]) {
          const c = makeCase({
            cell,
            batch: 4,
            time: 18,
            features: 3,
            units: 16,
            resetAfter,
            reverse,
            masked,
          });
          const weights = lossWeights(c), at = reverse ? 0 : c.time - 1;
          // Weights that see the last state alone.
          const alone = weights.map((weight, k) => Math.floor(k / c.units) % c.time === at ? weight : 0);
          const found = tf.tidy(() => {
            const used = Object.entries(tensorsOf(c)).filter(([part]) =>
              part !== "initialCell" || cell === "lstm"
            );
            const w = tf.tensor(
              alone.filter((_, k) => Math.floor(k / c.units) % c.time === at),
              [c.batch, c.units],
            );
            const loss = (...given: tf.Tensor[]) =>
              tf.sum(tf.mul(apply(c, given, { returnSequences: false }), w)).asScalar();
            return tf.grads(loss)(used.map(([, tensor]) => tensor)).map((each) => each.dataSync());
          });
          gradientsOf(c, alone).forEach((expected, k) =>
            expected.forEach((value, i) =>
              assert.ok(Math.abs(found[k][i] - value) <= 1e-6 * Math.max(1, Math.abs(value)), `${k} ${i}`)
            )
          );
        }
      }
    });
  }
}

test("what stands in masked steps of a native recurrence has no effect, NaN included, and the states are repeated exactly", () => {
  const x = tf.randomNormal([2, 5, 3], 0, 1, "float32", 1),
    mask = tf.tensor2d([1, 1, 0, 1, 0, 0, 1, 0, 1, 1], [2, 5]);
  const spoilt = tf.where(tf.cast(mask, "bool").expandDims(2), x, tf.fill(x.shape, NaN)) as tf.Tensor3D;
  const kernel = (rows: number, gates: number, seed: number): tf.Tensor2D =>
    tf.randomNormal([rows, gates * 4], 0, 1, "float32", seed);
  for (
    const run of [
      (x: tf.Tensor3D) => gru(x, kernel(3, 3, 2), kernel(4, 3, 3), null, { mask, returnSequences: true }),
      (x: tf.Tensor3D) => lstm(x, kernel(3, 4, 2), kernel(4, 4, 3), null, { mask, returnSequences: true }),
    ]
  ) {
    const states = run(spoilt).arraySync() as number[][][];
    assert.deepEqual(states, run(x as tf.Tensor3D).arraySync());
    assert.deepEqual(states[0][2], states[0][1]);
    assert.deepEqual(states[0][4], states[0][3]);
    assert.deepEqual(states[1][2], states[1][1]);
  }
});

test("training steps of a native recurrence leave no tensor behind, neither of tfjs nor of TensorFlow", () => {
  const { binding } = tf.backend() as unknown as { binding: { getNumOfTensors(): number } };
  const c = makeCase({ cell: "lstm", batch: 3, time: 7, features: 2, units: 4, masked: true });
  const weights = lossWeights(c), counts: number[][] = [];
  const step = () => {
    gradientsOf(c, weights);
    counts.push([tf.memory().numTensors, binding.getNumOfTensors()]);
  };
  for (let k = 0; k < 3; k++) step();
  operationByOperation(() => {
    for (let k = 0; k < 3; k++) step();
  });
  counts.forEach((count) => assert.deepEqual(count, counts[0]));
});

test("an error in a native operation is thrown, and what was made before it is freed", () => {
  const { binding } = tf.backend() as unknown as { binding: { getNumOfTensors(): number } };
  assert.ok(hasNativeOperations());
  const a = tf.ones([2, 3]), b = tf.ones([2, 3]);
  const sum = tf.add(a, b), before = binding.getNumOfTensors();
  for (
    const compute of [
      (scope: NativeScope) => scope.product(scope.call("Neg", scope.of(a)), scope.of(b)),
      (scope: NativeScope) =>
        runProgram(scope, "test product", [scope.of(a), scope.of(b)], (operations, [a, b]) => [
          operations.product(operations.call("Neg", a), b),
        ])[0],
    ]
  ) {
    assert.throws(() => NativeScope.run(compute), /[Mm]atri|size/);
    assert.equal(binding.getNumOfTensors(), before);
  }
  tf.dispose([a, b, sum]);
});

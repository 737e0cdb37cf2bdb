import assert from "node:assert/strict";
import fc from "fast-check";
import { bidirectional, gru, lstm, tf, useBackend, type WasmBackend } from "../../../lib/tensor/mod.ts";
import { apply, assertClose, checkAgainstReference, gradientsOf, lossWeights, tensorsOf } from "./check.ts";
import { makeCase, numbers, parts, type RecurrenceCase } from "./reference.ts";

const wasm = (threads: number, deterministic = false) =>
  useBackend("wasm", { threads, deterministic, quiet: true });

function statesOf(c: RecurrenceCase, more = {}): Float32Array {
  const tensors = tensorsOf(c);
  try {
    return tf.tidy(() => apply(c, parts.map((part) => tensors[part]), more).dataSync() as Float32Array)
      .slice();
  } finally {
    tf.dispose(tensors);
  }
}

function copies(arrays: Float32Array[]): Float32Array[] {
  return arrays.map((array) => array.slice());
}

Deno.test("the kernels agree with the composed recurrences on the cpu backend over random sizes, threads and options", async () => {
  const sizes = fc.record({
    cell: fc.constantFrom("gru" as const, "lstm" as const),
    batch: fc.integer({ min: 1, max: 61 }),
    time: fc.integer({ min: 1, max: 9 }),
    features: fc.integer({ min: 1, max: 19 }),
    units: fc.integer({ min: 1, max: 35 }),
    resetAfter: fc.boolean(),
    hard: fc.boolean(),
    reverse: fc.boolean(),
    masked: fc.boolean(),
    seed: fc.integer({ min: 1, max: 1e6 }),
  });
  const property = async (
    settings: Parameters<typeof makeCase>[0],
    gates: "keep" | "recompute",
    threads: number,
  ) => {
    const c = makeCase({ ...settings, resetAfter: settings.cell === "gru" && settings.resetAfter });
    const weights = lossWeights(c);
    await tf.setBackend("cpu");
    const expectedStates = statesOf(c), expected = copies(gradientsOf(c, weights));
    await wasm(threads);
    assertClose(statesOf(c, { gates }), expectedStates, 2e-6, "states");
    gradientsOf(c, weights, { gates }).forEach((gradient, k) =>
      assertClose(gradient, expected[k], 1e-5, `gradient of ${parts[k]}`)
    );
  };
  const gates = fc.constantFrom("keep" as const, "recompute" as const);
  await fc.assert(fc.asyncProperty(sizes, gates, fc.integer({ min: 1, max: 3 }), property), {
    numRuns: 30,
    seed: 11,
  });
});

Deno.test("a step large enough for several threads is the same bits every time, and agrees between thread counts", async () => {
  for (const cell of ["gru", "lstm"] as const) {
    const c = makeCase({ cell, batch: 77, time: 9, features: 17, units: 33, masked: true });
    const weights = lossWeights(c), results: Float32Array[][] = [];
    for (const threads of [1, 2, 3]) {
      await wasm(threads);
      const first = copies(gradientsOf(c, weights));
      for (let again = 0; again < 3; again++) {
        assert.deepEqual(gradientsOf(c, weights), first, `${threads} threads`);
      }
      results.push(first);
    }
    for (const other of results.slice(1)) {
      other.forEach((gradient, k) =>
        assertClose(gradient, results[0][k], 3e-6, `${cell}, gradient of ${parts[k]}`)
      );
    }
  }
  await wasm(navigator.hardwareConcurrency);
});

Deno.test("the module without relaxed arithmetic gives the same recurrences", async () => {
  await wasm(2, true);
  for (const cell of ["gru", "lstm"] as const) {
    checkAgainstReference(
      makeCase({ cell, batch: 7, time: 5, features: 3, units: 6, masked: true, resetAfter: cell === "gru" }),
    );
  }
  await wasm(navigator.hardwareConcurrency);
});

Deno.test("the last state is that of the last step taken, in value and gradient", async () => {
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    for (const cell of ["gru", "lstm"] as const) {
      for (const reverse of [false, true]) {
        for (const gates of ["keep", "recompute"] as const) {
          const c = makeCase({ cell, batch: 8, time: 5, features: 3, units: 6, reverse, masked: true });
          const tensors = tensorsOf(c), used = parts.filter((part) => tensors[part].size > 0);
          const given = used.map((part) => tensors[part]), w = tf.tensor2d(numbers(4)(48), [8, 6]);
          const short = (...x: tf.Tensor[]) =>
            tf.sum(tf.mul(apply(c, x, { returnSequences: false, gates }), w)) as tf.Scalar;
          const long = (...x: tf.Tensor[]) => {
            const states = apply(c, x, { gates }) as tf.Tensor3D;
            return tf.sum(
              tf.mul(tf.reshape(tf.slice(states, [0, reverse ? 0 : 4, 0], [8, 1, 6]), [8, 6]), w),
            ) as tf.Scalar;
          };
          const expected = tf.grads(long)(given), found = tf.grads(short)(given);
          assertClose(short(...given).dataSync(), long(...given).dataSync(), 1e-6, "loss");
          found.forEach((g, k) =>
            assertClose(g.dataSync(), expected[k].dataSync(), 3e-6, `${backend} d ${used[k]}`)
          );
        }
      }
    }
  }
});

Deno.test("what stands at masked steps has no effect, NaN included, and a sequence without any step keeps its initial state", async () => {
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    for (const cell of ["gru", "lstm"] as const) {
      const c = makeCase({ cell, batch: 4, time: 6, features: 3, units: 5, masked: true });
      for (let t = 0; t < 6; t++) c.mask![t] = 0;
      const poisoned = { ...c, x: c.x.map((value, k) => c.mask![Math.floor(k / 3)] ? value : NaN) };
      const weights = lossWeights(c);
      for (const gates of ["keep", "recompute"] as const) {
        const states = statesOf(poisoned, { gates });
        assert.deepEqual(states, statesOf(c, { gates }));
        for (let t = 0; t < 6; t++) {
          assert.deepEqual(
            states.slice(t * 5, t * 5 + 5),
            Float32Array.from(c.initial.slice(0, 5)),
            `${cell} step ${t}`,
          );
        }
        const gradients = copies(gradientsOf(poisoned, weights, { gates }));
        assert.deepEqual(gradients, gradientsOf(c, weights, { gates }));
        gradients[0].forEach((value, k) =>
          c.mask![Math.floor(k / 3)] || assert.ok(value === 0, `${cell} d x[${k}]`)
        );
      }
    }
  }
});

Deno.test("sigmoid and tanh of the kernels are within 2e-7 everywhere, and NaN stays NaN", async () => {
  await tf.setBackend("wasm");
  const points = [
    ...Array.from({ length: 4001 }, (_, k) => (k - 2000) / 66),
    1e4,
    -1e4,
    1e30,
    -1e30,
    1e-30,
  ];
  const x = tf.tensor3d(points, [points.length, 1, 1]);
  // h' = z h + (1 - z) c with c = 0 and h = 1 is z; with z = 0 it is c.
  const sigmoid = gru(x, tf.tensor2d([[1, 0, 0]]), tf.zeros([1, 3]), null, {
    initialState: tf.ones([points.length, 1]),
  });
  const tanh = gru(x, tf.tensor2d([[0, 0, 1]]), tf.zeros([1, 3]), tf.tensor1d([-1e9, 0, 0]));
  const check = (found: ArrayLike<number>, expected: (x: number) => number, what: string) =>
    points.forEach((at, k) => {
      const exact = expected(Math.fround(at));
      assert.ok(Math.abs(found[k] - exact) <= 2e-7, `${what}(${at}) is ${found[k]}, expected ${exact}`);
    });
  check(sigmoid.dataSync(), (at) => 1 / (1 + Math.exp(-at)), "sigmoid");
  check(tanh.dataSync(), Math.tanh, "tanh");
  const nan = gru(tf.tensor3d([NaN], [1, 1, 1]), tf.tensor2d([[1, 1, 1]]), tf.zeros([1, 3]), null);
  assert.ok(Number.isNaN(nan.dataSync()[0]));
});

Deno.test("a gradient that fades over many steps ends at zero and not among the subnormal numbers", async () => {
  await tf.setBackend("wasm");
  const time = 300, x = tf.zeros([3, time, 1]) as tf.Tensor3D;
  const tiny = (values: ArrayLike<number>) =>
    Array.from(values).filter((v) => v !== 0 && Math.abs(v) < 1.2e-38);
  const forward = gru(x, tf.zeros([1, 6]), tf.zeros([2, 6]), null, {
    initialState: tf.ones([3, 2]),
    returnSequences: true,
  });
  assert.deepEqual(tiny(forward.dataSync()), []);
  assert.equal(forward.dataSync().at(-1), 0);
  const run = (initial: tf.Tensor) =>
    tf.sum(gru(x, tf.zeros([1, 6]), tf.fill([2, 6], 0.1), null, { initialState: initial as tf.Tensor2D }));
  const gradient = tf.grad(run)(tf.ones([3, 2])).dataSync();
  assert.deepEqual(tiny(gradient), []);
  assert.equal(gradient[0], 0);
});

Deno.test("the gradient of the input is computed only when somebody asks for it", async () => {
  await tf.setBackend("wasm");
  const original = tf.getKernel("EphemeraGruBackward", "wasm");
  const asked: boolean[] = [];
  tf.unregisterKernel("EphemeraGruBackward", "wasm");
  tf.registerKernel({
    ...original,
    kernelFunc: (call) => {
      asked.push((call.attrs as { inputGradient: boolean }).inputGradient);
      return original.kernelFunc(call);
    },
  });
  try {
    const c = makeCase({ cell: "gru", batch: 2, time: 3, features: 2, units: 3 }), tensors = tensorsOf(c);
    const [x, ...rest] = parts.slice(0, 5).map((part) => tensors[part]);
    const sum = (...all: tf.Tensor[]) => tf.sum(apply(c, all)) as tf.Scalar;
    const all = tf.grads(sum)([x, ...rest]);
    const weights = tf.grads((...given) => sum(x, ...given))(rest);
    const input = tf.grad((given) => sum(given, ...rest))(x);
    assert.deepEqual(asked, [true, false, true]);
    weights.forEach((gradient, k) => assert.deepEqual(gradient.dataSync(), all[k + 1].dataSync()));
    assert.deepEqual(input.dataSync(), all[0].dataSync());
  } finally {
    tf.unregisterKernel("EphemeraGruBackward", "wasm");
    tf.registerKernel(original);
  }
});

Deno.test("no tensor and no byte stays behind after training steps and predictions", async () => {
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    for (const cell of ["gru", "lstm"] as const) {
      const c = makeCase({ cell, batch: 9, time: 4, features: 3, units: 6, masked: true }),
        weights = lossWeights(c);
      const heap = backend === "wasm" ? (tf.backend() as WasmBackend).engine.heap : null;
      const step = () => {
        gradientsOf(c, weights, { gates: "keep" });
        gradientsOf(c, weights, { gates: "recompute" });
        statesOf(c);
        const tensors = tensorsOf(c);
        tf.dispose(
          tf.grad((x) => tf.sum(apply(c, [x, ...parts.slice(1).map((part) => tensors[part])])))(tensors.x),
        );
        tf.dispose(tensors);
      };
      step();
      const tensors = tf.memory().numTensors, bytes = heap?.bytesInUse;
      for (let k = 0; k < 5; k++) step();
      assert.equal(tf.memory().numTensors, tensors, `${backend} ${cell} tensors`);
      assert.equal(heap?.bytesInUse, bytes, `${backend} ${cell} bytes`);
    }
  }
});

Deno.test("bidirectional joins or adds the two directions", async () => {
  await tf.setBackend("wasm");
  const x = tf.tensor3d(numbers(2)(24), [2, 4, 3]), kernel = tf.tensor2d(numbers(3)(48), [3, 16]);
  const recurrent = tf.tensor2d(numbers(5)(64), [4, 16]);
  const one = (reverse: boolean) => lstm(x, kernel, recurrent, null, { reverse, returnSequences: true });
  const ahead = one(false).dataSync(), back = one(true).dataSync();
  const joined = bidirectional(() => one(false), () => one(true)),
    added = bidirectional(() => one(false), () => one(true), { merge: "sum" });
  assert.deepEqual(joined.shape, [2, 4, 8]);
  const flat = joined.dataSync();
  ahead.forEach((value, k) => {
    const row = Math.floor(k / 4) * 8 + k % 4;
    assert.equal(flat[row], value);
    assert.equal(flat[row + 4], back[k]);
  });
  assertClose(added.dataSync(), ahead.map((value, k) => value + back[k]), 1e-7, "sum");
});

Deno.test("integer inputs are taken as numbers", async () => {
  await tf.setBackend("wasm");
  const kernel = tf.tensor2d(numbers(3)(12), [2, 6]), recurrent = tf.tensor2d(numbers(5)(12), [2, 6]);
  const counts = tf.tensor3d([1, 2, 3, 0, 5, 1], [1, 3, 2], "int32");
  const found = gru(counts, kernel, recurrent, null).dataSync();
  assert.deepEqual(found, gru(tf.cast(counts, "float32"), kernel, recurrent, null).dataSync());
});

Deno.test("shapes that do not fit are refused with both shapes", () => {
  const x = tf.zeros([2, 3, 4]) as tf.Tensor3D,
    kernel = tf.zeros([4, 6]) as tf.Tensor2D,
    recurrent = tf.zeros([2, 6]) as tf.Tensor2D;
  const bias = tf.zeros([6]);
  assert.throws(
    () => gru(tf.zeros([2, 3]) as unknown as tf.Tensor3D, kernel, recurrent, bias),
    /\[batch, time, features\].*\[2, 3\]/,
  );
  assert.throws(() => gru(x, tf.zeros([3, 6]), recurrent, bias), /kernel of shape \[4, 6\], found \[3, 6\]/);
  assert.throws(
    () => gru(x, kernel, tf.zeros([2, 8]), bias),
    /recurrent kernel of shape \[2, 6\], found \[2, 8\]/,
  );
  assert.throws(
    () => gru(x, kernel, recurrent, bias, { resetAfter: true }),
    /bias of shape \[2, 6\], found \[6\]/,
  );
  assert.throws(
    () => gru(x, kernel, recurrent, bias, { initialState: tf.zeros([1, 2]) }),
    /initial state of shape \[2, 2\]/,
  );
  assert.throws(
    () => gru(x, kernel, recurrent, bias, { mask: tf.zeros([3, 2]) }),
    /mask of shape \[2, 3\], found \[3, 2\]/,
  );
  assert.throws(() => lstm(x, kernel, recurrent, null), /recurrent kernel of shape \[2, 8\], found \[2, 6\]/);
});

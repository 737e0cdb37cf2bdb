import assert from "node:assert/strict";
import fc from "fast-check";
import { tf } from "./backend.ts";
import { Random } from "../../../lib/core/mod.ts";
import { plainArray } from "../../../lib/tensor/interchange/mod.ts";
import {
  adam,
  type AdamOptions,
  appendRow,
  arrayBatches,
  assignParameters,
  batchGradients,
  clipGradients,
  constant,
  cosineDecay,
  countParameters,
  createParameters,
  describeParameters,
  disposeParameters,
  dropoutMask,
  exponentialDecay,
  glorotUniform,
  gradientNorm,
  hashKey,
  heNormal,
  normal,
  orthogonal,
  parametersFromArrays,
  peakBytes,
  piecewiseConstant,
  readParameters,
  registerAdam,
  scheduleAt,
  selectParameters,
  type StepContext,
  zeros,
} from "../../../lib/tensor/training/mod.ts";

/** Steps of Adam with the same gradients by textbook formulas in float64, one scalar at a time. */
function adamByHand(start: number[], gradients: number[][], options: AdamOptions): number[] {
  const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  return start.map((p, i) => {
    let m = 0, v = 0, largest = 0;
    gradients.forEach((g, t) => {
      const rate = scheduleAt(learningRate, t);
      m = beta1 * m + (1 - beta1) * g[i];
      v = beta2 * v + (1 - beta2) * g[i] ** 2;
      largest = Math.max(largest, v);
      const root = Math.sqrt((options.amsgrad ? largest : v) / (1 - beta2 ** (t + 1)));
      p = p * (1 - rate * weightDecay) - rate * (m / (1 - beta1 ** (t + 1))) / (root + epsilon);
    });
    return p;
  });
}

async function adamSteps(start: number[], gradients: number[][], options: AdamOptions): Promise<number[]> {
  const parameters = parametersFromArrays(
    new Map([["x", plainArray([start.length], Float64Array.from(start))]]),
  );
  const optimizer = adam(options), state = optimizer.init(parameters);
  gradients.forEach((g, step) => {
    const gradient = tf.tensor1d(g);
    optimizer.update({ parameters, gradients: { x: gradient }, state, step });
    gradient.dispose();
  });
  const values = [...(await readParameters(parameters)).get("x")!.data].map(Number);
  disposeParameters(parameters);
  disposeParameters(state);
  return values;
}

Deno.test("adam() takes the textbook's steps, with and without AMSGrad, decay and schedule", async () => {
  const random = new Random(5);
  const start = Array.from({ length: 7 }, () => random.normal());
  // Gradients of falling size: where AMSGrad differs.
  const gradients = Array.from({ length: 12 }, (_, t) => start.map(() => random.normal() / (1 + t)));
  const settings: AdamOptions[] = [
    {},
    { learningRate: 0.1, beta1: 0.5, beta2: 0.9, epsilon: 1e-3 },
    { learningRate: 0.05, amsgrad: true, beta2: 0.8 },
    { learningRate: (step) => 0.1 / (step + 1), weightDecay: 0.3 },
  ];
  for (const options of settings) {
    const actual = await adamSteps(start, gradients, options);
    adamByHand(start, gradients, options).forEach((x, i) => assert.ok(Math.abs(actual[i] - x) < 2e-6));
  }
});

Deno.test("adam() agrees with the optimizer of tfjs-core on a quadratic", async () => {
  const ours = parametersFromArrays(new Map([["x", plainArray([3], Float32Array.of(1, -2, 3))]]));
  const theirs = tf.variable(tf.tensor1d([1, -2, 3]));
  const loss = (x: tf.Tensor) => tf.sum(tf.mul(tf.square(x), tf.tensor1d([1, 10, 100]))) as tf.Scalar;
  const optimizer = adam({ learningRate: 0.05, epsilon: 1e-7 }), state = optimizer.init(ours);
  const peer = tf.train.adam(0.05, 0.9, 0.999, 1e-7);
  for (let step = 0; step < 50; step++) {
    const { grads } = tf.variableGrads(() => loss(ours.x), [ours.x]);
    optimizer.update({ parameters: ours, gradients: { x: grads[ours.x.name] }, state, step });
    peer.minimize(() => loss(theirs), false, [theirs]);
  }
  const a = await ours.x.data(), b = await theirs.data();
  a.forEach((x, i) => assert.ok(Math.abs(x - b[i]) < 1e-4, `${x} ${b[i]}`));
});

Deno.test("parameter groups have their own rate and decay, the first that accepts a name counts", async () => {
  const parameters = createParameters({
    "a/x": constant([1], 1),
    "b/x": constant([1], 1),
    "c/x": constant([1], 1),
  }, { seed: 1 });
  const optimizer = adam({
    learningRate: 0.1,
    groups: [
      { accept: (name) => name.startsWith("a/"), learningRate: 0.5 },
      { accept: (name) => !name.startsWith("c/"), weightDecay: 1 },
    ],
  });
  const state = optimizer.init(parameters);
  const g = tf.tensor1d([2]);
  const rate = optimizer.update({ parameters, gradients: { "a/x": g, "b/x": g, "c/x": g }, state, step: 0 });
  const values = await readParameters(parameters);
  const value = (name: string) => Number(values.get(name)!.data[0]);
  assert.equal(rate, 0.1);
  assert.ok(Math.abs(value("a/x") - 0.5) < 1e-6);
  assert.ok(Math.abs(value("b/x") - 0.8) < 1e-6); // 1 (1 - 0.1) - 0.1
  assert.ok(Math.abs(value("c/x") - 0.9) < 1e-6);
  assert.throws(() => adam({ beta1: 1 }), /below 1, found 1 \(adam, beta1\)/);
});

Deno.test("a backend may take the whole Adam step itself", () => {
  const parameters = createParameters({ x: zeros([2]), y: zeros([3]) }, { seed: 1 });
  const optimizer = adam(), state = optimizer.init(parameters);
  const seen: string[] = [];
  registerAdam(
    "a backend of this test",
    (job) => void seen.push(`${job.slots.length} slots, ${job.correction1}`),
  );
  tf.registerBackend("a backend of this test", () => tf.findBackend("cpu"));
  try {
    tf.setBackend("a backend of this test");
    const gradients = { x: tf.ones([2]), y: tf.ones([3]) };
    optimizer.update({ parameters, gradients, state, step: 1 });
  } finally {
    tf.setBackend("cpu");
    delete tf.engine().registry["a backend of this test"];
  }
  assert.deepEqual(seen, [`2 slots, ${1 - 0.9 ** 2}`]);
});

Deno.test("orthogonal() gives orthonormal rows or columns, whichever are fewer", () => {
  const shapes = fc.tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 }), fc.integer());
  fc.assert(fc.property(shapes, ([rows, columns, seed]) => {
    const values = orthogonal([rows, columns]).draw(new Random(seed));
    const at = (i: number, j: number) => rows <= columns ? values[i * columns + j] : values[j * columns + i];
    const short = Math.min(rows, columns), long = Math.max(rows, columns);
    for (let a = 0; a < short; a++) {
      for (let b = 0; b < short; b++) {
        let dot = 0;
        for (let k = 0; k < long; k++) dot += at(a, k) * at(b, k);
        assert.ok(Math.abs(dot - Number(a === b)) < 1e-5);
      }
    }
  }));
});

Deno.test("random initializers have the spread that their references ask for", () => {
  const spread = (values: Float32Array) =>
    Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
  const glorot = glorotUniform([100, 300]).draw(new Random(1)), limit = Math.sqrt(6 / 400);
  assert.ok(glorot.every((x) => Math.abs(x) <= limit) && Math.max(...glorot) > 0.999 * limit);
  assert.ok(Math.abs(spread(glorot) / (limit / Math.sqrt(3)) - 1) < 0.01);
  assert.ok(Math.abs(spread(heNormal([100, 300]).draw(new Random(1))) / Math.sqrt(2 / 100) - 1) < 0.02);
  assert.ok(Math.abs(spread(heNormal([3, 3, 10, 300]).draw(new Random(1))) / Math.sqrt(2 / 90) - 1) < 0.02);
  assert.ok(Math.abs(spread(normal([40, 500], 0.3).draw(new Random(2))) / 0.3 - 1) < 0.02);
});

Deno.test("a parameter's first values depend on seed and name, not on its neighbours", async () => {
  const one = createParameters({ a: glorotUniform([3, 3]), b: glorotUniform([3, 3]) }, { seed: 1 });
  const two = createParameters({ b: glorotUniform([3, 3]), c: zeros([1]) }, {
    seed: 1,
    frozen: (name) => name === "c",
  });
  const [first, second] = [await readParameters(one), await readParameters(two)];
  assert.deepEqual(first.get("b"), second.get("b"));
  assert.notDeepEqual(first.get("a"), first.get("b"));
  assert.equal(countParameters(two), 10);
  assert.deepEqual(describeParameters(two)[1], { name: "c", shape: [1], count: 1, trainable: false });
  assert.deepEqual(Object.keys(selectParameters(one, (name) => name === "b")), ["b"]);
  assert.throws(() => createParameters({ "7": zeros([1]) }, { seed: 1 }), /a letter in it, found "7"/);
});

Deno.test("assignParameters() sets all parameters or none", async () => {
  const parameters = createParameters({ a: zeros([2]), b: zeros([3]) }, { seed: 1 });
  const two = plainArray([2], Float32Array.of(1, 2)), three = plainArray([3], Float64Array.of(3, 4, 5));
  assert.throws(
    () => assignParameters(parameters, new Map([["a", two], ["b", two]])),
    /parameter b of shape \[3\], found shape \[2\]/,
  );
  assert.throws(
    () => assignParameters(parameters, new Map([["a", two]])),
    /parameter b .*found no such array/,
  );
  assert.throws(
    () => assignParameters(parameters, new Map([["a", two], ["b", three], ["c", two]])),
    /also c/,
  );
  assert.deepEqual([...(await readParameters(parameters)).get("a")!.data], [0, 0]);
  assignParameters(parameters, new Map([["a", two], ["b", three]]));
  assert.deepEqual([...(await readParameters(parameters)).get("b")!.data], [3, 4, 5]);
});

Deno.test("a dropout mask drops at its rate, keeps the mean, and continues where an earlier part ended", () => {
  for (const rate of [0, 0.1, 0.25, 0.5, 0.9]) {
    const mask = dropoutMask(200_000, rate, { key: hashKey(1, "x") });
    const dropped = mask.reduce((count, x) => count + Number(x === 0), 0) / mask.length;
    assert.ok(
      Math.abs(dropped - rate) < 4 * Math.sqrt(rate * (1 - rate) / mask.length) + 1e-12,
      `${rate}: ${dropped}`,
    );
    assert.ok(mask.every((x) => x === 0 || Math.abs(x - 1 / (1 - rate)) < 1e-3));
    const parts = [
      dropoutMask(70_001, rate, { key: hashKey(1, "x") }),
      dropoutMask(129_999, rate, { key: hashKey(1, "x"), offset: 70_001 }),
    ];
    assert.deepEqual([...parts[0].slice(-50), ...parts[1].slice(0, 50)], [...mask.slice(69_951, 70_051)]);
  }
  assert.throws(() => dropoutMask(1, 1, { key: 1 }), /below 1, found 1/);
});

Deno.test("dropout masks of neighbouring steps, and neighbouring places in one mask, are independent", () => {
  const n = 100_000, centred = (key: number) => dropoutMask(n, 0.5, { key }).map((x) => x - 1);
  const correlation = (a: Float32Array, b: Float32Array, shift: number) => {
    let sum = 0;
    for (let i = 0; i + shift < n; i++) sum += a[i] * b[i + shift];
    return sum / n;
  };
  const masks = [0, 1, 2, 3].map((step) => centred(hashKey(7, "dropout", step, 0)));
  for (const a of masks) {
    for (const b of masks) {
      for (const shift of [0, 1, 2, 7, 96]) {
        if (a === b && shift === 0) continue;
        assert.ok(Math.abs(correlation(a, b, shift)) < 5 / Math.sqrt(n));
      }
    }
  }
});

Deno.test("context.dropout() scales what it keeps, passes gradients only there, and can share a mask over time", async () => {
  const source = arrayBatches({ x: plainArray([6, 5, 4], new Float32Array(120).fill(1)) });
  const parameters = createParameters({ w: constant([1, 5, 4], 1) }, { seed: 1 });
  for (const sharedAxes of [[], [1]]) {
    let kept: number[] = [];
    const common = {
      source,
      parameters,
      indices: Int32Array.of(0, 1, 2, 3, 4, 5),
      reduction: "mean",
      seed: 1,
      step: 0,
      epoch: 0,
    } as const;
    const { gradients } = batchGradients({
      ...common,
      microBatch: 6,
      loss: ({ x }, context) => {
        const dropped = context.dropout(tf.mul(x, parameters.w), 0.5, { sharedAxes });
        kept = [...dropped.dataSync()];
        return tf.sum(dropped) as tf.Scalar;
      },
    });
    assert.ok(kept.every((x) => x === 0 || x === 2) && new Set(kept).size === 2);
    const sums = new Float32Array(20);
    kept.forEach((x, i) => sums[i % 20] += x);
    assert.deepEqual([...await gradients.w.data()], [...sums]);
    if (sharedAxes.length > 0) {
      kept.forEach((x, i) => assert.equal(x, kept[Math.floor(i / 20) * 20 + i % 4]));
    }
  }
});

Deno.test("gradients in pieces are those of the whole batch, for means, sums and weighted means", async () => {
  const random = new Random(4), count = 11;
  const x = plainArray([count, 3], Float32Array.from({ length: count * 3 }, () => random.normal()));
  const valid = plainArray([count], Float32Array.from({ length: count }, () => random.integer(1, 5)));
  const source = arrayBatches({ x, valid });
  const parameters = createParameters({ w: glorotUniform([3, 2]) }, { seed: 2 });
  const each = (x: tf.Tensor) =>
    tf.sum(tf.square(tf.tanh(tf.matMul(x as tf.Tensor2D, parameters.w as tf.Tensor2D))), 1);
  const losses = {
    mean: ({ x }: { x: tf.Tensor; valid: tf.Tensor }) => tf.mean(each(x)) as tf.Scalar,
    sum: ({ x }: { x: tf.Tensor; valid: tf.Tensor }) => tf.sum(each(x)) as tf.Scalar,
    weighted: ({ x, valid }: { x: tf.Tensor; valid: tf.Tensor }) => ({
      loss: tf.div(tf.sum(tf.mul(each(x), valid)), tf.sum(valid)) as tf.Scalar,
      weight: tf.sum(valid).dataSync()[0],
    }),
  };
  for (const [name, loss] of Object.entries(losses)) {
    const gradientOf = async (microBatch: number) => {
      const { gradients } = batchGradients({
        ...{ source, parameters, loss, microBatch, indices: Int32Array.from({ length: count }, (_, i) => i) },
        ...{ reduction: name === "sum" ? "sum" : "mean", seed: 1, step: 0, epoch: 0 },
      });
      return [...await gradients.w.data()];
    };
    const whole = await gradientOf(count);
    for (const microBatch of [1, 2, 4, 10]) {
      (await gradientOf(microBatch)).forEach((g, i) =>
        assert.ok(
          Math.abs(g - whole[i]) < 1e-6 * Math.max(1, Math.abs(whole[i])),
          `${name}, pieces of ${microBatch}`,
        )
      );
    }
  }
});

Deno.test("a staged loss in which examples meet has the gradients of the whole batch, in pieces of any size", async () => {
  const random = new Random(6), count = 10;
  const source = arrayBatches({
    x: plainArray([count, 3], Float32Array.from({ length: count * 3 }, () => random.normal())),
    label: plainArray([count], Int32Array.from({ length: count }, (_, i) => i % 2)),
  });
  const parameters = createParameters({
    "encoder/kernel": glorotUniform([3, 2]),
    "head/kernel": glorotUniform([2, 2]),
  }, { seed: 2 });
  const dense = (x: tf.Tensor, name: "encoder/kernel" | "head/kernel") =>
    tf.matMul(x as tf.Tensor2D, parameters[name] as tf.Tensor2D);
  const loss = {
    embed: ({ x, label }: { x: tf.Tensor; label: tf.Tensor }, context: StepContext) => ({
      z: context.dropout(tf.tanh(dense(x, "encoder/kernel")), 0.3),
      square: tf.sum(tf.square(x), 1),
      label,
    }),
    // The spread of the batch about its mean, and a head whose outputs are centred by the batch: no mean over examples.
    combine: ({ z, square, label }: Readonly<Record<string, tf.Tensor>>, context: StepContext) => {
      const centred = tf.sub(z, tf.mean(z, 0, true)),
        output = dense(context.dropout(centred, 0.2), "head/kernel");
      const spread = tf.log(tf.add(tf.sum(tf.square(centred)), 1));
      const hits = tf.sum(tf.mul(tf.cast(label, "float32"), tf.sum(tf.square(output), 1)));
      return {
        loss: tf.add(tf.add(spread, hits), tf.mean(square)) as tf.Scalar,
        metrics: { spread: spread as tf.Scalar },
      };
    },
  };
  const gradientOf = async (microBatch: number) => {
    const { gradients, pieces } = batchGradients({
      ...{
        source,
        parameters,
        loss,
        microBatch,
        indices: Int32Array.from({ length: count }, (_, i) => (3 * i) % count),
      },
      ...{ reduction: "coupled", seed: 1, step: 0, epoch: 0 },
    });
    const numbers = [
      pieces[0].loss,
      pieces[0].metrics.spread,
      gradients["encoder/kernel"],
      gradients["head/kernel"],
    ];
    const flat = (await Promise.all(numbers.map((each) => each.data()))).flatMap((values) => [...values]);
    tf.dispose([numbers]);
    return flat;
  };
  const whole = await gradientOf(count), before = tf.memory().numTensors;
  for (const microBatch of [1, 3, 9]) {
    (await gradientOf(microBatch)).forEach((g, i) =>
      assert.ok(
        Math.abs(g - whole[i]) < 2e-6 * Math.max(1, Math.abs(whole[i])),
        `pieces of ${microBatch}, number ${i}: ${g}, ${whole[i]}`,
      )
    );
  }
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("clipping brings the norm of all gradients down to its limit and leaves smaller ones alone", async () => {
  const make = () => ({ a: tf.tensor1d([3, 0]), b: tf.tensor2d([[0, -4]]) });
  const clipped = clipGradients(make(), { clipNorm: 1 });
  assert.deepEqual([...await clipped.b.data()].map((x) => Math.round(x * 1e6) / 1e6), [0, -0.8]);
  assert.ok(Math.abs((await gradientNorm(clipped).data())[0] - 1) < 1e-6);
  assert.deepEqual([...await clipGradients(make(), { clipNorm: 10 }).b.data()], [0, -4]);
  const both = clipGradients(make(), { clipValue: 2, clipNorm: 100 });
  assert.deepEqual([...await both.a.data(), ...await both.b.data()], [2, 0, 0, -2]);
});

Deno.test("schedules go through their marks", () => {
  const cosine = cosineDecay(1, 110, { warmupSteps: 10, final: 0.2 });
  const at = (step: number) => scheduleAt(cosine, step);
  assert.deepEqual([at(0), at(9), at(10)], [0.1, 1, 1]);
  assert.ok(
    Math.abs(at(60) - 0.6) < 1e-12 && Math.abs(at(110) - 0.2) < 1e-12 && Math.abs(at(999) - 0.2) < 1e-12,
  );
  assert.equal(scheduleAt(exponentialDecay(2, { factor: 0.5, every: 10 }), 20), 0.5);
  assert.equal(scheduleAt(exponentialDecay(2, { factor: 0.5, every: 10, staircase: true }), 19), 1);
  const steps = piecewiseConstant([2, 4], [1, 0.1, 0.01]);
  assert.deepEqual([0, 2, 3, 4].map((step) => scheduleAt(steps, step)), [1, 0.1, 0.1, 0.01]);
  assert.throws(() => piecewiseConstant([1], [1]), /one value more/);
});

Deno.test("peakBytes() counts what is in use at once, shared storage once", () => {
  assert.equal(peakBytes(() => void tf.tidy(() => tf.zeros([100]))), 400);
  const peak = peakBytes(() => {
    tf.tidy(() => void tf.reshape(tf.zeros([100]), [10, 10]));
    tf.tidy(() => void tf.zeros([50]));
  });
  assert.equal(peak, 400);
});

Deno.test("arrays whose examples do not count the same are refused", () => {
  const three = plainArray([3], new Float32Array(3)), four = plainArray([4], new Float32Array(4));
  assert.throws(
    () => arrayBatches({ three, four }),
    /3 examples along the first axis, as three has, found shape \[4\]/,
  );
  assert.throws(() => arrayBatches({ x: plainArray([1], new BigInt64Array(1)) }), /int64/);
});

Deno.test("a history column that appears late is filled with NaN before", () => {
  const columns = {};
  appendRow(columns, { a: 1 });
  appendRow(columns, { b: 2 });
  assert.deepEqual(columns, { a: [1, NaN], b: [NaN, 2] });
});

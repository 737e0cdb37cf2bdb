import assert from "node:assert/strict";
import fc from "fast-check";
import {
  applyNormalisation,
  assignStatistics,
  batchRenormalise,
  type BatchRenormaliseOptions,
  isMovingStatistic,
  normalisationParameters,
  normaliseByState,
  renormalisationLimits,
} from "../../lib/layers/mod.ts";
import { batchNorm, createParameters, disposeParameters, tf, train } from "../../lib/tensor/mod.ts";
import { generator } from "../tensor/wasm/compare.ts";
import { agreesWithTorch, casesOf, torch } from "./residual_fixture.ts";

const refused = { name: "EphemeraError" };

for (const backend of ["cpu", "wasm"]) {
  Deno.test(`batch renormalisation, its gradients and its state are those of PyTorch ${torch} with detach on ${backend}`, async () => {
    const cases = casesOf<BatchRenormaliseOptions>("renormalisation", 6);
    // The cases are of all sorts: none of r and d clipped, some, and all that differ from 1 and 0.
    const clipped = cases.map((each) => each.clipped!);
    assert.ok(clipped.some(([r, d]) => r === 0 && d === 0) && clipped.some(([r, d]) => r > 0 && d > 0));
    for (const each of cases) {
      const plan = normalisationParameters("layer", each.x.shape.at(-1)!);
      const { options } = each;
      await agreesWithTorch(
        backend,
        each,
        plan,
        (parameters, x) => applyNormalisation(parameters, "layer", x, { training: true, ...options }),
      );
    }
  });
}

interface Numbers {
  x: number[];
  gain: number[];
  offset: number[];
  mean: number[];
  deviation: number[];
}

/** The equations in double precision, a channel at a time; r and d may be given. */
function direct(given: Numbers, options: Required<BatchRenormaliseOptions>, correction?: [number, number][]) {
  const width = given.gain.length, y = new Array<number>(given.x.length);
  const corrections: [number, number][] = [], mean: number[] = [], deviation: number[] = [];
  for (let c = 0; c < width; c++) {
    const column = given.x.filter((_, i) => i % width === c), n = column.length;
    const mu = column.reduce((sum, v) => sum + v, 0) / n;
    const sigma = Math.sqrt(column.reduce((sum, v) => sum + (v - mu) ** 2, 0) / n + options.epsilon);
    const { ratio, shift } = options.limits;
    const [r, d] = correction?.[c] ?? [
      Math.min(ratio, Math.max(1 / ratio, sigma / given.deviation[c])),
      Math.min(shift, Math.max(-shift, (mu - given.mean[c]) / given.deviation[c])),
    ];
    corrections.push([r, d]);
    column.forEach((v, row) => {
      y[row * width + c] = given.gain[c] * ((v - mu) / sigma * r + d) + given.offset[c];
    });
    mean.push(given.mean[c] + options.rate * (mu - given.mean[c]));
    deviation.push(given.deviation[c] + options.rate * (sigma - given.deviation[c]));
  }
  return { y, corrections, mean, deviation };
}

function drawNumbers(seed: number, rows: number, width: number): Numbers {
  const random = generator(seed),
    list = (n: number, low: number, high: number) =>
      Array.from({ length: n }, () => Math.fround(low + (high - low) * random()));
  return {
    x: list(rows * width, -3, 5),
    gain: list(width, 0.5, 2),
    offset: list(width, -1, 1),
    mean: list(width, -2, 3),
    deviation: list(width, 0.3, 4),
  };
}

function tensorsOf(given: Numbers, shape: number[]) {
  const row = (values: number[]) => tf.tensor1d(values);
  return {
    x: tf.tensor(given.x, shape),
    gain: row(given.gain),
    offset: row(given.offset),
    state: { mean: row(given.mean), deviation: row(given.deviation) },
  };
}

function close(found: ArrayLike<number>, expected: number[], tolerance: number, label: string): void {
  assert.equal(found.length, expected.length, label);
  expected.forEach((value, i) =>
    assert.ok(
      Math.abs(found[i] - value) <= tolerance * (1 + Math.abs(value)),
      `${label} ${i}: ${found[i]}, not ${value}`,
    )
  );
}

Deno.test("batch renormalisation is what a loop in double precision makes of images and of features", async () => {
  await tf.setBackend("wasm");
  for (let seed = 1; seed <= 40; seed++) {
    const random = generator(seed + 1000), width = 1 + Math.floor(random() * 9);
    const shape = seed % 2 ? [2 + seed % 5, width] : [2, 1 + seed % 4, 3, width];
    const given = drawNumbers(seed, tf.util.sizeFromShape(shape) / width, width);
    const options = { limits: { ratio: 1 + 2 * random(), shift: 2 * random() }, rate: 0.2, epsilon: 1e-3 };
    const expected = direct(given, options);
    tf.tidy(() => {
      const { x, gain, offset, state } = tensorsOf(given, shape);
      const found = batchRenormalise(x, gain, offset, state, options);
      assert.deepEqual(found.value.shape, shape);
      close(found.value.dataSync(), expected.y, 1e-5, `seed ${seed}, y`);
      close(found.state.mean.dataSync(), expected.mean, 1e-6, `seed ${seed}, mean`);
      close(found.state.deviation.dataSync(), expected.deviation, 1e-6, `seed ${seed}, deviation`);
      // Null stands for ones and zeros.
      const bare = batchRenormalise(x, null, null, state, options).value;
      const same = batchRenormalise(x, tf.onesLike(gain), tf.zerosLike(offset), state, options).value;
      assert.deepEqual(bare.dataSync(), same.dataSync());
    });
  }
});

Deno.test("the gradient of x is that of finite differences with r and d held fixed, not that with r and d moving", async () => {
  await tf.setBackend("wasm");
  const rows = 6, width = 3, given = drawNumbers(5, rows, width), random = generator(9);
  const options = { limits: { ratio: 50, shift: 50 }, rate: 0.1, epsilon: 1e-3 };
  const weights = Array.from({ length: rows * width }, () => random() - 0.5);
  const { corrections } = direct(given, options);
  const slope = (i: number, fixed: boolean) => {
    const at = (step: number) => {
      const x = given.x.with(i, given.x[i] + step);
      const { y } = direct({ ...given, x }, options, fixed ? corrections : undefined);
      return y.reduce((sum, v, k) => sum + v * weights[k], 0);
    };
    return (at(1e-5) - at(-1e-5)) / 2e-5;
  };
  tf.tidy(() => {
    const { x, gain, offset, state } = tensorsOf(given, [rows, width]),
      w = tf.tensor2d(weights, [rows, width]);
    const found = tf.grad((x) => tf.sum(tf.mul(batchRenormalise(x, gain, offset, state, options).value, w)))(
      x,
    );
    close(found.dataSync(), given.x.map((_, i) => slope(i, true)), 1e-5, "gradient");
    const free = given.x.map((_, i) => slope(i, false));
    const values = found.dataSync();
    assert.ok(free.some((each, i) => Math.abs(each - values[i]) > 0.01), "the two differ in this example");
  });
});

for (const backend of ["cpu", "wasm"]) {
  Deno.test(`with r = 1 and d = 0 all bits are those of batch normalisation on ${backend}`, async () => {
    await tf.setBackend(backend);
    const shape = [4, 5, 3, 6], given = drawNumbers(3, 60, 6);
    tf.tidy(() => {
      const { x, gain, offset, state } = tensorsOf(given, shape);
      const weights = tf.tensor(drawNumbers(4, 60, 6).x, shape);
      const bits = (operation: (x: tf.Tensor, gain: tf.Tensor, offset: tf.Tensor) => tf.Tensor) => {
        const loss = (...all: tf.Tensor[]) => tf.sum(tf.mul(operation(all[0], all[1], all[2]), weights));
        return [operation(x, gain, offset), ...tf.grads(loss)([x, gain, offset])].map((each) =>
          each.dataSync()
        );
      };
      const expected = bits((x, gain, offset) =>
        batchNorm(x, gain as tf.Tensor1D, offset as tf.Tensor1D, { epsilon: 1e-3 }).value
      );
      // A shift of at most 1e-30 takes the way of the correction, but is lost in rounding.
      for (const shift of [0, 1e-30]) {
        const found = bits((x, gain, offset) =>
          batchRenormalise(x, gain as tf.Tensor1D, offset as tf.Tensor1D, state, {
            limits: { ratio: 1, shift },
          })
            .value
        );
        if (shift === 0) assert.deepEqual(found, expected);
        else found.slice(0, 2).forEach((values, k) => assert.deepEqual(values, expected[k]));
      }
    });
  });
}

Deno.test("within wide limits the result is that of the moving statistics, which prediction uses", async () => {
  await tf.setBackend("wasm");
  const given = drawNumbers(8, 24, 5);
  tf.tidy(() => {
    const { x, gain, offset, state } = tensorsOf(given, [2, 3, 4, 5]);
    const limits = { ratio: 1e6, shift: 1e6 };
    const trained = batchRenormalise(x, gain, offset, state, { limits }).value.dataSync();
    const predicted = normaliseByState(x, gain, offset, state).dataSync();
    const exact = given.x.map((v, i) => {
      const c = i % 5;
      return given.gain[c] * (v - given.mean[c]) / given.deviation[c] + given.offset[c];
    });
    close(predicted, exact, 1e-6, "prediction");
    close(trained, exact, 1e-5, "training");
  });
});

Deno.test("prediction by variances of plain batch normalisation is tf.batchNorm", async () => {
  await tf.setBackend("wasm");
  const given = drawNumbers(2, 12, 4);
  tf.tidy(() => {
    const { x, gain, offset, state } = tensorsOf(given, [12, 4]);
    const deviation: tf.Tensor1D = tf.sqrt(tf.add(tf.square(state.deviation), 1e-3));
    const found = normaliseByState(x, gain, offset, { mean: state.mean, deviation });
    const expected = tf.batchNorm(
      x,
      state.mean,
      tf.square(state.deviation) as tf.Tensor1D,
      offset,
      gain,
      1e-3,
    );
    close(found.dataSync(), [...expected.dataSync()], 1e-6, "y");
  });
});

Deno.test("an example's prediction has the same bits whatever else is in its batch", async () => {
  await tf.setBackend("wasm");
  const given = drawNumbers(6, 7 * 9, 5);
  tf.tidy(() => {
    const { x, gain, offset, state } = tensorsOf(given, [7, 3, 3, 5]);
    const all = normaliseByState(x, gain, offset, state);
    for (const k of [0, 3, 6]) {
      const one = normaliseByState(tf.slice(x, [k, 0, 0, 0], [1, 3, 3, 5]), gain, offset, state);
      assert.deepEqual(one.dataSync(), tf.slice(all, [k, 0, 0, 0], [1, 3, 3, 5]).dataSync());
    }
  });
});

Deno.test("moving statistics follow the weighted sum of all batches' statistics", async () => {
  await tf.setBackend("wasm");
  const rate = 0.15, epsilon = 0.01, steps = 25;
  let state = { mean: tf.tensor1d([4]), deviation: tf.tensor1d([2]) };
  let mean = 4 * (1 - rate) ** steps, deviation = 2 * (1 - rate) ** steps;
  for (let k = 1; k <= steps; k++) {
    // Two rows m - s and m + s have mean m and deviation s.
    const m = Math.sin(k), s = 1 + 0.5 * Math.cos(2 * k), weight = rate * (1 - rate) ** (steps - k);
    mean += weight * m;
    deviation += weight * Math.sqrt(s * s + epsilon);
    const limits = renormalisationLimits(k, { plainSteps: 5, ratioSteps: 20, shiftSteps: 10 });
    const x = tf.tensor2d([[m - s], [m + s]]);
    const next = batchRenormalise(x, null, null, state, { limits, rate, epsilon });
    tf.dispose([x, next.value, state]);
    state = next.state;
  }
  close(state.mean.dataSync(), [mean], 1e-6, "mean");
  close(state.deviation.dataSync(), [deviation], 1e-6, "deviation");
  tf.dispose([state]);
});

Deno.test("the limits are those of the paper at its steps and never narrow", () => {
  const expected: [number, number, number][] = [
    [0, 1, 0],
    [5000, 1, 0],
    [15_000, 1 + 2 * 10 / 35, 2.5],
    [25_000, 1 + 2 * 20 / 35, 5],
    [40_000, 3, 5],
    [1e9, 3, 5],
  ];
  for (const [step, ratio, shift] of expected) {
    const limits = renormalisationLimits(step);
    assert.ok(Math.abs(limits.ratio - ratio) < 1e-12 && Math.abs(limits.shift - shift) < 1e-12, `${step}`);
  }
  const step = fc.integer({ min: 0, max: 60_000 });
  fc.assert(fc.property(step, step, (a, b) => {
    const [early, late] = [Math.min(a, b), Math.max(a, b)].map((each) => renormalisationLimits(each));
    assert.ok(early.ratio <= late.ratio && early.shift <= late.shift);
    assert.ok(early.ratio >= 1 && late.ratio <= 3 && early.shift >= 0 && late.shift <= 5);
  }));
  // Widened at once.
  const atOnce = { plainSteps: 3, ratioSteps: 3, shiftSteps: 3 };
  assert.deepEqual(renormalisationLimits(2, atOnce), { ratio: 1, shift: 0 });
  assert.deepEqual(renormalisationLimits(3, atOnce), { ratio: 3, shift: 5 });
});

Deno.test("a training run carries the moving statistics along as frozen parameters", async () => {
  await tf.setBackend("wasm");
  const x = [[1, 10], [2, 30], [6, 20], [7, 40]], steps = 12, rate = 0.2;
  const plan = normalisationParameters("input", 2);
  const before = tf.memory().numTensors;
  const parameters = createParameters(plan, { seed: 1, frozen: isMovingStatistic });
  assert.deepEqual(
    Object.entries(parameters).filter(([, each]) => !each.trainable).map(([name]) => name),
    ["input/moving mean", "input/moving deviation"],
  );
  const result = await train({
    parameters,
    batches: {
      examples: 4,
      take: (indices) => ({ x: tf.tensor2d([...indices].map((i) => x[i])) }),
    },
    loss: ({ x }: { x: tf.Tensor2D }, { training, step }) => {
      const limits = renormalisationLimits(step, { plainSteps: 4, ratioSteps: 8, shiftSteps: 8 });
      const layer = applyNormalisation(parameters, "input", x, { training, limits, rate });
      assignStatistics(parameters, layer.statistics);
      return tf.mean(tf.square(tf.sub(layer.value, 3)));
    },
    epochs: steps,
    batchSize: 4,
    seed: 1,
    reduction: "coupled",
  });
  assert.equal(result.steps, steps);
  const kept = (1 - rate) ** steps;
  const deviations = [Math.sqrt(6.5 + 1e-3), Math.sqrt(125 + 1e-3)];
  close(parameters["input/moving mean"].dataSync(), [4 * (1 - kept), 25 * (1 - kept)], 1e-5, "mean");
  close(
    parameters["input/moving deviation"].dataSync(),
    deviations.map((each) => each + kept * (1 - each)),
    1e-5,
    "deviation",
  );
  disposeParameters(parameters);
  assert.equal(tf.memory().numTensors, before, "no tensor may be left behind");
});

Deno.test("what does not fit is refused", async () => {
  await tf.setBackend("cpu");
  tf.tidy(() => {
    const x = tf.ones([3, 2]),
      state = { mean: tf.zeros([2]), deviation: tf.ones([2]) } as {
        mean: tf.Tensor1D;
        deviation: tf.Tensor1D;
      };
    const three = tf.ones([3]) as tf.Tensor1D;
    const attempt = (options: BatchRenormaliseOptions) => () =>
      batchRenormalise(x, null, null, state, options);
    assert.throws(attempt({ limits: { ratio: 0.9, shift: 0 } }), refused);
    assert.throws(attempt({ limits: { ratio: 2, shift: -1 } }), refused);
    assert.throws(attempt({ limits: { ratio: NaN, shift: 0 } }), refused);
    assert.throws(attempt({ rate: 0 }), refused);
    assert.throws(attempt({ rate: 1.1 }), refused);
    assert.throws(attempt({ epsilon: 0 }), refused);
    assert.throws(() => batchRenormalise(x, three, null, state), refused);
    assert.throws(() => batchRenormalise(x, null, null, { ...state, mean: three }), refused);
    assert.throws(() => batchRenormalise(tf.ones([2]), null, null, state), refused);
    assert.throws(() => batchRenormalise(tf.ones([3, 2], "int32"), null, null, state), refused);
    assert.throws(() => batchRenormalise(tf.ones([0, 2]), null, null, state), refused);
    assert.throws(() => normaliseByState(x, null, three, state), refused);
    assert.throws(() => normaliseByState(x, null, null, { ...state, deviation: three }), refused);
    assert.throws(() => applyNormalisation({}, "missing", x, { training: false }), refused);
    assert.throws(() => assignStatistics({}, { "a/moving mean": three }), refused);
    assert.throws(() => renormalisationLimits(-1), refused);
    assert.throws(() => renormalisationLimits(1, { plainSteps: 10, ratioSteps: 5 }), refused);
    assert.throws(() => renormalisationLimits(1, { ratio: 0.5 }), refused);
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { EphemeraError } from "../../lib/core/mod.ts";
import {
  batchGradients,
  type BatchSource,
  createParameters,
  disposeParameters,
  type LossFunction,
} from "../../lib/tensor/mod.ts";
import { dense, denseParameters } from "../../lib/layers/dense.ts";
import { LightCurveSet, padBatch } from "../../lib/observations/mod.ts";
import {
  type LightCurveArrays,
  type LightCurveTokenOptions,
  lightCurveTokenParameters,
  lightCurveTokens,
  type SortedLightCurves,
  sortLightCurves,
} from "../../lib/layers/tokenizers_light_curve.ts";
import {
  assertClose,
  backends,
  parameterGradients,
  Random,
  tf,
  withParameters,
} from "./time_modulation_support.ts";

interface LightCurveCase {
  size: number;
  bands: number;
  steps: number;
  width: number;
  harmonics: number;
  period: number;
  firstHarmonic: 0 | 1;
  length: number;
  useError: boolean;
  time: number[];
  value: number[];
  error: number[];
  mask: number[];
  order: number[];
  parameters: Record<string, number[]>;
  weights: number[];
  result: number[];
  gradients: Record<string, number[]>;
}

const fixture: { torch: string; lightCurve: LightCurveCase[] } = JSON.parse(
  Deno.readTextFileSync(new URL("./fixtures/time_modulation.json", import.meta.url)),
);

for (const backend of backends) {
  Deno.test(`tokens of light curves and their gradients are those of PyTorch ${fixture.torch} on the ${backend} backend`, async () => {
    await tf.setBackend(backend);
    assert.deepEqual(fixture.lightCurve.map(({ useError }) => useError), [true, false]);
    for (const c of fixture.lightCurve) {
      const { bands, harmonics, width, size, length } = c;
      const shapes: Record<string, number[]> = {
        "embedding/kernel": [c.useError ? 2 : 1, width],
        "embedding/bias": [width],
        "time/scale": [bands, 2 * harmonics, width],
        "time/offset": [bands, 2 * harmonics, width],
      };
      const sorted = sortLightCurves({ ...c, sequences: bands }, c);
      assert.deepEqual([...sorted.order], c.order);
      assert.deepEqual([...sorted.mask], c.order.map((i) => i < 0 ? 0 : 1));
      assert.deepEqual([...sorted.band], c.order.map((i) => i < 0 ? -1 : Math.floor(i / c.steps) % bands));
      assert.deepEqual([...sorted.time], c.order.map((i) => i < 0 ? 0 : c.time[i]));
      const values = Object.fromEntries(
        Object.entries(shapes).map(([name, shape]) => [`lc/${name}`, { shape, data: c.parameters[name] }]),
      );
      withParameters(values, (parameters) => {
        const apply = () => lightCurveTokens(parameters, "lc", sorted, c), before = tf.memory().numTensors;
        const tokens = apply();
        assert.deepEqual(tokens.shape, [size, length, width]);
        assertClose(tokens.dataSync(), c.result, 3e-6, "tokens");
        tokens.dispose();
        const gradients = parameterGradients(parameters, apply, c.weights);
        for (const name of Object.keys(shapes)) {
          assertClose(gradients[`lc/${name}`], c.gradients[name], 3e-6, `d ${name}`);
        }
        assert.equal(tf.memory().numTensors, before);
      });
    }
  });
}

/** Curves with one sequence an object and a band an observation; about a third is padding. */
function randomCurves(size: number, steps: number, bands: number, seed: number) {
  const random = new Random(seed), n = size * steps;
  const numbers = (draw: () => number) => Float64Array.from({ length: n }, draw);
  return {
    size,
    steps,
    sequences: 1,
    time: numbers(() => random.uniform(0, 900)),
    value: numbers(() => random.normal(0, 10)),
    error: numbers(() => random.uniform(0.1, 2)),
    band: numbers(() => random.integer(0, bands)),
    mask: numbers(() => random.uniform() < 0.7 ? 1 : 0),
  };
}

const columns = ["time", "value", "error", "band", "mask"] as const;
const options: LightCurveTokenOptions = { width: 5, harmonics: 3, period: 1000, bands: 3, kernel: "glorot" };

function tokensOf(curves: LightCurveArrays, more: { length?: number } = {}): Float32Array {
  const parameters = createParameters(lightCurveTokenParameters("lc", options), { seed: 4 });
  const sorted = sortLightCurves(curves, { ...options, ...more });
  const tokens = tf.tidy(() => lightCurveTokens(parameters, "lc", sorted, options).dataSync<"float32">());
  disposeParameters(parameters);
  return tokens;
}

Deno.test("the order in which an object's observations are given does not matter", async () => {
  await tf.setBackend("cpu");
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 3 }),
      fc.nat(1e6),
      (steps, size, seed) => {
        const curves = randomCurves(size, steps, 3, seed), random = new Random(`${seed} order`);
        const order = Array.from(
          { length: size },
          (_, object) => Array.from(random.permutation(steps), (k) => object * steps + k),
        ).flat();
        const shuffled = { ...curves };
        for (const name of columns) shuffled[name] = Float64Array.from(order, (i) => curves[name][i]);
        assert.deepEqual(tokensOf(shuffled), tokensOf(curves));
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("times ascend, bands and the padding stand where the times put them", () => {
  const curves = randomCurves(4, 11, 3, 6), sorted = sortLightCurves(curves, { bands: 3 });
  for (let object = 0; object < 4; object++) {
    const own = Array.from({ length: sorted.length }, (_, k) => object * sorted.length + k);
    const seen = own.filter((token) => sorted.mask[token] === 1);
    assert.deepEqual(seen, own.slice(0, seen.length), "the padding is last");
    const expected = Array.from({ length: 11 }, (_, k) => 11 * object + k).filter((i) => curves.mask[i] === 1)
      .toSorted((a, b) => curves.time[a] - curves.time[b]);
    assert.deepEqual(seen.map((token) => sorted.order[token]), expected);
    for (const token of seen) assert.equal(sorted.band[token], curves.band[sorted.order[token]]);
  }
});

Deno.test("equal times are in the order of their bands", () => {
  const sorted = sortLightCurves({
    ...{ size: 1, sequences: 1, steps: 4, time: [2, 1, 2, 2], value: [0, 0, 0, 0], band: [2, 1, 0, 2] },
    mask: [1, 1, 1, 1],
  }, { bands: 3, useError: false });
  assert.deepEqual([...sorted.order], [1, 2, 0, 3]);
});

Deno.test("one array a band gives what a band an observation gives", async () => {
  await tf.setBackend("cpu");
  const curves = randomCurves(3, 8, 3, 9), cells = 3 * 3 * 8;
  const split = {
    size: 3,
    sequences: 3,
    steps: 8,
    ...Object.fromEntries(columns.map((name) => [name, new Float64Array(cells)])),
  } as
    & LightCurveArrays
    & Record<typeof columns[number], Float64Array>;
  for (let i = 0; i < 24; i++) {
    const cell = (Math.floor(i / 8) * 3 + curves.band[i]) * 8 + i % 8;
    for (const name of columns) split[name][cell] = curves[name][i];
  }
  assert.deepEqual(tokensOf({ ...split, band: undefined }), tokensOf(curves));
});

Deno.test("what stands in the padding of the arrays does not matter", async () => {
  await tf.setBackend("cpu");
  const curves = randomCurves(3, 8, 3, 10), rubbish = { ...curves };
  for (const name of ["time", "value", "error", "band"] as const) {
    rubbish[name] = curves[name].map((x, i) => curves.mask[i] === 0 ? NaN : x);
  }
  assert.deepEqual(tokensOf(rubbish), tokensOf(curves));
});

Deno.test("more length adds zeros at the end, and an object's tokens do not depend on the others", async () => {
  await tf.setBackend("cpu");
  const curves = randomCurves(3, 6, 3, 12), length = 9, { width } = options;
  const tokens = tokensOf(curves, { length });
  for (let object = 0; object < 3; object++) {
    const alone: LightCurveArrays = {
      ...{ size: 1, sequences: 1, steps: 6, time: [], value: [], mask: [] },
      ...Object.fromEntries(columns.map((name) => [name, curves[name].slice(6 * object, 6 * object + 6)])),
    };
    const own = tokensOf(alone),
      row = tokens.subarray(object * length * width, (object + 1) * length * width);
    assertClose(row.subarray(0, own.length), own, 1e-6, `object ${object}`);
    assert.ok(row.subarray(own.length).every((x) => x === 0));
    assert.ok(row.subarray(own.length).length > 0);
  }
});

Deno.test("a padded batch of a set of light curves gives its observations", async () => {
  await tf.setBackend("cpu");
  const set = new LightCurveSet({
    ...{
      ids: ["a", "b"],
      offsets: Uint32Array.of(0, 3, 4),
      bands: ["g", "r"],
      band: Uint8Array.of(0, 1, 0, 1),
    },
    time: Float64Array.of(57000, 57001.5, 57003, 57010),
    value: Float64Array.of(1, 2, 3, 4),
    error: Float64Array.of(0.1, 0.2, 0.3, 0.4),
  });
  for (const perBand of [false, true]) {
    const sorted = sortLightCurves(padBatch(set, [0, 1], { perBand }), { bands: 2 });
    assert.deepEqual([...sorted.time], [0, 1.5, 3, 0, 0, 0]);
    assert.deepEqual([...sorted.band], [0, 1, 0, 1, -1, -1]);
    assert.deepEqual([...sorted.mask], [1, 1, 1, 1, 0, 0]);
    assert.deepEqual(sorted.inputs, Float32Array.of(1, 0.1, 3, 0.3, 2, 0.2, 4, 0.4));
  }
});

Deno.test("a batch without an observation gives one token of padding an object", async () => {
  for (const backend of backends) {
    await tf.setBackend(backend);
    const curves = randomCurves(2, 3, 3, 14);
    assert.deepEqual([...tokensOf({ ...curves, mask: new Float32Array(6) })], new Array(10).fill(0));
  }
});

Deno.test("with an encoding in place of the modulation, tokens are the sum of both, the same in all bands", async () => {
  for (const backend of backends) {
    await tf.setBackend(backend);
    const curves = randomCurves(2, 6, 3, 15), sorted = sortLightCurves(curves, { bands: 3 });
    for (const encoding of ["sinusoidal", "learned"] as const) {
      const chosen = { ...options, width: 4, encoding }, plan = lightCurveTokenParameters("lc", chosen);
      const parameters = createParameters(plan, { seed: 5 });
      assert.equal("lc/time/frequency" in parameters, encoding === "learned");
      assert.ok(!("lc/time/scale" in parameters));
      const kernel = parameters["lc/embedding/kernel"].dataSync(),
        expected = new Float64Array(2 * sorted.length * 4);
      sorted.order.forEach((i, token) => {
        for (let d = 0; d < 4 && i >= 0; d++) {
          const angle = curves.time[i] * options.period ** (-2 * Math.floor(d / 2) / 4);
          const linear = curves.value[i] * kernel[d] + curves.error[i] * kernel[4 + d];
          expected[4 * token + d] = linear + (d % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
        }
      });
      const apply = () => lightCurveTokens(parameters, "lc", sorted, chosen);
      assertClose(tf.tidy(() => apply().dataSync()), expected, 1e-4, encoding);
      const before = tf.memory().numTensors;
      const weights = new Float64Array(expected.length).fill(1),
        gradients = parameterGradients(parameters, apply, weights);
      assert.equal(tf.memory().numTensors, before);
      // Of the sum of all numbers: what enters the linear map, summed over the observations.
      const sum = curves.value.reduce((total, value, i) => total + (curves.mask[i] === 0 ? 0 : value), 0);
      assertClose(gradients["lc/embedding/kernel"].subarray(0, 4), [sum, sum, sum, sum], 1e-5, "d kernel");
      disposeParameters(parameters);
    }
  }
});

Deno.test("a batch in pieces, each with a length of its own, gives the gradients of the whole", async () => {
  await tf.setBackend("cpu");
  const curves = randomCurves(7, 6, 3, 21);
  const plan = { ...lightCurveTokenParameters("lc", options), ...denseParameters("head", options.width, 2) };
  const parameters = createParameters(plan, { seed: 6 });
  const source: BatchSource<{ sorted: SortedLightCurves; mask: tf.Tensor }> = {
    examples: 7,
    take(indices) {
      const cell = (i: number) => 6 * indices[Math.floor(i / 6)] + i % 6;
      const rows = (x: Float64Array) =>
        Float64Array.from({ length: 6 * indices.length }, (_, i) => x[cell(i)]);
      const own = Object.fromEntries(columns.map((name) => [name, rows(curves[name])]));
      const sorted = sortLightCurves({ ...curves, ...own, size: indices.length }, options);
      return { sorted, mask: tf.tensor3d(sorted.mask, [sorted.size, sorted.length, 1]) };
    },
  };
  const loss: LossFunction<{ sorted: SortedLightCurves; mask: tf.Tensor }> = ({ sorted, mask }) => {
    const tokens = lightCurveTokens(parameters, "lc", sorted, options);
    const pooled = tf.div(tf.sum(tokens, 1), tf.maximum(tf.sum(mask, 1), 1));
    return tf.mean(tf.square(dense(parameters, "head", pooled))) as tf.Scalar;
  };
  const take = (microBatch: number) => {
    const { gradients, pieces } = batchGradients({
      ...{ loss, source, parameters, microBatch, reduction: "mean", seed: 1, step: 0, epoch: 0 },
      indices: Int32Array.of(0, 1, 2, 3, 4, 5, 6),
    });
    const read = Object.fromEntries(
      Object.entries(gradients).map(([name, each]) => [name, each.dataSync<"float32">()]),
    );
    tf.dispose([gradients, pieces.map(({ loss }) => loss)]);
    return read;
  };
  const before = tf.memory().numTensors, whole = take(7), pieces = take(2);
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual(Object.keys(pieces).sort(), Object.keys(plan).sort());
  for (const name of Object.keys(plan)) {
    assert.ok(whole[name].some((slope) => Math.abs(slope) > 1e-3), name);
    assertClose(pieces[name], whole[name], 1e-5, name);
  }
  disposeParameters(parameters);
});

Deno.test("first values: a linear map of 0.02, no bias, standard normal coefficients", () => {
  const plan = lightCurveTokenParameters("lc", { width: 192, harmonics: 64, period: 1500, bands: 6 });
  const deviation = (name: string) => {
    const values = plan[name].draw(new Random(1));
    return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
  };
  assert.deepEqual(plan["lc/embedding/kernel"].shape, [2, 192]);
  assert.ok(Math.abs(deviation("lc/embedding/kernel") - 0.02) < 0.003);
  assert.equal(deviation("lc/embedding/bias"), 0);
  assert.deepEqual(plan["lc/time/scale"].shape, [6, 128, 192]);
  assert.ok(Math.abs(deviation("lc/time/scale") - 1) < 0.01);
  assert.ok(Math.abs(deviation("lc/time/offset") - 1) < 0.01);
});

Deno.test("arrays that do not fit and observations that are not finite are refused", async () => {
  await tf.setBackend("cpu");
  const good: LightCurveArrays = {
    ...{ size: 1, sequences: 1, steps: 2, time: [1, 2], value: [3, 4], error: [1, 1], mask: [1, 1] },
    band: [0, 1],
  };
  const refuses = (pattern: RegExp, f: () => unknown) =>
    assert.throws(f, (error) => error instanceof EphemeraError && pattern.test(error.message));
  const sort = (changed: Partial<LightCurveArrays>, more = {}) => () =>
    sortLightCurves({ ...good, ...changed }, { bands: 2, ...more });
  refuses(/2 numbers in value, \[1, 1, 2\], found 3/, sort({ value: [1, 2, 3] }));
  refuses(
    /a time that is finite in 32 bits, found NaN \(observation 1 of object 0/,
    sort({ time: [0, NaN] }),
  );
  refuses(/a value that is finite in 32 bits, found Infinity/, sort({ value: [Infinity, 0] }));
  refuses(/a value that is finite in 32 bits, found 1e\+39/, sort({ value: [0, 1e39] }));
  refuses(/an? error that is finite in 32 bits/, sort({ error: [1, NaN] }));
  refuses(/band from 0 to 1, found 2/, sort({ band: [0, 2] }));
  refuses(/errors of the observations/, sort({ error: undefined }));
  refuses(/at most 1 observations, found 2 \(object 0/, sort({}, { length: 1 }));
  refuses(/number of tokens/, sort({}, { length: 0.5 }));
  refuses(/number of bands/, sort({}, { bands: 0 }));
  refuses(/one sequence an object/, sort({ sequences: 2, steps: 1 }));
  sort({ error: [1, NaN] }, { useError: false })();
  const parameters = createParameters(lightCurveTokenParameters("lc", { ...options, bands: 2 }), { seed: 1 });
  const tokens = (sorted: ReturnType<typeof sortLightCurves>, more: object) => () =>
    lightCurveTokens(parameters, "lc", sorted, { ...options, bands: 2, ...more });
  refuses(/2 inputs an observation, found 1/, tokens(sort({}, { useError: false })(), {}));
  refuses(/groups of 2 bands, found 3/, tokens(sort({}, { bands: 3 })(), {}));
  refuses(/coefficients of shape \[2, 8, 5\]/, tokens(sort({})(), { harmonics: 4 }));
  disposeParameters(parameters);
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { EphemeraError } from "../../lib/core/mod.ts";
import { createParameters, disposeParameters, type ParameterSet } from "../../lib/tensor/mod.ts";
import {
  modulateGroups,
  timeModulation,
  type TimeModulationOptions,
  timeModulationParameters,
} from "../../lib/layers/time_modulation.ts";
import { bandsOfArrays, groupByBand } from "../../lib/layers/time_modulation_groups.ts";
import {
  assertClose,
  backends,
  type ModulationCase,
  modulationLoop,
  normals,
  parameterGradients,
  randomCase,
  tf,
  withParameters,
} from "./time_modulation_support.ts";

interface FixtureCase {
  batch: number;
  bands: number;
  length: number;
  width: number;
  harmonics: number;
  period: number;
  firstHarmonic: 0 | 1;
  time: number[];
  embedding: number[];
  scale: number[];
  offset: number[];
  weights: number[];
  result: number[];
  gradients: Record<"embedding" | "scale" | "offset", number[]>;
}

const fixture: { torch: string; modulation: FixtureCase[] } = JSON.parse(
  Deno.readTextFileSync(new URL("./fixtures/time_modulation.json", import.meta.url)),
);

type Coefficients = Pick<ModulationCase, "bands" | "harmonics" | "width" | "scale" | "offset">;

/** Runs `use` with the coefficients as parameters, and the embedding as one more. */
function withCoefficients<T>(
  { bands, harmonics, width, scale, offset }: Coefficients,
  embedding: { shape: number[]; data: ArrayLike<number> },
  use: (parameters: ParameterSet) => T,
): T {
  const shape = [bands, 2 * harmonics, width];
  return withParameters(
    { "time/scale": { shape, data: scale }, "time/offset": { shape, data: offset }, embedding },
    use,
  );
}

/** Values, and gradients of sum(weights * values), of a case with its tokens in one row. */
function run(c: ModulationCase, weights?: ArrayLike<number>, time: ArrayLike<number> | tf.Tensor = c.time) {
  const groups = groupByBand(c.band, c.bands, c.mask);
  return withCoefficients(
    c,
    { shape: [1, c.time.length, c.width], data: c.embedding },
    (parameters) => {
      const apply = () => timeModulation(parameters, "time", parameters.embedding, time, { ...c, groups });
      const values = tf.tidy(() => apply().dataSync<"float32">());
      const gradients = weights === undefined ? {} : parameterGradients(parameters, apply, weights);
      return { values, gradients };
    },
  );
}

for (const backend of backends) {
  Deno.test(`modulated tokens and their gradients are those of PyTorch ${fixture.torch} on the ${backend} backend`, async () => {
    await tf.setBackend(backend);
    assert.deepEqual(fixture.modulation.map(({ firstHarmonic }) => firstHarmonic), [0, 1]);
    for (const c of fixture.modulation) {
      const { batch, bands, length, width } = c;
      const groups = groupByBand(bandsOfArrays(batch, bands, length), bands);
      withCoefficients(c, { shape: [batch, bands, length, width], data: c.embedding }, (parameters) => {
        const apply = () =>
          timeModulation(parameters, "time", parameters.embedding, c.time, { ...c, groups });
        assertClose(tf.tidy(() => apply().dataSync()), c.result, 3e-6, "tokens");
        const gradients = parameterGradients(parameters, apply, c.weights);
        assertClose(gradients["time/scale"], c.gradients.scale, 3e-6, "d scale");
        assertClose(gradients["time/offset"], c.gradients.offset, 3e-6, "d offset");
        assertClose(gradients["embedding"], c.gradients.embedding, 3e-6, "d embedding");
      });
    }
  });

  Deno.test(`modulated tokens are those of the equations in 64 bits on the ${backend} backend`, async () => {
    await tf.setBackend(backend);
    const sizes = fc.record({
      tokens: fc.integer({ min: 1, max: 23 }),
      width: fc.integer({ min: 1, max: 9 }),
      harmonics: fc.integer({ min: 1, max: 64 }),
      bands: fc.integer({ min: 1, max: 6 }),
      firstHarmonic: fc.constantFrom(0 as const, 1 as const),
    });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: 1e6 }), (size, seed) => {
        const c = randomCase(size, seed);
        assertClose(run(c).values, modulationLoop(c), 1e-5, JSON.stringify({ ...size, seed }));
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  Deno.test(`gradients are the differences of the equations in 64 bits on the ${backend} backend`, async () => {
    await tf.setBackend(backend);
    const c = randomCase({ tokens: 9, width: 3, harmonics: 4, bands: 3, firstHarmonic: 1 }, 5);
    const weights = normals(c.time.length * c.width, "weights");
    const loss = (changed: ModulationCase) =>
      modulationLoop(changed).reduce((sum, value, i) => sum + value * weights[i], 0);
    const { gradients } = run(c, weights);
    for (
      const [name, part] of [["embedding", "embedding"], ["time/scale", "scale"], ["time/offset", "offset"]]
    ) {
      const values = Float64Array.from(c[part as "scale"]), step = 1e-4;
      const slopes = values.map((value, i) => {
        const moved = (by: number) => loss({ ...c, [part]: values.with(i, value + by) });
        return (moved(step) - moved(-step)) / (2 * step);
      });
      assertClose(gradients[name], slopes, 1e-5, `d ${part}`);
    }
  });

  Deno.test(`a batch without any observation gives zeros and gradients of zero on the ${backend} backend`, async () => {
    await tf.setBackend(backend);
    const c = randomCase({ tokens: 4, width: 3, harmonics: 2, bands: 2, firstHarmonic: 1 }, 8);
    const { values, gradients } = run({ ...c, mask: new Float32Array(4) }, new Float32Array(12).fill(1));
    assert.deepEqual([...values], new Array(12).fill(0));
    assert.deepEqual(Object.keys(gradients).sort(), ["embedding", "time/offset", "time/scale"]);
    for (const gradient of Object.values(gradients)) assert.ok(gradient.every((slope) => slope === 0));
  });
}

Deno.test("times of one band that are more than a piece give what they give one by one", async () => {
  await tf.setBackend("wasm");
  const c = randomCase({ tokens: 30000, width: 2, harmonics: 2, bands: 2, firstHarmonic: 1 }, 3);
  assert.ok(groupByBand(c.band, 2, c.mask).counts.every((count) => count > 8192));
  const weights = normals(60000, "weights"), { values, gradients } = run(c, weights);
  assertClose(values, modulationLoop(c), 1e-5, "tokens");
  // The gradient of the offset's first sine is a sum over the tokens of each band.
  const sums = new Float64Array(4);
  for (let i = 0; i < 30000; i++) {
    const sine = Math.sin(2 * Math.PI * c.time[i] / c.period) * c.mask[i];
    for (let d = 0; d < 2; d++) sums[2 * c.band[i] + d] += sine * weights[2 * i + d];
  }
  const found = [0, 1].flatMap((band) => [...gradients["time/offset"].subarray(8 * band, 8 * band + 2)]);
  assertClose(found, sums, 1e-5, "d offset");
});

Deno.test("adding Tmax to the times changes nothing, half of it does", async () => {
  await tf.setBackend("cpu");
  const c = randomCase({ tokens: 12, width: 4, harmonics: 16, bands: 2, firstHarmonic: 1 }, 11);
  const mask = new Float32Array(12).fill(1), { values } = run({ ...c, mask });
  const moved = (periods: number) =>
    run({ ...c, mask, time: Float64Array.from(c.time, (t) => t + periods * c.period) }).values;
  assertClose(moved(1), values, 1e-5, "one period later");
  // 64-bit times are reduced before they become 32-bit, so that a far period is as good as the first.
  assertClose(moved(-1000), values, 1e-5, "a thousand periods earlier");
  assert.ok(moved(0.5).some((value, i) => Math.abs(value - values[i]) > 0.5));
});

Deno.test("the tokens of a band depend on the coefficients of that band alone", async () => {
  await tf.setBackend("cpu");
  const drawn = randomCase({ tokens: 15, width: 3, harmonics: 5, bands: 4, firstHarmonic: 0 }, 13);
  const c = { ...drawn, band: Int32Array.from({ length: 15 }, (_, i) => (7 * i + 1) % 4) };
  const mask = new Float32Array(15).fill(1), all = run({ ...c, mask }).values, block = 2 * 5 * 3;
  for (let band = 0; band < 4; band++) {
    const own = Array.from(c.band, (b, i) => b === band ? i : -1).filter((i) => i >= 0);
    const alone = run({
      ...{ ...c, bands: 1, mask: own.map(() => 1), band: own.map(() => 0), time: own.map((i) => c.time[i]) },
      embedding: own.flatMap((i) => Array.from(c.embedding).slice(3 * i, 3 * i + 3)),
      scale: Array.from(c.scale).slice(band * block, (band + 1) * block),
      offset: Array.from(c.offset).slice(band * block, (band + 1) * block),
    }).values;
    assertClose(alone, own.flatMap((i) => [...all.subarray(3 * i, 3 * i + 3)]), 1e-6, `band ${band}`);
  }
});

Deno.test("permuted observations give permuted tokens", async () => {
  await tf.setBackend("cpu");
  const c = randomCase({ tokens: 10, width: 4, harmonics: 6, bands: 3, firstHarmonic: 1 }, 17);
  const order = [7, 3, 9, 0, 5, 1, 8, 2, 6, 4],
    rows = (x: ArrayLike<number>) => order.flatMap((i) => Array.from(x).slice(4 * i, 4 * i + 4));
  const permuted = run({
    ...c,
    embedding: rows(c.embedding),
    time: order.map((i) => c.time[i]),
    band: order.map((i) => c.band[i]),
    mask: order.map((i) => c.mask[i]),
  }).values;
  assertClose(permuted, rows(run(c).values), 1e-6, "tokens");
});

Deno.test("what stands in the padding changes neither tokens nor gradients", async () => {
  for (const backend of backends) {
    await tf.setBackend(backend);
    const c = randomCase({ tokens: 12, width: 3, harmonics: 4, bands: 2, firstHarmonic: 1 }, 19);
    assert.ok(c.mask.length > Array.from(c.mask).filter((m) => m === 1).length);
    const weights = normals(36, "weights"), clean = run(c, weights);
    const rubbish = run({
      ...c,
      embedding: Float32Array.from(c.embedding, (x, i) => c.mask[Math.floor(i / 3)] === 0 ? NaN : x),
      time: Float64Array.from(c.time, (x, i) => c.mask[i] === 0 ? NaN : x),
      band: Int32Array.from(c.band, (x, i) => c.mask[i] === 0 ? -7 : x),
    }, weights);
    assert.deepEqual(rubbish, clean);
    for (let i = 0; i < 36; i++) {
      if (c.mask[Math.floor(i / 3)] === 0) {
        assert.deepEqual([clean.values[i], clean.gradients.embedding[i]], [0, 0]);
      }
    }
  }
});

Deno.test("times as a tensor give what times as numbers give", async () => {
  await tf.setBackend("cpu");
  const c = randomCase({ tokens: 12, width: 3, harmonics: 4, bands: 2, firstHarmonic: 1 }, 23);
  const time = tf.tensor2d(Float32Array.from(c.time), [3, 4]);
  assertClose(run(c, undefined, time).values, run(c).values, 1e-5, "tokens");
  time.dispose();
});

Deno.test("with the harmonic 0 there is a constant term, and its sine has no effect", async () => {
  await tf.setBackend("cpu");
  const c = randomCase({ tokens: 6, width: 2, harmonics: 1, bands: 1, firstHarmonic: 0 }, 29);
  const mask = new Float32Array(6).fill(1), { values, gradients } = run({ ...c, mask }, normals(12, "w"));
  assertClose(
    values,
    Array.from(c.embedding, (e, i) => e * c.scale[2 + i % 2] + c.offset[2 + i % 2]),
    1e-6,
    "tokens",
  );
  assert.deepEqual([...gradients["time/scale"].subarray(0, 2)], [0, 0]);
  assert.ok(gradients["time/scale"].subarray(2).every((slope) => slope !== 0));
});

Deno.test("coefficients begin standard normal, by seed and name", () => {
  const plan = timeModulationParameters("time", { width: 48, harmonics: 16, period: 1500, bands: 3 });
  assert.deepEqual(Object.keys(plan), ["time/scale", "time/offset"]);
  const parameters = createParameters(plan, { seed: 1 });
  for (const each of Object.values(parameters)) {
    assert.deepEqual(each.shape, [3, 32, 48]);
    const values = each.dataSync<"float32">(), n = values.length;
    const mean = values.reduce((sum, x) => sum + x, 0) / n;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n;
    assert.ok(Math.abs(mean) < 4 / Math.sqrt(n), `mean ${mean}`);
    assert.ok(Math.abs(variance - 1) < 4 * Math.sqrt(2 / n), `variance ${variance}`);
  }
  disposeParameters(parameters);
});

Deno.test("nothing as large as tokens times harmonics times width is made, for 390 tokens of the paper's sizes", async () => {
  await tf.setBackend("wasm");
  const options = { width: 192, harmonics: 64, period: 1500, bands: 6 };
  const parameters = createParameters(timeModulationParameters("time", options), { seed: 1 });
  const embedding = tf.variable(tf.ones([1, 390, 192]));
  const time = Float64Array.from({ length: 390 }, (_, i) => 3.7 * i);
  const groups = groupByBand(Int32Array.from(time, (_, i) => i % 6), 6), before = tf.memory().numBytes;
  const { peakBytes } = await tf.profile(() => {
    const { value, grads } = tf.variableGrads(
      () => tf.sum(timeModulation(parameters, "time", embedding, time, { ...options, groups })) as tf.Scalar,
    );
    tf.dispose([value, grads]);
    return tf.scalar(0);
  });
  const forbidden = 4 * 390 * 64 * 192, gradients = 2 * 4 * 6 * 128 * 192;
  assert.ok(peakBytes - before < forbidden / 2, `${peakBytes - before} bytes`);
  assert.ok(peakBytes - before > gradients, "the profile saw the gradients");
  disposeParameters(parameters);
  embedding.dispose();
});

Deno.test("no tensor is left behind, with gradients or without", async () => {
  for (const backend of backends) {
    await tf.setBackend(backend);
    const c = randomCase({ tokens: 8, width: 3, harmonics: 4, bands: 2, firstHarmonic: 1 }, 31);
    run(c, new Float32Array(24).fill(1));
    const before = tf.memory().numTensors;
    run(c, new Float32Array(24).fill(1));
    assert.equal(tf.memory().numTensors, before);
    withCoefficients(c, { shape: [8, 3], data: c.embedding }, (parameters) => {
      const inside = tf.memory().numTensors;
      const groups = groupByBand(c.band, 2, c.mask);
      timeModulation(parameters, "time", parameters.embedding, c.time, { ...c, groups }).dispose();
      assert.equal(tf.memory().numTensors, inside);
    });
  }
});

Deno.test("groups hold each observation once, by band, and know the place of each", () => {
  const tokens = fc.array(fc.record({ band: fc.integer({ min: 0, max: 3 }), seen: fc.boolean() }), {
    maxLength: 30,
  });
  fc.assert(fc.property(tokens, (list) => {
    const { counts, order, place } = groupByBand(
      list.map(({ band }) => band),
      4,
      list.map(({ seen }) => seen ? 1 : 0),
    );
    const seen = list.map((_, i) => i).filter((i) => list[i].seen);
    assert.deepEqual([...order].sort((a, b) => a - b), seen);
    assert.deepEqual([...order], seen.toSorted((a, b) => list[a].band - list[b].band || a - b));
    list.forEach(({ seen }, i) => assert.ok(seen ? order[place[i]] === i : place[i] === order.length));
    for (let b = 0; b < 4; b++) assert.equal(counts[b], seen.filter((i) => list[i].band === b).length);
  }));
  assert.deepEqual([...bandsOfArrays(2, 3, 2)], [0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2]);
});

Deno.test("sizes that do not fit and times that are not finite are refused", async () => {
  await tf.setBackend("cpu");
  const good: TimeModulationOptions = { width: 3, harmonics: 2, period: 10, bands: 2 };
  const refuses = (pattern: RegExp, f: () => unknown) =>
    assert.throws(f, (error) => error instanceof EphemeraError && pattern.test(error.message));
  for (const wrong of [{ width: 0 }, { harmonics: 1.5 }, { bands: 0 }, { period: 0 }, { period: NaN }]) {
    refuses(/positive/, () => timeModulationParameters("time", { ...good, ...wrong }));
  }
  const second = { ...good, firstHarmonic: 2 as 1 };
  refuses(/0 or 1/, () => timeModulationParameters("time", second));
  refuses(/band from 0 to 1, found 2 \(token 1\)/, () => groupByBand([0, 2], 2));
  refuses(/mask of 2 tokens/, () => groupByBand([0, 1], 2, [1]));
  const parameters = createParameters(timeModulationParameters("time", good), { seed: 1 });
  const groups = groupByBand([0, 1], 2), e = tf.ones([2, 3]);
  const apply = (time: ArrayLike<number> | tf.Tensor, options: object, embedding: tf.Tensor = e) => () =>
    timeModulation(parameters, "time", embedding, time, { ...good, groups, ...options });
  refuses(/finite times, found NaN/, apply([0, NaN], {}));
  refuses(/2 times, one a token/, apply([0, 1, 2], {}));
  refuses(/2 times, one a token/, apply(tf.ones([3]), {}));
  refuses(/last axis has 3 elements/, apply([0, 1], {}, tf.ones([2, 4])));
  refuses(/groups of 4 tokens/, apply([0, 1], {}, tf.ones([4, 3])));
  refuses(/bands of 2 tokens/, apply([0, 1], { groups: undefined }));
  refuses(/coefficients of shape \[2, 6, 3\]/, apply([0, 1], { harmonics: 3 }));
  refuses(/groups of 3 bands/, apply([0, 1], { bands: 3 }));
  refuses(
    /a parameter "other\/scale"/,
    () => timeModulation(parameters, "other", e, [0, 1], { ...good, groups }),
  );
  refuses(
    /embedding of shape \[2, 3\]/,
    () => modulateGroups(parameters, "time", tf.ones([3, 3]), [0, 1], { ...good, groups }),
  );
  refuses(/2 times/, () => modulateGroups(parameters, "time", tf.ones([2, 3]), [0], { ...good, groups }));
  disposeParameters(parameters);
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { EphemeraError, Random } from "../../lib/core/mod.ts";
import {
  embeddingSize,
  embedTimes,
  equallySpaced,
  multiTimeAttention,
  multiTimeAttentionParameters,
  type MultiTimeOptions,
  multiTimeReadout,
  multiTimeReadoutParameters,
  type TimeEmbedding,
  timeEmbeddingParameters,
} from "../../lib/layers/mod.ts";
import {
  countParameters,
  createParameters,
  disposeParameters,
  type ParameterSet,
  parametersFromArrays,
  plainArray,
  readParameters,
  tf,
} from "../../lib/tensor/mod.ts";
import { assertClose, assertLikePeer, peerCases } from "./interpolation_fixture.ts";

await tf.setBackend("cpu");

type PeerOptions = Required<Omit<MultiTimeOptions, "reference">>;

Deno.test("multi-time attention and all its gradients are PyTorch's, with every embedding, heads, biases and empty bands", async () => {
  for (const given of peerCases<PeerOptions>("attention")) {
    const mask = tf.tensor3d(given.mask, given.inputs.time.shape as [number, number, number]);
    const options = { ...given.options, reference: given.reference };
    const layer = (parameters: ParameterSet, { time, value }: Record<string, tf.Tensor>) =>
      multiTimeAttention(parameters, "p", {
        time: time as tf.Tensor3D,
        value: value as tf.Tensor4D,
        mask,
      }, options);
    await assertLikePeer(given, layer, JSON.stringify(given.options));
  }
});

Deno.test("reading a sequence at times and all its gradients are PyTorch's", async () => {
  for (const given of peerCases<PeerOptions>("readout")) {
    const mask = tf.tensor3d(given.mask, given.inputs.time.shape as [number, number, number]);
    const options = { ...given.options, reference: given.reference };
    const layer = (parameters: ParameterSet, { time, sequence }: Record<string, tf.Tensor>) =>
      multiTimeReadout(
        parameters,
        "p",
        { time: time as tf.Tensor3D, sequence: sequence as tf.Tensor3D, mask },
        options,
      );
    await assertLikePeer(given, layer, JSON.stringify(given.options));
  }
});

Deno.test("the parameters that are declared are those that PyTorch's cases have", () => {
  for (const { options, inputs, parameters } of peerCases<PeerOptions>("attention")) {
    const [, bands, , channels] = inputs.value.shape;
    const plan = multiTimeAttentionParameters("p", { bands, channels }, options);
    assert.deepEqual(
      Object.fromEntries(Object.entries(plan).map(([name, { shape }]) => [name, [...shape]])),
      Object.fromEntries(Object.entries(parameters).map(([name, { shape }]) => [name, shape])),
    );
  }
});

/** Random observations of a batch as plain numbers, about a third of them hidden, one band empty. */
function observations(random: Random, shape: readonly [number, number, number]) {
  const size = shape[0] * shape[1] * shape[2],
    draw = (f: () => number) => Float32Array.from({ length: size }, f);
  const mask = draw(() => Number(random.uniform() < 0.7));
  mask.fill(0, size - shape[2]);
  return { shape, time: draw(() => random.uniform()), value: draw(() => random.normal()), mask };
}

type Observations = ReturnType<typeof observations>;

function tensors({ shape, time, value, mask }: Observations) {
  const [batch, bands, steps] = shape;
  const as = (values: Float32Array) => tf.tensor3d(values, [batch, bands, steps]);
  return { time: as(time), value: as(value), mask: as(mask) };
}

function parametersOf(values: Record<string, { shape: number[]; data: number[] }>): ParameterSet {
  return parametersFromArrays(
    new Map(
      Object.entries(values).map((
        [name, { shape, data }],
      ) => [name, plainArray(shape, Float32Array.from(data))]),
    ),
  );
}

const eye = (n: number) => ({
  shape: [n, n],
  data: Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0)),
});

/** Parameters with which an output is the bands' weighted means themselves, and a score is a sum of cos(d_k (t - r)). */
function plain(bands: number, embedding: TimeEmbedding): ParameterSet {
  const size = embeddingSize(embedding);
  return parametersOf({
    "p/query/kernel": eye(size),
    "p/key/kernel": eye(size),
    "p/output/kernel": eye(bands),
  });
}

/** Fast sines, so that weights differ much between observations. */
const quick: TimeEmbedding = { kind: "fixed", size: 8, scale: 20 };

Deno.test("with the paper's sizes the layer is its equations in double precision", async () => {
  const random = new Random("double"), shape = [2, 3, 17] as const;
  const given = observations(random, shape), [batch, bands, steps] = shape;
  const parameters = createParameters(multiTimeAttentionParameters("m", { bands }), { seed: 3 });
  const read = await readParameters(parameters), grid = equallySpaced();
  const weight = (name: string) => read.get(`m/${name}/kernel`)!.data as Float32Array;
  const [query, key, output] = ["query", "key", "output"].map(weight);
  const embed = (t: number) =>
    Array.from({ length: 16 }, (_, i) => {
      const angle = t * Math.exp(-2 * (i % 8) * Math.log(10) / 16);
      return i < 8 ? Math.sin(angle) : Math.cos(angle);
    });
  const times = (x: number[], kernel: Float32Array, columns: number) =>
    Array.from({ length: columns }, (_, c) => x.reduce((sum, v, i) => sum + v * kernel[i * columns + c], 0));
  const expected: number[] = [];
  for (let n = 0; n < batch; n++) {
    for (const r of grid) {
      const q = times(embed(r), query, 16), means: number[] = [];
      for (let b = 0; b < bands; b++) {
        let sum = 0, total = 0;
        for (let j = 0; j < steps; j++) {
          const i = (n * bands + b) * steps + j;
          if (given.mask[i] === 0) continue;
          const k = times(embed(given.time[i]), key, 16);
          const w = Math.exp(q.reduce((dot, v, c) => dot + v * k[c], 0) / 4);
          sum += w * given.value[i];
          total += w;
        }
        means.push(total === 0 ? 0 : sum / total);
      }
      expected.push(...times(means, output, 48));
    }
  }
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    const own = parametersFromArrays(read);
    const found = multiTimeAttention(own, "m", tensors(given));
    assert.deepEqual(found.shape, [batch, 128, 48]);
    assertClose(await found.data(), expected, 1e-5, backend);
    disposeParameters(own);
  }
  await tf.setBackend("cpu");
});

Deno.test("the paper's layer for two bands has 608 parameters, and 48 more with the compiled code's bias", () => {
  const count = (options: MultiTimeOptions) => {
    const parameters = createParameters(multiTimeAttentionParameters("m", { bands: 2 }, options), {
      seed: 1,
    });
    const count = countParameters(parameters);
    disposeParameters(parameters);
    return count;
  };
  assert.equal(count({}), 2 * 16 * 16 + 2 * 48);
  assert.equal(count({ bias: true }), 2 * 16 * 16 + 2 * 48 + 48);
});

Deno.test("the fixed embedding is the paper's, and the original's by its scale and layout", async () => {
  const t = [0, 0.3, 1], time = tf.tensor1d(t), size = 6;
  const frequency = [0, 1, 2].map((k) => 10 ** (-2 * k / size));
  const own = await embedTimes({}, "", time, { kind: "fixed", size }).data();
  assertClose(
    own,
    t.flatMap((t) => [...frequency.map((d) => Math.sin(t * d)), ...frequency.map((d) => Math.cos(t * d))]),
    1e-6,
    "concatenated",
  );
  const original = embedTimes({}, "", time, { kind: "fixed", size, scale: 48, layout: "interleaved" });
  assertClose(
    await original.data(),
    t.flatMap((t) => frequency.flatMap((d) => [Math.sin(48 * t * d), Math.cos(48 * t * d)])),
    1e-5,
    "interleaved",
  );
});

Deno.test("the learned embedding is a line and sines of lines, also of size one and for times of any rank", async () => {
  for (const size of [1, 4]) {
    const frequency = [0.5, -2, 3, 7].slice(0, size), phase = [0.1, 0.2, -0.3, 1].slice(0, size);
    const parameters = parametersOf({
      "e/frequency": { shape: [size], data: frequency },
      "e/phase": { shape: [size], data: phase },
    });
    const t = [0.1, 0.7, -0.4, 2];
    const found = embedTimes(parameters, "e", tf.tensor(t, [2, 1, 2]), { kind: "learned", size });
    assert.deepEqual(found.shape, [2, 1, 2, size]);
    const expected = t.flatMap((t) =>
      frequency.map((w, i) => i === 0 ? w * t + phase[i] : Math.sin(w * t + phase[i]))
    );
    assertClose(await found.data(), expected, 1e-6, `size ${size}`);
    disposeParameters(parameters);
  }
});

Deno.test("one observation is returned at every point, a constant series too, and the middle of two is their mean", async () => {
  const parameters = plain(1, quick), reference = [-0.5, 0, 0.3, 1, 4], hidden = 1;
  const at = async (time: number[], value: number[]) => {
    const shape: [number, number, number] = [1, 1, time.length];
    const out = multiTimeAttention(parameters, "p", {
      time: tf.tensor3d(time, shape),
      value: tf.tensor3d(value, shape),
      mask: tf.tensor3d(time.map((t) => Number(t < 90)), shape),
    }, { embedding: quick, reference, hidden });
    return Array.from(await out.data());
  };
  assert.deepEqual(await at([99, 0.7, 99], [5, 2.75, 5]), reference.map(() => 2.75));
  assertClose(await at([0.1, 0.5, 0.55, 0.9], [3, 3, 3, 3]), reference.map(() => 3), 1e-6, "constant");
  const [, , middle] = await at([0.2, 0.4], [1, 2]);
  assert.ok(Math.abs(middle - 1.5) < 1e-5);
  disposeParameters(parameters);
});

Deno.test("an empty band gives zeros and a channel of ones tells it from a band of zeros", async () => {
  const parameters = parametersOf({
    "p/query/kernel": eye(8),
    "p/key/kernel": eye(8),
    "p/output/kernel": eye(4),
  });
  const out = multiTimeAttention(parameters, "p", {
    time: tf.tensor3d([0.1, 0.6, NaN, Infinity], [1, 2, 2]),
    value: tf.tensor4d([0, 1, 0, 1, NaN, 1, 7, 1], [1, 2, 2, 2]),
    mask: tf.tensor3d([1, 1, 0, 0], [1, 2, 2]),
  }, { embedding: quick, reference: [0.2, 0.5], hidden: 4 });
  assertClose(await out.data(), [0, 1, 0, 0, 0, 1, 0, 0], 1e-6, "two points");
  disposeParameters(parameters);
});

Deno.test("what the mask hides does not matter, whatever it is, for the result and for every gradient", async () => {
  for (const embedding of [quick, { kind: "learned", size: 4 }] as TimeEmbedding[]) {
    const given = observations(new Random("hidden"), [2, 2, 6]), options = { embedding, hidden: 3, heads: 2 };
    const spoilt = { ...given, time: given.time.slice(), value: given.value.slice() };
    given.mask.forEach((seen, i) => {
      if (seen) return;
      spoilt.time[i] = i % 2 ? NaN : -Infinity;
      spoilt.value[i] = i % 3 ? NaN : 1e38;
    });
    const plan = multiTimeAttentionParameters("m", { bands: 2 }, options);
    for (const backend of ["cpu", "wasm"]) {
      await tf.setBackend(backend);
      const parameters = createParameters(plan, { seed: 1 });
      const evaluate = (of: Observations) =>
        tf.tidy(() => {
          const apply = () => multiTimeAttention(parameters, "m", tensors(of), options);
          const loss = () => tf.sum(tf.square(apply())).asScalar();
          const { grads } = tf.variableGrads(loss, Object.values(parameters));
          return [apply(), ...Object.values(grads)].map((t) => Array.from(t.dataSync()));
        });
      const clean = evaluate(given);
      assert.ok(clean.flat().every(Number.isFinite));
      assert.deepEqual(evaluate(spoilt), clean);
      disposeParameters(parameters);
    }
  }
  await tf.setBackend("cpu");
});

Deno.test("the order of the observations does not matter", () => {
  const bands = 2, steps = 7, options = { hidden: 5, embedding: quick };
  const parameters = createParameters(multiTimeAttentionParameters("m", { bands }, options), { seed: 2 });
  fc.assert(
    fc.property(
      fc.integer(),
      fc.shuffledSubarray([...Array(steps).keys()], { minLength: steps }),
      (seed, order) => {
        const given = observations(new Random(seed), [1, bands, steps]);
        const sorted = (x: Float32Array) => x.map((_, i) => x[i - i % steps + order[i % steps]]);
        const mixed = {
          ...given,
          time: sorted(given.time),
          value: sorted(given.value),
          mask: sorted(given.mask),
        };
        const [a, b] = tf.tidy(() =>
          [given, mixed].map((of) => multiTimeAttention(parameters, "m", tensors(of), options).dataSync())
        );
        assertClose(b, a, 1e-5, "shuffled");
      },
    ),
    { numRuns: 20 },
  );
  disposeParameters(parameters);
});

Deno.test("adding a band leaves what the others give as it was", () => {
  const random = new Random("bands"), three = observations(random, [2, 3, 5]), options = { embedding: quick };
  const firstTwo = (x: Float32Array) =>
    Float32Array.from([0, 1].flatMap((n) => [...x.subarray(15 * n, 15 * n + 10)]));
  const two: Observations = {
    shape: [2, 2, 5],
    time: firstTwo(three.time),
    value: firstTwo(three.value),
    mask: firstTwo(three.mask),
  };
  const [a, b] = [two, three].map((of, i) => {
    const parameters = plain(i + 2, quick);
    const found = multiTimeAttention(parameters, "p", tensors(of), { ...options, hidden: i + 2 });
    disposeParameters(parameters);
    return found;
  });
  assert.deepEqual(Array.from(tf.slice(b, [0, 0, 0], [2, 128, 2]).dataSync()), Array.from(a.dataSync()));
});

Deno.test("with equal maps of queries and keys, times and grid may be shifted together", () => {
  const parameters = plain(2, quick), reference = [0, 0.2, 0.7];
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: -3, max: 3, noNaN: true }), (seed, shift) => {
      const given = observations(new Random(seed), [1, 2, 4]);
      const later = { ...given, time: given.time.map((t) => t + shift) };
      const at = (of: Observations, reference: number[]) =>
        multiTimeAttention(parameters, "p", tensors(of), { embedding: quick, hidden: 2, reference });
      const [a, b] = tf.tidy(() => [
        at(given, reference).dataSync(),
        at(later, reference.map((r) => r + shift)).dataSync(),
      ]);
      assertClose(b, a, 1e-4, `shift ${shift}`);
    }),
    { numRuns: 20 },
  );
  disposeParameters(parameters);
});

Deno.test("reading a sequence is the same attention with times and grid exchanged", () => {
  const options = { hidden: 4, heads: 2, embedding: quick };
  const grid = [0, 0.3, 0.35, 1], width = 3, times = [0.9, 0.1, 0.33];
  const parameters = createParameters(multiTimeReadoutParameters("m", { width }, options), { seed: 4 });
  const sequence = tf.randomNormal([1, 1, 4, width], 0, 1, "float32", 5) as tf.Tensor4D;
  const there = multiTimeReadout(parameters, "m", { sequence, time: tf.tensor3d(times, [1, 1, 3]) }, {
    ...options,
    reference: grid,
  });
  const back = multiTimeAttention(parameters, "m", {
    time: tf.tensor3d(grid, [1, 1, 4]),
    value: sequence,
    mask: tf.ones([1, 1, 4]),
  }, { ...options, reference: times });
  assertClose(there.dataSync(), back.dataSync(), 1e-5, "exchanged");
  disposeParameters(parameters);
});

Deno.test("bands that share a sequence read what bands with copies of it read, and nothing where the mask is 0", () => {
  const options = { hidden: 4, reference: [0, 0.5, 1], bias: true }, width = 3;
  const plan = multiTimeReadoutParameters("m", { width }, options);
  const parameters = createParameters(plan, { seed: 4 });
  parameters["m/output/bias"].assign(tf.ones([4]));
  const sequence: tf.Tensor3D = tf.randomNormal([2, 3, width], 0, 1, "float32", 5);
  const { time, mask } = tensors(observations(new Random("read"), [2, 2, 5]));
  const shared = multiTimeReadout(parameters, "m", { sequence, time, mask }, options);
  const copies = tf.stack([sequence, sequence], 1) as tf.Tensor4D;
  const own = multiTimeReadout(parameters, "m", { sequence: copies, time, mask }, options);
  assertClose(own.dataSync(), shared.dataSync(), 1e-6, "copies");
  const seen = mask.dataSync();
  shared.dataSync().forEach((v, i) => {
    if (seen[Math.floor(i / 4)] === 0) assert.equal(v, 0);
  });
  const everywhere = multiTimeReadout(parameters, "m", { sequence, time }, options).dataSync();
  assert.ok(everywhere.every((v) => v !== 0));
  disposeParameters(parameters);
});

Deno.test("neither layer leaves a tensor behind but its result", () => {
  const plans = {
    ...multiTimeAttentionParameters("a", { bands: 2 }, { embedding: { kind: "learned" } }),
    ...multiTimeReadoutParameters("r", { width: 48 }),
  };
  const parameters = createParameters(plans, { seed: 1 }),
    given = tensors(observations(new Random(1), [2, 2, 5]));
  const before = tf.memory().numTensors;
  const sequence = multiTimeAttention(parameters, "a", given, { embedding: { kind: "learned" } });
  assert.equal(tf.memory().numTensors, before + 1);
  const read = multiTimeReadout(parameters, "r", { ...given, sequence });
  assert.equal(tf.memory().numTensors, before + 2);
  tf.dispose([sequence, read]);
  disposeParameters(parameters);
});

Deno.test("sizes that do not fit are refused with what was expected", () => {
  const refuse = (run: () => unknown, pattern: RegExp) =>
    assert.throws(run, (error) => error instanceof EphemeraError && pattern.test(error.message));
  const plan = multiTimeAttentionParameters("m", { bands: 2 }),
    parameters = createParameters(plan, { seed: 1 });
  const given = tensors(observations(new Random(1), [2, 2, 5]));
  const three = tensors(observations(new Random(1), [2, 3, 5]));
  refuse(
    () => multiTimeAttention(parameters, "m", { ...given, mask: three.mask }),
    /mask of shape \[2, 2, 5\]/,
  );
  refuse(() => multiTimeAttention(parameters, "m", { ...given, value: three.value }), /value of shape/);
  refuse(() => multiTimeAttention(parameters, "m", three), /last axis has 2 elements, found \[2, 128, 3\]/);
  refuse(() => multiTimeAttention(parameters, "other", given), /"other\/key\/kernel"/);
  refuse(
    () => multiTimeAttention(parameters, "m", given, { embedding: { kind: "learned" } }),
    /"m\/embedding\/frequency"/,
  );
  const sequence: tf.Tensor3D = tf.ones([2, 100, 2]);
  refuse(
    () => multiTimeReadout(parameters, "m", { sequence, time: given.time }),
    /sequence of shape \[2, 128, 2\]/,
  );
  const options: [MultiTimeOptions, RegExp][] = [
    [{ heads: 3 }, /divides the size of the embedding/],
    [{ heads: 0 }, /number of heads/],
    [{ hidden: 1.5 }, /hidden size/],
    [{ headSize: -1 }, /headSize -1/],
    [{ embedding: { kind: "fixed", size: 5 } }, /positive even size/],
    [{ embedding: { kind: "learned", size: 0 } }, /positive whole size/],
    [{ embedding: { kind: "other" } as unknown as TimeEmbedding }, /"fixed" or "learned"/],
  ];
  for (const [wrong, pattern] of options) {
    refuse(() => multiTimeAttentionParameters("m", { bands: 2 }, wrong), pattern);
  }
  refuse(() => multiTimeAttentionParameters("m", { bands: 1.5 }), /number of bands/);
  refuse(() => multiTimeAttentionParameters("m", { bands: 1, channels: 0 }), /number of channels/);
  refuse(
    () => multiTimeAttention(parameters, "m", given, { reference: [0, NaN] }),
    /finite number, found \[0, NaN\]/,
  );
  refuse(() => equallySpaced(1), /at least 2 points/);
  refuse(() => equallySpaced(5, 0), /positive span/);
  assert.deepEqual([...equallySpaced(3, 2)], [0, 1, 2]);
  assert.deepEqual(timeEmbeddingParameters("e", { kind: "fixed" }), {});
  disposeParameters(parameters);
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { EphemeraError, Random } from "../../lib/core/mod.ts";
import {
  heldOutLoss,
  interiorPoints,
  interpolants,
  interpolateObservations,
  type InterpolationOptions,
  type InterpolationOutput,
  interpolationParameters,
  interpolationPrediction,
  keepMask,
} from "../../lib/layers/mod.ts";
import {
  createParameters,
  disposeParameters,
  hashKey,
  type ParameterSet,
  parametersFromArrays,
  plainArray,
  tf,
} from "../../lib/tensor/mod.ts";
import { assertClose, assertLikePeer, peerCases } from "./interpolation_fixture.ts";

await tf.setBackend("cpu");

const everything: readonly InterpolationOutput[] = ["sigma", "lambda", "gamma", "chi", "tau"];

Deno.test("the interpolants and all their gradients are PyTorch's, by own intensity and damped, with empty and single bands", async () => {
  for (const given of peerCases<InterpolationOptions>("interpolants")) {
    const mask = tf.tensor3d(given.mask, given.inputs.time.shape as [number, number, number]);
    const options = { ...given.options, reference: given.reference, outputs: everything };
    const layer = (parameters: ParameterSet, { time, value }: Record<string, tf.Tensor>) =>
      interpolationPrediction(
        parameters,
        "p",
        { time: time as tf.Tensor3D, value: value as tf.Tensor3D, mask },
        options,
      );
    await assertLikePeer(given, layer, JSON.stringify(given.options));
  }
});

Deno.test("the loss of held-out observations and all its gradients are PyTorch's, across bands and without", async () => {
  for (const given of peerCases<InterpolationOptions>("losses")) {
    const shape = given.inputs.time.shape as [number, number, number];
    const as = (values: number[]) => tf.tensor3d(values, shape);
    const mask = as(given.mask), kept = as(given.kept);
    const options = { ...given.options, reference: given.reference };
    const layer = (parameters: ParameterSet, { time, value }: Record<string, tf.Tensor>) =>
      heldOutLoss(
        parameters,
        "p",
        { time: time as tf.Tensor3D, value: value as tf.Tensor3D, mask },
        kept,
        options,
      );
    await assertLikePeer(given, layer, JSON.stringify(given.options));
  }
});

/** Random observations of a batch as plain numbers, about a third of them hidden, the last band empty. */
function observations(random: Random, shape: readonly [number, number, number]) {
  const size = shape[0] * shape[1] * shape[2],
    draw = (f: () => number) => Float32Array.from({ length: size }, f);
  const mask = draw(() => Number(random.uniform() < 0.7));
  mask[0] = 1;
  if (shape[0] * shape[1] > 1) mask.fill(0, size - shape[2]);
  return { shape, time: draw(() => random.uniform()), value: draw(() => random.normal()), mask };
}

type Observations = ReturnType<typeof observations>;

function tensors({ shape, time, value, mask }: Observations) {
  const [batch, bands, steps] = shape;
  const as = (values: Float32Array) => tf.tensor3d(values, [batch, bands, steps]);
  return { time: as(time), value: as(value), mask: as(mask) };
}

/** Parameters with the given alpha of each band and rho in rows. */
function parametersOf(alpha: readonly number[], rho?: readonly number[]): ParameterSet {
  const bands = alpha.length;
  // The inverse of softplus; for large alpha they are the same.
  const bandwidth = alpha.map((a) => a > 30 ? a : Math.log(Math.expm1(a)));
  const identity = Array.from({ length: bands * bands }, (_, i) => Number(i % (bands + 1) === 0));
  return parametersFromArrays(
    new Map([
      ["p/bandwidth", plainArray([bands], Float32Array.from(bandwidth))],
      ["p/across", plainArray([bands, bands], Float32Array.from(rho ?? identity))],
    ]),
  );
}

/** The definition in double precision: every output of every band, output by output. */
function direct(
  { shape, time, value, mask }: Observations,
  alpha: readonly number[],
  rho: readonly number[],
  grid: ArrayLike<number>,
  kappa: number,
): Record<InterpolationOutput, number[]> {
  const [batch, bands, steps] = shape,
    K = grid.length,
    out = (): number[] => new Array(batch * bands * K).fill(0);
  const made = { sigma: out(), lambda: out(), gamma: out(), chi: out(), tau: out() };
  const average = (row: number, r: number, a: number) => {
    const there = Array.from({ length: steps }, (_, j) => row * steps + j).filter((i) => mask[i] !== 0);
    // Shifted by the largest exponent, so that points far from all observations have weights.
    const exponent = there.map((i) => -a * (r - time[i]) ** 2), most = Math.max(...exponent);
    const weight = exponent.map((e) => Math.exp(e - most)), total = weight.reduce((s, w) => s + w, 0);
    const mean = there.reduce((sum, i, k) => sum + weight[k] * value[i], 0) / total;
    return there.length === 0 ? { mean: 0, log: -Infinity } : { mean, log: most + Math.log(total) };
  };
  for (let n = 0; n < batch; n++) {
    const low = Array.from(
      { length: bands },
      (_, b) => Array.from(grid, (r) => average(n * bands + b, r, alpha[b])),
    );
    const centre = low.map((row) => row.reduce((sum, { mean }) => sum + mean, 0) / K);
    for (let b = 0; b < bands; b++) {
      for (let k = 0; k < K; k++) {
        const i = (n * bands + b) * K + k, most = Math.max(...low.map((row) => row[k].log));
        made.sigma[i] = low[b][k].mean;
        made.lambda[i] = Math.exp(low[b][k].log);
        made.gamma[i] = average(n * bands + b, grid[k], kappa * alpha[b]).mean;
        made.chi[i] = centre[b];
        if (most === -Infinity) continue;
        const total = low.reduce((sum, row) => sum + Math.exp(row[k].log - most), 0);
        for (let d = 0; d < bands; d++) {
          const share = Math.exp(low[d][k].log - most) / total;
          made.chi[i] += rho[b * bands + d] * share * (low[d][k].mean - centre[d]);
        }
        made.tau[i] = made.gamma[i] - made.chi[i];
      }
    }
  }
  return made;
}

Deno.test("with the paper's grid the interpolants are their equations in double precision, also for very narrow kernels", async () => {
  for (const alpha of [[0.7, 3, 20], [500, 2000, 1e5]]) {
    const given = observations(new Random("double"), [2, 3, 19]), rho = [1, 0.5, -0.2, 0, 1, 0.3, -1, 0.2, 2];
    const expected = direct(given, alpha, rho, interiorPoints(), 10);
    for (const backend of ["cpu", "wasm"]) {
      await tf.setBackend(backend);
      const parameters = parametersOf(alpha, rho);
      const found = interpolants(parameters, "p", tensors(given), { outputs: everything });
      for (const name of everything) {
        // Exponents of thousands are good to 1e-7 of themselves, and so are weights.
        const tolerance = alpha[0] > 100 ? 2e-2 : 2e-5;
        assertClose(await found[name].data(), expected[name], tolerance, `${backend} ${name} ${alpha}`);
      }
      disposeParameters(parameters);
    }
  }
  await tf.setBackend("cpu");
});

Deno.test("the layer begins with alpha = ln 2 and rho the identity, and has no rho where no output needs it", async () => {
  const parameters = createParameters(interpolationParameters("p", { bands: 3 }), { seed: 1 });
  assert.deepEqual(Object.keys(parameters), ["p/bandwidth", "p/across"]);
  assert.deepEqual(Array.from(await parameters["p/across"].data()), [1, 0, 0, 0, 1, 0, 0, 0, 1]);
  const { lambda } = interpolants(parameters, "p", {
    time: tf.zeros([1, 3, 1]),
    value: tf.ones([1, 3, 1]),
    mask: tf.ones([1, 3, 1]),
  }, { outputs: ["lambda"], reference: [1, 2] });
  assertClose(await lambda.data(), [0.5, 1 / 16, 0.5, 1 / 16, 0.5, 1 / 16], 1e-6, "2^-r^2");
  assert.deepEqual(Object.keys(interpolationParameters("p", { bands: 3 }, { outputs: ["sigma", "gamma"] })), [
    "p/bandwidth",
  ]);
  disposeParameters(parameters);
});

Deno.test("the grid is the 128 interior points of 130 from 0 to 1", () => {
  const grid = interiorPoints();
  assert.equal(grid.length, 128);
  assert.equal(grid[0], 1 / 129);
  assert.ok(Math.abs(grid[127] - 128 / 129) < 1e-15);
  assert.deepEqual([...interiorPoints(1, 10)], [5]);
});

/** One band's interpolants at the given points. */
function oneBand(
  time: number[],
  value: number[],
  options: InterpolationOptions & { alpha: number },
): Record<InterpolationOutput, Float32Array> {
  const shape: [number, number, number] = [1, 1, time.length], parameters = parametersOf([options.alpha]);
  const made = tf.tidy(() => {
    const mask = tf.tensor3d(time.map((t) => Number(Number.isFinite(t))), shape);
    const series = { time: tf.tensor3d(time, shape), value: tf.tensor3d(value, shape), mask };
    const found = interpolants<InterpolationOutput>(parameters, "p", series, {
      ...options,
      outputs: everything,
    });
    return Object.fromEntries(
      everything.map((name) => [name, found[name].dataSync() as Float32Array]),
    );
  });
  disposeParameters(parameters);
  return made as Record<InterpolationOutput, Float32Array>;
}

Deno.test("one observation is returned at every point, however far, to the last bit", () => {
  const reference = [0, 0.5, 1e3, -1e6];
  for (const alpha of [1e-3, 0.69, 1e4]) {
    const { sigma, gamma, lambda } = oneBand([NaN, 0.25], [9, 1.7], { alpha, reference });
    assert.deepEqual([...sigma], reference.map(() => Math.fround(1.7)));
    assert.deepEqual([...gamma], reference.map(() => Math.fround(1.7)));
    assertClose(lambda, reference.map((r) => Math.exp(-alpha * (r - 0.25) ** 2)), 1e-5, "intensity");
  }
});

Deno.test("a constant series stays constant in all views, and nothing is quick in it", () => {
  const { sigma, gamma, chi, tau } = oneBand([0.1, 0.15, 0.8, 0.9], [4, 4, 4, 4], {
    alpha: 30,
    reference: [0, 0.4, 1],
  });
  for (const view of [sigma, gamma, chi]) assertClose(view, [4, 4, 4], 1e-6, "constant");
  assert.ok(tau.every((v) => Math.abs(v) < 1e-5));
});

Deno.test("half-way between two observations is their mean; beside it the closed form of two weights", () => {
  const alpha = 3,
    kappa = 10,
    { sigma, gamma, lambda } = oneBand([0.2, 0.6], [1, 2], {
      alpha,
      kappa,
      reference: [0.4, 0.5],
    });
  assert.ok(Math.abs(sigma[0] - 1.5) < 1e-6 && Math.abs(gamma[0] - 1.5) < 1e-6);
  assert.ok(Math.abs(lambda[0] - 2 * Math.exp(-alpha * 0.04)) < 1e-6);
  // 1 + a logistic function of the difference of the squared distances, 0.09 - 0.01.
  assert.ok(Math.abs(sigma[1] - (1 + 1 / (1 + Math.exp(-alpha * 0.08)))) < 1e-6);
  assert.ok(Math.abs(gamma[1] - (1 + 1 / (1 + Math.exp(-kappa * alpha * 0.08)))) < 1e-6);
});

Deno.test("kappa = 1 makes gamma sigma, a large kappa the nearest observation, a small alpha sigma the mean", () => {
  const time = [0.1, 0.5, 0.7], value = [1, -2, 5], reference = [0.2, 0.45, 0.9];
  const same = oneBand(time, value, { alpha: 5, kappa: 1, reference });
  assert.deepEqual(same.gamma, same.sigma);
  assertClose(oneBand(time, value, { alpha: 5, kappa: 1e4, reference }).gamma, [1, -2, 5], 1e-6, "nearest");
  assertClose(oneBand(time, value, { alpha: 1e-6, reference }).sigma, [4 / 3, 4 / 3, 4 / 3], 1e-5, "mean");
});

Deno.test("the damped form is gamma times the ratio of the two intensities, and is never the larger", () => {
  const time = [0.1, 0.5, 0.7], value = [1, -2, 5], reference = [0.2, 0.5, 0.9, 30], kappa = 10, alpha = 4;
  const own = oneBand(time, value, { alpha, kappa, reference });
  const damped = oneBand(time, value, { alpha, kappa, reference, transient: "damped" });
  const quick = oneBand(time, value, { alpha: kappa * alpha, reference });
  for (let k = 0; k < 3; k++) {
    const expected = own.gamma[k] * quick.lambda[k] / own.lambda[k];
    assert.ok(Math.abs(damped.gamma[k] - expected) < 1e-5 * Math.abs(expected));
    assert.ok(Math.abs(damped.gamma[k]) <= Math.abs(own.gamma[k]));
  }
  assert.equal(damped.gamma[3], 0); // where both intensities are 0 in float32, their ratio is still known
  assert.equal(own.gamma[3], 5);
});

Deno.test("observations with large times and a point far from all of them give finite numbers and gradients", async () => {
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    const parameters = parametersOf([1e-4, 50]);
    const series = {
      time: tf.tensor3d([1e5, 2e5, -3e5, 0, 1e7, 0], [1, 2, 3]),
      value: tf.tensor3d([1, 2, 3, 4, 5, 6], [1, 2, 3]),
      mask: tf.ones([1, 2, 3]) as tf.Tensor3D,
    };
    const options = { outputs: everything, reference: [0, 1, 1e6] };
    tf.tidy(() => {
      const loss = () =>
        tf.sum(tf.square(interpolationPrediction(parameters, "p", series, options))).asScalar();
      const { value, grads } = tf.variableGrads(loss, Object.values(parameters));
      for (const tensor of [value, ...Object.values(grads)]) {
        assert.ok(tensor.dataSync().every(Number.isFinite), `${backend}: ${tensor.dataSync()}`);
      }
      const { sigma } = interpolants(parameters, "p", series, { ...options, outputs: ["sigma"] });
      // The nearest observation; two at the same time share.
      assert.deepEqual([...sigma.dataSync()], [1, 1, 2, 5, 5, 5]);
    });
    disposeParameters(parameters);
  }
  await tf.setBackend("cpu");
});

Deno.test("what is hidden stays hidden for kernels so wide or so narrow that alpha leaves float32", async () => {
  for (const bandwidth of [-200, -90, 0, 1e6]) {
    const parameters = parametersFromArrays(
      new Map([["p/bandwidth", plainArray([1], Float32Array.of(bandwidth))]]),
    );
    const { sigma, gamma } = interpolants(parameters, "p", {
      time: tf.tensor3d([0, 1, 0.5], [1, 1, 3]),
      value: tf.tensor3d([1, 3, 1e6], [1, 1, 3]),
      mask: tf.tensor3d([1, 1, 0], [1, 1, 3]),
    }, { outputs: ["sigma", "gamma"], reference: [0.5] });
    assertClose(await sigma.data(), [2], 1e-6, `sigma, ${bandwidth}`);
    assertClose(await gamma.data(), [2], 1e-6, `gamma, ${bandwidth}`);
    disposeParameters(parameters);
  }
});

Deno.test("chi of a band without observations comes from the others, and an object without any gives zeros", async () => {
  const parameters = parametersOf([5, 5], [1, 0.5, 2, 1]), reference = [0.25, 0.75];
  const found = interpolants(parameters, "p", {
    time: tf.tensor3d([0.2, 0.8, NaN, NaN, NaN, NaN, NaN, NaN], [2, 2, 2]),
    value: tf.tensor3d([1, 3, NaN, NaN, NaN, NaN, NaN, NaN], [2, 2, 2]),
    mask: tf.tensor3d([1, 1, 0, 0, 0, 0, 0, 0], [2, 2, 2]),
  }, { outputs: everything, reference });
  const sigma = (await found.sigma.data()).subarray(0, 2), centre = (sigma[0] + sigma[1]) / 2;
  assertClose(
    await found.chi.data(),
    [
      ...sigma,
      2 * (sigma[0] - centre),
      2 * (sigma[1] - centre),
      0,
      0,
      0,
      0,
    ],
    1e-6,
    "chi",
  );
  for (const name of ["sigma", "lambda", "gamma"] as const) {
    assert.ok((await found[name].data()).subarray(2).every((v) => v === 0), name);
  }
  disposeParameters(parameters);
});

Deno.test("without centring chi is eq. 2.14: the bands' shares in the intensity times their smooth interpolants", async () => {
  const rho = [1, 0.5, -2, 3], parameters = parametersOf([5, 5], rho);
  const found = interpolants(parameters, "p", {
    time: tf.tensor3d([0.5, 0.5, 0.5, 0.5], [1, 2, 2]),
    value: tf.tensor3d([2, 2, 7, 9], [1, 2, 2]),
    mask: tf.tensor3d([1, 1, 1, 0], [1, 2, 2]),
  }, { outputs: ["chi"], reference: [0.3, 0.9], centred: false });
  // Two observations against one: shares of 2/3 and 1/3, at every point.
  const first = 2 / 3 * 2 + 0.5 * 7 / 3, second = -2 * 2 / 3 * 2 + 3 * 7 / 3;
  assertClose(await found.chi.data(), [first, first, second, second], 1e-6, "chi");
  disposeParameters(parameters);
});

Deno.test("the sequence for an encoder is the interpolants in the order that was asked for, bands side by side", () => {
  const parameters = parametersOf([2, 9]), given = tensors(observations(new Random("order"), [3, 2, 6]));
  const options = { outputs: ["tau", "sigma"] as const, reference: [0.1, 0.5, 0.7] };
  const sequence = interpolationPrediction(parameters, "p", given, options);
  const { tau, sigma } = interpolants(parameters, "p", given, options);
  assert.deepEqual(sequence.shape, [3, 3, 4]);
  const columns = tf.stack([...tf.unstack(tau, 1), ...tf.unstack(sigma, 1)], 2);
  assert.deepEqual(sequence.dataSync(), columns.dataSync());
  disposeParameters(parameters);
});

Deno.test("what the mask hides does not matter, whatever it is, for the result, the loss and every gradient", async () => {
  const given = observations(new Random("hidden"), [2, 2, 6]);
  const spoilt = { ...given, time: given.time.slice(), value: given.value.slice() };
  given.mask.forEach((seen, i) => {
    if (seen) return;
    spoilt.time[i] = i % 2 ? NaN : -Infinity;
    spoilt.value[i] = i % 3 ? NaN : 1e38;
  });
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    const parameters = parametersOf([2, 9]);
    const evaluate = (of: Observations) =>
      tf.tidy(() => {
        const series = tensors(of), kept = keepMask(series.mask, { key: 5, keep: 0.5 });
        const apply = () => interpolationPrediction(parameters, "p", series, { outputs: everything });
        const loss = () =>
          tf.add(tf.sum(tf.square(apply())), heldOutLoss(parameters, "p", series, kept)).asScalar();
        const { value, grads } = tf.variableGrads(loss, Object.values(parameters));
        return [apply(), value, ...Object.values(grads)].map((t) => Array.from(t.dataSync()));
      });
    const clean = evaluate(given);
    assert.ok(clean.flat().every(Number.isFinite));
    assert.deepEqual(evaluate(spoilt), clean);
    disposeParameters(parameters);
  }
  await tf.setBackend("cpu");
});

Deno.test("the order of the observations does not matter", () => {
  const bands = 2, steps = 7, parameters = parametersOf([8, 30], [1, 0.4, -0.3, 1]);
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
        const options = { outputs: everything };
        const [a, b] = tf.tidy(() =>
          [given, mixed].map((of) =>
            interpolationPrediction(parameters, "p", tensors(of), options).dataSync()
          )
        );
        assertClose(b, a, 1e-5, "shuffled");
      },
    ),
    { numRuns: 20 },
  );
  disposeParameters(parameters);
});

Deno.test("times and grid may be shifted together", () => {
  const parameters = parametersOf([8, 30]), reference = [0, 0.2, 0.7];
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: -3, max: 3, noNaN: true }), (seed, shift) => {
      const given = observations(new Random(seed), [1, 2, 4]);
      const later = { ...given, time: given.time.map((t) => t + shift) };
      const at = (of: Observations, reference: number[]) =>
        interpolationPrediction(parameters, "p", tensors(of), { outputs: everything, reference }).dataSync();
      const [a, b] = tf.tidy(() => [at(given, reference), at(later, reference.map((r) => r + shift))]);
      assertClose(b, a, 1e-3, `shift ${shift}`);
    }),
    { numRuns: 20 },
  );
  disposeParameters(parameters);
});

Deno.test("adding a band leaves the others' own interpolants as they were", () => {
  const three = observations(new Random("bands"), [2, 3, 5]);
  const firstTwo = (x: Float32Array) =>
    Float32Array.from([0, 1].flatMap((n) => [...x.subarray(15 * n, 15 * n + 10)]));
  const two: Observations = {
    shape: [2, 2, 5],
    time: firstTwo(three.time),
    value: firstTwo(three.value),
    mask: firstTwo(three.mask),
  };
  const outputs = ["sigma", "lambda", "gamma"] as const;
  const [a, b] = [two, three].map((of) => {
    const parameters = parametersOf([3, 20, 7].slice(0, of.shape[1]));
    const found = interpolants(parameters, "p", tensors(of), { outputs });
    disposeParameters(parameters);
    return found;
  });
  for (const name of outputs) {
    const kept = tf.slice(b[name], [0, 0, 0], [2, 2, 128]);
    assert.deepEqual(Array.from(kept.dataSync()), Array.from(a[name].dataSync()), name);
  }
});

Deno.test("at an observation's own time the loss sees the same chi as the grid has there", () => {
  const parameters = parametersOf([8, 30], [1, 0.4, -0.3, 1]), steps = 6;
  const given = observations(new Random("own"), [2, 2, steps]);
  given.mask.fill(1);
  const series = tensors(given), kept = keepMask(series.mask, { key: 3, keep: 0.6 });
  for (const n of [0, 1]) {
    const one = (t: tf.Tensor3D) => tf.slice(t, [n, 0, 0], [1, 2, steps]);
    const all = { time: one(series.time), value: one(series.value), mask: one(series.mask) };
    const times = given.time.subarray(12 * n, 12 * n + 12);
    for (const centred of [true, false]) {
      // With all observations' times as the grid, the grid's means and values are those of the loss.
      const options = { centred, outputs: ["chi"] as const, reference: times };
      const found = interpolateObservations(parameters, "p", all, one(kept), options).dataSync();
      const { chi } = interpolants(parameters, "p", { ...all, mask: one(kept) }, options);
      const values = chi.dataSync();
      const expected = Array.from({ length: 12 }, (_, i) => values[Math.floor(i / steps) * 12 + i]);
      assertClose(found, expected, 1e-5, `object ${n}`);
    }
  }
  disposeParameters(parameters);
});

Deno.test("a keep mask holds out a fifth, never a whole band, and depends on key and object alone", async () => {
  const mask: tf.Tensor3D = tf.ones([50, 2, 100]);
  const kept = keepMask(mask, { key: hashKey("seed", 1) }), values = await kept.data() as Float32Array;
  const share = values.reduce((sum, v) => sum + v, 0) / values.length;
  // Ten thousand draws: five standard deviations are 0.02.
  assert.ok(Math.abs(share - 0.8) < 0.02);
  assert.ok(values.every((v) => v === 0 || v === 1));
  const rest = keepMask(tf.ones([20, 2, 100]), {
    key: hashKey("seed", 1),
    objects: Array.from({ length: 20 }, (_, n) => 30 + n),
  });
  assert.deepEqual(await rest.data(), values.subarray(30 * 200));
  assert.notDeepEqual(await keepMask(mask, { key: hashKey("seed", 2) }).data(), values);
  const few = tf.tensor3d([1, 0, 0, 0, 0, 0], [1, 2, 3]);
  for (let key = 0; key < 20; key++) {
    assert.deepEqual(Array.from(await keepMask(few, { key, keep: 0.05 }).data()), [1, 0, 0, 0, 0, 0]);
  }
  assert.deepEqual(await keepMask(mask, { key: 1, keep: 1 }).data(), await mask.data());
});

Deno.test("the held-out loss is lower for a kernel that fits the series, and gradient steps find it", () => {
  const steps = 40, time = Float32Array.from({ length: steps }, (_, j) => (j + 0.5) / steps);
  const series = tensors({
    shape: [1, 1, steps],
    time,
    value: time.map((t) => Math.sin(2 * Math.PI * 2 * t)),
    mask: new Float32Array(steps).fill(1),
  });
  const kept = keepMask(series.mask, { key: 1 }), options = { outputs: ["sigma"] as const };
  const parameters = createParameters(interpolationParameters("p", { bands: 1 }, options), { seed: 1 });
  const loss = () => heldOutLoss(parameters, "p", series, kept, options);
  const first = loss().dataSync()[0], optimizer = tf.train.adam(20);
  for (let step = 0; step < 60; step++) optimizer.minimize(loss, false, [parameters["p/bandwidth"]]);
  const last = loss().dataSync()[0];
  // Wide kernels know the mean alone: the loss is the variance of a sine.
  assert.ok(first > 0.3 && last < 0.1 * first, `${first} to ${last}`);
  optimizer.dispose();
  disposeParameters(parameters);
});

Deno.test("no function of the layer leaves a tensor behind but its result", () => {
  const parameters = parametersOf([1, 2]), given = tensors(observations(new Random(1), [2, 2, 5]));
  const before = tf.memory().numTensors;
  const made: tf.Tensor[] = [interpolationPrediction(parameters, "p", given)];
  made.push(
    ...Object.values(interpolants(parameters, "p", given, { outputs: everything, transient: "damped" })),
  );
  const kept = keepMask(given.mask, { key: 1 });
  made.push(kept, heldOutLoss(parameters, "p", given, kept));
  made.push(interpolateObservations(parameters, "p", given, kept));
  assert.equal(tf.memory().numTensors, before + made.length);
  tf.dispose(made);
  assert.equal(tf.memory().numTensors, before);
  disposeParameters(parameters);
});

Deno.test("what does not fit is refused with what was expected", () => {
  const refuse = (run: () => unknown, pattern: RegExp) =>
    assert.throws(run, (error) => error instanceof EphemeraError && pattern.test(error.message));
  const parameters = parametersOf([1, 2]), given = tensors(observations(new Random(1), [2, 2, 5]));
  const three = tensors(observations(new Random(1), [2, 3, 5]));
  const run = (options: InterpolationOptions, series = given) => () =>
    interpolationPrediction(parameters, "p", series, options);
  refuse(run({}, three), /times of shape \[batch, 2, steps\]/);
  refuse(run({}, { ...given, value: three.value }), /value of shape \[2, 2, 5\]/);
  refuse(run({}, { ...given, mask: three.mask }), /mask of shape \[2, 2, 5\]/);
  refuse(run({ kappa: 0.5 }), /kappa of at least 1/);
  refuse(run({ kappa: NaN }), /kappa of at least 1/);
  refuse(run({ outputs: [] }), /found none/);
  refuse(run({ outputs: ["chi", "chi"] }), /each once/);
  refuse(run({ outputs: ["rho" as InterpolationOutput] }), /one or more of sigma/);
  refuse(run({ reference: [] }), /at least one point/);
  refuse(run({ reference: [0, NaN] }), /found NaN/);
  refuse(run({ transient: "fast" as "damped" }), /"own intensity" or "damped", found "fast"/);
  refuse(() => interpolationParameters("p", { bands: 0 }), /number of bands/);
  refuse(() => interpolationPrediction(parameters, "q", given), /"q\/bandwidth"/);
  refuse(() => heldOutLoss(parameters, "p", given, three.mask), /kept of shape \[2, 2, 5\]/);
  refuse(() => interpolateObservations(parameters, "p", given, three.mask), /kept of shape \[2, 2, 5\]/);
  refuse(() => heldOutLoss(parameters, "p", { ...given, value: three.value }, given.mask), /value of shape/);
  refuse(() => keepMask(given.mask, { key: 1, keep: 0 }), /probability above 0/);
  refuse(() => keepMask(given.mask, { key: 1, objects: [1] }), /2 numbers of objects/);
  refuse(() => interiorPoints(0), /at least one point/);
  disposeParameters(parameters);
});

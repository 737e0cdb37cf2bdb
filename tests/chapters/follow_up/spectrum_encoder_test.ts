import assert from "node:assert/strict";
import {
  annealedWeight,
  applyLatentMap,
  bestLatentSize,
  compareLatentSizes,
  createSpectrumNetwork,
  decodeSpectra,
  drawLatent,
  encodeSpectra,
  explainedVariance,
  heldOutLatents,
  latentDivergence,
  latentMap,
  layerSizes,
  PAPER_SPECTRUM_ENCODER,
  QUICK_SPECTRUM_ENCODER,
  reconstructionError,
  SpectrumEncoder,
  spectrumEncoderSettings,
  spectrumLoss,
} from "ephemera/chapters/follow_up";
import { Random } from "ephemera/core";
import { matrix } from "ephemera/numerics";
import { logWavelengthGrid, SpectrumSet } from "ephemera/observations";
import { disposeParameters, tf } from "ephemera/tensor";

/** Two bumps of varying height beside one that stays: two numbers make a spectrum, and scaling leaves them alone. */
function twoNumbers(count: number, seed: number): SpectrumSet {
  const random = new Random(seed), wavelength = logWavelengthGrid(4000, 60, 2e-3);
  const flux = new Float64Array(count * 60), left = new Float64Array(count), right = new Float64Array(count);
  const bump = (j: number, centre: number) => Math.exp(-(((j - centre) / 4) ** 2));
  for (let i = 0; i < count; i++) {
    left[i] = random.uniform(0, 1);
    right[i] = random.uniform(0, 1);
    for (let j = 0; j < 60; j++) {
      flux[i * 60 + j] = left[i] * bump(j, 12) + right[i] * bump(j, 30) + 1.2 * bump(j, 48) +
        random.normal(0, 0.01);
    }
  }
  const labels = Int32Array.from(left, (s) => s < 0.5 ? 1 : 0);
  return new SpectrumSet({
    ids: Array.from({ length: count }, (_, i) => String(i)),
    ...{ wavelength, flux, labels, classNames: ["high", "low"] },
    metadata: { left, right },
  });
}

const small = spectrumEncoderSettings(QUICK_SPECTRUM_ENCODER, {
  latent: 2,
  binning: 1,
  layers: [0, 0.5, 1],
  epochs: 25,
  annealing: 5e-4,
  learningRate: 1e-2,
  batchSize: 16,
});

Deno.test("layer sizes and annealing are the paper's", () => {
  assert.deepEqual(layerSizes(3794, 7, PAPER_SPECTRUM_ENCODER.layers), [3794, 2847, 1900, 953, 7]);
  assert.equal(annealedWeight(PAPER_SPECTRUM_ENCODER, 0), 0);
  assert.ok(Math.abs(annealedWeight(PAPER_SPECTRUM_ENCODER, 99) - 0.99) < 1e-12);
  // Last line of the paper's public log of d = 7: reconstruction 5.639, divergence 5.291, beta 0.99, loss 10.877.
  assert.ok(Math.abs(5.639 + annealedWeight(PAPER_SPECTRUM_ENCODER, 99) * 5.291 - 10.877) < 1e-3);
  assert.throws(() => layerSizes(10, 2, [0, 0.5]), /ascending weights from 0 to 1/);
  assert.throws(() => spectrumEncoderSettings(QUICK_SPECTRUM_ENCODER, { latent: 0 }), /at least 1, found 0/);
  assert.throws(
    () => spectrumEncoderSettings(QUICK_SPECTRUM_ENCODER, { sizes: 3 } as never),
    /one of the settings.*found sizes/,
  );
});

Deno.test("the parts of the loss are their formulas, and sum up with the weight", async () => {
  await tf.setBackend("cpu");
  const x = tf.tensor2d([[0, 1], [0.5, 0.5]]), y = tf.tensor2d([[0.5, 1], [0, 1]]);
  assert.ok(Math.abs((await reconstructionError(x, y).data())[0] - (0.25 + 0.5) / 2) < 1e-7);
  // KL(N(1, e^0.5) || N(0, 1)) = (1 + e^0.5 - 1 - 0.5) / 2; the second example is the prior itself.
  const normal = { mean: tf.tensor2d([[1], [0]]), logVariance: tf.tensor2d([[0.5], [0]]) };
  assert.ok(Math.abs((await latentDivergence(normal).data())[0] - (Math.exp(0.5) - 0.5) / 4) < 1e-6);
  const z = await drawLatent(normal, tf.tensor2d([[2], [3]])).data();
  assert.ok(Math.abs(z[0] - (1 + 2 * Math.exp(0.25))) < 1e-6 && z[1] === 3);
  const parameters = createSpectrumNetwork([2, 3, 1], 1), noise = tf.tensor2d([[0.3], [-1]]);
  const { loss, reconstruction, divergence } = spectrumLoss(parameters, x, noise, 0.25);
  const [l, r, k] = [loss, reconstruction, divergence].map((each) => each.dataSync()[0]);
  assert.ok(Math.abs(l - r - 0.25 * k) < 1e-6);
  disposeParameters(parameters);
});

Deno.test("the gradient of the loss is that of central differences", async () => {
  await tf.setBackend("cpu");
  const random = new Random(2), parameters = createSpectrumNetwork([4, 5, 3, 2], 3);
  const draw = (rows: number, columns: number, low: number, high: number) =>
    tf.tensor2d(Float32Array.from({ length: rows * columns }, () => random.uniform(low, high)), [
      rows,
      columns,
    ]);
  const x = draw(6, 4, 0, 1), noise = draw(6, 2, -2, 2);
  const value = () => spectrumLoss(parameters, x, noise, 0.7).loss;
  const { grads } = tf.variableGrads(value, Object.values(parameters));
  for (const [name, parameter] of Object.entries(parameters)) {
    const original = Float32Array.from(parameter.dataSync()), gradient = grads[parameter.name].dataSync();
    for (let k = 0; k < original.length; k++) {
      const at = (step: number) => {
        const moved = original.slice();
        moved[k] += step;
        parameter.assign(tf.tensor(moved, parameter.shape));
        return value().dataSync()[0];
      };
      const difference = (at(4e-3) - at(-4e-3)) / 8e-3;
      parameter.assign(tf.tensor(original, parameter.shape));
      // Single precision, and a kink of ReLU here and there, leave a few parts in a thousand.
      assert.ok(
        Math.abs(gradient[k] - difference) < 4e-3,
        `${name}[${k}]: ${gradient[k]} is not ${difference}`,
      );
    }
  }
  disposeParameters(parameters);
});

Deno.test("an encoder learns the two numbers that make spectra, repeats itself, saves and loads, leaks nothing", async () => {
  await tf.setBackend("wasm");
  const set = twoNumbers(200, 1), held = twoNumbers(60, 2);
  const encoder = await new SpectrumEncoder(small).fit(set, { seed: 5, validation: held });
  const before = tf.memory().numTensors, latents = await encoder.transform(held);
  assert.ok(await encoder.score(held) > 0.9, `R2 ${await encoder.score(held)}`);
  const truth = matrix([...held.numbers("left")].flatMap((s, i) => [s, held.numbers("right")[i]]), 60, 2);
  const read = latentMap(latents, truth).r2;
  assert.ok(read > 0.7, `R2 of the truth ${read}`);
  const { epochs } = encoder.history;
  assert.ok(epochs.loss.at(-1)! < 0.5 * epochs.loss[0]);
  epochs.loss.forEach((loss, e) => {
    const expected = epochs.reconstruction[e] + annealedWeight(small, e) * epochs.divergence[e];
    assert.ok(Math.abs(loss - expected) < 1e-4 * (1 + loss));
  });
  const again = await new SpectrumEncoder(small).fit(set, { seed: 5, validation: held });
  assert.deepEqual(await again.transform(held), latents);
  again.dispose();
  const order = Array.from({ length: 60 }, (_, i) => 59 - i),
    turned = await encoder.transform(held.subset(order));
  order.forEach((i, k) => assert.ok(Math.abs(turned.data[2 * k] - latents.data[2 * i]) < 1e-5));
  const directory = await Deno.makeTempDir();
  await encoder.save(directory);
  const loaded = await SpectrumEncoder.load(directory);
  assert.deepEqual(await loaded.transform(held), latents);
  assert.deepEqual(loaded.settings, encoder.settings);
  await Deno.remove(directory, { recursive: true });
  await assert.rejects(SpectrumEncoder.load(directory), /the file of a saved spectrum encoder/);
  const decoded = await encoder.decode(latents), directly = await encoder.reconstruct(held);
  decoded.data.forEach((v, j) => assert.ok(Math.abs(v - directly.data[j]) < 1e-5));
  loaded.dispose();
  assert.equal(tf.memory().numTensors, before);
  encoder.dispose();
});

Deno.test("held-out features come from encoders that never saw the spectrum, in one latent space", async () => {
  await tf.setBackend("wasm");
  const set = twoNumbers(120, 3), labels = Array.from(set.labels!, (l) => set.classNames[l]);
  const run = (from: SpectrumSet, epochs: number) =>
    heldOutLatents(from, { ...small, epochs, batchSize: 8 }, { seed: 2, folds: 3, labels });
  // No fold is worse than another. Yet a start may be slow: of five seeds, one (1) has an encoder that after 45 epochs has not
  // opened its second axis (R2 0.65, its neighbours 0.96); by 120 epochs it has (0.97). The seed here has three ready by 45.
  const { latents, fold, agreement, reconstruction } = await run(set, 45);
  assert.deepEqual(Array.from({ length: 3 }, (_, f) => fold.filter((g) => g === f).length), [40, 40, 40]);
  assert.ok(Math.min(...agreement) > 0.95, `agreement ${agreement}`);
  assert.ok(Math.min(...reconstruction) > 0.85, `R2 ${reconstruction}`);
  // One linear map reads the truth off the features of all folds together: the spaces have been brought together.
  const truth = matrix([...set.numbers("left")].flatMap((s, i) => [s, set.numbers("right")[i]]), 120, 2);
  const read = latentMap(latents, truth).r2;
  assert.ok(read > 0.65, `R2 of the truth ${read}`);
  // A spectrum of the first fold replaced by another changes no other feature of that fold: it trained none of them.
  const first = Array.from(fold.keys()).filter((i) => fold[i] === 0), flux = set.flux.slice();
  flux.subarray(first[0] * 60, (first[0] + 1) * 60).reverse();
  const brief = await run(set, 1), changed = await run(new SpectrumSet({ ...set.columns(), flux }), 1);
  for (const i of first.slice(1)) assert.deepEqual(changed.latents.data[2 * i], brief.latents.data[2 * i]);
  assert.notEqual(changed.latents.data[2 * first[0]], brief.latents.data[2 * first[0]]);
});

Deno.test("sizes of the latent space are compared on held-out spectra, and two are better than one", async () => {
  await tf.setBackend("wasm");
  const rows = await compareLatentSizes(twoNumbers(150, 4), twoNumbers(60, 5), small, {
    seed: 2,
    sizes: [1, 2],
  });
  assert.deepEqual(rows.map(({ latent }) => latent), [1, 2]);
  assert.ok(rows[1].r2 > rows[0].r2 + 0.02, JSON.stringify(rows));
  assert.equal(bestLatentSize(rows), 2);
  assert.equal(bestLatentSize(rows, 1), 1);
  assert.throws(() => bestLatentSize([]), /at least one size/);
});

Deno.test("maps between latent spaces undo a known one, and survive a collapsed dimension", () => {
  const random = new Random(8),
    from = matrix(Float64Array.from({ length: 90 }, (_, i) => i % 3 === 2 ? 0 : random.normal()), 30, 3);
  const to = matrix(new Float64Array(60), 30, 2);
  for (let i = 0; i < 30; i++) {
    const [x, y] = from.data.subarray(3 * i);
    to.data.set([2 * x - y + 4, 0.5 * x + y - 1], 2 * i);
  }
  const map = latentMap(from, to);
  assert.ok(map.r2 > 1 - 1e-9);
  const [u, v] = applyLatentMap(map, matrix([1, 2, 0], 1, 3)).data;
  assert.ok(Math.abs(u - 4) < 1e-4 && Math.abs(v - 1.5) < 1e-4);
  assert.throws(() => latentMap(matrix([1, 2], 1, 2), matrix([1, 2], 1, 2)), /more than 2, found 1 and 1/);
  assert.throws(() => applyLatentMap(map, matrix([1, 2], 1, 2)), /3 columns, found 2/);
  assert.equal(explainedVariance(matrix([1, 3], 2, 1), matrix([2, 2], 2, 1)), 0);
  assert.throws(
    () => explainedVariance(matrix([1, 3], 2, 1), matrix([2, 2], 1, 2)),
    /2 x 1 values, found 1 x 2/,
  );
});

Deno.test("bad input is refused with a sentence", async () => {
  await tf.setBackend("cpu");
  const set = twoNumbers(4, 1), encoder = new SpectrumEncoder(small);
  await assert.rejects(encoder.transform(set), /a fitted encoder.*call fit or load first/);
  assert.throws(() => encoder.history, /fitted in this process/);
  await assert.rejects(
    encoder.fit(set.subset([]), { seed: 1 }),
    /at least one spectrum, all on one grid, found none/,
  );
  const narrow = new SpectrumSet({
    ids: ["a"],
    wavelength: Float64Array.of(1, 2),
    flux: Float64Array.of(1, 2),
  });
  await assert.rejects(encoder.fit(narrow, { seed: 1 }), /more than 2 pixels, found 2/);
  const quick = await new SpectrumEncoder({ ...small, epochs: 1 }).fit(set, { seed: 1 });
  await assert.rejects(
    quick.transform(narrow),
    /the encoder's grid: 60 pixels from 4000.00 angstrom, found 2 pixels/,
  );
  await assert.rejects(quick.score(set.subset([0])), /at least two spectra/);
  await assert.rejects(quick.decode(matrix([1, 2, 3], 1, 3)), /2 latent numbers a row, found 3/);
  const masked = new SpectrumSet({
    ...set.columns(),
    mask: new Uint8Array(set.flux.length).fill(1, 60, 120),
  });
  await assert.rejects(quick.transform(masked), /at least one usable pixel, found none \(spectrum 1\)/);
  quick.dispose();
});

Deno.test("sampling the latent space decodes to spectra between 0 and 1", async () => {
  await tf.setBackend("cpu");
  const parameters = createSpectrumNetwork([30, 10, 2], 1),
    z = tf.randomNormal([5, 2], 0, 1, "float32", 3) as tf.Tensor2D;
  const spectra = await decodeSpectra(parameters, z).data();
  assert.equal(spectra.length, 150);
  assert.ok(spectra.every((f) => f > 0 && f < 1));
  assert.deepEqual(encodeSpectra(parameters, tf.zeros([5, 30])).mean.shape, [5, 2]);
  disposeParameters(parameters);
});

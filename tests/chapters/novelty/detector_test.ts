import assert from "node:assert/strict";
import { configure, NoveltyDetector, QUICK } from "ephemera/chapters/novelty";
import { EphemeraError } from "ephemera/core";
import { accuracy, confusionMatrix, mostProbable, rocAuc } from "ephemera/learn";
import { LightCurveSet } from "ephemera/observations";
import { tf } from "ephemera/tensor";
import { smallSky } from "./sky.ts";

const settings = configure(QUICK, {
  sequence: { epochs: 20, lagScale: 20 },
  network: { units: 8, layers: 1, embedding: 4, estimationUnits: 8 },
  training: {
    batchSize: 32,
    passes: 25,
    estimationPasses: 25,
    learningRate: 1e-2,
    estimationLearningRate: 1e-2,
  },
});
const train = smallSky({ stars: 60, epochs: 40, seed: 1 });
const validation = smallSky({ stars: 30, epochs: 40, seed: 1, prefix: "validation" });
const test = smallSky({ stars: 30, epochs: 45, seed: 1, prefix: "test" });
const novel = smallSky({ stars: 20, epochs: 40, seed: 1, shapes: ["square"], prefix: "novel" });

for (const strategy of ["joint", "sequential"] as const) {
  Deno.test(`NoveltyDetector, ${strategy}: learns the classes, repeats itself, saves and loads, leaks nothing`, async () => {
    await tf.setBackend("wasm");
    const fit = () =>
      new NoveltyDetector(configure(settings, { training: { strategy } })).fit(train, {
        seed: 3,
        validation,
      });
    const detector = await fit(), tensors = tf.memory().numTensors;
    const found = await detector.evaluate(test);
    assert.equal(found.sequences.count, 60); // 45 observations make two sequences of 20
    const right = accuracy(confusionMatrix(found.sequences.labels!, mostProbable(found.memberships)));
    assert.ok(right > 0.9, `accuracy ${right}`);

    const again = await fit(), repeated = await again.evaluate(test);
    assert.deepEqual(repeated.scores, found.scores);

    const directory = await Deno.makeTempDir();
    await detector.save(directory);
    const loaded = await NoveltyDetector.load(directory);
    assert.deepEqual(loaded.configuration, detector.configuration);
    assert.deepEqual((await loaded.evaluate(test)).scores, found.scores);
    assert.equal(loaded.threshold(0.95), detector.threshold(0.95));
    await Deno.remove(directory, { recursive: true });

    again.dispose();
    loaded.dispose();
    assert.equal(tf.memory().numTensors, tensors);
    detector.dispose();
  });
}

Deno.test("NoveltyDetector takes over a trained autoencoder unchanged, and refuses one of another size", async () => {
  await tf.setBackend("wasm");
  const sequential = configure(settings, {
    training: { strategy: "sequential", passes: 5, estimationPasses: 10 },
  });
  const first = await new NoveltyDetector(sequential).fit(train, { seed: 1 });
  const photometric = configure(sequential, { auxiliaries: { photometry: ["colour"] } });
  const second = await new NoveltyDetector(photometric).fit(train, { seed: 9, autoencoder: first });
  assert.deepEqual((await second.evaluate(test)).reconstruction, (await first.evaluate(test)).reconstruction);
  assert.equal(
    (await second.evaluate(test)).features.columns,
    (await first.evaluate(test)).features.columns + 1,
  );
  const smaller = new NoveltyDetector(configure(sequential, { network: { units: 4 } }));
  await assert.rejects(
    smaller.fit(train, { seed: 1, autoencoder: first }),
    /an autoencoder of the same sequences and sizes/,
  );
  first.dispose();
  second.dispose();
});

Deno.test("NoveltyDetector answers by star: NaN for a star without a sequence, whatever the order of stars", async () => {
  await tf.setBackend("wasm");
  const detector = await new NoveltyDetector(configure(settings, { training: { passes: 3 } })).fit(train, {
    seed: 1,
  });
  const short = test.subset([2, 0, 1]);
  const cut = new LightCurveSet({
    ...short.columns(),
    offsets: Uint32Array.of(0, 10, 55, 100),
    time: short.time.subarray(35),
    value: short.value.subarray(35),
    error: short.error!.subarray(35),
  });
  const probabilities = await detector.predictProbabilities(cut);
  assert.deepEqual(probabilities.classNames, ["saw", "sine"]);
  assert.ok(Number.isNaN(probabilities.probabilities.data[0]));
  assert.ok(Math.abs(probabilities.probabilities.data[2] + probabilities.probabilities.data[3] - 1) < 1e-5);
  assert.equal((await detector.predict(cut)).codes[0], -1);
  const straight = await detector.score(test), turned = await detector.score(test.subset([4, 3, 2, 1, 0]));
  for (let i = 0; i < 5; i++) {
    assert.ok(Math.abs(straight[i] - turned[4 - i]) < 1e-3 * (1 + Math.abs(straight[i])));
  }
  detector.dispose();
});

Deno.test("NoveltyDetector scores a shape it never saw above the known ones", async () => {
  await tf.setBackend("wasm");
  const detector = await new NoveltyDetector(settings).fit(train, { seed: 5, validation });
  const known = (await detector.evaluate(test)).scores, unknown = (await detector.evaluate(novel)).scores;
  for (const score of ["energy", "combined"] as const) {
    const area = rocAuc(
      [...known[score].map(() => 0), ...unknown[score].map(() => 1)],
      [...known[score], ...unknown[score]],
    );
    assert.ok(area > 0.6, `${score}: area ${area}`);
  }
  const share = known.energy.filter((energy) => energy >= detector.threshold(0.8)).length /
    known.energy.length;
  assert.ok(share > 0.02 && share < 0.7, `share above the 80th percentile: ${share}`);
  detector.dispose();
});

Deno.test("NoveltyDetector says NaN of a lone star that is too short, and refuses sequences cut in another way", async () => {
  await tf.setBackend("wasm");
  const detector = await new NoveltyDetector(configure(settings, { training: { passes: 1 } })).fit(train, {
    seed: 1,
  });
  const short = smallSky({ stars: 1, epochs: 10, seed: 4 });
  assert.ok(Number.isNaN((await detector.score(short))[0]));
  assert.ok((await detector.predictProbabilities(short)).probabilities.data.every(Number.isNaN));
  assert.equal((await detector.predict(short)).codes[0], -1);
  const other = new NoveltyDetector(configure(settings, { sequence: { lagScale: 1 } })).sequencesOf(test);
  await assert.rejects(detector.evaluate(other), /sequences cut as this detector reads them/);
  detector.dispose();
});

Deno.test("NoveltyDetector.load names what is wrong with a damaged folder", async () => {
  const directory = await Deno.makeTempDir();
  const write = (facts: unknown) => Deno.writeTextFile(`${directory}/detector.json`, JSON.stringify(facts));
  await write({ format: "ephemera-novelty-1" });
  await assert.rejects(NoveltyDetector.load(directory), /this file is damaged/);
  await write({ format: "other" });
  await assert.rejects(NoveltyDetector.load(directory), /the format ephemera-novelty-1, found other/);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("NoveltyDetector refuses what it cannot learn from, in a sentence", async () => {
  await tf.setBackend("wasm");
  const refused = (work: () => Promise<unknown> | unknown, sentence: RegExp) =>
    assert.rejects(
      async () => await work(),
      (error: unknown) => error instanceof EphemeraError && sentence.test(error.message),
    );
  const detector = new NoveltyDetector(settings);
  await refused(() => detector.score(test), /a fitted detector/);
  await refused(
    () => detector.fit(new LightCurveSet({ ...train.columns(), labels: undefined }), { seed: 1 }),
    /a class for each training star/,
  );
  await refused(() => detector.fit(train.filter((c) => c.label === 0), { seed: 1 }), /none of sine/);
  await refused(() => detector.fit(train, { seed: 1, validation: train }), /star 0 in both/);
  await refused(() => NoveltyDetector.load("no/such/folder"), /the file of a saved detector/);
  await refused(
    () => new NoveltyDetector({ network: { units: 0 } }),
    /a whole number of at least 1, found 0 \(network\.units\)/,
  );
  // deno-lint-ignore no-explicit-any
  const wrong = (settings: any) => new NoveltyDetector(settings);
  await refused(() => wrong({ network: { unit: 3 } }), /found network\.unit/);
  await refused(() => wrong({ training: { strategy: "jiont" } }), /"joint", "sequential", found "jiont"/);
  await refused(
    () => wrong({ training: { clipNorm: 0 } }),
    /a positive number, found 0 \(training\.clipNorm\)/,
  );
  await refused(() => wrong({ sequence: { lagScale: NaN } }), /a positive number, found NaN/);
});

Deno.test("NoveltyDetector continues from its checkpoint to the same scores as without interruption", async () => {
  await tf.setBackend("wasm");
  const small = configure(settings, { training: { passes: 6 } });
  const whole = await new NoveltyDetector(small).fit(train, { seed: 2 });
  const directory = await Deno.makeTempDir(), stop = new AbortController();
  const progress = {
    update: (done: number) => done === 10 && stop.abort(new Error("interrupted")),
    finish() {},
  };
  const checkpoint = { directory, everySteps: 4 };
  await assert.rejects(
    new NoveltyDetector(small).fit(train, { seed: 2, checkpoint, signal: stop.signal, progress }),
    /interrupted/,
  );
  const resumed = await new NoveltyDetector(small).fit(train, { seed: 2, checkpoint });
  assert.deepEqual((await resumed.evaluate(test)).scores, (await whole.evaluate(test)).scores);
  const other = new NoveltyDetector(configure(small, { training: { lambda: 0.1 } }));
  await assert.rejects(other.fit(train, { seed: 2, checkpoint }), /configuration/); // not the same training
  await Deno.remove(directory, { recursive: true });
  whole.dispose();
  resumed.dispose();
});

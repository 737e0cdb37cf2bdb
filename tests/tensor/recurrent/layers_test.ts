import assert from "node:assert/strict";
import { FusedGRU, FusedLSTM, tf } from "../../../lib/tensor/mod.ts";
import { assertClose } from "./check.ts";
import { numbers } from "./reference.ts";

const time = 7, features = 3, units = 5;

function input(batch: number, seed = 3): tf.Tensor3D {
  return tf.tensor3d(numbers(seed)(batch * time * features), [batch, time, features]);
}

/** A model of one recurrent layer behind a masking layer, or without. */
function modelOf(layer: tf.layers.Layer, masking: boolean): tf.Sequential {
  const model = tf.sequential();
  if (masking) model.add(tf.layers.masking({ maskValue: 0, inputShape: [time, features] }));
  model.add(layer);
  return model;
}

/** Sets some steps to 0, which the masking layer hides; the first ones stay. */
function withGaps(x: tf.Tensor3D): tf.Tensor3D {
  return tf.tidy(() => {
    const seen = Float32Array.from(
      { length: x.shape[0] * time },
      (_, k) => k % time === 0 || k * 7 % 5 > 1 ? 1 : 0,
    );
    return tf.mul(x, tf.tensor3d(seen, [x.shape[0], time, 1]));
  });
}

for (const backend of ["cpu", "wasm"]) {
  Deno.test(`the fused layers agree with those of tf.layers in values and in one training step (${backend})`, async () => {
    await tf.setBackend(backend);
    const kinds = [
      { stock: tf.layers.gru, Fused: FusedGRU },
      { stock: tf.layers.lstm, Fused: FusedLSTM },
    ];
    for (const { stock, Fused } of kinds) {
      for (const recurrentActivation of ["sigmoid", "hardSigmoid"] as const) {
        for (
          const [returnSequences, goBackwards, masking] of [[true, false, false], [true, true, true], [
            false,
            true,
            false,
          ]]
        ) {
          const shared = { units, returnSequences, goBackwards, inputShape: [time, features] };
          const kernelInitializer = tf.initializers.glorotUniform({ seed: 1 });
          const recurrentInitializer = tf.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed: 2 });
          const options = { ...shared, recurrentActivation, kernelInitializer, recurrentInitializer };
          const theirs = modelOf(stock(options as unknown as Parameters<typeof stock>[0]), masking);
          const ours = modelOf(new Fused({ ...shared, recurrentActivation }), masking);
          ours.setWeights(theirs.getWeights());
          const x = masking ? withGaps(input(4)) : input(4);
          const label =
            `${Fused.className} ${recurrentActivation} ${returnSequences} ${goBackwards} ${masking}`;
          const compare = (tolerance: number) =>
            assertClose(
              (ours.predict(x) as tf.Tensor).dataSync(),
              (theirs.predict(x) as tf.Tensor).dataSync(),
              tolerance,
              label,
            );
          compare(2e-6);
          const target = tf.zeros(returnSequences ? [4, time, units] : [4, units]);
          for (const model of [theirs, ours]) {
            model.compile({ optimizer: tf.train.sgd(0.5), loss: "meanSquaredError" });
            await model.trainOnBatch(x, target);
          }
          ours.getWeights().forEach((weight, k) =>
            assertClose(weight.dataSync(), theirs.getWeights()[k].dataSync(), 2e-6, `${label}, weight ${k}`)
          );
          compare(4e-6);
          theirs.dispose();
          ours.dispose();
        }
      }
    }
  });
}

Deno.test("a model with fused layers survives JSON and saving with its numbers", async () => {
  await tf.setBackend("wasm");
  const model = tf.sequential({
    layers: [
      new FusedGRU({
        units,
        returnSequences: true,
        resetAfter: true,
        recurrentActivation: "hard_sigmoid",
        goBackwards: true,
        seed: 5,
        inputShape: [time, features],
      }),
      new FusedLSTM({ units: 3, dropout: 0.25, unitForgetBias: false }),
    ],
  });
  const x = input(2), expected = (model.predict(x) as tf.Tensor).dataSync();
  const text = model.toJSON() as unknown as string;
  const again = await tf.models.modelFromJSON(
    { modelTopology: JSON.parse(text) } as unknown as Parameters<typeof tf.models.modelFromJSON>[0],
  );
  again.setWeights(model.getWeights());
  assert.deepEqual((again.predict(x) as tf.Tensor).dataSync(), expected);
  assert.deepEqual(
    again.layers.map((layer) => layer.getConfig()),
    model.layers.map((layer) => layer.getConfig()),
  );
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(tf.io.withSaveHandler((artifacts) => {
    saved = artifacts;
    const modelArtifactsInfo = { dateSaved: new Date(0), modelTopologyType: "JSON" as const };
    return Promise.resolve({ modelArtifactsInfo });
  }));
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved!));
  assert.deepEqual((loaded.predict(x) as tf.Tensor).dataSync(), expected);
  assert.deepEqual(model.weights.map(({ name }) => name.split("/").at(-1)), [
    "kernel",
    "recurrent_kernel",
    "bias",
    "kernel",
    "recurrent_kernel",
    "bias",
  ]);
});

Deno.test("tf.layers.bidirectional takes a fused layer", async () => {
  await tf.setBackend("wasm");
  const wrap = (layer: unknown) =>
    tf.layers.bidirectional(
      {
        layer: layer as tf.RNN,
        mergeMode: "concat",
        inputShape: [time, features],
      } as Parameters<typeof tf.layers.bidirectional>[0],
    );
  const recurrentInitializer = tf.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed: 2 });
  const shared = { units, returnSequences: true };
  const stock = tf.layers.gru({ ...shared, recurrentActivation: "sigmoid", recurrentInitializer });
  const theirs = tf.sequential({ layers: [wrap(stock)] });
  const ours = tf.sequential({ layers: [wrap(new FusedGRU(shared))] });
  ours.setWeights(theirs.getWeights());
  const x = input(3);
  assertClose(
    (ours.predict(x) as tf.Tensor).dataSync(),
    (theirs.predict(x) as tf.Tensor).dataSync(),
    2e-6,
    "states",
  );
});

Deno.test("first weights and dropout follow the seed, and dropout is idle outside training", async () => {
  await tf.setBackend("wasm");
  const x = input(3);
  const make = (seed: number) => new FusedGRU({ units, dropout: 0.5, seed, inputShape: [time, features] });
  const run = (layer: FusedGRU, training: boolean) => (layer.apply(x, { training }) as tf.Tensor).dataSync();
  const [a, b, other] = [make(1), make(1), make(2)];
  const first = run(a, true);
  assert.deepEqual(run(b, true), first);
  assert.notDeepEqual(run(a, true), first, "the next call draws another mask");
  assert.notDeepEqual(run(other, true), first);
  assert.deepEqual(run(a, false), run(b, false));
  const recurrent = a.getWeights()[1].dataSync();
  for (let i = 0; i < units; i++) {
    for (let j = 0; j <= i; j++) {
      let product = 0;
      for (let k = 0; k < 3 * units; k++) {
        product += recurrent[i * 3 * units + k] * recurrent[j * 3 * units + k];
      }
      assert.ok(Math.abs(product - (i === j ? 1 : 0)) < 1e-6, `rows ${i} and ${j} of the recurrent kernel`);
    }
  }
});

Deno.test("a fused layer refuses units, dropout rates and activations that do not exist", () => {
  assert.throws(() => new FusedGRU({ units: 0 }), /a number of units/);
  assert.throws(() => new FusedGRU({ units: 2, dropout: 1 }), /a dropout rate/);
  assert.throws(
    () => new FusedLSTM({ units: 2, recurrentActivation: "relu" as "sigmoid" }),
    /sigmoid or hard_sigmoid/,
  );
});

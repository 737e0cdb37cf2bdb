import assert from "node:assert/strict";
import {
  assignStatistics,
  convolutionStage,
  type ConvolutionStageOptions,
  convolutionStageParameters,
  isMovingStatistic,
  type NormalisationMode,
} from "../../lib/layers/mod.ts";
import { applyDropout, createParameters, disposeParameters, tf } from "../../lib/tensor/mod.ts";
import { agreesWithTorch, casesOf, torch } from "./residual_fixture.ts";

const small = { height: 7, width: 5, images: 2, filters: 4, convolutions: 1, units: 6 };

function stamps(rows: number, phase = 0): tf.Tensor4D {
  // One stamp is brighter than the other.
  const values = Array.from(
    { length: rows * 70 },
    (_, i) => (100 * Math.sin(i * i + phase) + 250) * (1 + Math.floor(i / 70)),
  );
  return tf.tensor4d(values, [rows, 7, 5, 2]);
}

for (const backend of ["cpu", "wasm"]) {
  Deno.test(`the image stage and its gradients are those of nn.Conv2d and batch renormalisation of PyTorch ${torch} on ${backend}`, async () => {
    const [each] = casesOf<ConvolutionStageOptions>("stage", 1), { options } = each;
    const mode = each.mode as Omit<NormalisationMode, "training">;
    assert.ok(each.clipped!.every((count) => count > 0));
    await agreesWithTorch(
      backend,
      each,
      convolutionStageParameters("stage", options),
      (parameters, x) =>
        convolutionStage(parameters, "stage", x as tf.Tensor4D, options, { ...mode, training: true }),
    );
  });
}

Deno.test("by default the layers are those of table 3.3 of the paper", () => {
  const shapes = Object.fromEntries(
    Object.entries(convolutionStageParameters("rcnn")).map(([name, { shape }]) => [name, shape.join()]),
  );
  assert.equal(shapes["rcnn/input normalisation/gain"], "3");
  assert.equal(shapes["rcnn/convolution 1.1/kernel"], "3,3,3,64");
  for (const layer of ["1.2", "1.3", "2.1", "2.2", "2.3"]) {
    assert.equal(shapes[`rcnn/convolution ${layer}/kernel`], "3,3,64,64");
    assert.equal(shapes[`rcnn/convolution ${layer}/normalisation/moving deviation`], "64");
  }
  assert.equal(shapes["rcnn/dense/kernel"], "2304,1024");
  assert.equal(Object.keys(shapes).filter((name) => name.endsWith("/kernel")).length, 7);
});

Deno.test("the stage at the paper's size turns stamps of 21 pixels into 1024 numbers", async () => {
  await tf.setBackend("wasm");
  const before = tf.memory().numTensors;
  const parameters = createParameters(convolutionStageParameters("rcnn"), {
    seed: 1,
    frozen: isMovingStatistic,
  });
  const images = tf.tidy((): tf.Tensor4D => tf.reshape(tf.sin(tf.range(0, 2 * 21 * 21 * 3)), [2, 21, 21, 3]));
  const { value, statistics } = convolutionStage(parameters, "rcnn", images, {}, { training: true });
  assert.deepEqual(value.shape, [2, 1024]);
  assert.equal(Object.keys(statistics).length, 14);
  const values = value.dataSync();
  assert.ok(values.every((each) => each >= 0 && Number.isFinite(each)) && values.some((each) => each > 0));
  tf.dispose([images, value, statistics]);
  disposeParameters(parameters);
  assert.equal(tf.memory().numTensors, before, "no tensor may be left behind");
});

Deno.test("in prediction a stamp has the same numbers whatever else is in its batch, in training it has not", async () => {
  await tf.setBackend("wasm");
  const parameters = createParameters(convolutionStageParameters("stage", small), {
    seed: 3,
    frozen: isMovingStatistic,
  });
  tf.tidy(() => {
    const run = (x: tf.Tensor4D, training: boolean) =>
      convolutionStage(parameters, "stage", x, small, { training, rate: 1 });
    assignStatistics(parameters, run(stamps(6), true).statistics);
    const x = stamps(4, 1), limits = { ratio: 1, shift: 0 };
    const one = tf.slice(x, [2, 0, 0, 0], [1, 7, 5, 2]);
    const together = tf.slice(run(x, false).value, [2, 0], [1, 6]).dataSync();
    run(one, false).value.dataSync().forEach((value, i) =>
      assert.ok(Math.abs(value - together[i]) < 1e-5 * (1 + value))
    );
    const trained = (x: tf.Tensor4D) =>
      convolutionStage(parameters, "stage", x, small, { training: true, limits }).value;
    const apart = tf.sub(tf.slice(trained(x), [2, 0], [1, 6]), trained(one));
    assert.ok(tf.max(tf.abs(apart)).dataSync()[0] > 1e-2);
  });
  disposeParameters(parameters);
});

Deno.test("dropout falls on the last numbers, in training alone", async () => {
  await tf.setBackend("wasm");
  const parameters = createParameters(convolutionStageParameters("stage", small), {
    seed: 3,
    frozen: isMovingStatistic,
  });
  tf.tidy(() => {
    const x = stamps(5), rates: number[] = [];
    const context = {
      dropout<T extends tf.Tensor>(x: T, rate: number): T {
        rates.push(rate);
        return applyDropout(x, { rate, key: 7, firstExample: 0, examples: 5 });
      },
    };
    const run = (training: boolean, given = {}, options = {}) =>
      convolutionStage(parameters, "stage", x, { ...small, ...options }, { training, ...given }).value;
    assert.deepEqual(run(false, { context }).dataSync(), run(false).dataSync());
    assert.deepEqual(rates, []);
    const plain = run(true).dataSync(), dropped = run(true, { context }).dataSync();
    assert.deepEqual(rates, [0.5]);
    dropped.forEach((value, i) => assert.ok(value === 0 || Math.abs(value - 2 * plain[i]) < 1e-4));
    assert.ok(dropped.some((value, i) => value === 0 && plain[i] > 0));
    assert.ok(dropped.some((value) => value > 0));
    run(true, { context }, { dropout: 0.2 });
    assert.deepEqual(rates, [0.5, 0.2]);
  });
  disposeParameters(parameters);
});

Deno.test("images of another size and parameters of another name are refused", async () => {
  await tf.setBackend("cpu");
  const refused = { name: "EphemeraError" };
  const parameters = createParameters(convolutionStageParameters("stage", small), { seed: 1 });
  tf.tidy(() => {
    const run = (shape: number[], name = "stage", options = small) => () =>
      convolutionStage(parameters, name, tf.zeros<tf.Rank>(shape) as tf.Tensor4D, options, {
        training: false,
      });
    assert.doesNotThrow(run([1, 7, 5, 2]));
    assert.throws(run([1, 5, 7, 2]), refused);
    assert.throws(run([1, 7, 5, 3]), refused);
    assert.throws(run([7, 5, 2]), refused);
    assert.throws(run([1, 7, 5, 2], "other"), refused);
    assert.throws(run([1, 7, 5, 2], "stage", { ...small, convolutions: 2 }), refused);
    for (
      const size of ["height", "width", "images", "filters", "kernel", "convolutions", "poolings", "units"]
    ) {
      assert.throws(() => convolutionStageParameters("stage", { ...small, [size]: 0 }), refused);
    }
  });
  disposeParameters(parameters);
});

/**
 * Networks that others trained and published, run here on the series that others made: the validation losses in their logs
 * must come out. It holds the import of Keras 1 weights, the GRU with hard_sigmoid gates, both directions and NumPy's
 * generator to numbers that nobody here wrote.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  bidirectional,
  bidirectionalWeights,
  denseWeights,
  gru,
  type GruWeights,
  gruWeights,
  type KerasLayer,
  type KerasWeights,
  readKerasWeights,
  tensorFromArray,
  tf,
} from "../../../lib/tensor/mod.ts";
import { LENGTH, type PublishedSeries, publishedSeries, VALIDATION } from "./published_series.ts";

const folder = Deno.env.get("EPHEMERA_VECTORS");

/** Series at once: few enough to stay in the caches, many enough to keep the matrix products busy. */
const BATCH = 125;

let series: PublishedSeries | undefined;

Deno.test("the published generator's first series comes out as published", () => {
  const { lags, clean, noisy } = publishedSeries(0, 1);
  const close = (values: Float64Array, expected: number[], tolerance: number) =>
    expected.forEach((x, i) => assert.ok(Math.abs(values[i] - x) < tolerance, `${values[i]}, ${x}`));
  close(lags, [0.06812724 - 0.02443753, 0.09745869 - 0.06812724, 0.12157411 - 0.09745869], 2e-8);
  close(clean, [-0.43425086, -0.44986035, -0.46039883], 1e-8);
  close(noisy, [-1.6724057, -0.98603107, -0.78528278], 1e-7);
});

for (const model of ["emb8", "emb16"]) {
  published(`naul-autoencoder/${model}`, (weights) => {
    const first = stage(weights, 0),
      second = stage(weights, 1),
      third = stage(weights, 2),
      fourth = stage(weights, 3);
    const encoding = dense(layers(weights, 0)), output = dense(layers(weights, 1));
    return (x, lags) => {
      const encoded = encoding(second(first(x, true) as tf.Tensor3D, false)) as tf.Tensor2D;
      const repeated = tf.tile(tf.expandDims(encoded, 1), [1, LENGTH, 1]);
      const decoded = fourth(
        third(tf.concat3d([lags, repeated as tf.Tensor3D], 2), true) as tf.Tensor3D,
        true,
      );
      return output(decoded);
    };
  }, ({ clean }) => clean);
}

for (const model of ["032", "096"]) {
  published(`naul-period/${model}`, (weights) => {
    const first = stage(weights, 0), second = stage(weights, 1), output = dense(layers(weights, 0));
    return (x) => output(second(first(x, true) as tf.Tensor3D, false));
  }, ({ targets }) => targets);
}

type Network = (x: tf.Tensor3D, lags: tf.Tensor3D) => tf.Tensor;

function published(
  name: string,
  build: (weights: KerasWeights) => Network,
  target: (series: PublishedSeries) => Float64Array,
): void {
  Deno.test({
    name: `the published weights of ${name} have their published validation loss`,
    ignore: folder === undefined,
    async fn() {
      await tf.setBackend("wasm");
      const log = (await Deno.readTextFile(join(folder!, name, "training.csv"))).trim().split("\n");
      const expected = Number(log.at(-1)!.split(",").at(-1));
      series ??= publishedSeries(VALIDATION.first, VALIDATION.end);
      const loss = await meanSquare(
        build(await readKerasWeights(join(folder!, name, "weights.h5"))),
        series,
        target(series),
      );
      assert.ok(Math.abs(loss / expected - 1) < 1e-5, `loss ${loss}, published ${expected}`);
    },
  });
}

/** Mean of squared differences between a network's output and its target, summed in double precision. */
async function meanSquare(network: Network, series: PublishedSeries, target: Float64Array): Promise<number> {
  const rows = VALIDATION.end - VALIDATION.first, width = target.length / rows;
  let sum = 0;
  for (let row = 0; row < rows; row += BATCH) {
    const count = Math.min(BATCH, rows - row);
    const part = (values: Float64Array) => values.subarray(row * LENGTH, (row + count) * LENGTH);
    const output = tf.tidy(() => {
      const lags = tf.tensor3d(Float32Array.from(part(series.lags)), [count, LENGTH, 1]);
      const values = tf.tensor3d(Float32Array.from(part(series.noisy)), [count, LENGTH, 1]);
      return network(tf.concat3d([lags, values], 2), lags);
    });
    const predicted = await output.data();
    output.dispose();
    for (let i = 0; i < predicted.length; i++) sum += (predicted[i] - target[row * width + i]) ** 2;
  }
  return sum / target.length;
}

/** Layers without (0) or in (1) time, in the order of the file. */
function layers(weights: KerasWeights, number: number): KerasLayer {
  return weights.layers.filter((layer) => layer.weights.length === 2)[number];
}

/** The bidirectional GRU layer of the given number. */
function stage(
  weights: KerasWeights,
  number: number,
): (x: tf.Tensor3D, returnSequences: boolean) => tf.Tensor {
  const layer = weights.layers.filter((each) => each.weights.length === 18)[number];
  const { forward, backward } = bidirectionalWeights(layer, gruWeights);
  const run = (weights: GruWeights, reverse: boolean) => {
    const kernel = tensorFromArray(weights.kernel),
      recurrent = tensorFromArray(weights.recurrentKernel),
      bias = tensorFromArray(weights.bias!);
    return (x: tf.Tensor3D, returnSequences: boolean) =>
      gru(x, kernel as tf.Tensor2D, recurrent as tf.Tensor2D, bias, {
        ...{ recurrentActivation: "hard_sigmoid", resetAfter: weights.resetAfter, reverse, returnSequences },
      });
  };
  const ahead = run(forward, false), back = run(backward, true);
  return (x, returnSequences) =>
    bidirectional(() => ahead(x, returnSequences), () => back(x, returnSequences));
}

/** A linear layer over the last axis. */
function dense(layer: KerasLayer): (x: tf.Tensor) => tf.Tensor {
  const { kernel, bias } = denseWeights(layer),
    matrix = tensorFromArray(kernel),
    offset = tensorFromArray(bias!);
  return (x) => {
    const rows = tf.reshape(x, [-1, kernel.shape[0]]);
    const product = tf.add(tf.matMul(rows, matrix as tf.Tensor2D), offset);
    return tf.reshape(product, [...x.shape.slice(0, -1), kernel.shape[1]]);
  };
}

/** Weight files that others published: a dense network with batch normalisation, and a double-precision autoencoder. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { tf } from "../../../lib/tensor/tf.ts";
import {
  batchNormalizationWeights,
  denseWeights,
  gruWeights,
  kerasLayer,
  readKerasWeights,
  tensorFromArray,
} from "../../../lib/tensor/interchange/mod.ts";

const folder = Deno.env.get("EPHEMERA_VECTORS");
await tf.setBackend("cpu");

Deno.test({
  name: "the published PLAsTiCC network gives its known probabilities for an input of zeros",
  ignore: folder === undefined,
  async fn() {
    const { layers } = await readKerasWeights(join(folder!, "plasticc-2dsubm", "best_2dsubm_1.h5"));
    let x: tf.Tensor = tf.zeros([1, 156]);
    const carrying = layers.filter((layer) => layer.weights.length > 0);
    for (const [i, layer] of carrying.entries()) {
      if (layer.weights.length === 4) {
        const { gamma, beta, movingMean, movingVariance } = batchNormalizationWeights(layer);
        const deviation = tf.sqrt(tf.add(tensorFromArray(movingVariance), 1e-3));
        const normal = tf.div(tf.sub(x, tensorFromArray(movingMean)), deviation);
        x = tf.add(tf.mul(normal, tensorFromArray(gamma!)), tensorFromArray(beta!));
      } else {
        const { kernel, bias } = denseWeights(layer);
        x = tf.add(
          tf.matMul(x as tf.Tensor2D, tensorFromArray(kernel) as tf.Tensor2D),
          tensorFromArray(bias!),
        );
        x = i === carrying.length - 1 ? tf.softmax(x) : tf.tanh(x);
      }
    }
    const classes = [6, 15, 16, 42, 52, 53, 62, 64, 65, 67, 88, 90, 92, 95, 99],
      probabilities = await x.data();
    const known = {
      90: 0.844742,
      42: 0.073423,
      52: 0.056269,
      62: 0.015395,
      67: 0.007673,
      15: 0.002001,
      99: 2.3e-5,
    };
    for (const [name, expected] of Object.entries(known)) {
      const actual = probabilities[classes.indexOf(Number(name))];
      assert.ok(Math.abs(actual - expected) < 1e-6, `class ${name}: ${actual}, ${expected}`);
    }
  },
});

Deno.test({
  name: "the published ASAS-SN autoencoder is read in double precision, with the shapes of its log",
  ignore: folder === undefined,
  async fn() {
    const weights = await readKerasWeights(join(folder!, "tsang-asassn", "weights.h5"));
    assert.equal(weights.kerasVersion, "2.1.6");
    for (
      const [name, features] of [["encode_0", 2], ["encode_1", 96], ["decode_0", 17], [
        "decode_1",
        96,
      ]] as const
    ) {
      const { kernel, recurrentKernel, bias, units, resetAfter } = gruWeights(kerasLayer(weights, name));
      assert.deepEqual([kernel.shape, recurrentKernel.shape, bias!.shape], [[features, 288], [96, 288], [
        288,
      ]]);
      assert.deepEqual([units, resetAfter, kernel.data instanceof Float64Array], [96, false, true]);
    }
    assert.deepEqual(denseWeights(kerasLayer(weights, "gamma")).kernel.shape, [16, 8]);
  },
});

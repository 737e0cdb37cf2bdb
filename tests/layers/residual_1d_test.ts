import assert from "node:assert/strict";
import {
  assignStatistics,
  isMovingStatistic,
  lengthen,
  lengthenParameters,
  outputHead,
  outputHeadParameters,
  residualDecoder,
  residualDecoderParameters,
  residualEncoder,
  residualEncoderParameters,
  type ResidualStackOptions,
  shorten,
  shortenParameters,
} from "../../lib/layers/mod.ts";
import { adam, createParameters, disposeParameters, tf, train } from "../../lib/tensor/mod.ts";
import { agreesWithTorch, casesOf, torch } from "./residual_fixture.ts";

const refused = { name: "EphemeraError" };

function sequence(shape: [number, number, number]): tf.Tensor3D {
  const count = shape[0] * shape[1] * shape[2];
  return tf.tensor3d(Array.from({ length: count }, (_, i) => Math.sin(i * i) + 0.3), shape);
}

for (const backend of ["cpu", "wasm"]) {
  Deno.test(`the blocks that shorten and lengthen are those of nn.Conv1d and nn.BatchNorm1d of PyTorch ${torch} on ${backend}`, async () => {
    const blocks = {
      shorten: [shorten, shortenParameters],
      lengthen: [lengthen, lengthenParameters],
    } as const;
    for (const [kind, [apply, plan]] of Object.entries(blocks)) {
      const cases = casesOf<ResidualStackOptions>(kind, 5);
      assert.equal(cases.filter(({ training }) => training).length, 3);
      for (const each of cases) {
        const { options, training } = each, inputs = each.x.shape[2];
        await agreesWithTorch(
          backend,
          each,
          plan("block", inputs, options),
          (parameters, x) => apply(parameters, "block", x as tf.Tensor3D, options, { training }),
        );
      }
    }
  });

  Deno.test(`the encoder, with and without a mask, and the decoder are those of PyTorch ${torch} on ${backend}`, async () => {
    for (const each of casesOf<ResidualStackOptions>("encoder", 2)) {
      const { options, training, mask } = each, plan = residualEncoderParameters("encoder", 2, options);
      await agreesWithTorch(backend, each, plan, (parameters, x) =>
        tf.tidy(() => {
          const seen = mask ? tf.tensor2d(mask.values, [mask.shape[0], mask.shape[1]]) : null;
          return residualEncoder(parameters, "encoder", x as tf.Tensor3D, seen, options, { training });
        }));
    }
    const [each] = casesOf<ResidualStackOptions>("decoder", 1), { options, training } = each;
    await agreesWithTorch(
      backend,
      each,
      residualDecoderParameters("decoder", 6, options),
      (parameters, z) => residualDecoder(parameters, "decoder", z as tf.Tensor2D, options, { training }),
    );
  });
}

Deno.test("by default blocks are the paper's: kernel 4, 32 maps, factor 3, first maps of length 3", async () => {
  await tf.setBackend("wasm");
  const encoder = residualEncoderParameters("encoder", 2), decoder = residualDecoderParameters("decoder", 5);
  assert.deepEqual(encoder["encoder/block 1/first/kernel"].shape, [4, 2, 32]);
  assert.deepEqual(encoder["encoder/block 4/second/kernel"].shape, [4, 32, 32]);
  assert.deepEqual(decoder["decoder/first maps/kernel"].shape, [5, 96]);
  const parameters = createParameters({ ...encoder, ...decoder }, { seed: 1, frozen: isMovingStatistic });
  tf.tidy(() => {
    const mode = { training: true };
    const encoded = residualEncoder(parameters, "encoder", sequence([2, 128, 2]), null, {}, mode);
    assert.deepEqual(encoded.value.shape, [2, 32]);
    const decoded = residualDecoder(parameters, "decoder", tf.ones([2, 5]), {}, mode);
    assert.deepEqual(decoded.value.shape, [2, 243, 32]);
    const statistics = [...Object.keys(encoded.statistics), ...Object.keys(decoded.statistics)];
    assert.deepEqual(statistics.sort(), Object.keys(parameters).filter(isMovingStatistic).sort());
  });
  disposeParameters(parameters);
});

Deno.test("in prediction a sequence has the same code whatever else is in its batch, in training it has not", async () => {
  await tf.setBackend("wasm");
  const options = { blocks: 2, maps: 6 }, inputs = 2;
  const parameters = createParameters(residualEncoderParameters("encoder", inputs, options), {
    seed: 4,
    frozen: isMovingStatistic,
  });
  tf.tidy(() => {
    const x = sequence([5, 20, inputs]);
    const encode = (x: tf.Tensor3D, training: boolean) =>
      residualEncoder(parameters, "encoder", x, null, options, { training });
    // Statistics that are not the first ones.
    assignStatistics(parameters, encode(x, true).statistics);
    const one = tf.slice(x, [3, 0, 0], [1, 20, inputs]);
    const difference = (training: boolean) => {
      const all = tf.slice(encode(x, training).value, [3, 0], [1, 6]);
      return tf.max(tf.abs(tf.sub(all, encode(one, training).value))).dataSync()[0];
    };
    assert.ok(difference(false) < 1e-6);
    assert.ok(difference(true) > 1e-2);
  });
  disposeParameters(parameters);
});

Deno.test("a mask of ones is no mask, and without observations the code is zero", async () => {
  await tf.setBackend("wasm");
  const options = { blocks: 1, maps: 4 };
  const parameters = createParameters(residualEncoderParameters("encoder", 1, options), {
    seed: 6,
    frozen: isMovingStatistic,
  });
  tf.tidy(() => {
    const x = sequence([2, 9, 1]);
    const encode = (mask: tf.Tensor2D | null) =>
      residualEncoder(parameters, "encoder", x, mask, options, { training: false }).value;
    const all = encode(null).dataSync(), masked = encode(tf.ones([2, 9])).dataSync();
    all.forEach((value, i) => assert.ok(Math.abs(value - masked[i]) < 1e-6));
    assert.deepEqual([...encode(tf.zeros([2, 9])).dataSync()], new Array(8).fill(0));
    // One observation marks the three times that are one after the pooling: the code is that time's.
    const third = tf.tensor2d([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0], [2, 9]);
    const block = shorten(parameters, "encoder/block 1", x, options, { training: false }).value;
    const middle = tf.relu(tf.slice(block, [0, 1, 0], [2, 1, 4])).dataSync();
    encode(third).dataSync().forEach((value, i) => assert.ok(Math.abs(value - middle[i]) < 1e-6));
  });
  disposeParameters(parameters);
});

Deno.test("an autoencoder of both stacks learns sine waves, and predicts as well as it was trained", async () => {
  await tf.setBackend("wasm");
  const before = tf.memory().numTensors, options = { blocks: 2, maps: 12 }, waves = 64, times = 27;
  const parameters = createParameters({
    ...residualEncoderParameters("encoder", 1, options),
    ...residualDecoderParameters("decoder", options.maps, options),
    ...outputHeadParameters("head", options.maps),
  }, { seed: 5, frozen: isMovingStatistic });
  const wave = (k: number) =>
    Array.from({ length: times }, (_, i) => [Math.sin(2 * Math.PI * (i / times + k / waves))]);
  const error = ({ x }: { x: tf.Tensor3D }, training: boolean) => {
    const encoded = residualEncoder(parameters, "encoder", x, null, options, { training });
    const decoded = residualDecoder(parameters, "decoder", encoded.value, options, { training });
    assignStatistics(parameters, { ...encoded.statistics, ...decoded.statistics });
    return tf.mean(tf.squaredDifference(outputHead(parameters, "head", decoded.value), x)) as tf.Scalar;
  };
  const batches = {
    examples: waves,
    take: (indices: Int32Array) => ({ x: tf.tensor3d([...indices].map(wave)) }),
  };
  const { history } = await train({
    ...{ parameters, batches, validation: batches, epochs: 40, batchSize: 16, seed: 5, reduction: "coupled" },
    loss: (batch: { x: tf.Tensor3D }, { training }) => error(batch, training),
    optimizer: adam({ learningRate: 0.01 }),
  });
  // The variance of a sine wave is one half.
  assert.ok(
    history.steps.loss[0] > 0.4 && history.steps.loss.at(-1)! < 0.05,
    String(history.steps.loss.at(-1)),
  );
  const predicted = history.epochs["validation/loss"].at(-1)!;
  assert.ok(predicted < 0.05, `${predicted} in prediction`);
  disposeParameters(parameters);
  assert.equal(tf.memory().numTensors, before, "no tensor may be left behind");
});

Deno.test("sequences that are too short or of another width, and masks of another shape, are refused", async () => {
  await tf.setBackend("cpu");
  const options = { blocks: 2, maps: 4 }, mode = { training: false };
  const parameters = createParameters({
    ...residualEncoderParameters("encoder", 2, options),
    ...residualDecoderParameters("decoder", 3, options),
  }, { seed: 1, frozen: isMovingStatistic });
  tf.tidy(() => {
    const encode = (shape: [number, number, number], mask: tf.Tensor2D | null = null) => () =>
      residualEncoder(parameters, "encoder", tf.ones(shape), mask, options, mode);
    assert.doesNotThrow(encode([1, 9, 2]));
    assert.throws(encode([1, 8, 2]), refused);
    assert.throws(encode([1, 9, 3]), refused);
    assert.throws(encode([1, 9, 2], tf.ones([1, 8])), refused);
    const block = "encoder/block 1";
    assert.throws(() => shorten(parameters, "other", tf.ones([1, 9, 2]), options, mode), refused);
    assert.throws(
      () => shorten(parameters, block, tf.ones([9, 2]) as tf.Tensor as tf.Tensor3D, options, mode),
      refused,
    );
    assert.throws(() => lengthen(parameters, "decoder/block 1", tf.ones([1, 3, 5]), options, mode), refused);
    assert.throws(() => residualDecoder(parameters, "decoder", tf.ones([1, 4]), options, mode), refused);
    for (const size of ["maps", "kernel", "scale", "blocks"]) {
      assert.throws(() => residualEncoderParameters("encoder", 2, { [size]: 0 }), refused);
      assert.throws(() => residualDecoderParameters("decoder", 2, { [size]: 1.5 }), refused);
    }
  });
  disposeParameters(parameters);
});

import assert from "node:assert/strict";
import {
  outputHead,
  outputHeadParameters,
  residualMlp,
  type ResidualMlpOptions,
  residualMlpParameters,
} from "../../lib/layers/mod.ts";
import { countParameters, createParameters, disposeParameters, tf } from "../../lib/tensor/mod.ts";
import { agreesWithTorch, casesOf, torch } from "./residual_fixture.ts";

for (const backend of ["cpu", "wasm"]) {
  Deno.test(`residual blocks of linear layers and their gradients are those of PyTorch ${torch} on ${backend}`, async () => {
    const [each] = casesOf<Required<ResidualMlpOptions>>("mlp", 1);
    assert.deepEqual(each.options, { blocks: 2, units: 5, slope: 0.1 });
    await agreesWithTorch(backend, each, residualMlpParameters("mlp", each.options), (parameters, x) => ({
      value: residualMlp(parameters, "mlp", x, each.options),
      statistics: {},
    }));
  });

  Deno.test(`the output head and its gradients are those of PyTorch ${torch} on ${backend}`, async () => {
    const [each] = casesOf<object>("head", 1);
    await agreesWithTorch(backend, each, outputHeadParameters("head", 6, 2), (parameters, x) => ({
      value: outputHead(parameters, "head", x),
      statistics: {},
    }));
  });
}

Deno.test("by default there are the paper's four blocks of 64 units and one output", () => {
  const blocks = Object.values(residualMlpParameters("decoder")).map(({ shape }) => shape.join());
  assert.deepEqual(blocks, Array.from({ length: 8 }, () => ["64,64", "64"]).flat());
  assert.deepEqual(outputHeadParameters("head", 64)["head/output/kernel"].shape, [64, 1]);
});

Deno.test("blocks whose second layers are zero leave the input as it is, in a tensor of its own", async () => {
  await tf.setBackend("wasm");
  const before = tf.memory().numTensors, options = { blocks: 3, units: 4 };
  const parameters = createParameters(residualMlpParameters("mlp", options), { seed: 2 });
  assert.equal(countParameters(parameters), 3 * 2 * (16 + 4));
  for (const [name, each] of Object.entries(parameters)) {
    if (name.includes("/second/")) tf.tidy(() => each.assign(tf.zerosLike(each)));
  }
  const x = tf.tensor2d([[1, -2, 3, -4]]), y = residualMlp(parameters, "mlp", x, options);
  assert.deepEqual([...y.dataSync()], [1, -2, 3, -4]);
  // The caller disposes the result, whatever the number of blocks, and keeps the input.
  const none = residualMlp(parameters, "mlp", x, { blocks: 0 });
  tf.dispose([y, none]);
  assert.deepEqual([...x.dataSync()], [1, -2, 3, -4]);
  x.dispose();
  disposeParameters(parameters);
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("a head with another activation uses it", async () => {
  await tf.setBackend("wasm");
  const parameters = createParameters(outputHeadParameters("head", 4), { seed: 3 });
  tf.tidy(() => {
    const x = tf.tensor2d([[1, -2, 3, -4]]);
    // What the activation makes zero leaves the last bias, which is zero.
    assert.deepEqual([...outputHead(parameters, "head", x, { activation: tf.zerosLike }).dataSync()], [0]);
    const linear = outputHead(parameters, "head", x, { activation: (x) => x }).dataSync()[0];
    const turned = outputHead(parameters, "head", x, { activation: tf.neg }).dataSync()[0];
    assert.ok(linear !== 0 && Math.abs(linear + turned) < 1e-6);
  });
  disposeParameters(parameters);
});

Deno.test("another width, and parameters of another name, are refused", async () => {
  await tf.setBackend("cpu");
  const options = { blocks: 1, units: 4 }, refused = { name: "EphemeraError" };
  const parameters = createParameters(
    { ...residualMlpParameters("mlp", options), ...outputHeadParameters("head", 4) },
    { seed: 1 },
  );
  tf.tidy(() => {
    assert.throws(() => residualMlp(parameters, "mlp", tf.ones([2, 5]), options), refused);
    assert.throws(() => residualMlp(parameters, "other", tf.ones([2, 4]), options), refused);
    assert.throws(() => residualMlp(parameters, "mlp", tf.ones([2, 4]), { ...options, blocks: 2 }), refused);
    assert.throws(() => outputHead(parameters, "head", tf.ones([2, 5])), refused);
    assert.throws(() => outputHead(parameters, "mlp", tf.ones([2, 4])), refused);
    assert.throws(() => residualMlpParameters("mlp", { blocks: -1 }), refused);
    assert.throws(() => residualMlpParameters("mlp", { units: 0 }), refused);
    assert.throws(() => outputHeadParameters("head", 4, 0), refused);
  });
  disposeParameters(parameters);
});

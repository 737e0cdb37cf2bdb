import assert from "node:assert/strict";
import { EphemeraError } from "../../lib/core/mod.ts";
import { createParameters, disposeParameters } from "../../lib/tensor/mod.ts";
import { featureTokenParameters, featureTokens } from "../../lib/layers/tokenizers_table.ts";
import {
  assertClose,
  backends,
  normals,
  parameterGradients,
  tf,
  withParameters,
} from "./time_modulation_support.ts";

interface TableCase {
  batch: number;
  columns: number;
  width: number;
  features: number[];
  weight: number[];
  bias: number[];
  weights: number[];
  result: number[];
  gradients: Record<"features" | "weight" | "bias", number[]>;
}

const { torch, table }: { torch: string; table: TableCase } = JSON.parse(
  Deno.readTextFileSync(new URL("./fixtures/time_modulation.json", import.meta.url)),
);

for (const backend of backends) {
  Deno.test(`tokens of features and their gradients are those of PyTorch ${torch} on the ${backend} backend`, async () => {
    await tf.setBackend(backend);
    const { batch, columns, width } = table, shape = [columns, width];
    const values = {
      "table/weight": { shape, data: table.weight },
      "table/bias": { shape, data: table.bias },
      features: { shape: [batch, columns], data: table.features },
    };
    withParameters(values, (parameters) => {
      const before = tf.memory().numTensors;
      const apply = () => featureTokens(parameters, "table", parameters.features as unknown as tf.Tensor2D);
      const tokens = apply();
      assert.deepEqual(tokens.shape, [batch, columns, width]);
      assertClose(tokens.dataSync(), table.result, 1e-6, "tokens");
      tokens.dispose();
      const gradients = parameterGradients(parameters, apply, table.weights);
      assertClose(gradients["table/weight"], table.gradients.weight, 1e-6, "d weight");
      assertClose(gradients["table/bias"], table.gradients.bias, 1e-6, "d bias");
      assertClose(gradients.features, table.gradients.features, 1e-6, "d features");
      assert.equal(tf.memory().numTensors, before);
    });
  });
}

Deno.test("a token depends on its own feature alone", async () => {
  await tf.setBackend("cpu");
  const parameters = createParameters(featureTokenParameters("table", 5, 4), { seed: 2 });
  const row = normals(5, "row"), other = row.slice();
  other[3] += 1;
  const [a, b] = tf.tidy(() =>
    [row, other].map((x) => featureTokens(parameters, "table", tf.tensor2d(x, [1, 5])).dataSync())
  );
  const moved = Array.from(
    { length: 5 },
    (_, k) => a.slice(4 * k, 4 * k + 4).some((x, d) => x !== b[4 * k + d]),
  );
  assert.deepEqual(moved, [false, false, false, true, false]);
  disposeParameters(parameters);
});

Deno.test("weights and biases begin standard normal", async () => {
  await tf.setBackend("cpu");
  const parameters = createParameters(featureTokenParameters("table", 60, 80), { seed: 3 });
  for (const each of Object.values(parameters)) {
    const values = each.dataSync<"float32">(), n = values.length;
    const mean = values.reduce((sum, x) => sum + x, 0) / n;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n;
    assert.ok(Math.abs(mean) < 4 / Math.sqrt(n) && Math.abs(variance - 1) < 4 * Math.sqrt(2 / n));
  }
  disposeParameters(parameters);
});

Deno.test("tables of another width and sizes that are not counts are refused", () => {
  const refuses = (pattern: RegExp, f: () => unknown) =>
    assert.throws(f, (error) => error instanceof EphemeraError && pattern.test(error.message));
  refuses(/number of features/, () => featureTokenParameters("table", 0, 4));
  refuses(/width/, () => featureTokenParameters("table", 4, 2.5));
  refuses(/a parameter "table\/weight"/, () => featureTokens({}, "table", tf.zeros([1, 4])));
  const parameters = createParameters(featureTokenParameters("table", 5, 4), { seed: 2 });
  refuses(
    /features of shape \[batch, 5\], found \[2, 4\]/,
    () => featureTokens(parameters, "table", tf.zeros([2, 4])),
  );
  disposeParameters(parameters);
});

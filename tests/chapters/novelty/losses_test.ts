import assert from "node:assert/strict";
import {
  autoencode,
  classificationLoss,
  classWeightsOf,
  createNetwork,
  featureVector,
  logMemberships,
  mixtureLoss,
  PAPER,
  reconstructionLoss,
} from "ephemera/chapters/novelty";
import { Random } from "ephemera/core";
import { mixtureEnergy, mixtureFromMemberships } from "ephemera/learn";
import { matrix } from "ephemera/numerics";
import { disposeParameters, type ParameterSet, tf } from "ephemera/tensor";

const random = new Random("losses");
const draw = (n: number, scale = 1) => Float64Array.from({ length: n }, () => random.normal(0, scale));

/** Central differences of a float64 function. */
function differences(f: (x: Float64Array) => number, x: Float64Array): Float64Array {
  return x.map((_, i) => {
    const at = (step: number) => f(x.map((v, j) => j === i ? v + step : v));
    return (at(1e-5) - at(-1e-5)) / 2e-5;
  });
}

function assertClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  const scale = Math.max(...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i++) {
    assert.ok(
      Math.abs(found[i] - expected[i]) < tolerance * scale,
      `entry ${i}: ${found[i]} is not ${expected[i]}`,
    );
  }
}

Deno.test("reconstructionLoss is eq. 1 and has its gradient", async () => {
  await tf.setBackend("cpu");
  const x = draw(12), guess = draw(12), weight = draw(12).map(Math.abs);
  const f = (y: Float64Array) => y.reduce((sum, v, i) => sum + weight[i] * (x[i] - v) ** 2 / 12, 0);
  const as = (values: Float64Array) => tf.tensor2d(Float32Array.from(values), [3, 4]);
  const { value, grad } = tf.valueAndGrad((y: tf.Tensor) =>
    reconstructionLoss(as(x), y as tf.Tensor2D, as(weight))
  )(
    as(guess),
  );
  assert.ok(Math.abs((await value.data())[0] - f(guess)) < 1e-5);
  assertClose(await grad.data(), differences(f, guess), 1e-4);
});

Deno.test("classificationLoss is eq. 3, with and without class weights, and has its gradient", async () => {
  await tf.setBackend("cpu");
  const logits = draw(12), codes = [2, 0, 1, 2], classWeights = Float64Array.of(0.5, 1, 2);
  for (const weights of [undefined, classWeights]) {
    const f = (z: Float64Array) => {
      let sum = 0, total = 0;
      codes.forEach((code, i) => {
        const row = z.subarray(3 * i, 3 * i + 3), w = weights?.[code] ?? 1;
        sum += w * (Math.log(row.reduce((s, v) => s + Math.exp(v), 0)) - row[code]);
        total += w;
      });
      return sum / total;
    };
    const { value, grad } = tf.valueAndGrad((z: tf.Tensor) =>
      classificationLoss(
        tf.logSoftmax(z) as tf.Tensor2D,
        tf.oneHot(codes, 3) as tf.Tensor2D,
        weights && tf.tensor1d(Float32Array.from(weights)),
      )
    )(tf.tensor2d(Float32Array.from(logits), [4, 3]));
    assert.ok(Math.abs((await value.data())[0] - f(logits)) < 1e-5);
    assertClose(await grad.data(), differences(f, logits), 1e-4);
  }
});

Deno.test("mixtureLoss is eq. 6 on the mixture of Zong's eq. 5 and has its gradient in features and memberships", async () => {
  await tf.setBackend("cpu");
  const rows = 24, dimensions = 4, classes = 3, ridge = 1e-2;
  const features = draw(rows * dimensions), logits = draw(rows * classes);
  const f = (z: Float64Array, a: Float64Array) => {
    const gamma = a.slice();
    for (let i = 0; i < rows; i++) {
      const row = gamma.subarray(i * classes, (i + 1) * classes),
        total = row.reduce((s, v) => s + Math.exp(v), 0);
      row.forEach((v, k) => row[k] = Math.exp(v) / total);
    }
    const table = matrix(z, rows, dimensions);
    const mixture = mixtureFromMemberships(table, matrix(gamma, rows, classes), ridge);
    return mixtureEnergy(mixture, table).reduce((sum, energy) => sum + energy / rows, 0);
  };
  const { value, grads } = tf.valueAndGrads((z: tf.Tensor, a: tf.Tensor) =>
    mixtureLoss(z as tf.Tensor2D, tf.logSoftmax(a) as tf.Tensor2D, ridge)
  )([
    tf.tensor2d(Float32Array.from(features), [rows, dimensions]),
    tf.tensor2d(Float32Array.from(logits), [rows, classes]),
  ]);
  assert.ok(Math.abs((await value.data())[0] - f(features, logits)) < 1e-4);
  assertClose(await grads[0].data(), differences((z) => f(z, logits), features), 2e-3);
  assertClose(await grads[1].data(), differences((a) => f(features, a), logits), 2e-3);
});

Deno.test("the joint loss has the gradient of both networks along random directions", async () => {
  await tf.setBackend("cpu");
  const network = {
    ...PAPER.network,
    units: 5,
    embedding: 3,
    estimationUnits: 4,
    recurrentActivation: "sigmoid" as const,
  };
  const rows = 12, epochs = 7, codes = Array.from({ length: rows }, (_, i) => i % 3);
  const parameters: ParameterSet = createNetwork(network, { auxiliaries: 2, classes: 3 }, 1);
  const as = (values: Float64Array, columns: number) =>
    tf.tensor2d(Float32Array.from(values), [rows, columns]);
  const batch = {
    lag: as(draw(rows * epochs).map(Math.abs), epochs),
    value: as(draw(rows * epochs), epochs),
    weight: as(draw(rows * epochs).map((w) => 1 + Math.abs(w)), epochs),
    auxiliary: as(draw(rows * 2), 2),
  };
  const total = () => {
    const autoencoded = autoencode(parameters, batch, network);
    const features = featureVector(batch, autoencoded, network);
    const logGamma = logMemberships(parameters, features, network);
    return tf.addN([
      reconstructionLoss(batch.value, autoencoded.reconstruction, batch.weight),
      classificationLoss(logGamma, tf.oneHot(codes, 3) as tf.Tensor2D),
      tf.mul(mixtureLoss(features, logGamma, 0.1), 0.1),
    ]) as tf.Scalar;
  };
  const { grads } = tf.variableGrads(total, Object.values(parameters));
  for (const [name, parameter] of Object.entries(parameters)) {
    const direction = Float32Array.from(draw(parameter.size)),
      before = await parameter.data() as Float32Array;
    const start = before.slice(), gradient = await grads[parameter.name].data() as Float32Array;
    const norm = Math.hypot(...direction),
      at = async (step: number) => {
        parameter.assign(tf.tensor(start.map((v, i) => v + step * direction[i] / norm), parameter.shape));
        return (await tf.tidy(total).data())[0];
      };
    const step = 1e-2, slope = (await at(step) - await at(-step)) / (2 * step);
    parameter.assign(tf.tensor(start, parameter.shape));
    const expected = gradient.reduce((sum, g, i) => sum + g * direction[i] / norm, 0);
    assert.ok(
      Math.abs(slope - expected) < 0.01 * Math.abs(expected) + 2e-3,
      `${name}: ${slope} is not ${expected}`,
    );
  }
  disposeParameters(parameters);
});

Deno.test("classWeightsOf weighs rare classes up, with mean one over the sequences", () => {
  const codes = Int32Array.of(0, 0, 0, 0, 1);
  assert.equal(classWeightsOf(codes, 2, "none"), undefined);
  for (const [rule, ratio] of [["inverse", 4], ["root inverse", 2]] as const) {
    const weights = classWeightsOf(codes, 2, rule)!;
    assert.ok(Math.abs(weights[1] / weights[0] - ratio) < 1e-6);
    assert.ok(Math.abs((4 * weights[0] + weights[1]) / 5 - 1) < 1e-6);
  }
});

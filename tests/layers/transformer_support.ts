// What the tests of transformers share: models with all parameters drawn, tensors from seeds, slopes by differences.
export { assertClose as close } from "../assert_close.ts";
import assert from "node:assert/strict";
import { Random } from "../../lib/core/mod.ts";
import { createParameters, type Initializer, normal, type ParameterSet, tf } from "../../lib/tensor/mod.ts";

/** Parameters that are all drawn, biases and offsets too, so that none can be forgotten unseen. */
export function drawnParameters(
  plan: Record<string, Initializer>,
  seed: number,
  deviation = 0.5,
): ParameterSet {
  const drawn = Object.entries(plan).map(([name, { shape }]) => [name, normal(shape, deviation)] as const);
  return createParameters(Object.fromEntries(drawn), { seed });
}

/** Standard normal numbers of a seed. */
export function draw<R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number): tf.Tensor<R> {
  const random = new Random(seed).stream("tensor");
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal());
  return tf.tensor(values, shape, "float32") as tf.Tensor<R>;
}

/** Values of a tensor made within a tidy; the cpu backend hands out its own storage, hence the copy. */
export function values(make: () => tf.Tensor): Float32Array {
  return tf.tidy(() => Float32Array.from(make().dataSync()));
}

/** A loss that sees each element of an output with a weight of its own. */
export function weighted(output: tf.Tensor, seed: number): tf.Scalar {
  return tf.sum(tf.mul(output, draw(output.shape as [number], seed))) as tf.Scalar;
}

/**
 * Holds the gradient of a loss with respect to each parameter and each input, along one random direction, against
 * differences of fourth order of the loss itself.
 */
export function checkSlopes(
  loss: (inputs: tf.Tensor[]) => tf.Scalar,
  parameters: ParameterSet,
  inputs: Record<string, tf.Tensor>,
): void {
  const given = Object.values(inputs);
  const variables: Record<string, tf.Tensor> = { ...parameters, ...inputs }, all = Object.values(variables);
  const gradients = tf.tidy(() =>
    tf.grads((...tensors: tf.Tensor[]) => loss(tensors.slice(all.length - given.length)))(all).map((each) =>
      Float32Array.from(each.dataSync())
    )
  );
  Object.keys(variables).forEach((name, which) => {
    const start = Float32Array.from(all[which].dataSync()), { shape } = all[which];
    const direction = values(() => draw([start.length], 100 + which));
    const length = Math.hypot(...direction);
    const at = (step: number): number => {
      const moved = tf.tensor(start.map((x, k) => x + step * direction[k] / length), shape);
      const variable = parameters[name];
      variable?.assign(moved);
      const value = tf.tidy(() =>
        loss(given.map((each) => variable === undefined && each === all[which] ? moved : each)).dataSync()[0]
      );
      moved.dispose();
      return value;
    };
    const h = 0.03;
    const slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    if (parameters[name]) {
      const original = tf.tensor(start, shape);
      parameters[name].assign(original);
      original.dispose();
    }
    const found = gradients[which].reduce((sum, g, k) => sum + g * direction[k] / length, 0);
    const size = Math.hypot(...gradients[which]);
    assert.ok(Math.abs(found - slope) <= 2e-3 * (1 + size), `${name}: ${found}, differences give ${slope}`);
  });
}

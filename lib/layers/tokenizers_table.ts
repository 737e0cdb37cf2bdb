/** Tokens of a row of a table: the affine step of the quantile feature tokenizer (paper 001, eq. 4.3). */
import { demand } from "../core/mod.ts";
import { type Initializer, normal, type ParameterSet, tf } from "../tensor/mod.ts";
import { demandCount, parameterOf } from "./dense.ts";

/**
 * Returns the plan of the tokens of `features` columns, standard normal as in the paper's code: `name/weight` and
 * `name/bias`, each `[features, width]`.
 *
 * @param width numbers a token. Paper: 144; its public code: 128
 * @throws EphemeraError for sizes that are not positive integers
 */
export function featureTokenParameters(
  name: string,
  features: number,
  width: number,
): Record<string, Initializer> {
  demandCount(features, "number of features", name);
  demandCount(width, "width", name);
  return { [`${name}/weight`]: normal([features, width], 1), [`${name}/bias`]: normal([features, width], 1) };
}

/**
 * Returns one token a feature, W_k f_k + b_k, with a vector W_k and b_k for each column k. Differentiable in the features
 * and the parameters.
 *
 * The features are those of a quantile transform that was fitted to the training rows
 * (`new QuantileTransform({ output: "normal" })` in `ephemera/learn`); what is missing must have become a number before.
 *
 * @param parameters has those of {@link featureTokenParameters} under `name`
 * @param features f, `[batch, features]`
 * @returns `[batch, features, width]`; the caller disposes it.
 * @throws EphemeraError when the parameters are missing or the number of features differs
 *
 * @example
 * ```ts
 * import { featureTokenParameters, featureTokens } from "ephemera/layers";
 * import { createParameters, disposeParameters, tf, useBackend } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * await useBackend("cpu");
 * const parameters = createParameters(featureTokenParameters("table", 3, 8), { seed: 1 });
 * assert.deepEqual(featureTokens(parameters, "table", tf.ones([2, 3])).shape, [2, 3, 8]);
 * disposeParameters(parameters);
 * ```
 */
export function featureTokens(parameters: ParameterSet, name: string, features: tf.Tensor2D): tf.Tensor3D {
  const where = `feature tokens ${name}`;
  const weight = parameterOf(parameters, `${name}/weight`, where);
  const bias = parameterOf(parameters, `${name}/bias`, where), [columns, width] = weight.shape as number[];
  demand(features.rank === 2 && features.shape[1] === columns, () => ({
    expected: `features of shape [batch, ${columns}]`,
    found: `[${features.shape.join(", ")}]`,
    where,
  }));
  return tf.tidy(() =>
    affine(features, tf.reshape(weight, [columns, width]), tf.reshape(bias, weight.shape))
  );
}

/** One operation, so that the product is not kept beside the tokens for the gradient of the sum. */
function affine(features: tf.Tensor2D, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor3D {
  const operation = tf.customGrad((...given) => {
    const [features, weight, bias, save] = given as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([features, weight]);
    return {
      value: tf.add(tf.mul(tf.expandDims(features, 2), weight), bias),
      gradFunc: (dy: tf.Tensor, [features, weight]: tf.Tensor[]) =>
        tf.tidy(() => [
          tf.sum(tf.mul(dy, weight), 2),
          tf.sum(tf.mul(dy, tf.expandDims(features, 2)), 0),
          tf.sum(dy, 0),
        ]),
    };
  });
  return operation(features, weight, bias) as tf.Tensor3D;
}

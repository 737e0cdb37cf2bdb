/** The residual decoder of multilayer perceptrons and the output head of paper 001, section 3.3.4. */
import { type Initializer, type ParameterSet, tf } from "../tensor/mod.ts";
import { demandCount, dense, denseParameters } from "./dense.ts";
import { applyLayerNorm, layerNormParameters } from "./transformer_norm.ts";

/** Options of {@link residualMlp}. */
export interface ResidualMlpOptions {
  /** Blocks, one after the other. Default 4 (paper 001). */
  blocks?: number;
  /** Width of input, hidden layer and output. Default 64 (paper 001). */
  units?: number;
  /** Slope of the leaky ReLU below 0; the paper does not tell it. Default 0.01, PyTorch's. */
  slope?: number;
}

/** Declares the parameters of {@link residualMlp} under `name`: two linear layers a block. */
export function residualMlpParameters(
  name: string,
  options: ResidualMlpOptions = {},
): Record<string, Initializer> {
  const { blocks = 4, units = 64 } = options, plan: Record<string, Initializer> = {};
  demandCount(blocks, "blocks", name);
  for (let k = 1; k <= blocks; k++) {
    for (const layer of ["first", "second"]) {
      Object.assign(plan, denseParameters(`${name}/block ${k}/${layer}`, units, units));
    }
  }
  return plan;
}

/**
 * Applies residual blocks x + W2 lrelu(W1 lrelu(x) + b1) + b2 to the last axis: the multilayer perceptron that decodes
 * each time of a series by itself (paper 001, sections 3.3.4 and 3.3.5).
 *
 * @param parameters as declared by {@link residualMlpParameters}
 * @param x `[..., units]`, e.g. `[batch, time, units]`
 * @returns a tensor of the shape of `x`; the caller disposes it.
 * @throws EphemeraError when the last axis does not fit
 *
 * @example
 * ```ts
 * import { residualMlp, residualMlpParameters } from "ephemera/layers";
 * import { createParameters, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const options = { blocks: 2, units: 3 };
 * const parameters = createParameters(residualMlpParameters("decoder", options), { seed: 1 });
 * assert.deepEqual(residualMlp(parameters, "decoder", tf.ones([5, 7, 3]), options).shape, [5, 7, 3]);
 * ```
 */
export function residualMlp(
  parameters: ParameterSet,
  name: string,
  x: tf.Tensor,
  options: ResidualMlpOptions = {},
): tf.Tensor {
  const { blocks = 4, slope = 0.01 } = options;
  return tf.tidy(() => {
    let result = tf.clone(x);
    for (let k = 1; k <= blocks; k++) {
      const layer = (part: string, given: tf.Tensor) =>
        dense(parameters, `${name}/block ${k}/${part}`, tf.leakyRelu(given, slope));
      result = tf.add(result, layer("second", layer("first", result)));
    }
    return result;
  });
}

/** Options of {@link outputHead}. */
export interface OutputHeadOptions {
  /** What stands between the normalisation and the last layer; the paper does not tell it. Default ReLU. */
  activation?: (x: tf.Tensor) => tf.Tensor;
  /** Added to the variance of the layer normalisation. Default 1e-5. */
  epsilon?: number;
}

/** Declares the parameters of {@link outputHead} under `name`. @param outputs numbers a row, 1 for a mean or a variance */
export function outputHeadParameters(name: string, units: number, outputs = 1): Record<string, Initializer> {
  return {
    ...denseParameters(`${name}/hidden`, units, units),
    ...layerNormParameters(`${name}/normalisation`, units),
    ...denseParameters(`${name}/output`, units, outputs),
  };
}

/**
 * The head that ends a decoder (paper 001): linear, layer normalisation, activation, linear.
 *
 * @param parameters as declared by {@link outputHeadParameters}
 * @param x `[..., units]`
 * @returns `[..., outputs]`; the caller disposes it.
 * @throws EphemeraError when the last axis does not fit
 *
 * @example
 * ```ts
 * import { outputHead, outputHeadParameters } from "ephemera/layers";
 * import { createParameters, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const parameters = createParameters(outputHeadParameters("mean", 8), { seed: 1 });
 * assert.deepEqual(outputHead(parameters, "mean", tf.ones([2, 5, 8])).shape, [2, 5, 1]);
 * ```
 */
export function outputHead(
  parameters: ParameterSet,
  name: string,
  x: tf.Tensor,
  options: OutputHeadOptions = {},
): tf.Tensor {
  const { activation = tf.relu, epsilon = 1e-5 } = options;
  return tf.tidy(() => {
    const hidden = dense(parameters, `${name}/hidden`, x);
    const normalised = applyLayerNorm(parameters, `${name}/normalisation`, hidden, epsilon);
    return dense(parameters, `${name}/output`, activation(normalised));
  });
}

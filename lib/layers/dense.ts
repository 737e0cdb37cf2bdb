/** A linear map of the last axis with a bias: what most other layers are made of. */
import { demand } from "../core/mod.ts";
import { glorotUniform, type Initializer, normal, type ParameterSet, tf, zeros } from "../tensor/mod.ts";

/**
 * The rule for a kernel's first values: Glorot & Bengio's uniform law, or a normal law of mean 0 with a given standard
 * deviation (BERT, ViT and ATAT: 0.02).
 */
export type KernelRule = "glorot" | { readonly normal: number };

/** Options of {@link denseParameters}. */
export interface DenseOptions {
  /** First values of the kernel. Default `"glorot"`. A bias begins at zero. */
  kernel?: KernelRule;
  /** Whether a bias is added. Default true. */
  bias?: boolean;
}

/** Demands a positive integer: a width, a number of heads, a number of layers. */
export function demandCount(count: number, name: string, where: string): void {
  demand(Number.isInteger(count) && count >= 1, () => ({
    expected: `a positive integer as ${name}`,
    found: String(count),
    where,
  }));
}

/**
 * Returns one parameter of a set.
 *
 * @throws EphemeraError when the set has none of this name
 */
export function parameterOf(parameters: ParameterSet, name: string, where: string): tf.Variable {
  demand(Object.hasOwn(parameters, name), () => ({
    expected: `a parameter "${name}"`,
    found: "none in the set",
    where,
    remedy: "create the parameters with the name and the options that the layer is applied with",
  }));
  return parameters[name];
}

/**
 * Returns the plan of a dense layer's parameters: `name/kernel`, `[inputs, outputs]`, and `name/bias`, `[outputs]`.
 *
 * @throws EphemeraError when a size is not a positive integer or a standard deviation is not positive
 */
export function denseParameters(
  name: string,
  inputs: number,
  outputs: number,
  options: DenseOptions = {},
): Record<string, Initializer> {
  const { kernel = "glorot", bias = true } = options;
  demandCount(inputs, "number of inputs", name);
  demandCount(outputs, "number of outputs", name);
  const plan = { [`${name}/kernel`]: firstKernel([inputs, outputs], kernel, name) };
  return bias ? { ...plan, [`${name}/bias`]: zeros([outputs]) } : plan;
}

function firstKernel(shape: readonly number[], rule: KernelRule, where: string): Initializer {
  if (rule === "glorot") return glorotUniform(shape);
  demand(rule.normal > 0 && Number.isFinite(rule.normal), () => ({
    expected: "a positive standard deviation of a kernel's first values",
    found: String(rule.normal),
    where,
  }));
  return normal(shape, rule.normal);
}

/**
 * Returns `x kernel + bias` along the last axis; without bias where the set has none under this name. Differentiable in
 * `x` and the parameters.
 *
 * @param parameters has those of {@link denseParameters} under `name`
 * @param x `[..., inputs]`
 * @returns `[..., outputs]`, of the rank of `x`; the caller disposes it.
 * @throws EphemeraError when the kernel is missing or `x` has another width
 *
 * @example
 * ```ts
 * import { dense, denseParameters } from "ephemera/layers";
 * import { createParameters, disposeParameters, tf, useBackend } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * await useBackend("cpu");
 * const parameters = createParameters(denseParameters("head", 4, 3, { kernel: { normal: 0.02 } }), { seed: 1 });
 * const logits = dense(parameters, "head", tf.ones([2, 5, 4]));
 * assert.deepEqual(logits.shape, [2, 5, 3]);
 * disposeParameters(parameters);
 * ```
 */
export function dense<T extends tf.Tensor>(parameters: ParameterSet, name: string, x: T): T {
  const kernel = parameterOf(parameters, `${name}/kernel`, "dense") as tf.Tensor as tf.Tensor2D;
  const bias = parameters[`${name}/bias`] as tf.Tensor1D | undefined, [inputs, outputs] = kernel.shape;
  demand(x.rank >= 1 && x.shape[x.rank - 1] === inputs, () => ({
    expected: `a tensor whose last axis has ${inputs} elements`,
    found: `[${x.shape.join(", ")}]`,
    where: `dense layer ${name}`,
  }));
  return tf.tidy(() => {
    // One tall matrix: the gradient of the kernel is then one product, not a sum over the batch's.
    const rows: tf.Tensor2D = tf.reshape(x, [x.size / inputs, inputs]);
    const out = bias ? affine(rows, kernel, bias) : tf.matMul(rows, kernel);
    return tf.reshape(out, [...x.shape.slice(0, -1), outputs]) as tf.Tensor as T;
  });
}

/**
 * Product and sum as one operation: the stock sum would keep the product for its gradient, which needs nothing of it. The
 * fused kernel adds the bias while it writes; native TensorFlow has none that takes plain matrices.
 */
function affine(rows: tf.Tensor2D, kernel: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor {
  const operation = tf.customGrad((...given) => {
    const [rows, kernel, bias, save] = given as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D, tf.GradSaveFunc];
    save([rows, kernel]);
    return {
      value: tf.getBackend() === "tensorflow"
        ? tf.add(tf.matMul(rows, kernel), bias)
        : tf.fused.matMul({ a: rows, b: kernel, bias }),
      gradFunc: (dy: tf.Tensor, [rows, kernel]: tf.Tensor[]) => [
        tf.matMul(dy, kernel, false, true),
        tf.matMul(rows, dy, true),
        tf.sum(dy, 0),
      ],
    };
  });
  return operation(rows, kernel, bias);
}

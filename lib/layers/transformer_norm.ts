import { constant, type Initializer, layerNorm, type ParameterSet, type tf, zeros } from "../tensor/mod.ts";
import { demandCount, parameterOf } from "./dense.ts";

/** Returns the plan of a layer normalisation: `name/gain`, ones, and `name/offset`, zeros, both `[width]`. */
export function layerNormParameters(name: string, width: number): Record<string, Initializer> {
  demandCount(width, "width", name);
  return { [`${name}/gain`]: constant([width], 1), [`${name}/offset`]: zeros([width]) };
}

/**
 * Returns each token less its mean, divided by its deviation, times gain plus offset (`layerNorm` with parameters of a
 * set). Differentiable in `x` and the parameters.
 *
 * @param parameters has those of {@link layerNormParameters} under `name`
 * @param x `[..., width]`
 * @param epsilon added to the variance; default 1e-5
 * @returns a tensor of the shape of `x`; the caller disposes it.
 * @throws EphemeraError when a parameter is missing or `x` has another width
 */
export function applyLayerNorm<T extends tf.Tensor>(
  parameters: ParameterSet,
  name: string,
  x: T,
  epsilon = 1e-5,
): T {
  const part = (which: string) => parameterOf(parameters, `${name}/${which}`, "layer normalisation");
  return layerNorm(x, part("gain") as tf.Tensor as tf.Tensor1D, part("offset") as tf.Tensor as tf.Tensor1D, {
    epsilon,
  }) as T;
}

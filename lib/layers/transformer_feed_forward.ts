import { gelu, type Initializer, type ParameterSet, tf } from "../tensor/mod.ts";
import { dense, denseParameters, type KernelRule } from "./dense.ts";
import { demandRate, drop, type DropoutContext } from "./transformer_dropout.ts";

/** Sizes and habits of a feed-forward layer. */
export interface FeedForwardOptions {
  /** Width of the tokens, in and out. */
  width: number;
  /** Width between the two linear maps. Default `2 width` (paper 001, section 2.2). */
  hidden?: number;
  /** Rate at which hidden and output elements are dropped in training. Default 0. */
  dropout?: number;
  /** First values of the kernels. Default `"glorot"`. */
  kernel?: KernelRule;
}

/** Returns the plan of a feed-forward layer's parameters: the dense layers `name/hidden` and `name/output`. */
export function feedForwardParameters(
  name: string,
  options: FeedForwardOptions,
): Record<string, Initializer> {
  const { width, hidden = 2 * width, kernel } = options;
  return {
    ...denseParameters(`${name}/hidden`, width, hidden, { kernel }),
    ...denseParameters(`${name}/output`, hidden, width, { kernel }),
  };
}

/**
 * Returns each token taken through the same two dense layers with a GELU between them, dropout after both: the second half
 * of a transformer's block, without its sum and its normalisation.
 *
 * @param parameters has those of {@link feedForwardParameters} under `name`
 * @param tokens `[..., width]`; its first axis runs over the examples
 * @param options as the parameters were declared with
 * @param dropout the context of a training step; nothing otherwise
 * @returns a tensor of the shape of `tokens`; the caller disposes it.
 * @throws EphemeraError when a parameter is missing or the width is another
 */
export function feedForward<T extends tf.Tensor>(
  parameters: ParameterSet,
  name: string,
  tokens: T,
  options: FeedForwardOptions,
  dropout?: DropoutContext,
): T {
  const { dropout: rate = 0 } = options;
  demandRate(rate, "dropout", `feed-forward layer ${name}`);
  return tf.tidy(() => {
    const hidden = drop(gelu(dense(parameters, `${name}/hidden`, tokens)), rate, dropout);
    return drop(dense(parameters, `${name}/output`, hidden), rate, dropout);
  });
}

import { demand } from "../core/mod.ts";
import { type Initializer, type ParameterSet, tf } from "../tensor/mod.ts";
import {
  type AttentionLayerOptions,
  attentionParameters,
  demandTokens,
  selfAttention,
  type TokenContext,
} from "./attention.ts";
import { demandRate, drop } from "./transformer_dropout.ts";
import { feedForward, type FeedForwardOptions, feedForwardParameters } from "./transformer_feed_forward.ts";
import { applyLayerNorm, layerNormParameters } from "./transformer_norm.ts";

/** Sizes and habits of one block. */
export interface TransformerBlockOptions
  extends Omit<AttentionLayerOptions, "sourceWidth">, FeedForwardOptions {
  /**
   * Where tokens are normalised: `"pre"`, before attention and feed-forward (x + f(LN x), the default); `"post"`, after
   * their sums (LN(x + f(x)), Vaswani et al. 2017); `"none"` (x + f(x)). Paper 001 prints the last (eqs. 4.4 and 4.5); the
   * published code of ATAT does the first, without which deep stacks hardly train.
   */
  norm?: "pre" | "post" | "none";
  /** Added to the variance of a normalisation. Default 1e-5. */
  epsilon?: number;
  /** Rate at which elements of the attention's output are dropped in training. Default 0, as in ATAT. */
  attentionOutputDropout?: number;
}

/**
 * Returns the plan of a block's parameters: `name/attention/...`, `name/feed forward/...` and, unless `norm` is `"none"`,
 * `name/attention norm` and `name/feed forward norm`.
 *
 * @throws EphemeraError when a size is not a positive integer or the heads do not divide the width
 */
export function transformerBlockParameters(
  name: string,
  options: TransformerBlockOptions,
): Record<string, Initializer> {
  const { width } = options, normed = normOf(options, name) !== "none";
  return {
    ...(normed ? layerNormParameters(`${name}/attention norm`, width) : {}),
    ...attentionParameters(`${name}/attention`, options),
    ...(normed ? layerNormParameters(`${name}/feed forward norm`, width) : {}),
    ...feedForwardParameters(`${name}/feed forward`, options),
  };
}

/**
 * Returns tokens after self-attention and a feed-forward layer, each added to what it was given (paper 001, eqs. 4.4 and
 * 4.5, with the normalisation of `norm`). Tokens that the mask hides are computed like the others and seen by none.
 *
 * @param parameters has those of {@link transformerBlockParameters} under `name`
 * @param tokens `[batch, length, width]`
 * @param options as the parameters were declared with
 * @param context mask `[batch, length]` and dropout
 * @returns `[batch, length, width]`; the caller disposes it.
 * @throws EphemeraError when a parameter is missing or shapes do not fit
 */
export function transformerBlock(
  parameters: ParameterSet,
  name: string,
  tokens: tf.Tensor3D,
  options: TransformerBlockOptions,
  context: TokenContext = {},
): tf.Tensor3D {
  const norm = normOf(options, name),
    { epsilon, attentionOutputDropout = 0 } = options,
    { dropout } = context;
  demandTokens(tokens, options.width, `transformer block ${name}`);
  demandRate(attentionOutputDropout, "attentionOutputDropout", `transformer block ${name}`);
  const normalise = (part: string, x: tf.Tensor3D) =>
    applyLayerNorm(parameters, `${name}/${part} norm`, x, epsilon);
  const residual = (part: string, x: tf.Tensor3D, layer: (x: tf.Tensor3D) => tf.Tensor3D): tf.Tensor3D => {
    const sum = tf.add(x, layer(norm === "pre" ? normalise(part, x) : x)) as tf.Tensor3D;
    return norm === "post" ? normalise(part, sum) : sum;
  };
  return tf.tidy(() => {
    const attended = residual("attention", tokens, (x) => {
      const mixed = selfAttention(parameters, `${name}/attention`, x, options, context);
      return drop(mixed, attentionOutputDropout, dropout);
    });
    return residual(
      "feed forward",
      attended,
      (x) => feedForward(parameters, `${name}/feed forward`, x, options, dropout),
    );
  });
}

function normOf({ norm = "pre" }: TransformerBlockOptions, where: string): "pre" | "post" | "none" {
  demand(norm === "pre" || norm === "post" || norm === "none", () => ({
    expected: `norm "pre", "post" or "none"`,
    found: JSON.stringify(norm),
    where,
  }));
  return norm;
}

/** Multi-head attention with its four projections (Vaswani et al. 2017, section 3.2.2; paper 001, eqs. 2.4 to 2.10). */
import { demand } from "../core/mod.ts";
import { type Initializer, multiHeadAttention, type ParameterSet, tf } from "../tensor/mod.ts";
import { droppedAttention } from "./attention_dropout.ts";
import { demandCount, dense, denseParameters, type KernelRule } from "./dense.ts";
import { demandRate, type DropoutContext } from "./transformer_dropout.ts";

/** Sizes and habits of an attention layer. */
export interface AttentionLayerOptions {
  /** Width of the tokens that ask, and of the result. */
  width: number;
  /** Width of the tokens that answer, where it is another. Default `width`. */
  sourceWidth?: number;
  /** Number of heads. */
  heads: number;
  /** Width of queries, keys and values of one head. Default `width / heads`, which must then be an integer. */
  headSize?: number;
  /** First values of the kernels. Default `"glorot"`. */
  kernel?: KernelRule;
  /**
   * Rate at which attention weights are dropped in training. Default 0. The kernel of `multiHeadAttention` knows no
   * dropout: with a rate above 0 a training step goes through stock operations, which are slower and keep the weights of
   * all pairs, `batch * heads * queries * keys` numbers a layer. Prediction always takes the kernel.
   */
  attentionDropout?: number;
}

/** What an attention layer or a transformer is given beside tokens; a training step's context drops, nothing else does. */
export interface TokenContext {
  /**
   * `[batch, tokens]`, bool or 0/1: tokens whose mask is 0 are not attended to. They must be finite numbers all the same,
   * since the gradient of a projection multiplies them by zero. Default: all tokens are seen.
   */
  mask?: tf.Tensor | null;
  /** The context of a step, for dropout. Default: no dropout. */
  dropout?: DropoutContext;
}

/** Returns the width of one head. */
function headSizeOf({ width, heads, headSize }: AttentionLayerOptions, where: string): number {
  demandCount(heads, "number of heads", where);
  if (headSize !== undefined) {
    demandCount(headSize, "width of a head", where);
    return headSize;
  }
  demand(width % heads === 0, () => ({
    expected: "a number of heads that divides the width of the tokens",
    found: `${heads} heads for a width of ${width}`,
    where,
    remedy: "choose headSize",
  }));
  return width / heads;
}

/** Demands `[batch, length, width]` with at least one token. */
export function demandTokens(x: tf.Tensor, width: number, where: string): void {
  demand(x.rank === 3 && x.shape[2] === width && x.size > 0, () => ({
    expected: `tokens of shape [batch, length, ${width}], at least one`,
    found: `[${x.shape.join(", ")}]`,
    where,
  }));
}

/** Demands a mask of one number a token, if there is a mask. */
export function demandMask(mask: tf.Tensor | null | undefined, tokens: tf.Tensor, where: string): void {
  const [batch, length] = tokens.shape;
  demand(!mask || (mask.rank === 2 && mask.shape[0] === batch && mask.shape[1] === length), () => ({
    expected: `a mask of shape [${batch}, ${length}], one number a token`,
    found: `[${mask!.shape.join(", ")}]`,
    where,
  }));
}

/**
 * Returns the plan of an attention layer's parameters: the projections `name/query`, `name/key`, `name/value` (to
 * `heads * headSize`) and `name/output` (back to `width`), each with a kernel and a bias.
 *
 * @throws EphemeraError when a size is not a positive integer or the heads do not divide the width
 */
export function attentionParameters(
  name: string,
  options: AttentionLayerOptions,
): Record<string, Initializer> {
  const { width, sourceWidth = width, heads, kernel } = options, mixed = heads * headSizeOf(options, name);
  return {
    ...denseParameters(`${name}/query`, width, mixed, { kernel }),
    ...denseParameters(`${name}/key`, sourceWidth, mixed, { kernel }),
    ...denseParameters(`${name}/value`, sourceWidth, mixed, { kernel }),
    ...denseParameters(`${name}/output`, mixed, width, { kernel }),
  };
}

/**
 * Returns what tokens find in themselves: {@link crossAttention} whose source are the queries' own tokens.
 *
 * @param parameters has those of {@link attentionParameters} under `name`
 * @param tokens `[batch, length, width]`
 * @param options as the parameters were declared with, without `sourceWidth`
 * @param context mask `[batch, length]` and dropout
 * @returns `[batch, length, width]`, without the sum with the tokens; the caller disposes it.
 * @throws EphemeraError when a parameter is missing or shapes do not fit
 *
 * @example
 * ```ts
 * import { attentionParameters, selfAttention } from "ephemera/layers";
 * import { createParameters, disposeParameters, tf, useBackend } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * await useBackend("cpu");
 * const options = { width: 6, heads: 2 };
 * const parameters = createParameters(attentionParameters("encoder", options), { seed: 1 });
 * const tokens: tf.Tensor3D = tf.randomNormal([2, 4, 6], 0, 1, "float32", 1);
 * const mask = tf.tensor2d([[1, 1, 1, 0], [1, 1, 1, 1]]);
 * const mixed = selfAttention(parameters, "encoder", tokens, options, { mask });
 * assert.deepEqual(mixed.shape, [2, 4, 6]);
 * disposeParameters(parameters);
 * ```
 */
export function selfAttention(
  parameters: ParameterSet,
  name: string,
  tokens: tf.Tensor3D,
  options: AttentionLayerOptions,
  context: TokenContext = {},
): tf.Tensor3D {
  const own = { ...options, sourceWidth: options.width };
  return crossAttention(parameters, name, tokens, tokens, own, context);
}

/**
 * Returns what tokens find in other tokens: queries are projected from `tokens`, keys and values from `source`, heads
 * attend each on its own, and the output projection mixes them. A token that sees nothing at all gets the output's bias.
 *
 * @param parameters has those of {@link attentionParameters} under `name`
 * @param tokens `[batch, length, width]`
 * @param source `[batch, sourceLength, sourceWidth]`
 * @param options as the parameters were declared with
 * @param context mask of the source, `[batch, sourceLength]`, and dropout
 * @returns `[batch, length, width]`; the caller disposes it.
 * @throws EphemeraError when a parameter is missing or shapes do not fit
 */
export function crossAttention(
  parameters: ParameterSet,
  name: string,
  tokens: tf.Tensor3D,
  source: tf.Tensor3D,
  options: AttentionLayerOptions,
  context: TokenContext = {},
): tf.Tensor3D {
  const where = `attention layer ${name}`, { width, sourceWidth = width, heads } = options;
  const { attentionDropout = 0 } = options, { mask, dropout } = context;
  const mixedWidth = heads * headSizeOf(options, where);
  demandTokens(tokens, width, where);
  demandTokens(source, sourceWidth, where);
  demandMask(mask, source, where);
  demandRate(attentionDropout, "attentionDropout", where);
  demand(tokens.shape[0] === source.shape[0], () => ({
    expected: `a source of ${tokens.shape[0]} batch rows, as the tokens have`,
    found: String(source.shape[0]),
    where,
  }));
  return tf.tidy(() => {
    const query = dense(parameters, `${name}/query`, tokens);
    const key = dense(parameters, `${name}/key`, source);
    const value = dense(parameters, `${name}/value`, source);
    demand(query.shape[2] === mixedWidth, () => ({
      expected: `queries of width ${mixedWidth}, ${heads} heads of ${mixedWidth / heads}`,
      found: String(query.shape[2]),
      where,
      remedy: "apply the layer with the options that its parameters were declared with",
    }));
    const mixed = dropout?.training && attentionDropout > 0
      ? droppedAttention(query, key, value, {
        heads,
        mask,
        drop: (weights) => dropout.dropout(weights, attentionDropout),
      })
      : multiHeadAttention(query, key, value, { heads, mask });
    return dense(parameters, `${name}/output`, mixed);
  });
}

/** A stack of transformer blocks: the encoder of Vaswani et al. (2017) as BERT, ViT and paper 001 use it. */
import { type Initializer, type ParameterSet, tf } from "../tensor/mod.ts";
import type { TokenContext } from "./attention.ts";
import { demandCount } from "./dense.ts";
import {
  transformerBlock,
  type TransformerBlockOptions,
  transformerBlockParameters,
} from "./transformer_block.ts";

/** Sizes and habits of a stack of equal blocks. */
export interface TransformerOptions extends TransformerBlockOptions {
  /** Number of blocks. */
  layers: number;
}

/**
 * Returns the plan of a stack's parameters: those of {@link transformerBlockParameters} under `name/block 0`,
 * `name/block 1`, ...
 *
 * With `{ width: 192, heads: 4, hidden: 384, layers: 3, kernel: { normal: 0.02 } }` it is the light-curve branch of ATAT as
 * its code builds it (paper 001, section 4.3.6, prints the width of a head, 48, and a hidden width of 96).
 *
 * @throws EphemeraError when a size is not a positive integer or the heads do not divide the width
 */
export function transformerParameters(
  name: string,
  options: TransformerOptions,
): Record<string, Initializer> {
  demandCount(options.layers, "number of layers", name);
  return Object.assign(
    {},
    ...blocks(name, options).map((block) => transformerBlockParameters(block, options)),
  );
}

/**
 * Returns tokens after all blocks of a stack. It knows no order: positions must be in the tokens. With `norm: "pre"` the
 * last sums are not normalised; a head begins with a layer normalisation of its own ({@link applyLayerNorm}).
 *
 * @param parameters has those of {@link transformerParameters} under `name`
 * @param tokens `[batch, length, width]`
 * @param options as the parameters were declared with
 * @param context mask `[batch, length]` and dropout
 * @returns `[batch, length, width]`; the caller disposes it.
 * @throws EphemeraError when a parameter is missing or shapes do not fit
 *
 * @example
 * ```ts
 * import { classTokenParameters, prependClassToken, readClassToken, transformer, transformerParameters } from "ephemera/layers";
 * import { createParameters, disposeParameters, tf, useBackend } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * await useBackend("cpu");
 * const options = { width: 8, heads: 2, layers: 3, kernel: { normal: 0.02 } } as const;
 * const parameters = createParameters(
 *   { ...classTokenParameters("curve", 8), ...transformerParameters("curve", options) },
 *   { seed: 1 },
 * );
 * const embedding = tf.tidy(() => {
 *   const observations: tf.Tensor3D = tf.randomNormal([2, 5, 8], 0, 1, "float32", 1);
 *   const seen = tf.tensor2d([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]]);
 *   const { tokens, mask } = prependClassToken(parameters, "curve", observations, seen);
 *   return readClassToken(transformer(parameters, "curve", tokens, options, { mask }));
 * });
 * assert.deepEqual(embedding.shape, [2, 8]);
 * embedding.dispose();
 * disposeParameters(parameters);
 * ```
 */
export function transformer(
  parameters: ParameterSet,
  name: string,
  tokens: tf.Tensor3D,
  options: TransformerOptions,
  context: TokenContext = {},
): tf.Tensor3D {
  demandCount(options.layers, "number of layers", name);
  return tf.tidy(() =>
    blocks(name, options).reduce(
      (x, block) => transformerBlock(parameters, block, x, options, context),
      tokens,
    )
  );
}

function blocks(name: string, { layers }: TransformerOptions): string[] {
  return Array.from({ length: layers }, (_, k) => `${name}/block ${k}`);
}

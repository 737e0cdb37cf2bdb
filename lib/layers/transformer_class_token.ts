import { type Initializer, normal, type ParameterSet, tf } from "../tensor/mod.ts";
import { demandMask, demandTokens } from "./attention.ts";
import { demandCount, parameterOf } from "./dense.ts";

/** Tokens with the class token in front of them. */
export interface MarkedTokens {
  /** `[batch, 1 + length, width]`. */
  tokens: tf.Tensor3D;
  /** `[batch, 1 + length]`, float32, 1 for the class token; null where there was no mask. */
  mask: tf.Tensor2D | null;
}

/**
 * Returns the plan of a learnable token, `name/class token`, `[width]`.
 *
 * @param deviation standard deviation of its first values; default 1, as in ATAT
 */
export function classTokenParameters(
  name: string,
  width: number,
  deviation = 1,
): Record<string, Initializer> {
  demandCount(width, "width", name);
  return { [`${name}/class token`]: normal([width], deviation) };
}

/**
 * Returns tokens with the learnable class token in front of each sequence (BERT; paper 001, section 4.3.4), and their
 * mask with a 1 in front: the class token is always seen, so that an object without any observation has an answer too.
 * Differentiable in the tokens and the class token.
 *
 * @param parameters has that of {@link classTokenParameters} under `name`
 * @param tokens `[batch, length, width]`
 * @param mask `[batch, length]`, or nothing where all are seen
 * @returns both, owned by the caller.
 * @throws EphemeraError when the parameter is missing or shapes do not fit
 *
 * @example
 * ```ts
 * import { classTokenParameters, prependClassToken } from "ephemera/layers";
 * import { createParameters, disposeParameters, tf, useBackend } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * await useBackend("cpu");
 * const parameters = createParameters(classTokenParameters("curve", 3), { seed: 1 });
 * const { tokens, mask } = prependClassToken(parameters, "curve", tf.zeros([1, 2, 3]), tf.tensor2d([[1, 0]]));
 * assert.deepEqual(tokens.shape, [1, 3, 3]);
 * assert.deepEqual([...await mask!.data()], [1, 1, 0]);
 * disposeParameters(parameters);
 * ```
 */
export function prependClassToken(
  parameters: ParameterSet,
  name: string,
  tokens: tf.Tensor3D,
  mask?: tf.Tensor | null,
): MarkedTokens {
  const token = parameterOf(parameters, `${name}/class token`, "prependClassToken"),
    where = `class token ${name}`;
  demandTokens(tokens, token.shape[0]!, where);
  demandMask(mask, tokens, where);
  const [batch, , width] = tokens.shape;
  const marked = tf.tidy(() => {
    // Adding to zeros repeats the token along the batch; the gradient of a tile would be one slice a row.
    const front = tf.add(tf.reshape(token, [1, 1, width]), tf.zeros([batch, 1, width])) as tf.Tensor3D;
    return tf.concat([front, tokens], 1);
  });
  const extended = mask && tf.tidy(() => tf.concat([tf.ones([batch, 1]), tf.cast(mask, "float32")], 1));
  return { tokens: marked, mask: (extended ?? null) as tf.Tensor2D | null };
}

/**
 * Returns the first token of each sequence, `[batch, width]`: after a transformer, what the class token has gathered.
 *
 * @param tokens `[batch, 1 + length, width]`
 */
export function readClassToken(tokens: tf.Tensor3D): tf.Tensor2D {
  const [batch, , width] = tokens.shape;
  return tf.tidy(() => tf.reshape(tf.slice(tokens, [0, 0, 0], [batch, 1, width]), [batch, width]));
}

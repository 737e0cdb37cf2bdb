import { demand } from "../../core/mod.ts";
import { refuseSecondDerivative } from "../first_derivative.ts";
import { tf } from "../tf.ts";
import type { AttentionAttributes } from "../wasm/kernels/attention.ts";

/** Options of {@link multiHeadAttention}. */
export interface AttentionOptions {
  /** Number of heads; it divides the widths of queries and values. Default 1. */
  heads?: number;
  /**
   * `[batch, keys]`, bool or 0/1: keys whose mask is 0 are not attended to, and what stands in them and their values is
   * never looked at. A row without any key gives zeros. Default: all keys.
   */
  mask?: tf.Tensor | null;
  /** Factor on the products of queries and keys, positive. Default 1 / sqrt(width of one head). */
  scale?: number;
}

function shapeOf(tensor: tf.Tensor): string {
  return `[${tensor.shape.join(", ")}]`;
}

function check(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  { heads = 1, mask }: AttentionOptions,
): void {
  const where = "multiHeadAttention";
  for (const [name, tensor] of Object.entries({ query, key, value })) {
    demand(tensor.rank === 3 && tensor.shape.every((n) => n >= 1), () => ({
      expected: `a ${name} of shape [batch, length, width], each at least 1`,
      found: shapeOf(tensor),
      where,
    }));
  }
  const [batch, , width] = query.shape, [, keys, valueWidth] = value.shape;
  demand(key.shape[0] === batch && key.shape[1] === keys && key.shape[2] === width, () => ({
    expected: `keys of shape [${batch}, ${keys}, ${width}]`,
    found: shapeOf(key),
    where,
  }));
  demand(value.shape[0] === batch, () => ({
    expected: `values of ${batch} batch rows`,
    found: shapeOf(value),
    where,
  }));
  demand(Number.isInteger(heads) && heads >= 1 && width! % heads === 0 && valueWidth! % heads === 0, () => ({
    expected: `a number of heads that divides ${width} and ${valueWidth}`,
    found: String(heads),
    where,
  }));
  if (mask) {
    demand(mask.rank === 2 && mask.shape[0] === batch && mask.shape[1] === keys, () => ({
      expected: `a mask of shape [${batch}, ${keys}]`,
      found: shapeOf(mask),
      where,
    }));
  }
}

/** [batch, length, heads * width] to [batch, heads, length, width]. */
function splitHeads(x: tf.Tensor3D, heads: number): tf.Tensor4D {
  const [batch, length, width] = x.shape;
  return tf.transpose(tf.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
}

/** The same of stock operations, for backends without the kernel; its backward pass keeps the weights of all pairs. */
export function composedAttention(
  query: tf.Tensor3D,
  key: tf.Tensor3D,
  value: tf.Tensor3D,
  mask: tf.Tensor2D | null,
  { heads, scale }: AttentionAttributes,
): tf.Tensor3D {
  const [batch, queries] = query.shape, keys = key.shape[1];
  const seen = mask === null ? null : tf.cast(mask, "bool");
  if (seen !== null) {
    // A hidden key may hold anything, also what is not a number.
    const rows = tf.reshape(seen, [batch, keys, 1]);
    key = tf.where(tf.tile(rows, [1, 1, key.shape[2]]), key, tf.zerosLike(key));
    value = tf.where(tf.tile(rows, [1, 1, value.shape[2]]), value, tf.zerosLike(value));
  }
  let products: tf.Tensor = tf.mul(
    tf.matMul(splitHeads(query, heads), splitHeads(key, heads), false, true),
    scale,
  );
  let weights: tf.Tensor;
  if (seen === null) weights = tf.softmax(products);
  else {
    const columns = tf.reshape(tf.cast(seen, "float32"), [batch, 1, 1, keys]);
    products = tf.add(tf.mul(products, columns), tf.mul(tf.sub(1, columns), -1e30));
    // Where all are hidden the softmax is uniform: those weights go too.
    weights = tf.mul(tf.softmax(products), columns);
  }
  const mixed = tf.matMul(weights, splitHeads(value, heads));
  return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch, queries, value.shape[2]]);
}

function fusedAttention(
  query: tf.Tensor3D,
  key: tf.Tensor3D,
  value: tf.Tensor3D,
  mask: tf.Tensor2D | null,
  attributes: AttentionAttributes,
): tf.Tensor3D {
  const run = (name: string, inputs: Record<string, tf.Tensor>): tf.Tensor[] =>
    tf.engine().runKernel(name, inputs, attributes as unknown as tf.NamedAttrMap) as unknown as tf.Tensor[];
  const withMask: Record<string, tf.Tensor> = mask === null ? {} : { mask };
  const operation = tf.customGrad((...given) => {
    const [query, key, value, save] = given as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const [out, statistics] = run("EphemeraAttention", { query, key, value, ...withMask });
    save([query, key, value, out, statistics, ...Object.values(withMask)]);
    return {
      value: out,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        refuseSecondDerivative("multiHeadAttention");
        const [query, key, value, out, statistics, mask] = saved;
        const tensors = { query, key, value, out, statistics, dy };
        return run("EphemeraAttentionBackward", mask ? { ...tensors, mask } : tensors);
      },
    };
  });
  return operation(query, key, value) as tf.Tensor3D;
}

/**
 * Scaled dot-product attention of several heads (Vaswani et al. 2017, equation 1, without the projections):
 * for each head `softmax(scale Q K^T) V`, with the heads side by side along the last axis. Differentiable in query, key
 * and value.
 *
 * On the wasm backend one kernel takes a block of queries at a time and the backward pass computes the weights again, so
 * that memory grows with the length of the sequences, not with its square; hidden keys cost nothing.
 *
 * @param query `[batch, queries, heads * width]`
 * @param key `[batch, keys, heads * width]`
 * @param value `[batch, keys, heads * valueWidth]`
 * @returns `[batch, queries, heads * valueWidth]`. The caller disposes it.
 * @throws EphemeraError when shapes do not fit.
 *
 * @example
 * ```ts
 * import { multiHeadAttention, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const x: tf.Tensor3D = tf.randomNormal([2, 5, 8], 0, 1, "float32", 1);
 * const mask = tf.tensor2d([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]);
 * const mixed = multiHeadAttention(x, x, x, { heads: 2, mask });
 * assert.deepEqual(mixed.shape, [2, 5, 8]);
 * ```
 */
export function multiHeadAttention(
  query: tf.Tensor3D,
  key: tf.Tensor3D,
  value: tf.Tensor3D,
  options: AttentionOptions = {},
): tf.Tensor3D {
  check(query, key, value, options);
  const { heads = 1, scale = 1 / Math.sqrt(query.shape[2] / heads) } = options;
  demand(Number.isFinite(scale) && scale > 0, {
    expected: "a positive scale",
    found: String(scale),
    where: "multiHeadAttention",
  });
  return tf.tidy(() => {
    const mask = options.mask ? tf.cast(tf.notEqual(options.mask, 0), "float32") as tf.Tensor2D : null;
    const attention = tf.getKernel("EphemeraAttention", tf.getBackend()) ? fusedAttention : composedAttention;
    return attention(query, key, value, mask, { heads, scale });
  });
}

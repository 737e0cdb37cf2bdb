import { tf } from "../tensor/mod.ts";

/** Options of {@link droppedAttention}. */
export interface DroppedAttentionOptions {
  /** Number of heads; it divides the widths of queries and values. */
  heads: number;
  /** `[batch, keys]`, 0 for a key that is not attended to. Default: all are seen. */
  mask?: tf.Tensor | null;
  /** What is done to the weights, `[batch, heads, queries, keys]`, before the values are mixed. */
  drop: (weights: tf.Tensor4D) => tf.Tensor4D;
}

/** [batch, length, heads * size] to [batch, heads, length, size]. */
function splitHeads(x: tf.Tensor3D, heads: number): tf.Tensor4D {
  const [batch, length, width] = x.shape;
  return tf.transpose(tf.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
}

/**
 * Scaled dot-product attention with something done to its weights: `drop(softmax(Q K^T / sqrt(size))) V` for each head.
 * The one kernel of `multiHeadAttention` never has all weights at once, therefore this is made of stock operations and
 * keeps `batch * heads * queries * keys` numbers a call for the backward pass.
 *
 * @param query `[batch, queries, heads * size]`
 * @param key `[batch, keys, heads * size]`
 * @param value `[batch, keys, heads * valueSize]`
 * @returns `[batch, queries, heads * valueSize]`; zeros where no key is seen. The caller disposes it.
 */
export function droppedAttention(
  query: tf.Tensor3D,
  key: tf.Tensor3D,
  value: tf.Tensor3D,
  { heads, mask, drop }: DroppedAttentionOptions,
): tf.Tensor3D {
  const [batch, queries, width] = query.shape, keys = key.shape[1];
  return tf.tidy(() => {
    // Scaling the queries is cheaper than scaling the products: there are fewer of them.
    const scaled = splitHeads(tf.mul(query, Math.sqrt(heads / width)), heads);
    let products: tf.Tensor = tf.matMul(scaled, splitHeads(key, heads), false, true);
    let seen: tf.Tensor | null = null;
    if (mask) {
      seen = tf.reshape(tf.cast(tf.notEqual(mask, 0), "float32"), [batch, 1, 1, keys]);
      products = tf.add(products, tf.mul(tf.sub(seen, 1), 1e30));
    }
    const shares = tf.softmax(products);
    // Where all keys are hidden the softmax is uniform; those weights go as well.
    const weights = drop((seen ? tf.mul(shares, seen) : shares) as tf.Tensor4D);
    const mixed = tf.matMul(weights, splitHeads(value, heads));
    return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch, queries, value.shape[2]]) as tf.Tensor3D;
  });
}

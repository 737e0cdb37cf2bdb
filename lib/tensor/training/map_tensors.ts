import { tf } from "../tf.ts";

/** Returns each tensor mapped, and disposes those given. */
export function mapTensors(
  tensors: Record<string, tf.Tensor>,
  map: (tensor: tf.Tensor) => tf.Tensor,
): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, each]) => {
      const mapped = tf.tidy(() => map(each));
      each.dispose();
      return [name, mapped];
    }),
  );
}

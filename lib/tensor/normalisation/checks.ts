import { demand } from "../../core/mod.ts";
import type { tf } from "../tf.ts";

/** Demands a tensor with a last axis and no empty axis, and channel vectors of its width. */
export function checkNormalisation(
  where: string,
  x: tf.Tensor,
  channels: Readonly<Record<string, tf.Tensor | null | undefined>>,
  epsilon: number,
): number {
  demand(x.rank >= 1 && x.size > 0, () => ({
    expected: "a tensor of rank 1 or more that is not empty",
    found: `[${x.shape.join(", ")}]`,
    where,
  }));
  const width = x.shape.at(-1)!;
  for (const [name, tensor] of Object.entries(channels)) {
    if (!tensor) continue;
    demand(tensor.rank === 1 && tensor.shape[0] === width, () => ({
      expected: `${name} of shape [${width}]`,
      found: `[${tensor.shape.join(", ")}]`,
      where,
    }));
  }
  demand(epsilon > 0, { expected: "a positive epsilon", found: String(epsilon), where });
  return width;
}

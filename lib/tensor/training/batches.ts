import { tf } from "../tf.ts";
import { demand } from "../../core/mod.ts";
import { elementCount, type PlainArray } from "../interchange/named_arrays.ts";

/** Examples that can be taken by number. The training loop decides which, when, and in which order. */
export interface BatchSource<Batch> {
  /** How many examples there are. */
  readonly examples: number;
  /**
   * Returns the examples of the given numbers, in that order. The tensors in it (an object or array of tensors and plain
   * values) belong to the loop, which disposes them after the step.
   */
  take(indices: Int32Array): Batch;
}

/** Arrays that {@link arrayBatches} serves: float32 and float64 become float32 tensors, int32, uint8 and bool int32 ones. */
export type BatchArrays = Readonly<Record<string, PlainArray>>;

/**
 * Returns a source over arrays whose first axis runs over examples: each batch is an object of tensors under the same
 * names, `[batch, ...rest]`.
 *
 * @throws EphemeraError when the arrays do not have the same first extent or are of 64-bit integers
 *
 * @example
 * ```ts
 * import { arrayBatches, plainArray, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const source = arrayBatches({ x: plainArray([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6)) });
 * const { x } = source.take(Int32Array.of(2, 0));
 * assert.deepEqual([...await x.data()], [5, 6, 1, 2]);
 * tf.dispose(x);
 * ```
 */
export function arrayBatches<Arrays extends BatchArrays>(
  arrays: Arrays,
): BatchSource<{ [Name in keyof Arrays]: tf.Tensor }> {
  const entries = Object.entries(arrays);
  demand(entries.length > 0, { expected: "at least one array", found: "none", where: "arrayBatches" });
  const examples = entries[0][1].shape[0];
  for (const [name, array] of entries) {
    demand(array.shape.length > 0 && array.shape[0] === examples, () => ({
      expected: `${examples} examples along the first axis, as ${entries[0][0]} has`,
      found: `shape [${array.shape.join(", ")}]`,
      where: `arrayBatches, ${name}`,
    }));
    demand(array.dtype !== "int64", {
      expected: "numbers of at most 32 bits or float64",
      found: "int64",
      where: `arrayBatches, ${name}`,
      remedy: "convert the array to int32",
    });
  }
  return {
    examples,
    take(indices) {
      const batch: Record<string, tf.Tensor> = {};
      for (const [name, array] of entries) batch[name] = gatherRows(array, indices);
      return batch as { [Name in keyof Arrays]: tf.Tensor };
    },
  };
}

function gatherRows(array: PlainArray, indices: Int32Array): tf.Tensor {
  const width = elementCount(array.shape.slice(1));
  const shape = [indices.length, ...array.shape.slice(1)];
  const float = array.dtype === "float32" || array.dtype === "float64";
  const rows = float ? new Float32Array(indices.length * width) : new Int32Array(indices.length * width);
  const data = array.data as Exclude<PlainArray["data"], BigInt64Array>;
  for (let i = 0; i < indices.length; i++) {
    rows.set(data.subarray(indices[i] * width, (indices[i] + 1) * width), i * width);
  }
  return tf.tensor(rows, shape, float ? "float32" : "int32");
}

/** Calls `visit` for each tensor of a batch with the path to it, through plain objects and arrays only. */
export function visitTensors(
  batch: unknown,
  visit: (tensor: tf.Tensor, path: string) => void,
  path = "batch",
): void {
  if (batch instanceof tf.Tensor) visit(batch, path);
  else if (Array.isArray(batch)) batch.forEach((each, i) => visitTensors(each, visit, `${path}[${i}]`));
  else if (batch !== null && typeof batch === "object" && Object.getPrototypeOf(batch) === Object.prototype) {
    for (const [name, each] of Object.entries(batch)) visitTensors(each, visit, `${path}.${name}`);
  }
}

/** Frees the tensors of a batch. */
export function disposeBatch(batch: unknown): void {
  visitTensors(batch, (tensor) => tensor.dispose());
}

import { tf } from "../tf.ts";
import { demand } from "../../core/mod.ts";
import { elementCount, type PlainArray } from "./named_arrays.ts";

/**
 * Returns a tensor with a copy of the values: floats as float32, whole numbers as int32, truth values as bool. The caller
 * disposes it.
 *
 * @param array any plain array, or the shape and floats of a weight of Keras
 * @throws EphemeraError for a whole number that does not fit into 32 bits
 */
export function tensorFromArray(
  array: PlainArray | { shape: readonly number[]; data: Float32Array | Float64Array },
): tf.Tensor {
  const { shape, data } = array;
  demand(elementCount(shape) === data.length, () => ({
    expected: `${elementCount(shape)} values for the shape [${shape.join(", ")}]`,
    found: String(data.length),
    where: "tensorFromArray",
  }));
  if (data instanceof Float32Array || data instanceof Float64Array) {
    return tf.tensor(Float32Array.from(data), shape.slice(), "float32");
  }
  if ("dtype" in array && array.dtype === "bool") {
    return tf.tensor(data.slice() as Uint8Array, shape.slice(), "bool");
  }
  const integers = Int32Array.from(data as ArrayLike<number>, Number);
  const bad = integers.findIndex((value, i) => value !== Number(data[i]));
  demand(bad < 0, () => ({
    expected: "whole numbers of 32 bits",
    found: String(data[bad]),
    where: `tensorFromArray, element ${bad}`,
  }));
  return tf.tensor(integers, shape.slice(), "int32");
}

/** Returns a copy of a tensor's values (float32, int32 or bool), waiting for the device where there is one. */
export async function arrayFromTensor(tensor: tf.Tensor): Promise<PlainArray> {
  const shape = tensor.shape.slice(), { dtype } = tensor;
  demand(dtype === "float32" || dtype === "int32" || dtype === "bool", {
    expected: "a tensor of float32, int32 or bool",
    found: dtype,
    where: "arrayFromTensor",
  });
  const data = await tensor.data();
  if (dtype === "float32") return { shape, dtype, data: Float32Array.from(data as Float32Array) };
  if (dtype === "int32") return { shape, dtype, data: Int32Array.from(data as Int32Array) };
  return { shape, dtype, data: Uint8Array.from(data as Uint8Array) };
}

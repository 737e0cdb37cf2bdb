import { demand } from "../../core/mod.ts";

/** Element types that a {@link PlainArray} may hold. */
export type ArrayDtype = "float32" | "float64" | "int32" | "int64" | "uint8" | "bool";

/** The typed array behind each {@link ArrayDtype}; `bool` is stored one byte an element, 0 or 1. */
export interface ArrayDataByDtype {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

/** An array outside of any backend: shape, element type and values in row-major order. */
export type PlainArray = {
  [Dtype in ArrayDtype]: {
    readonly shape: readonly number[];
    readonly dtype: Dtype;
    readonly data: ArrayDataByDtype[Dtype];
  };
}[ArrayDtype];

/** Plain arrays by name. A map and not an object, because the names may come from a stranger's file. */
export type NamedArrays = Map<string, PlainArray>;

/** Returns the number of elements of an array of `shape`; a scalar (empty shape) has one. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const extent of shape) count *= extent;
  return count;
}

/**
 * Returns `data` with its shape, element type read off the typed array.
 *
 * @param shape extents, slowest first
 * @param data values in row-major order; a `Uint8Array` counts as `uint8`
 * @throws EphemeraError when the number of values is not the product of the extents
 */
export function plainArray(
  shape: readonly number[],
  data: Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array,
): PlainArray {
  demand(elementCount(shape) === data.length, () => ({
    expected: `${elementCount(shape)} values for the shape [${shape.join(", ")}]`,
    found: `${data.length} values`,
    where: "plainArray",
  }));
  if (data instanceof Float32Array) return { shape, dtype: "float32", data };
  if (data instanceof Float64Array) return { shape, dtype: "float64", data };
  if (data instanceof Int32Array) return { shape, dtype: "int32", data };
  if (data instanceof BigInt64Array) return { shape, dtype: "int64", data };
  return { shape, dtype: "uint8", data };
}

/** Numbers in the byte order of FITS, out of and into bytes. */

/** Arrays of the numbers that FITS stores. */
export type NumberArray =
  | Uint8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** Names of the types of numbers that FITS stores. */
export type NumberType = "Uint8" | "Int16" | "Int32" | "BigInt64" | "Float32" | "Float64";

/** Bytes of each type. */
export const WIDTHS: Readonly<Record<NumberType, number>> = {
  Uint8: 1,
  Int16: 2,
  Int32: 4,
  BigInt64: 8,
  Float32: 4,
  Float64: 8,
};

/**
 * Returns numbers out of bytes: `count` together, `rows` times, `stride` bytes from one row to the next. The caller has
 * checked that they lie within `bytes`.
 */
export function bigEndian(
  type: NumberType,
  bytes: Uint8Array,
  offset: number,
  count: number,
  rows: number,
  stride: number,
): NumberArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), total = rows * count;
  const width = WIDTHS[type];
  // One loop a type: a method looked up by name is ten times slower.
  const each = (put: (i: number, p: number) => void) => {
    for (let row = 0, i = 0; row < rows; row++) {
      for (let k = 0, p = offset + row * stride; k < count; k++, p += width) put(i++, p);
    }
  };
  switch (type) {
    case "Uint8": {
      const out = new Uint8Array(total);
      if (rows === 1) out.set(bytes.subarray(offset, offset + count));
      else each((i, p) => out[i] = bytes[p]);
      return out;
    }
    case "Int16": {
      const out = new Int16Array(total);
      each((i, p) => out[i] = view.getInt16(p));
      return out;
    }
    case "Int32": {
      const out = new Int32Array(total);
      each((i, p) => out[i] = view.getInt32(p));
      return out;
    }
    case "BigInt64": {
      const out = new BigInt64Array(total);
      each((i, p) => out[i] = view.getBigInt64(p));
      return out;
    }
    case "Float32": {
      const out = new Float32Array(total);
      each((i, p) => out[i] = view.getFloat32(p));
      return out;
    }
    case "Float64": {
      const out = new Float64Array(total);
      each((i, p) => out[i] = view.getFloat64(p));
      return out;
    }
  }
}

/** Writes numbers into bytes, one after another from `offset`. */
export function putBigEndian(
  values: NumberArray,
  from: number,
  to: number,
  view: DataView,
  offset: number,
): void {
  let p = offset;
  if (values instanceof Uint8Array) { for (let i = from; i < to; i++) view.setUint8(p++, values[i]); }
  else if (values instanceof Int16Array) {
    for (let i = from; i < to; i++, p += 2) {
      view.setInt16(p, values[i]);
    }
  } else if (values instanceof Int32Array) {
    for (let i = from; i < to; i++, p += 4) view.setInt32(p, values[i]);
  } else if (values instanceof BigInt64Array) {
    for (let i = from; i < to; i++, p += 8) view.setBigInt64(p, values[i]);
  } else if (values instanceof Float32Array) {
    for (let i = from; i < to; i++, p += 4) view.setFloat32(p, values[i]);
  } else for (let i = from; i < to; i++, p += 8) view.setFloat64(p, values[i]);
}

/** Pixels that can be written. Unsigned and signed types that FITS lacks are shifted by BZERO, as the standard has it. */
export type FitsPixels = NumberArray | Int8Array | Uint16Array | Uint32Array | BigUint64Array;

/** Returns values in a type that FITS has, and the zero that makes them what they were. */
export function shifted(values: FitsPixels): { values: NumberArray; zero: bigint } {
  if (values instanceof Int8Array) return { values: Uint8Array.from(values, (v) => v + 128), zero: -128n };
  if (values instanceof Uint16Array) {
    return { values: Int16Array.from(values, (v) => v - 32768), zero: 32768n };
  }
  if (values instanceof Uint32Array) {
    return { values: Int32Array.from(values, (v) => v - 2147483648), zero: 2147483648n };
  }
  if (values instanceof BigUint64Array) {
    return { values: BigInt64Array.from(values, (v) => v - 2n ** 63n), zero: 2n ** 63n };
  }
  return { values, zero: 0n };
}

/** Returns the name of the type of an array. */
export function typeOf(values: NumberArray): NumberType {
  return values instanceof Uint8Array
    ? "Uint8"
    : values instanceof Int16Array
    ? "Int16"
    : values instanceof Int32Array
    ? "Int32"
    : values instanceof BigInt64Array
    ? "BigInt64"
    : values instanceof Float32Array
    ? "Float32"
    : "Float64";
}

/**
 * Returns zero + scale x stored as 64-bit floats, NaN where stored equals `missing`. 64-bit integers that are only shifted
 * are added exactly before they are rounded: unsigned ones are stored 2^63 too low.
 */
export function physicalNumbers(
  stored: NumberArray,
  scale: number,
  zero: number,
  missing?: number,
): Float64Array {
  const out = new Float64Array(stored.length);
  if (stored instanceof BigInt64Array && scale === 1 && zero !== 0 && Number.isInteger(zero)) {
    const shift = BigInt(zero);
    for (let i = 0; i < out.length; i++) {
      out[i] = Number(stored[i]) === missing ? NaN : Number(stored[i] + shift);
    }
    return out;
  }
  for (let i = 0; i < out.length; i++) {
    const value = Number(stored[i]);
    out[i] = value === missing ? NaN : zero + scale * value;
  }
  return out;
}

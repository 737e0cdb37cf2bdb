/** Reads NumPy's .npy and .npz files, as far as tests need them: little-endian numbers in C order, entries stored or deflated. */
import { inflateRawSync } from "node:zlib";

/** An array of a .npy file; every number becomes a double. */
export interface NumpyArray {
  shape: number[];
  data: Float64Array;
}

/** Returns the array in the bytes of a .npy file. */
export function parseNpy(bytes: Uint8Array): NumpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = bytes[6] >= 2;
  const size = long ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = (long ? 12 : 10) + size;
  const header = new TextDecoder().decode(bytes.subarray(long ? 12 : 10, start));
  const type = header.match(/'descr': *'([^']+)'/)?.[1];
  if (header.includes("'fortran_order': True")) throw new Error("Fortran order is not read");
  const shape = (header.match(/'shape': *\(([^)]*)\)/)?.[1] ?? "").split(",").filter((s) => s.trim()).map(
    Number,
  );
  const count = shape.reduce((product, n) => product * n, 1);
  const readers: Record<string, [number, (at: number) => number]> = {
    "<f8": [8, (at) => view.getFloat64(at, true)],
    "<f4": [4, (at) => view.getFloat32(at, true)],
    "<i8": [8, (at) => Number(view.getBigInt64(at, true))],
    "<i4": [4, (at) => view.getInt32(at, true)],
    "|b1": [1, (at) => view.getUint8(at)],
  };
  const reader = readers[type ?? ""];
  if (!reader) throw new Error(`type ${type} is not read`);
  return { shape, data: Float64Array.from({ length: count }, (_, i) => reader[1](start + i * reader[0])) };
}

/** Returns the arrays of a .npz file by name, read through the archive's central directory. */
export function readNpz(path: string): Record<string, NumpyArray> {
  const bytes = Deno.readFileSync(path);
  const view = new DataView(bytes.buffer);
  let end = bytes.length - 22;
  while (view.getUint32(end, true) !== 0x06054b50) end--;
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const arrays: Record<string, NumpyArray> = {};
  for (let i = 0; i < count; i++) {
    const method = view.getUint16(at + 10, true);
    const size = view.getUint32(at + 20, true);
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const local = view.getUint32(at + 42, true);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const packed = bytes.subarray(start, start + size);
    arrays[name.replace(/\.npy$/, "")] = parseNpy(
      method === 0 ? packed.slice() : new Uint8Array(inflateRawSync(packed)),
    );
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return arrays;
}

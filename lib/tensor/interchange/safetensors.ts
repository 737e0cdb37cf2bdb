/**
 * The safetensors format, in and out: eight bytes with the length of a header, the header in JSON (name to element type,
 * shape and byte range), then the values. A file from a stranger is data and can do nothing but be refused: every
 * length, range and shape is checked before a byte is copied.
 */
import { demand, EphemeraError } from "../../core/mod.ts";
import {
  type ArrayDtype,
  elementCount,
  type NamedArrays,
  type PlainArray,
  plainArray,
} from "./named_arrays.ts";
import { writeAtomically } from "./write_atomically.ts";

/** Arrays and the free text that travels with them. */
export interface SafetensorsContent {
  arrays: NamedArrays;
  metadata: Record<string, string>;
}

/** Options of {@link encodeSafetensors} and {@link writeSafetensors}. */
export interface EncodeSafetensorsOptions {
  /** Texts by name, kept under `__metadata__`. Default: none. */
  metadata?: Readonly<Record<string, string>>;
}

/** Options of {@link decodeSafetensors} and {@link readSafetensors}. */
export interface DecodeSafetensorsOptions {
  /** Largest header accepted, in bytes. Default 100 million, the limit of the format's own library. */
  maximumHeaderBytes?: number;
  /** Named in errors, e.g. the path. Default "safetensors". */
  where?: string;
}

const CODE: Readonly<Record<ArrayDtype, string>> = {
  float32: "F32",
  float64: "F64",
  int32: "I32",
  int64: "I64",
  uint8: "U8",
  bool: "BOOL",
};
const BYTES: Readonly<Record<string, number>> = {
  F64: 8,
  I64: 8,
  F32: 4,
  I32: 4,
  F16: 2,
  BF16: 2,
  U8: 1,
  BOOL: 1,
};

/**
 * Returns the bytes of a safetensors file. The same arrays give the same bytes, whatever order they come in.
 *
 * @example
 * ```ts
 * import { decodeSafetensors, encodeSafetensors, plainArray } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const bytes = encodeSafetensors(new Map([["kernel", plainArray([2, 1], Float32Array.of(1, -2))]]));
 * assert.deepEqual([...decodeSafetensors(bytes).arrays.get("kernel")!.data], [1, -2]);
 * ```
 */
export function encodeSafetensors(arrays: NamedArrays, options: EncodeSafetensorsOptions = {}): Uint8Array {
  // Wide elements first: then every array starts at a multiple of its element size.
  const sorted = [...arrays].sort(([nameA, a], [nameB, b]) =>
    b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (nameA < nameB ? -1 : 1)
  );
  const header: [string, unknown][] = [];
  if (options.metadata !== undefined) header.push(["__metadata__", options.metadata]);
  let end = 0;
  for (const [name, { shape, dtype, data }] of sorted) {
    demand(name !== "__metadata__" && elementCount(shape) === data.length, () => ({
      expected: `${elementCount(shape)} values under a name other than __metadata__`,
      found: `${data.length} values`,
      where: `encodeSafetensors, ${name}`,
    }));
    header.push([name, { dtype: CODE[dtype], shape, data_offsets: [end, end + data.byteLength] }]);
    end += data.byteLength;
  }
  // Object.fromEntries would drop nothing but could be tripped by a name such as "__proto__": join the members by hand.
  const members = header.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const text = new TextEncoder().encode(`{${members.join(",")}}`);
  const padded = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded + end).fill(0x20, 8, 8 + padded);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(text, 8);
  let at = 8 + padded;
  for (const [, { data }] of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Returns the arrays in the bytes of a safetensors file, copied out of them. F16 and BF16 come as float32.
 *
 * @throws EphemeraError, naming the entry, when the header is too long or no JSON, or a range, shape or type does not fit,
 * overlaps another or leaves a gap
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  options: DecodeSafetensorsOptions = {},
): SafetensorsContent {
  const { maximumHeaderBytes = 100_000_000, where = "safetensors" } = options;
  demand(bytes.length >= 8, {
    expected: "at least 8 bytes",
    found: `${bytes.length}`,
    where,
    remedy: "fetch the file again",
  });
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  demand(length <= BigInt(Math.min(maximumHeaderBytes, bytes.length - 8)), () => ({
    expected: `a header within the file of ${bytes.length} bytes and of at most ${maximumHeaderBytes} bytes`,
    found: `a length of ${length} bytes`,
    where,
    remedy: "check that this is a safetensors file and that it is complete",
  }));
  const start = 8 + Number(length);
  const header = parseHeader(bytes.subarray(8, start), where);
  const metadata = readMetadata(header.get("__metadata__"), where);
  header.delete("__metadata__");
  const entries = [...header].map(([name, value]) => readEntry(name, value, where));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of entries) {
    demand(begin === covered, () => ({
      expected: `the values of ${name} to begin at byte ${covered}, where those before it end`,
      found: `byte ${begin}`,
      where,
      remedy: "write the file again without overlaps or gaps",
    }));
    covered = end;
  }
  demand(covered === bytes.length - start, () => ({
    expected: `${covered} bytes of values, as the header says`,
    found: `${bytes.length - start}`,
    where,
    remedy: "fetch the file again",
  }));
  const arrays: NamedArrays = new Map();
  for (const { name, code, shape, begin, end } of entries) {
    arrays.set(name, readValues(code, shape, bytes.slice(start + begin, start + end), `${where}, ${name}`));
  }
  return { arrays, metadata };
}

/** Writes a safetensors file in one step (never a half file). */
export async function writeSafetensors(
  path: string,
  arrays: NamedArrays,
  options: EncodeSafetensorsOptions = {},
): Promise<void> {
  await writeAtomically(path, encodeSafetensors(arrays, options));
}

/** Reads a safetensors file; see {@link decodeSafetensors} for what is refused. */
export async function readSafetensors(
  path: string,
  options: Omit<DecodeSafetensorsOptions, "where"> = {},
): Promise<SafetensorsContent> {
  return decodeSafetensors(await Deno.readFile(path), { ...options, where: path });
}

interface Entry {
  name: string;
  code: string;
  shape: number[];
  begin: number;
  end: number;
}

function parseHeader(bytes: Uint8Array, where: string): Map<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new EphemeraError({ expected: "a header in JSON", found: "something else", where, cause });
  }
  demand(isRecord(value), { expected: "a JSON object as header", found: typeof value, where });
  return new Map(Object.entries(value));
}

function readMetadata(value: unknown, where: string): Record<string, string> {
  if (value === undefined) return {};
  demand(isRecord(value) && Object.values(value).every((each) => typeof each === "string"), {
    expected: "texts by name",
    found: typeof value,
    where: `${where}, __metadata__`,
  });
  return value as Record<string, string>;
}

function readEntry(name: string, value: unknown, where: string): Entry {
  const place = `${where}, ${name}`;
  demand(isRecord(value), {
    expected: "an object with dtype, shape and data_offsets",
    found: typeof value,
    where: place,
  });
  const { dtype, shape, data_offsets: offsets } = value;
  demand(typeof dtype === "string" && Object.hasOwn(BYTES, dtype), () => ({
    expected: `an element type among ${Object.keys(BYTES).join(", ")}`,
    found: String(dtype),
    where: place,
  }));
  demand(isCounts(shape) && isCounts(offsets) && offsets.length === 2, () => ({
    expected: "whole numbers as shape and two as data_offsets",
    found: JSON.stringify({ shape, offsets }),
    where: place,
  }));
  const count = elementCount(shape), [begin, end] = offsets;
  demand(Number.isSafeInteger(count) && end - begin === count * BYTES[dtype], () => ({
    expected: `${count * BYTES[dtype]} bytes for the shape [${shape.join(", ")}] of ${dtype}`,
    found: `${end - begin}`,
    where: place,
  }));
  return { name, code: dtype, shape, begin, end };
}

/** `bytes` must be a copy of its own, so that it starts at the beginning of its buffer. */
function readValues(code: string, shape: number[], bytes: Uint8Array, where: string): PlainArray {
  const { buffer } = bytes;
  switch (code) {
    case "F64":
      return plainArray(shape, new Float64Array(buffer));
    case "F32":
      return plainArray(shape, new Float32Array(buffer));
    case "I64":
      return plainArray(shape, new BigInt64Array(buffer));
    case "I32":
      return plainArray(shape, new Int32Array(buffer));
    case "F16":
      return plainArray(shape, Float32Array.from(new Uint16Array(buffer), fromHalf));
    case "BF16": {
      const words = Uint32Array.from(new Uint16Array(buffer), (half) => half << 16);
      return plainArray(shape, new Float32Array(words.buffer));
    }
    case "BOOL":
      demand(bytes.every((byte) => byte <= 1), { expected: "0 or 1", found: "another byte", where });
      return { shape, dtype: "bool", data: bytes };
    default:
      return plainArray(shape, bytes);
  }
}

/** IEEE 754 binary16: 1 bit of sign, 5 of exponent (bias 15), 10 of fraction. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0);
}

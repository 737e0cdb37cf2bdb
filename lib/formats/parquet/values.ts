/** The values of a page: the encodings of the format, each bounded by the bytes that are there. */
import type { SchemaElement } from "hyparquet";
import { demand, EphemeraError } from "../../core/mod.ts";
import type { Budget } from "./pages.ts";

/** Values as they lie in a page, nulls left out. */
export interface PhysicalValues {
  numbers?: Float64Array;
  texts?: string[];
}

const decoder = new TextDecoder();

/**
 * Decodes runs of repeated and of bit-packed numbers into `output`, all of its `count` entries.
 * @throws EphemeraError when the bytes end before that.
 */
export function hybrid<A extends Uint8Array | Uint32Array>(
  bytes: Uint8Array,
  start: number,
  end: number,
  bits: number,
  count: number,
  output: A,
  where: string,
): A {
  demand(bits <= 32, () => ({ expected: "numbers of at most 32 bits", found: String(bits), where }));
  const short = (): never => {
    throw new EphemeraError({
      expected: `${count} numbers`,
      found: "the end of the page",
      where,
      remedy: "fetch the file again",
    });
  };
  let at = start, done = 0;
  const width = (bits + 7) >> 3;
  while (done < count) {
    let head = 0, shift = 0;
    for (;;) {
      if (at >= end || shift > 28) short();
      const byte = bytes[at++];
      head += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
      shift += 7;
    }
    if (head % 2 === 0) {
      if (at + width > end || head === 0) short();
      let value = 0;
      for (let k = 0; k < width; k++) value += bytes[at++] * 2 ** (8 * k);
      const to = Math.min(count, done + head / 2);
      output.fill(value, done, to);
      done = to;
    } else {
      const values = Math.min(((head - 1) / 2) * 8, count - done);
      if (values === 0) short();
      // The last run may leave out the bytes that pad it.
      if (at + Math.ceil(values * bits / 8) > end) short();
      let buffer = 0, held = 0, p = at;
      for (let k = 0; k < values; k++) {
        while (held < bits) {
          buffer += (p < end ? bytes[p] : 0) * 2 ** held;
          p++;
          held += 8;
        }
        const modulus = 2 ** bits, value = buffer % modulus;
        output[done++] = value;
        buffer = (buffer - value) / modulus;
        held -= bits;
      }
      at = Math.min(end, at + (head - 1) / 2 * bits);
    }
  }
  return output;
}

const WIDTH: Partial<Record<string, number>> = { INT32: 4, FLOAT: 4, INT64: 8, DOUBLE: 8 };

/** @throws EphemeraError for a type that is neither number nor text, and for lists of lists. */
export function demandReadable({ type }: SchemaElement, where: string): void {
  demand(type !== undefined && (type === "BYTE_ARRAY" || type === "BOOLEAN" || type in WIDTH), () => ({
    expected: "numbers or texts, or one list of them a row",
    found: type ?? "lists of lists",
    where,
    remedy: "name the columns that are wanted in the options, without this one",
  }));
}

/**
 * Decodes `count` values from `start` on.
 * @throws EphemeraError for a type or encoding that is not known, and when the bytes end too early.
 */
export function readValues(
  page: Uint8Array,
  start: number,
  encoding: string,
  count: number,
  element: SchemaElement,
  as: "number" | "text",
  dictionary: PhysicalValues | undefined,
  budget: Budget,
  where: string,
): PhysicalValues {
  const { type } = element, textual = as === "text" || type === "BYTE_ARRAY";
  const room = page.length - start;
  const enough = (bytes: number) =>
    demand(count >= 0 && bytes <= room, () => ({
      expected: `${count} values`,
      found: `${room} bytes`,
      where,
      remedy: "fetch the file again",
    }));
  budget.take(8 * Math.max(0, count), where);
  if (encoding === "PLAIN_DICTIONARY" || encoding === "RLE_DICTIONARY") {
    demand(dictionary !== undefined, { expected: "a dictionary before its use", found: "none", where });
    if (count === 0) return textual ? { texts: [] } : { numbers: new Float64Array(0) };
    enough(1);
    const index = hybrid(page, start + 1, page.length, page[start], count, new Uint32Array(count), where);
    const size = (dictionary.texts ?? dictionary.numbers!).length;
    for (const k of index) {
      demand(k < size, () => ({
        expected: `entries of a dictionary of ${size}`,
        found: `entry ${k}`,
        where,
        remedy: "fetch the file again",
      }));
    }
    return dictionary.texts
      ? { texts: Array.from(index, (k) => dictionary.texts![k]) }
      : { numbers: Float64Array.from(index, (k) => dictionary.numbers![k]) };
  }
  if (type === "BOOLEAN") {
    const bits = new Uint8Array(count);
    if (encoding === "PLAIN") {
      enough(Math.ceil(count / 8));
      for (let k = 0; k < count; k++) bits[k] = (page[start + (k >> 3)] >> (k & 7)) & 1;
    } else if (encoding === "RLE") {
      enough(4);
      const length = new DataView(page.buffer, page.byteOffset).getUint32(start, true);
      enough(4 + length);
      hybrid(page, start + 4, start + 4 + length, 1, count, bits, where);
    } else unknown(encoding, where);
    return as === "text"
      ? { texts: Array.from(bits, (b) => b ? "true" : "false") }
      : { numbers: Float64Array.from(bits) };
  }
  if (type === "BYTE_ARRAY") {
    if (encoding !== "PLAIN") unknown(encoding, where);
    enough(4 * count);
    const view = new DataView(page.buffer, page.byteOffset, page.length), texts: string[] = new Array(count);
    for (let k = 0, at = start; k < count; k++) {
      const length = at + 4 <= page.length ? view.getUint32(at, true) : Infinity;
      demand(length <= page.length - at - 4, () => ({
        expected: `a text within its page`,
        found: `a length of ${length}`,
        where,
        remedy: "fetch the file again",
      }));
      texts[k] = decoder.decode(page.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    return { texts };
  }
  const width = WIDTH[type!]!;
  let raw: Uint8Array;
  if (encoding === "PLAIN") {
    enough(count * width);
    raw = page.slice(start, start + count * width);
  } else if (encoding === "BYTE_STREAM_SPLIT") {
    enough(count * width);
    raw = new Uint8Array(count * width);
    for (let b = 0; b < width; b++) {
      const from = start + b * count;
      for (let k = 0; k < count; k++) raw[k * width + b] = page[from + k];
    }
  } else if (encoding === "DELTA_BINARY_PACKED" && (type === "INT32" || type === "INT64")) {
    raw = delta(page, start, count, type, where);
  } else unknown(encoding, where);
  return typed(raw, element, as, where);
}

function unknown(encoding: string, where: string): never {
  throw new EphemeraError({
    expected:
      "an encoding among PLAIN, RLE_DICTIONARY, BYTE_STREAM_SPLIT, and DELTA_BINARY_PACKED for whole numbers",
    found: String(encoding),
    where,
    remedy: "write the file with one of these",
  });
}

/** Gives raw bytes, little end first as all machines have them that this runs on, the meaning that the schema says. */
function typed(
  raw: Uint8Array,
  element: SchemaElement,
  as: "number" | "text",
  where: string,
): PhysicalValues {
  const { type, converted_type: converted, logical_type: logical } = element, { buffer } = raw;
  const unsigned = converted?.startsWith("UINT_") || (logical?.type === "INTEGER" && !logical.isSigned);
  const scale = converted === "DECIMAL" || logical?.type === "DECIMAL" ? 10 ** Number(element.scale ?? 0) : 1;
  if (type === "INT64") {
    const whole = unsigned ? new BigUint64Array(buffer) : new BigInt64Array(buffer);
    if (as === "text") return { texts: Array.from(whole, String) };
    const numbers = Float64Array.from(whole as BigInt64Array, Number);
    for (const number of numbers) {
      demand(Number.isSafeInteger(number), () => ({
        expected: "whole numbers of at most 53 bits",
        found: String(number),
        where,
        remedy: "read the column as text, or leave it out",
      }));
    }
    return { numbers: scale === 1 ? numbers : numbers.map((value) => value / scale) };
  }
  const numbers = type === "DOUBLE" ? new Float64Array(buffer) : Float64Array.from(
    type === "FLOAT" ? new Float32Array(buffer) : unsigned ? new Uint32Array(buffer) : new Int32Array(buffer),
  );
  if (scale !== 1) { for (let k = 0; k < numbers.length; k++) numbers[k] /= scale; }
  return as === "text" ? { texts: Array.from(numbers, String) } : { numbers };
}

/** Whole numbers as packed differences: blocks of a least difference and what each exceeds it by. */
function delta(
  page: Uint8Array,
  start: number,
  count: number,
  type: "INT32" | "INT64",
  where: string,
): Uint8Array {
  const bits = type === "INT32" ? 32 : 64;
  const output = type === "INT32" ? new Int32Array(count) : new BigInt64Array(count);
  let at = start;
  const bad = (found: string): never => {
    throw new EphemeraError({
      expected: `${count} whole numbers`,
      found,
      where,
      remedy: "fetch the file again",
    });
  };
  const varint = (): bigint => {
    let value = 0n;
    for (let k = 0n; k < 10n; k++) {
      if (at >= page.length) bad("the end of the page");
      const byte = page[at++];
      value |= BigInt(byte & 0x7f) << (7n * k);
      if (byte < 0x80) return value;
    }
    return bad("a number without end");
  };
  const zigzag = (): bigint => {
    const value = varint();
    return (value >> 1n) ^ -(value & 1n);
  };
  const block = Number(varint()), pieces = Number(varint()), declared = Number(varint());
  const each = block / pieces;
  if (!(block > 0 && block <= 1 << 20 && pieces > 0 && each % 8 === 0) || declared !== count) {
    bad(`blocks of ${block} in ${pieces} parts for ${declared}`);
  }
  let value = BigInt.asIntN(bits, zigzag()), done = 0;
  const put = () => {
    if (output instanceof Int32Array) output[done++] = Number(value);
    else output[done++] = value;
  };
  if (count > 0) put();
  while (done < count) {
    const least = zigzag(), widths = at;
    at += pieces;
    for (let m = 0; m < pieces && done < count; m++) {
      const width = page[widths + m], end = at + each * width / 8;
      if (!(width <= 64 && end <= page.length)) bad("the end of the page");
      let buffer = 0n, held = 0;
      const mask = (1n << BigInt(width)) - 1n;
      for (let k = 0, p = at; k < each && done < count; k++) {
        while (held < width) {
          buffer |= BigInt(page[p++]) << BigInt(held);
          held += 8;
        }
        value = BigInt.asIntN(bits, value + least + (buffer & mask));
        buffer >>= BigInt(width);
        held -= width;
        put();
      }
      at = end;
    }
  }
  return new Uint8Array(output.buffer);
}

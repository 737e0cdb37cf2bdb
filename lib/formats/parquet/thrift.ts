/**
 * A check of Thrift's compact protocol before it is decoded. The decoder trusts lengths: a damaged one would make it set
 * aside gigabytes, or count for hours. Here every length is held against the bytes that are left.
 */
import { demand, EphemeraError } from "../../core/mod.ts";

const STOP = 0,
  TRUE = 1,
  FALSE = 2,
  BYTE = 3,
  I16 = 4,
  I32 = 5,
  I64 = 6,
  DOUBLE = 7,
  BINARY = 8,
  LIST = 9,
  STRUCT = 12;

/** Structures in structures: a Parquet footer has seven levels. */
const DEEPEST = 16;

/**
 * Returns the place after the structure that starts at `start`.
 * @throws EphemeraError when a length goes beyond `end`, a number is longer than ten bytes, or structures nest too deeply.
 */
export function checkStruct(bytes: Uint8Array, start: number, end: number, where: string): number {
  let at = start;
  const bad = (found: string): never => {
    throw new EphemeraError({
      expected: "a sound Parquet header",
      found: `${found} at byte ${at} of it`,
      where,
      remedy: "fetch the file again",
    });
  };
  const byte = (): number => at < end ? bytes[at++] : bad("its end");
  const varint = (longest: number): number => {
    let value = 0;
    for (let k = 0; k < longest; k++) {
      const next = byte();
      value += (next & 0x7f) * 2 ** (7 * k);
      if (next < 0x80) return value;
    }
    return bad("a number without end");
  };
  const skip = (count: number): void => {
    if (count > end - at) bad(`a length of ${count}`);
    at += count;
  };
  const element = (type: number, depth: number): void => {
    if (type === TRUE || type === FALSE) return;
    if (type === BYTE) skip(1);
    else if (type === I16 || type === I32) varint(5);
    else if (type === I64) varint(10);
    else if (type === DOUBLE) skip(8);
    else if (type === BINARY) skip(varint(5));
    else if (type === STRUCT) struct(depth + 1);
    else if (type === LIST) {
      const head = byte(), count = head >> 4 === 15 ? varint(5) : head >> 4, kind = head & 15;
      if (count > end - at) bad(`a list of ${count}`);
      // A list's booleans take a byte each, a structure's are in the field's type.
      for (let k = 0; k < count; k++) element(kind === TRUE || kind === FALSE ? BYTE : kind, depth + 1);
    } else bad(`type ${type}`);
  };
  const struct = (depth: number): void => {
    if (depth > DEEPEST) bad("structures too deep");
    for (let field = 0;;) {
      const head = byte();
      if ((head & 15) === STOP) return;
      // Field numbers that are written out may go back; the decoder takes the last.
      if (head >> 4 === 0) field = varint(5);
      else field += head >> 4;
      element(head & 15, depth);
    }
  };
  demand(start < end, { expected: "a Parquet header", found: "the end of the bytes", where });
  struct(0);
  return at;
}

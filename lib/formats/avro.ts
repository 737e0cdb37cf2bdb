/**
 * Avro's object container files, in. Files come from outside, and their schema comes with them: here nothing of it becomes
 * code (the common package for Avro compiles schemas), every count and length is held against the bytes that are left (it
 * believes them), and 64-bit identifiers keep all their digits (it refuses them unless told how).
 */
import { inflateRawSync } from "node:zlib";
import { snappyUncompress } from "hyparquet";
import { demand, EphemeraError } from "../core/mod.ts";
import { type ByteSource, readBytes, type ReadBytesOptions, sourceName } from "./bytes.ts";

/** A decoded value: whole numbers beyond 53 bits are bigint, bytes are windows on the file, null is null. */
export type AvroValue = null | boolean | number | bigint | string | Uint8Array | AvroValue[] | AvroRecord;

/** A decoded record or map. */
export interface AvroRecord {
  [name: string]: AvroValue;
}

/** Options of {@link readAvro}. */
export type ReadAvroOptions = ReadBytesOptions;

/** What an Avro file holds. */
export interface AvroFile {
  /** The schema under which it was written, as JSON has it. */
  schema: unknown;
  /** Name of the top record with its namespace, e.g. `"ztf.alert"`; empty where the top is no record. */
  name: string;
  /** Notes in the head of the file, without Avro's own. */
  notes: ReadonlyMap<string, string>;
  /** The values, in order. */
  values: AvroValue[];
}

const MAGIC = [0x4f, 0x62, 0x6a, 0x01];
const text = new TextDecoder();

/** Types in types, and records in records: the alerts have four levels. */
const DEEPEST = 32;

/**
 * Reads an Avro object container file with the codec null, deflate or snappy.
 *
 * @throws EphemeraError when the file is none, damaged, of another codec, or unpacks to more than `maximumBytes` (default
 * 1 GiB), where each value that takes no bytes counts as eight.
 */
export async function readAvro(source: ByteSource, options: ReadAvroOptions = {}): Promise<AvroFile> {
  const { maximumBytes = 2 ** 30 } = options, where = sourceName(source, options.where);
  return parseAvro(await readBytes(source, { ...options, maximumBytes }), maximumBytes, where);
}

/** Does the work of {@link readAvro} on bytes. */
export function parseAvro(bytes: Uint8Array, maximumBytes = 2 ** 30, where = "bytes"): AvroFile {
  demand(MAGIC.every((byte, k) => bytes[k] === byte), {
    expected: "an Avro object container file",
    found: "other bytes",
    where,
    remedy: "check the path; a single message without its container needs its schema",
  });
  const budget = { left: maximumBytes }, head = new Tap(bytes, 4, budget, where);
  const entries = new Map<string, Uint8Array>();
  head.blocks((tap) => void entries.set(tap.string(), tap.bytes()));
  const sync = head.fixed(16);
  const schemaText = entries.get("avro.schema");
  demand(schemaText !== undefined, { expected: "a schema in the file", found: "none", where });
  let schema: unknown;
  try {
    schema = JSON.parse(text.decode(schemaText));
  } catch (cause) {
    throw new EphemeraError({ expected: "a schema as JSON", found: "other text", where, cause });
  }
  const names = new Map<string, Decoder>(), decode = decoderOf(schema, names, "", where, 0);
  const codec = text.decode(entries.get("avro.codec") ?? new TextEncoder().encode("null"));
  const values: AvroValue[] = [];
  while (!head.done) {
    const count = head.count(), size = head.count(), block = unpack(head.fixed(size), codec, budget, where);
    const tap = new Tap(block, 0, budget, `${where}, value ${values.length}`);
    for (let k = 0; k < count; k++) {
      tap.where = `${where}, value ${values.length}`;
      tap.spend(8);
      values.push(decode(tap, 0));
    }
    demand(tap.done, { expected: `${count} values in a block`, found: "more bytes", where: tap.where });
    const mark = head.fixed(16);
    demand(mark.every((byte, k) => byte === sync[k]), {
      expected: "the file's mark after a block",
      found: "other bytes",
      where,
      remedy: "fetch the file again",
    });
  }
  const notes = new Map(
    [...entries].filter(([name]) => !name.startsWith("avro.")).map((
      [name, value],
    ) => [name, text.decode(value)]),
  );
  return { schema, name: fullName(schema, ""), notes, values };
}

function unpack(packed: Uint8Array, codec: string, budget: { left: number }, where: string): Uint8Array {
  if (codec === "null") return packed;
  const fail = (found: string, cause?: unknown): never => {
    throw new EphemeraError({
      expected: `a block packed by ${codec}`,
      found,
      where,
      remedy: "fetch the file again",
      cause,
    });
  };
  let block: Uint8Array;
  try {
    if (codec === "deflate") {
      block = inflateRawSync(packed, { maxOutputLength: Math.max(1, budget.left) });
    } else if (codec === "snappy") {
      const body = packed.subarray(0, packed.length - 4), length = snappyLength(body);
      if (length > Math.min(budget.left, 64 * body.length)) fail(`a length of ${length}`);
      block = new Uint8Array(length);
      snappyUncompress(body, block);
      const sum = new DataView(packed.buffer, packed.byteOffset + packed.length - 4, 4).getUint32(0);
      if (crc32(block) !== sum) fail("another checksum");
    } else {
      throw new EphemeraError({
        expected: "the codec null, deflate or snappy",
        found: `"${codec.slice(0, 40)}"`,
        where,
        remedy: "write the file with one of these",
      });
    }
  } catch (cause) {
    if (cause instanceof EphemeraError) throw cause;
    return fail("damage, or more bytes than allowed", cause);
  }
  budget.left -= block.length;
  demand(budget.left >= 0, { expected: "fewer bytes when unpacked", found: "more than maximumBytes", where });
  return block;
}

/** The length that a snappy block says it unpacks to. */
function snappyLength(body: Uint8Array): number {
  let length = 0;
  for (let k = 0; k < 5 && k < body.length; k++) {
    length += (body[k] & 0x7f) * 2 ** (7 * k);
    if (body[k] < 0x80) return length;
  }
  return Infinity;
}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = (c >>> 8) ^ CRC[(c ^ byte) & 255];
  return (c ^ 0xffffffff) >>> 0;
}

/** A place in the bytes, from which values are read. */
class Tap {
  #at: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #budget: { left: number };

  constructor(bytes: Uint8Array, at: number, budget: { left: number }, public where: string) {
    this.#bytes = bytes;
    this.#at = at;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#budget = budget;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** Counts memory that values take. */
  spend(bytes: number): void {
    this.#budget.left -= bytes;
    if (this.#budget.left < 0) this.fail("values of fewer bytes", "more than maximumBytes");
  }

  fail(expected: string, found: string): never {
    throw new EphemeraError({ expected, found, where: this.where, remedy: "fetch the file again" });
  }

  #need(count: number): number {
    const at = this.#at;
    if (!(count >= 0 && count <= this.#bytes.length - at)) {
      this.fail(`${count} bytes more`, `${this.#bytes.length - at}`);
    }
    this.#at += count;
    return at;
  }

  /** A whole number of at most 64 bits. */
  long(): number | bigint {
    // Seven bytes hold 49 bits, which numbers add exactly; most end there.
    let value = 0;
    for (let k = 0; k < 7; k++) {
      const byte = this.#bytes[this.#need(1)];
      value += (byte & 0x7f) * 2 ** (7 * k);
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    let wide = BigInt(value);
    for (let k = 7n; k < 10n; k++) {
      const byte = this.#bytes[this.#need(1)];
      wide |= BigInt(byte & 0x7f) << (7n * k);
      if (byte >= 0x80) continue;
      const long = BigInt.asIntN(64, (wide >> 1n) ^ -(wide & 1n)), number = Number(long);
      return Number.isSafeInteger(number) ? number : long;
    }
    return this.fail("a number of at most 64 bits", "a longer one");
  }

  /** A number of things or bytes. */
  count(): number {
    const count = this.long();
    if (typeof count === "bigint" || count < 0) return this.fail("a count", String(count));
    return count;
  }

  /** Calls `each` for every entry of an array or map. */
  blocks(each: (tap: Tap) => void): void {
    for (;;) {
      let count = this.long();
      if (count === 0) return;
      if (typeof count === "bigint") return this.fail("a count", String(count));
      if (count < 0) {
        count = -count;
        this.count();
      }
      for (let k = 0; k < count; k++) {
        // An entry may take no bytes; it takes memory all the same.
        this.spend(8);
        each(this);
      }
    }
  }

  fixed(size: number): Uint8Array {
    const at = this.#need(size);
    return this.#bytes.subarray(at, at + size);
  }

  bytes(): Uint8Array {
    return this.fixed(this.count());
  }

  string(): string {
    return text.decode(this.bytes());
  }

  boolean(): boolean {
    return this.#bytes[this.#need(1)] !== 0;
  }

  float(): number {
    return this.#view.getFloat32(this.#need(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#need(8), true);
  }
}

type Decoder = (tap: Tap, depth: number) => AvroValue;

const PRIMITIVES: Readonly<Record<string, Decoder>> = {
  null: () => null,
  boolean: (tap) => tap.boolean(),
  int: (tap) => tap.long(),
  long: (tap) => tap.long(),
  float: (tap) => tap.float(),
  double: (tap) => tap.double(),
  bytes: (tap) => tap.bytes(),
  string: (tap) => tap.string(),
};

interface SchemaObject {
  type?: unknown;
  name?: unknown;
  namespace?: unknown;
  fields?: unknown;
  items?: unknown;
  values?: unknown;
  symbols?: unknown;
  size?: unknown;
}

function fullName(schema: unknown, namespace: string): string {
  if (typeof schema !== "object" || schema === null) return "";
  const { name, namespace: own } = schema as SchemaObject;
  if (typeof name !== "string" || name === "") return "";
  const space = typeof own === "string" ? own : namespace;
  return name.includes(".") || space === "" ? name : `${space}.${name}`;
}

/** Turns a schema into what decodes by it. */
function decoderOf(
  schema: unknown,
  names: Map<string, Decoder>,
  namespace: string,
  where: string,
  depth: number,
): Decoder {
  const bad = (found: string): never => {
    throw new EphemeraError({
      expected: "an Avro schema",
      found: found.slice(0, 100),
      where,
      remedy: "fetch the file again",
    });
  };
  if (depth > DEEPEST) return bad("types nested too deeply");
  if (typeof schema === "string") {
    if (Object.hasOwn(PRIMITIVES, schema)) return PRIMITIVES[schema];
    const full = namespace === "" || schema.includes(".") ? schema : `${namespace}.${schema}`;
    const known = names.get(full) ?? names.get(schema);
    return known ?? bad(`the unknown type "${schema}"`);
  }
  if (Array.isArray(schema)) {
    const branches = schema.map((branch) => decoderOf(branch, names, namespace, where, depth + 1));
    return (tap, level) => {
      const branch = tap.long();
      if (!(branch >= 0 && branch < branches.length)) {
        return tap.fail(`one of ${branches.length} branches`, String(branch));
      }
      return branches[Number(branch)](tap, level);
    };
  }
  if (typeof schema !== "object" || schema === null) return bad(String(schema));
  const { type, fields, items, values, symbols, size } = schema as SchemaObject;
  if (type === "array") {
    const item = decoderOf(items, names, namespace, where, depth + 1);
    return (tap, level) => {
      const all: AvroValue[] = [];
      tap.blocks((tap) => void all.push(item(tap, level)));
      return all;
    };
  }
  if (type === "map") {
    const value = decoderOf(values, names, namespace, where, depth + 1);
    return (tap, level) => {
      const all: AvroRecord = Object.create(null);
      tap.blocks((tap) => {
        const key = tap.string();
        tap.spend(16 + 2 * key.length);
        all[key] = value(tap, level);
      });
      return all;
    };
  }
  const full = fullName(schema, namespace), space = full.split(".").slice(0, -1).join(".");
  if (type === "enum") {
    if (!Array.isArray(symbols)) return bad("an enumeration without symbols");
    const list = symbols.map(String),
      decoder: Decoder = (tap) => {
        const index = tap.long();
        return list[Number(index)] ?? tap.fail(`one of ${list.length} symbols`, String(index));
      };
    names.set(full, decoder);
    return decoder;
  }
  if (type === "fixed") {
    if (!(typeof size === "number" && Number.isInteger(size) && size >= 0)) {
      return bad("fixed bytes without a size");
    }
    const decoder: Decoder = (tap) => tap.fixed(size);
    names.set(full, decoder);
    return decoder;
  }
  if (type === "record") {
    if (!Array.isArray(fields)) return bad("a record without fields");
    const parts: [string, Decoder][] = [],
      decoder: Decoder = (tap, level) => {
        if (level > DEEPEST) return tap.fail(`records at most ${DEEPEST} deep`, "deeper ones");
        tap.spend(16 + 8 * parts.length);
        const record: AvroRecord = Object.create(null);
        for (const [name, decode] of parts) record[name] = decode(tap, level + 1);
        return record;
      };
    // A record may hold itself.
    names.set(full, decoder);
    for (const field of fields) {
      const own = typeof field === "object" && field !== null
        ? field as SchemaObject
        : bad("a field that is none");
      if (typeof own.name !== "string") return bad("a field without a name");
      parts.push([own.name, decoderOf(own.type, names, space, where, depth + 1)]);
    }
    return decoder;
  }
  if (type === undefined) return bad("a type without its name");
  // {"type": "long", "logicalType": ...}: what it means stays with the reader.
  return decoderOf(type, names, namespace, where, depth + 1);
}

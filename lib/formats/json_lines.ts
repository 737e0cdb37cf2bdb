/** JSON lines, one value a line, and bare arrays of 32-bit floats: how stamps and their records are kept. */
import { demand, EphemeraError } from "../core/mod.ts";
import type { Column, Table } from "../observations/mod.ts";
import { type ByteSource, readBytes, type ReadBytesOptions, sourceName } from "./bytes.ts";

/** Columns of records with ever new fields would take the square of their memory. */
const MOST_FIELDS = 4096;

/** A record of a line. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** Options of {@link readJsonLines}. */
export interface ReadJsonLinesOptions extends ReadBytesOptions {
  /** Refuse longer lines, in bytes. Default 16 MiB. */
  maximumLine?: number;
}

type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;

/**
 * Returns the records of a file with one JSON object a line, packed by gzip or not; empty lines are left out. Whole numbers
 * that a 64-bit float cannot hold, such as identifiers of alerts, are returned as text, digit by digit.
 * @throws EphemeraError with the number of the line that is too long or is no JSON object.
 *
 * @example
 * ```ts
 * import { readJsonLines } from "ephemera/formats";
 * import assert from "node:assert/strict";
 * const bytes = new TextEncoder().encode('{"candid": 820128985315015001, "rb": 0.9}\n');
 * assert.deepEqual(await readJsonLines(bytes), [{ candid: "820128985315015001", rb: 0.9 }]);
 * ```
 */
export async function readJsonLines(
  source: ByteSource,
  options: ReadJsonLinesOptions = {},
): Promise<JsonRecord[]> {
  const { maximumLine = 2 ** 24 } = options, where = sourceName(source, options.where);
  const bytes = await readBytes(source, options), decoder = new TextDecoder(), records: JsonRecord[] = [];
  const exact: Reviver = (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && !Number.isSafeInteger(value) &&
      /^-?\d+$/.test(source)
      ? source
      : value;
  for (let start = 0, line = 1; start < bytes.length; line++) {
    const newline = bytes.indexOf(10, start),
      end = newline < 0 ? bytes.length : newline,
      place = `${where}, line ${line}`;
    demand(end - start <= maximumLine, {
      expected: `lines of at most ${maximumLine} bytes`,
      found: "more",
      where: place,
    });
    const text = decoder.decode(bytes.subarray(start, end)).trim();
    start = end + 1;
    if (text === "") continue;
    let value: unknown;
    try {
      value = JSON.parse(text, exact as Parameters<typeof JSON.parse>[1]);
    } catch (cause) {
      throw new EphemeraError({
        expected: "a JSON object",
        found: JSON.stringify(text.slice(0, 40)),
        where: place,
        remedy: "mend the line, or fetch the file again",
        cause,
      });
    }
    demand(typeof value === "object" && value !== null && !Array.isArray(value), {
      expected: "a JSON object",
      found: text.slice(0, 40),
      where: place,
    });
    records.push(value as JsonRecord);
  }
  return records;
}

/**
 * Returns the fields of records as columns: numbers (NaN where null or absent; true is 1) when every value is one, texts
 * (empty where null or absent) otherwise. Fields that hold lists or objects are left out.
 * @throws EphemeraError for more than 4096 different fields.
 */
export function recordColumns(records: readonly JsonRecord[]): Table {
  const names = new Set(records.flatMap((record) => Object.keys(record))), table: [string, Column][] = [];
  demand(names.size <= MOST_FIELDS, {
    expected: `at most ${MOST_FIELDS} different fields`,
    found: String(names.size),
    where: "recordColumns",
    remedy: "take the fields that matter out of the records first",
  });
  for (const name of names) {
    const values = records.map((record) => Object.hasOwn(record, name) ? record[name] : null);
    if (values.some((value) => typeof value === "object" && value !== null)) continue;
    table.push([
      name,
      values.some((value) => typeof value === "string")
        ? values.map((value) => value === null ? "" : String(value))
        : Float64Array.from(values, (value) => value === null ? NaN : Number(value)),
    ]);
  }
  return Object.fromEntries(table);
}

/**
 * Returns little-endian 32-bit floats, packed by gzip or not.
 * @throws EphemeraError when the bytes are no whole number of them, or not `expected` many.
 */
export async function readFloat32(
  source: ByteSource,
  options: ReadBytesOptions & {
    /** How many there must be. */
    expected?: number;
  } = {},
): Promise<Float32Array> {
  const bytes = await readBytes(source, options), { expected = bytes.length / 4 } = options;
  demand(bytes.length === 4 * expected && Number.isInteger(expected), () => ({
    expected: Number.isInteger(expected) ? `${expected} floats of four bytes` : "whole floats of four bytes",
    found: `${bytes.length} bytes`,
    where: sourceName(source, options.where),
    remedy: "fetch the file again",
  }));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    values = new Float32Array(expected);
  for (let i = 0; i < expected; i++) values[i] = view.getFloat32(4 * i, true);
  return values;
}

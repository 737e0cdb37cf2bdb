/**
 * The pages of one column of one row group, decoded into flat arrays. A light curve's lists lie flat in memory here, so
 * they are taken flat from the file, too: no list is ever made. Every count is held against the bytes and against what may
 * be set aside before memory is taken for it.
 */
import { snappyUncompress } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { demand } from "../../core/mod.ts";
import { type Chunk, guarded, type Leaf } from "./footer.ts";
import { checkStruct } from "./thrift.ts";
import { demandReadable, hybrid, type PhysicalValues, readValues } from "./values.ts";

/** How many bytes may still be set aside. */
export class Budget {
  #left: number;
  readonly #maximum: number;

  constructor(maximum: number) {
    this.#left = this.#maximum = maximum;
  }

  /** @throws EphemeraError when no `bytes` are left. */
  take(bytes: number, where: string): void {
    demand(bytes >= 0 && bytes <= this.#left, () => ({
      expected: `at most ${this.#maximum} bytes when unpacked`,
      found: "more",
      where,
      remedy: "raise maximumBytes if the file is meant to be that large, or read it row group by row group",
    }));
    this.#left -= bytes;
  }
}

/** A decoded column: numbers (NaN for null) or texts (empty for null), and for lists how many each row has. */
export interface DecodedColumn {
  numbers?: Float64Array;
  texts?: string[];
  counts?: Uint32Array;
}

const UNPACK: Record<string, (bytes: Uint8Array, size: number) => Uint8Array> = {
  UNCOMPRESSED: (bytes) => bytes,
  SNAPPY(bytes, size) {
    const page = new Uint8Array(size);
    snappyUncompress(bytes, page);
    return page;
  },
  GZIP: (bytes, size) => plain(gunzipSync(bytes, atMost(size))),
  ZSTD: (bytes, size) => plain(zstdDecompressSync(bytes, atMost(size))),
};

const atMost = (size: number) => ({ maxOutputLength: Math.max(1, size) });

/** A buffer as plain bytes: its own `slice` would be a window on a shared pool. */
const plain = (bytes: Uint8Array) => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);

function unpack(bytes: Uint8Array, codec: string, size: number, where: string): Uint8Array {
  const unpacker = UNPACK[codec];
  demand(unpacker !== undefined, () => ({
    expected: `a compression among ${Object.keys(UNPACK).join(", ")}`,
    found: codec,
    where,
    remedy: "write the file with another compression",
  }));
  const page = guarded(where, `a page packed by ${codec}`, () => unpacker(bytes, size));
  demand(page.length === size, () => ({
    expected: `${size} bytes when unpacked`,
    found: String(page.length),
    where,
    remedy: "fetch the file again",
  }));
  return page;
}

/** Whether a damaged header may have put something else in the place of a count. */
const isCount = (value: unknown): value is number => Number.isInteger(value) && value as number >= 0;

/** Bits that a level up to `maximum` takes. */
const bitsOf = (maximum: number): number => maximum === 0 ? 0 : 32 - Math.clz32(maximum);

/**
 * Decodes a column chunk.
 *
 * @param as whether whole numbers are wanted as texts, which an identifier of more than 53 bits needs.
 * @param rows number of rows that the row group has.
 * @throws EphemeraError for damage, for an encoding or compression that is not known, and when `budget` is exceeded.
 */
export function decodeChunk(
  bytes: Uint8Array,
  leaf: Leaf,
  chunk: Chunk,
  rows: number,
  as: "number" | "text",
  budget: Budget,
  where: string,
): DecodedColumn {
  const { list, definition, listDefinition } = leaf, total = chunk.values;
  demandReadable(leaf.element, where);
  demand(list ? total >= 0 : total === rows, () => ({
    expected: `${rows} values, one per row`,
    found: String(total),
    where,
  }));
  budget.take(8 * total + (list ? 4 * rows : 0), where);
  const texts: string[] = [], textual = as === "text" || leaf.element.type === "BYTE_ARRAY";
  const numbers = new Float64Array(textual ? 0 : total), counts = new Uint32Array(list ? rows : 0);
  let at = 0, seen = 0, kept = 0, row = -1, dictionary: PhysicalValues | undefined;
  while (seen < total) {
    demand(at < bytes.length, () => ({
      expected: `${total} values`,
      found: `pages with ${seen}`,
      where,
      remedy: "fetch the file again",
    }));
    const head = checkStruct(bytes, at, bytes.length, where);
    const header = guarded(
      where,
      "the header of a page",
      () => parquetHeader({ view: new DataView(bytes.buffer, bytes.byteOffset + at, head - at), offset: 0 }),
    );
    const packed = header.compressed_page_size, size = header.uncompressed_page_size;
    demand(isCount(packed) && isCount(size) && packed <= bytes.length - head, () => ({
      expected: `a page of at most ${bytes.length - head} bytes`,
      found: `${packed}, ${size} when unpacked`,
      where,
      remedy: "fetch the file again",
    }));
    budget.take(size, where);
    const body = bytes.subarray(head, head + packed);
    at = head + packed;
    if (header.type === "DICTIONARY_PAGE") {
      const page = unpack(body, chunk.codec, size, where);
      const count = header.dictionary_page_header?.num_values;
      demand(isCount(count), () => ({
        expected: "a dictionary with a number of entries",
        found: String(count),
        where,
        remedy: "fetch the file again",
      }));
      dictionary = readValues(page, 0, "PLAIN", count, leaf.element, as, undefined, budget, where);
      continue;
    }
    const v1 = header.data_page_header, v2 = header.data_page_header_v2;
    const count = (v1 ?? v2)?.num_values, encoding = (v1 ?? v2)?.encoding;
    demand((header.type === "DATA_PAGE" && v1) || (header.type === "DATA_PAGE_V2" && v2), () => ({
      expected: "a page of data or a dictionary",
      found: String(header.type),
      where,
    }));
    demand(isCount(count) && count <= total - seen, () => ({
      expected: `at most ${total - seen} values more`,
      found: String(count),
      where,
      remedy: "fetch the file again",
    }));
    budget.take(2 * count, where);
    let page: Uint8Array, start: number, repetition: Uint8Array | undefined, defined: Uint8Array | undefined;
    if (v2) {
      const repeated = Number(v2.repetition_levels_byte_length);
      const levels = repeated + Number(v2.definition_levels_byte_length);
      demand(isCount(repeated) && isCount(levels - repeated) && levels <= packed && levels <= size, () => ({
        expected: `levels of at most ${packed} bytes`,
        found: String(levels),
        where,
        remedy: "fetch the file again",
      }));
      if (list) repetition = hybrid(body, 0, repeated, 1, count, new Uint8Array(count), where);
      if (definition > 0) {
        defined = hybrid(body, repeated, levels, bitsOf(definition), count, new Uint8Array(count), where);
      }
      const rest = body.subarray(levels);
      page = v2.is_compressed ? unpack(rest, chunk.codec, size - levels, where) : rest;
      start = 0;
    } else {
      page = unpack(body, chunk.codec, size, where);
      start = 0;
      const levels = (bits: number): Uint8Array => {
        demand(start + 4 <= page.length, { expected: "levels", found: "the end of the page", where });
        const length = new DataView(page.buffer, page.byteOffset).getUint32(start, true), from = start + 4;
        demand(length <= page.length - from, () => ({
          expected: `levels of at most ${page.length - from} bytes`,
          found: String(length),
          where,
          remedy: "fetch the file again",
        }));
        start = from + length;
        return hybrid(page, from, start, bits, count, new Uint8Array(count), where);
      };
      if (list) repetition = levels(1);
      if (definition > 0) defined = levels(bitsOf(definition));
    }
    let present = count;
    if (defined) {
      present = 0;
      for (const level of defined) if (level === definition) present++;
    }
    const values = readValues(page, start, encoding!, present, leaf.element, as, dictionary, budget, where);
    for (let k = 0, v = 0; k < count; k++) {
      if (repetition === undefined || repetition[k] === 0) row++;
      demand(row >= 0 && row < rows, () => ({
        expected: `lists for ${rows} rows`,
        found: row < 0 ? "a list without a beginning" : "more",
        where,
        remedy: "fetch the file again",
      }));
      const level = defined === undefined ? definition : defined[k];
      if (list) {
        if (level < listDefinition) continue;
        counts[row]++;
      }
      const there = level === definition;
      if (textual) texts.push(there ? values.texts![v] : "");
      else numbers[kept] = there ? values.numbers![v] : NaN;
      if (there) v++;
      kept++;
    }
    seen += count;
  }
  demand(row + 1 === rows, () => ({
    expected: `${rows} rows`,
    found: String(row + 1),
    where,
    remedy: "fetch the file again",
  }));
  return {
    ...(textual ? { texts } : { numbers: numbers.subarray(0, kept) }),
    ...(list ? { counts } : {}),
  };
}

/** The parts of a FITS file (header and data units): found, measured and checked before anything is decoded. */
import { demand, EphemeraError } from "../../core/mod.ts";
import { type ByteSource, readBytes, type ReadBytesOptions, sourceName } from "../bytes.ts";
import { CARD, parseCards } from "./card.ts";
import { FitsHeader } from "./header.ts";

/** FITS files come in blocks of so many bytes. */
export const BLOCK = 2880;

/** What a part holds. Anything but images and binary tables keeps its bytes and is not decoded. */
export type FitsKind = "image" | "table" | "other";

/** One header and its data. */
export interface FitsHdu {
  /** Place in the file, 0 for the primary one. */
  readonly index: number;
  /** EXTNAME, or "". */
  readonly name: string;
  /** What it holds. */
  readonly kind: FitsKind;
  /** Its cards. */
  readonly header: FitsHeader;
  /** A window on the bytes of its data, heap included, padding not. */
  readonly data: Uint8Array;
  /** File and part, for messages. */
  readonly where: string;
}

/**
 * Reads the parts of a FITS file, packed by gzip or not. Data are windows on the file's bytes: the memory used is that of
 * the file and its cards. Decoding ({@link imagePixels}, {@link FitsTable}) allocates at most eight bytes for each byte
 * of the data asked for, texts aside.
 *
 * @throws EphemeraError when it is not FITS, when it ends early, or when a card that gives a size is missing or absurd.
 *
 * @example
 * ```ts
 * import { formatFits, imagePixels, readFits } from "ephemera/formats";
 * import assert from "node:assert/strict";
 * const bytes = formatFits([{ kind: "image", shape: [2, 3], pixels: Int16Array.of(1, 2, 3, 4, 5, 6) }]);
 * const [primary] = await readFits(bytes);
 * assert.deepEqual(imagePixels(primary), { shape: [2, 3], pixels: Float64Array.of(1, 2, 3, 4, 5, 6) });
 * ```
 */
export async function readFits(source: ByteSource, options: ReadBytesOptions = {}): Promise<FitsHdu[]> {
  return parseFits(await readBytes(source, options), sourceName(source, options.where));
}

/** Does the work of {@link readFits} on bytes already unpacked, at once. */
export function parseFits(bytes: Uint8Array, where = "bytes"): FitsHdu[] {
  const hdus: FitsHdu[] = [];
  let at = 0;
  do {
    const hdu = parseHdu(bytes, at, hdus.length, where);
    hdus.push(hdu);
    const used = hdu.data.byteOffset - bytes.byteOffset + hdu.data.length;
    // The padding of the last block is missing in many files; it holds nothing.
    at = Math.min(bytes.length, Math.ceil(used / BLOCK) * BLOCK);
  } while (at < bytes.length && !isPadding(bytes, at));
  return hdus;
}

/** Some writers pad a file with zeros or blanks beyond its last block. */
function isPadding(bytes: Uint8Array, at: number): boolean {
  const filler = bytes[at];
  if (filler !== 0 && filler !== 0x20) return false;
  for (let p = at; p < bytes.length; p++) if (bytes[p] !== filler) return false;
  return true;
}

const decoder = new TextDecoder("latin1");

function parseHdu(bytes: Uint8Array, at: number, index: number, file: string): FitsHdu {
  const where = `${file}, HDU ${index}`, begins = index === 0 ? "SIMPLE  =" : "XTENSION=";
  const start = decoder.decode(bytes.subarray(at, at + begins.length));
  demand(start === begins, () => ({
    expected: index === 0
      ? "a FITS file, which begins with SIMPLE"
      : "another extension, which begins with XTENSION",
    found: bytes.length === 0 ? "no bytes" : JSON.stringify(start),
    where,
    remedy: index === 0 ? "check that this is the file meant" : "fetch the file again",
  }));
  const lines: string[] = [];
  let end = at, ended = false;
  while (!ended) {
    // A block at a time: decoding card by card costs more than all else here.
    const block = decoder.decode(bytes.subarray(end, end + BLOCK));
    for (let p = 0; p + CARD <= block.length && !ended; p += CARD, end += CARD) {
      const line = block.slice(p, p + CARD);
      ended = line.startsWith("END") && line.trimEnd() === "END";
      if (!ended) lines.push(line);
    }
    demand(ended || block.length === BLOCK, () => ({
      expected: "an END card",
      found: `the end of the file after ${bytes.length} bytes`,
      where,
      remedy: "fetch the file again: it ends within a header",
    }));
  }
  const header = new FitsHeader(parseCards(lines, where), where);
  const dataAt = at + Math.ceil((end - at) / BLOCK) * BLOCK, size = dataSize(header);
  demand(dataAt + size <= bytes.length || size === 0, () => ({
    expected: `${size} bytes of data`,
    found: `${Math.max(0, bytes.length - dataAt)} until the end of the file`,
    where,
    remedy: "fetch the file again: it ends early, or its header gives a wrong size",
  }));
  const extension = index === 0 ? "IMAGE" : header.text("XTENSION");
  return {
    index,
    name: typeof header.get("EXTNAME") === "string" ? header.text("EXTNAME") : "",
    kind: isGroups(header)
      ? "other"
      : extension === "IMAGE"
      ? "image"
      : extension === "BINTABLE" || extension === "A3DTABLE"
      ? "table"
      : "other",
    header,
    data: bytes.subarray(Math.min(dataAt, bytes.length), Math.min(dataAt + size, bytes.length)),
    where,
  };
}

/** Random groups, an old form of radio interferometry: the first axis of the primary array is zero. */
function isGroups(header: FitsHeader): boolean {
  return header.get("GROUPS") === true && header.get("NAXIS1") === 0;
}

/** Returns the sizes of the axes, NAXIS1 (the fastest) first. */
export function axes(header: FitsHeader): number[] {
  const dimensions = header.integer("NAXIS", 0, 999);
  return Array.from(
    { length: dimensions },
    (_, k) => header.integer(`NAXIS${k + 1}`, 0, Number.MAX_SAFE_INTEGER),
  );
}

/** Bytes of data by equation (2) of the standard. */
function dataSize(header: FitsHeader): number {
  const sizes = axes(header), width = Math.abs(bitpix(header)) / 8;
  if (sizes.length === 0) return 0;
  const counted = isGroups(header) ? sizes.slice(1) : sizes;
  const product = counted.reduce((a, b) => a * b, 1);
  const parameters = header.integer("PCOUNT", 0, Number.MAX_SAFE_INTEGER, 0);
  const size = width * header.integer("GCOUNT", 0, Number.MAX_SAFE_INTEGER, 1) * (parameters + product);
  demand(Number.isSafeInteger(size), {
    expected: "data of fewer than 2^53 bytes",
    found: `axes ${sizes.join(" x ")}`,
    where: header.where,
    remedy: "fetch the file again: its header is damaged",
  });
  return size;
}

/** Returns BITPIX, checked. */
export function bitpix(header: FitsHeader): number {
  const value = header.number("BITPIX");
  demand([8, 16, 32, 64, -32, -64].includes(value), {
    expected: "BITPIX 8, 16, 32, 64, -32 or -64",
    found: String(value),
    where: header.where,
  });
  return value;
}

/**
 * Returns the part with a name or a place.
 * @throws EphemeraError with the parts that there are.
 */
export function findHdu(hdus: readonly FitsHdu[], which: string | number): FitsHdu {
  const found = typeof which === "number" ? hdus[which] : hdus.find(({ name }) => name === which);
  if (found !== undefined) return found;
  throw new EphemeraError({
    expected: typeof which === "number" ? `an HDU ${which}` : `an HDU named "${which}"`,
    found: hdus.map(({ index, name, kind }) => `${index}: ${name || "(no name)"} (${kind})`).join(", "),
    where: hdus[0]?.where ?? "FITS file",
  });
}

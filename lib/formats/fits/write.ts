/** FITS files made from arrays: images and binary tables, standard-conforming. */
import { demand } from "../../core/mod.ts";
import { writeBytes } from "../bytes.ts";
import { joinBytes } from "../join_bytes.ts";
import { type FitsPixels, putBigEndian, shifted, typeOf, WIDTHS } from "./big_endian.ts";
import { ascii, CARD, type FitsCard, formatCard } from "./card.ts";
import { BLOCK } from "./hdu.ts";
import { type FitsColumnData, formatTableData } from "./write_columns.ts";

/** An image to be written. */
export interface FitsImagePart {
  kind: "image";
  /** EXTNAME. */
  name?: string;
  /** Sizes of the axes, the slowest first. */
  shape: readonly number[];
  /** Values row by row, as stored: BSCALE, BZERO and BLANK among `cards` say what they mean. */
  pixels: FitsPixels;
  /** More cards. */
  cards?: readonly FitsCard[];
}

/** A binary table to be written. */
export interface FitsTablePart {
  kind: "table";
  /** EXTNAME. */
  name?: string;
  /** Its columns. All have the same number of rows. */
  columns: readonly FitsColumnData[];
  /** More cards. */
  cards?: readonly FitsCard[];
}

/** One part of a file to be written. */
export type FitsPart = FitsImagePart | FitsTablePart;

const card = (keyword: string, value: string | number | boolean, comment = ""): FitsCard => ({
  keyword,
  value,
  comment,
});

/**
 * Returns the bytes of a FITS file with the given parts. When the first is a table, an empty primary part comes before it.
 * @throws EphemeraError for pixels that do not fill their shape, columns of unequal lengths, texts that are not ASCII, or
 * cards that cannot be written.
 *
 * @example
 * ```ts
 * import { formatFits, parseFits, storedPixels } from "ephemera/formats";
 * import assert from "node:assert/strict";
 * const cards = [{ keyword: "FILTER", value: "r", comment: "band" }];
 * const bytes = formatFits([{ kind: "image", shape: [1, 2], pixels: Float32Array.of(0.5, NaN), cards }]);
 * const [{ header }] = parseFits(bytes);
 * assert.equal(bytes.length, 2 * 2880);
 * assert.equal(header.text("FILTER"), "r");
 * ```
 */
export function formatFits(parts: readonly FitsPart[]): Uint8Array {
  demand(parts.length > 0, { expected: "at least one part", found: "none", where: "formatFits" });
  const units: Uint8Array[] = [];
  if (parts[0].kind === "table") {
    units.push(headerBytes([
      card("SIMPLE", true, "conforms to the FITS standard"),
      card("BITPIX", 8),
      card("NAXIS", 0),
      card("EXTEND", true),
    ]));
  }
  for (const part of parts) {
    const primary = units.length === 0;
    if (part.kind === "image") units.push(...imageUnits(part, primary));
    else units.push(...tableUnits(part));
  }
  return joinBytes(units);
}

/** Writes a FITS file to a path, packed by gzip when the path ends in `.gz`. See {@link formatFits}. */
export async function writeFits(path: string | URL, parts: readonly FitsPart[]): Promise<void> {
  await writeBytes(path, formatFits(parts));
}

/** Keywords that the writer sets itself. */
const OWN =
  /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|EXTEND|TFIELDS|EXTNAME|THEAP|END|CONTINUE|T(TYPE|FORM|UNIT|NULL|SCAL|ZERO|DIM)\d+)$/;

function headerBytes(cards: readonly FitsCard[]): Uint8Array {
  const lines = cards.flatMap((each) => formatCard(each));
  lines.push("END".padEnd(CARD));
  const text = lines.join(""), padded = text.padEnd(Math.ceil(text.length / BLOCK) * BLOCK);
  return new TextEncoder().encode(padded);
}

function extraCards(part: FitsPart): FitsCard[] {
  for (const { keyword } of part.cards ?? []) {
    demand(!OWN.test(keyword), {
      expected: "cards that do not describe the layout, which the writer does",
      found: keyword,
      where: `FITS part ${part.name ?? ""}`,
    });
  }
  const name = part.name === undefined ? [] : [card("EXTNAME", ascii(part.name, "EXTNAME"))];
  return [...name, ...part.cards ?? []];
}

function imageUnits(part: FitsImagePart, primary: boolean): Uint8Array[] {
  const { shape } = part, { values, zero } = shifted(part.pixels);
  const count = shape.length === 0 ? 0 : shape.reduce((a, b) => a * b, 1);
  demand(
    count === values.length && shape.every((n) => Number.isInteger(n) && n >= 0) && shape.length < 1000,
    () => ({
      expected: `${values.length} pixels in the shape`,
      found: `${shape.join(" x ")}`,
      where: `FITS image ${part.name ?? ""}`,
    }),
  );
  const type = typeOf(values), bits = 8 * WIDTHS[type] * (type.startsWith("Float") ? -1 : 1);
  const extra = extraCards(part);
  demand(zero === 0n || !extra.some(({ keyword }) => keyword === "BZERO" || keyword === "BSCALE"), {
    expected: "no BZERO or BSCALE with pixels of a type that is shifted by BZERO",
    found: "both",
    where: `FITS image ${part.name ?? ""}`,
    remedy: "give the pixels in a type that FITS has",
  });
  const header = headerBytes([
    primary ? card("SIMPLE", true, "conforms to the FITS standard") : card("XTENSION", "IMAGE"),
    card("BITPIX", bits),
    card("NAXIS", shape.length),
    ...shape.toReversed().map((n, k) => card(`NAXIS${k + 1}`, n)),
    ...(primary ? [card("EXTEND", true)] : [card("PCOUNT", 0), card("GCOUNT", 1)]),
    ...(zero === 0n ? [] : [card("BSCALE", 1), card("BZERO", Number(zero))]),
    ...extra,
  ]);
  const size = values.length * WIDTHS[type], data = new Uint8Array(Math.ceil(size / BLOCK) * BLOCK);
  putBigEndian(values, 0, values.length, new DataView(data.buffer), 0);
  return [header, data];
}

function tableUnits(part: FitsTablePart): Uint8Array[] {
  const { cards, main, heap, rows, rowBytes } = formatTableData(part.columns, part.name ?? "");
  const header = headerBytes([
    card("XTENSION", "BINTABLE", "binary table"),
    card("BITPIX", 8),
    card("NAXIS", 2),
    card("NAXIS1", rowBytes, "bytes a row"),
    card("NAXIS2", rows, "rows"),
    card("PCOUNT", heap.length, "bytes of the heap"),
    card("GCOUNT", 1),
    card("TFIELDS", part.columns.length),
    ...cards,
    ...extraCards(part),
  ]);
  const data = new Uint8Array(Math.ceil((main.length + heap.length) / BLOCK) * BLOCK);
  data.set(main);
  data.set(heap, main.length);
  return [header, data];
}

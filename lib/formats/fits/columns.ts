/** What the columns of a binary table are: TTYPE, TFORM, TNULL, TSCAL, TZERO, TDIM (FITS Standard 4.0, section 7.3). */
import { demand } from "../../core/mod.ts";
import type { FitsHeader } from "./header.ts";

/** Type letters of TFORM: logical, bits, bytes, 16, 32 and 64-bit integers, text, 32 and 64-bit floats, complex. */
export type FitsForm = "L" | "X" | "B" | "I" | "J" | "K" | "A" | "E" | "D" | "C" | "M";

/** One column of a binary table. */
export interface FitsColumn {
  /** TTYPE, or "" where there is none. */
  readonly name: string;
  /** Type letter of its elements. */
  readonly form: FitsForm;
  /** Elements a row: characters of a text, bits, or numbers. 0 is an empty column. Of lists: elements of a descriptor. */
  readonly repeat: number;
  /** Texts or numbers a row, as the table's methods return them: complex numbers count twice, a text once. */
  readonly count: number;
  /** Whether rows hold lists of their own length, kept in the heap: descriptors of 32 (P) or 64 (Q) bits. */
  readonly list?: "P" | "Q";
  /** Bytes of the column in a row. */
  readonly width: number;
  /** First byte of the column in a row. */
  readonly offset: number;
  /** TUNIT. */
  readonly unit?: string;
  /** The stored integer that stands for a missing one. */
  readonly nullValue?: number;
  /** TSCAL: physical = zero + scale x stored. */
  readonly scale: number;
  /** TZERO. */
  readonly zero: number;
  /** Sizes of the axes of a row's elements, the slowest first. */
  readonly shape: readonly number[];
}

/** Bytes of one element; bits are counted apart. */
export const FORM_WIDTHS: Readonly<Record<FitsForm, number>> = {
  L: 1,
  X: 1 / 8,
  B: 1,
  I: 2,
  J: 4,
  K: 8,
  A: 1,
  E: 4,
  D: 8,
  C: 8,
  M: 16,
};

const TFORM = /^(\d{0,15})(?:([PQ])([LXBIJKAEDCM])(?:\(\d*\))?|([LXBIJKAEDCM])(.*))$/;

/**
 * Returns the columns of a binary table as its header describes them.
 * @throws EphemeraError for a TFORM that is none, or columns that do not fill the rows (NAXIS1).
 */
export function columnsOf(header: FitsHeader): FitsColumn[] {
  const fields = header.integer("TFIELDS", 0, 999),
    rowBytes = header.integer("NAXIS1", 0, Number.MAX_SAFE_INTEGER);
  let offset = 0;
  const columns: FitsColumn[] = [];
  for (let k = 1; k <= fields; k++) {
    const column = columnOf(header, k, offset);
    offset += column.width;
    columns.push(column);
  }
  demand(offset === rowBytes, () => ({
    expected: `columns that fill the ${rowBytes} bytes of a row`,
    found: `${offset} bytes of columns`,
    where: header.where,
    remedy: "mend NAXIS1 or the TFORMs, or fetch the file again",
  }));
  return columns;
}

function columnOf(header: FitsHeader, k: number, offset: number): FitsColumn {
  const text = header.text(`TFORM${k}`).trim(), match = TFORM.exec(text);
  demand(match !== null, {
    expected: "a form of a binary table's column such as J, 20A or 1PE(9)",
    found: JSON.stringify(text),
    where: `${header.where}, TFORM${k}`,
  });
  const repeat = match[1] === "" ? 1 : Number(match[1]);
  const list = match[2] as "P" | "Q" | undefined, form = (match[3] ?? match[4]) as FitsForm;
  demand(list === undefined || repeat <= 1, {
    expected: "at most one list a row",
    found: text,
    where: `${header.where}, TFORM${k}`,
  });
  const width = list === undefined ? Math.ceil(repeat * FORM_WIDTHS[form]) : repeat * (list === "P" ? 8 : 16);
  const dimensions = /^\(\s*(\d+(?:\s*,\s*\d+)*)\s*\)$/.exec(optionalText(header, `TDIM${k}`) ?? "");
  let shape = dimensions === null ? [repeat] : dimensions[1].split(",").map(Number).reverse();
  // A TDIM that does not fit its column is ignored, as the standard asks for lists and as other readers do.
  if (list === undefined && shape.reduce((a, b) => a * b, 1) > repeat) shape = [repeat];
  const texts = form === "A" && shape.length > 1 ? shape.slice(0, -1).reduce((a, b) => a * b, 1) : 1;
  const nullValue = header.get(`TNULL${k}`), unit = optionalText(header, `TUNIT${k}`);
  return {
    name: (optionalText(header, `TTYPE${k}`) ?? "").trim(),
    form,
    repeat,
    count: form === "A" ? texts : form === "C" || form === "M" ? 2 * repeat : repeat,
    ...(list === undefined ? {} : { list }),
    width,
    offset,
    ...(unit === undefined ? {} : { unit }),
    ...(typeof nullValue === "number" && "BIJK".includes(form) ? { nullValue } : {}),
    scale: header.number(`TSCAL${k}`, 1),
    zero: header.number(`TZERO${k}`, 0),
    shape,
  };
}

function optionalText(header: FitsHeader, keyword: string): string | undefined {
  const value = header.get(keyword);
  return typeof value === "string" ? value : undefined;
}

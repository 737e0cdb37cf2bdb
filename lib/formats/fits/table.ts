/** Binary tables: columns out of rows of bytes, and lists out of the heap. */
import { demand, EphemeraError } from "../../core/mod.ts";
import { bigEndian, type NumberArray, type NumberType, physicalNumbers } from "./big_endian.ts";
import { columnsOf, type FitsColumn, FORM_WIDTHS } from "./columns.ts";
import type { FitsHdu } from "./hdu.ts";

const TYPES: Readonly<Partial<Record<string, NumberType>>> = {
  B: "Uint8",
  L: "Uint8",
  I: "Int16",
  J: "Int32",
  K: "BigInt64",
  E: "Float32",
  D: "Float64",
  C: "Float32",
  M: "Float64",
};

/** Consecutive rows of a table. */
export interface RowRange {
  /** First row. Default 0. */
  from?: number;
  /** One beyond the last row. Default all. */
  to?: number;
}

const decoder = new TextDecoder("latin1");

/**
 * A binary table. Columns are decoded when asked for, all rows or some; a column with several elements a row comes row
 * by row in one flat array, `column(name).count` to a row.
 *
 * @example
 * ```ts
 * import { FitsTable, formatFits, readFits } from "ephemera/formats";
 * import assert from "node:assert/strict";
 * const bytes = formatFits([{
 *   kind: "table",
 *   name: "STARS",
 *   columns: [{ name: "NAME", values: ["Mira", "Algol"] }, { name: "PERIOD", values: Float64Array.of(332, 2.867) }],
 * }]);
 * const table = new FitsTable((await readFits(bytes))[1]);
 * assert.deepEqual(table.texts("NAME"), ["Mira", "Algol"]);
 * assert.deepEqual(table.numbers("PERIOD"), Float64Array.of(332, 2.867));
 * assert.throws(() => table.numbers("MAG"), /Expected a column "MAG", found the columns NAME, PERIOD/);
 * ```
 */
export class FitsTable {
  /** Number of rows. */
  readonly rows: number;
  /** Its columns, in order. */
  readonly columns: readonly FitsColumn[];
  /** File and part, for messages. */
  readonly where: string;
  readonly #data: Uint8Array;
  readonly #stride: number;
  readonly #heap: Uint8Array;
  readonly #byName = new Map<string, FitsColumn>();

  /** @throws EphemeraError when the part is no binary table or its columns do not fit its rows. */
  constructor(hdu: FitsHdu) {
    const { header } = hdu;
    demand(
      hdu.kind === "table" && header.integer("NAXIS", 0, 999) === 2 && header.number("BITPIX") === 8,
      () => ({
        expected: "a binary table",
        found: `a part of kind "${hdu.kind}" with ${header.get("NAXIS")} axes and BITPIX ${
          header.get("BITPIX")
        }`,
        where: hdu.where,
        remedy: "take another HDU",
      }),
    );
    this.where = hdu.where;
    this.columns = columnsOf(header);
    this.#stride = header.integer("NAXIS1", 0, Number.MAX_SAFE_INTEGER);
    this.rows = header.integer("NAXIS2", 0, this.#stride === 0 ? 0 : Number.MAX_SAFE_INTEGER);
    demand(this.rows * this.#stride <= hdu.data.length, () => ({
      expected: `${this.rows} rows of ${this.#stride} bytes`,
      found: `${hdu.data.length} bytes of data`,
      where: hdu.where,
      remedy: "mend GCOUNT, which is 1 in a table, or fetch the file again",
    }));
    this.#data = hdu.data;
    const main = this.rows * this.#stride;
    this.#heap = hdu.data.subarray(header.integer("THEAP", main, hdu.data.length, main));
    for (const column of this.columns) {
      if (!this.#byName.has(column.name)) this.#byName.set(column.name, column);
    }
  }

  /** Whether there is a column of that name. */
  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /**
   * Returns the description of a column, by its name exactly, or in other capitals when no name is exact.
   * @throws EphemeraError with the columns that there are.
   */
  column(name: string): FitsColumn {
    const found = this.#byName.get(name) ??
      this.columns.find((column) => column.name.toUpperCase() === name.toUpperCase());
    if (found !== undefined) return found;
    throw new EphemeraError({
      expected: `a column "${name}"`,
      found: `the columns ${this.columns.map((column) => column.name).join(", ").slice(0, 2000) || "(none)"}`,
      where: this.where,
    });
  }

  /**
   * Returns physical numbers, TZERO + TSCAL x stored: `count` a row. NaN stands for TNULL and for an undefined logical;
   * true is 1, false 0; complex numbers come as real and imaginary parts in turn. 64-bit integers beyond 2^53 are rounded.
   * @throws EphemeraError for a column of text, bits or lists, or one that there is not.
   */
  numbers(name: string, range: RowRange = {}): Float64Array {
    const column = this.#plain(name, "numbers", (form) => TYPES[form] !== undefined);
    const stored = this.#stored(column, range);
    if (stored instanceof Float64Array && column.scale === 1 && column.zero === 0) return stored;
    return physical(stored, column);
  }

  /**
   * Returns whole numbers exactly, TZERO added: for 64-bit identifiers. TNULL is not looked at.
   * @throws EphemeraError for a column of another kind, or one with a fraction in its scaling.
   */
  integers(name: string, range: RowRange = {}): BigInt64Array | BigUint64Array {
    const column = this.#plain(name, "whole numbers", (form) => "BIJK".includes(form));
    demand(column.scale === 1 && Number.isInteger(column.zero), {
      expected: "whole numbers without scaling",
      found: `TSCAL ${column.scale} and TZERO ${column.zero}`,
      where: `${this.where}, column ${column.name}`,
      remedy: "read them with numbers()",
    });
    const stored = this.#stored(column, range), zero = BigInt(column.zero);
    const out = zero === 2n ** 63n ? new BigUint64Array(stored.length) : new BigInt64Array(stored.length);
    for (let i = 0; i < out.length; i++) out[i] = BigInt(stored[i]) + zero;
    return out;
  }

  /**
   * Returns texts without their trailing blanks, cut at the first NUL: one a row, or `count` where TDIM makes a row hold
   * several. A list of characters is one text.
   * @throws EphemeraError for a column that is no text, or one that there is not.
   */
  texts(name: string, range: RowRange = {}): string[] {
    const column = this.column(name);
    this.#demandKind(column, "text", column.form === "A");
    if (column.list !== undefined) {
      return this.#descriptors(column, range).map(([length, at]) =>
        textOf(this.#heap.subarray(at, at + length))
      );
    }
    const { from, to } = this.#range(range), { count } = column;
    const width = count === 1 ? column.repeat : column.shape[column.shape.length - 1];
    const texts: string[] = [];
    for (let row = from; row < to; row++) {
      for (let k = 0, p = row * this.#stride + column.offset; k < count; k++, p += width) {
        texts.push(textOf(this.#data.subarray(p, p + width)));
      }
    }
    return texts;
  }

  /**
   * Returns bits, one byte (0 or 1) each, `count` a row.
   * @throws EphemeraError for a column that is not of bits, or one that there is not.
   */
  bits(name: string, range: RowRange = {}): Uint8Array {
    const column = this.#plain(name, "bits", (form) => form === "X"), { from, to } = this.#range(range);
    const out = new Uint8Array((to - from) * column.repeat);
    for (let row = from, i = 0; row < to; row++) {
      const start = row * this.#stride + column.offset;
      for (let k = 0; k < column.repeat; k++) out[i++] = (this.#data[start + (k >> 3)] >> (7 - (k & 7))) & 1;
    }
    return out;
  }

  /**
   * Returns the numbers of a column of lists, one array a row, physical as {@link FitsTable.numbers} has them.
   * @throws EphemeraError for a column that is not of lists of numbers, or lists that lie outside the heap or overlap.
   */
  lists(name: string, range: RowRange = {}): Float64Array[] {
    const column = this.column(name), type = TYPES[column.form];
    this.#demandKind(column, "lists of numbers", column.list !== undefined && type !== undefined);
    const parts = column.form === "C" || column.form === "M" ? 2 : 1;
    return this.#descriptors(column, range).map(([length, at]) =>
      physical(bigEndian(type!, this.#heap, at, length * parts, 1, 0), column)
    );
  }

  #plain(name: string, what: string, fits: (form: string) => boolean): FitsColumn {
    const column = this.column(name);
    this.#demandKind(column, what, column.list === undefined && fits(column.form));
    return column;
  }

  #demandKind(column: FitsColumn, what: string, fits: boolean): void {
    demand(fits, () => ({
      expected: `a column of ${what}`,
      found: `one of form ${column.list === undefined ? column.repeat : `1${column.list}`}${column.form}`,
      where: `${this.where}, column ${column.name}`,
      remedy: "read it with numbers(), texts(), bits() or lists(), whichever is its kind",
    }));
  }

  #range({ from = 0, to = this.rows }: RowRange): { from: number; to: number } {
    demand(
      Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= this.rows,
      () => ({
        expected: `rows within 0 to ${this.rows}`,
        found: `${from} to ${to}`,
        where: this.where,
      }),
    );
    return { from, to };
  }

  #stored(column: FitsColumn, range: RowRange) {
    const { from, to } = this.#range(range), first = from * this.#stride + column.offset;
    return bigEndian(TYPES[column.form]!, this.#data, first, column.count, to - from, this.#stride);
  }

  /** Returns number of elements and first byte in the heap of each row's list, all of them checked. */
  #descriptors(column: FitsColumn, range: RowRange): [number, number][] {
    const { from, to } = this.#range(range), wide = column.list === "Q", heap = this.#heap.length;
    const view = new DataView(this.#data.buffer, this.#data.byteOffset, this.#data.byteLength);
    const parts: [number, number][] = [];
    let total = 0;
    for (let row = from; row < to; row++) {
      const p = row * this.#stride + column.offset;
      // No list a row is a legal column: all its lists are empty.
      const length = column.repeat === 0 ? 0 : wide ? Number(view.getBigInt64(p)) : view.getInt32(p);
      const at = column.repeat === 0 || length === 0
        ? 0
        : wide
        ? Number(view.getBigInt64(p + 8))
        : view.getInt32(p + 4);
      const bytes = Math.ceil(length * FORM_WIDTHS[column.form]);
      total += bytes;
      demand(length >= 0 && at >= 0 && at + bytes <= heap, () => ({
        expected: `a list within the ${heap} bytes of the heap`,
        found: `${length} elements from byte ${at}`,
        where: `${this.where}, column ${column.name}, row ${row}`,
        remedy: "fetch the file again: it is damaged",
      }));
      demand(total <= heap, () => ({
        expected: `lists of at most ${heap} bytes together, the size of the heap`,
        found: "lists that overlap",
        where: `${this.where}, column ${column.name}, row ${row}`,
        remedy: "write the file anew, each list with its own bytes",
      }));
      parts.push([length, at]);
    }
    return parts;
  }
}

function physical(stored: NumberArray, column: FitsColumn): Float64Array {
  if (column.form !== "L") return physicalNumbers(stored, column.scale, column.zero, column.nullValue);
  return Float64Array.from(stored as Uint8Array, (byte) => byte === 84 ? 1 : byte === 70 ? 0 : NaN);
}

function textOf(bytes: Uint8Array): string {
  const nul = bytes.indexOf(0);
  return decoder.decode(nul < 0 ? bytes : bytes.subarray(0, nul)).trimEnd();
}

/** Columns of a binary table into rows of bytes, lists into the heap, and the cards that say so. */
import { joinBytes } from "../join_bytes.ts";
import { demand } from "../../core/mod.ts";
import { type FitsPixels, type NumberArray, putBigEndian, shifted, typeOf, WIDTHS } from "./big_endian.ts";
import { ascii, type FitsCard } from "./card.ts";

/** A column of numbers, logical values or texts. */
export interface FitsPlainColumn {
  /** TTYPE. */
  name: string;
  /**
   * As stored, row by row. The type of the array decides the form: bytes B, 16, 32 and 64-bit integers I, J, K (signed or
   * not, by TZERO), floats E and D, true, false and null (undefined) L, texts A.
   */
  values: FitsPixels | readonly (boolean | null)[] | readonly string[];
  /** Elements a row. Default 1. */
  count?: number;
  /** TUNIT. */
  unit?: string;
  /** TNULL: the stored integer that stands for a missing one. */
  nullValue?: number;
  /** TSCAL, with `zero` for stored numbers that stand for others: physical = zero + scale x stored. */
  scale?: number;
  /** TZERO. */
  zero?: number;
  /** Pairs of floats are complex numbers (C, M); `count` is the number of floats, twice that of complex numbers. */
  complex?: boolean;
}

/** A column whose rows are lists of numbers, each of its own length, all in one type. */
export interface FitsListColumn {
  /** TTYPE. */
  name: string;
  /** The lists. */
  lists: readonly FitsPixels[];
  /** TUNIT. */
  unit?: string;
}

/** A column of bits. */
export interface FitsBitColumn {
  /** TTYPE. */
  name: string;
  /** Zeros and ones, row by row. */
  bits: Uint8Array;
  /** Bits a row. */
  count: number;
}

/** A column of a binary table to be written. */
export type FitsColumnData = FitsPlainColumn | FitsListColumn | FitsBitColumn;

/** A binary table's bytes. */
export interface TableBytes {
  /** Cards that describe the columns. */
  cards: FitsCard[];
  /** The rows. */
  main: Uint8Array;
  /** The lists. */
  heap: Uint8Array;
  /** Number of rows. */
  rows: number;
  /** Bytes a row. */
  rowBytes: number;
}

/** One column made ready: its form, its bytes a row, and how a row is put. */
interface Ready {
  form: string;
  width: number;
  rows: number;
  cards: FitsCard[];
  put: (row: number, view: DataView, at: number) => void;
}

const LETTERS = { Uint8: "B", Int16: "I", Int32: "J", BigInt64: "K", Float32: "E", Float64: "D" } as const;

/**
 * Returns the rows, the heap and the cards of a table.
 * @throws EphemeraError for columns of unequal lengths, two of one name, values that are no whole rows, texts not ASCII.
 */
export function formatTableData(columns: readonly FitsColumnData[], table: string): TableBytes {
  demand(columns.length > 0 && columns.length <= 999, {
    expected: "1 to 999 columns",
    found: String(columns.length),
    where: `FITS table ${table}`,
  });
  const heap = new Heap();
  const ready = columns.map((column, k) => {
    const where = `FITS table ${table}, column ${column.name}`;
    demand(columns.findIndex(({ name }) => name.toUpperCase() === column.name.toUpperCase()) === k, {
      expected: "each column name once, capitals aside",
      found: `"${column.name}" twice`,
      where,
    });
    return "lists" in column
      ? listColumn(column, heap, where)
      : "bits" in column
      ? bitColumn(column, where)
      : plainColumn(column, where);
  });
  const rows = ready[0].rows, rowBytes = ready.reduce((sum, { width }) => sum + width, 0);
  ready.forEach((column, k) =>
    demand(column.rows === rows, () => ({
      expected: `${rows} rows, as many as in column ${columns[0].name}`,
      found: String(column.rows),
      where: `FITS table ${table}, column ${columns[k].name}`,
    }))
  );
  const main = new Uint8Array(rows * rowBytes), view = new DataView(main.buffer);
  let offset = 0;
  for (const { width, put } of ready) {
    for (let row = 0; row < rows; row++) put(row, view, row * rowBytes + offset);
    offset += width;
  }
  const cards = ready.flatMap((column, k): FitsCard[] => [
    { keyword: `TTYPE${k + 1}`, value: ascii(columns[k].name, "the name of a column") },
    { keyword: `TFORM${k + 1}`, value: column.form },
    ...column.cards.map((card) => ({ ...card, keyword: `${card.keyword}${k + 1}` })),
  ]);
  return { cards, main, heap: heap.bytes(), rows, rowBytes };
}

function plainColumn(column: FitsPlainColumn, where: string): Ready {
  const { values, count = 1 } = column, rows = values.length / count;
  demand(Number.isInteger(count) && count > 0 && Number.isInteger(rows), () => ({
    expected: `whole rows of ${count} elements`,
    found: `${values.length} elements`,
    where,
  }));
  const cards: FitsCard[] = column.unit === undefined
    ? []
    : [{ keyword: "TUNIT", value: ascii(column.unit, where) }];
  if (Array.isArray(values)) {
    // An empty list is one of no texts or no logical values; which of them makes no difference.
    return typeof values[0] === "string" || values.length === 0
      ? textColumn(values as readonly string[], count, rows, cards, where)
      : logicalColumn(values as readonly (boolean | null)[], count, rows, cards);
  }
  const { values: stored, zero } = shifted(values as FitsPixels),
    type = typeOf(stored),
    complex = column.complex === true;
  demand(!complex || (count % 2 === 0 && type.startsWith("Float")), {
    expected: "pairs of floats for complex numbers",
    found: `${count} of ${type} a row`,
    where,
  });
  demand(zero === 0n || (column.scale === undefined && column.zero === undefined), {
    expected: "no scaling of a type that TZERO shifts",
    found: "scale or zero",
    where,
    remedy: "give the values in a type that FITS has",
  });
  const nullable = column.nullValue !== undefined;
  demand(!nullable || (Number.isInteger(column.nullValue) && !type.startsWith("Float")), {
    expected: "a whole number for missing ones, in a column of integers",
    found: `${column.nullValue} in ${type}`,
    where,
  });
  if (nullable) cards.push({ keyword: "TNULL", value: column.nullValue! });
  if (column.scale !== undefined) cards.push({ keyword: "TSCAL", value: column.scale });
  if (zero !== 0n || column.zero !== undefined) {
    cards.push({ keyword: "TZERO", value: column.zero ?? Number(zero) });
  }
  const letter = complex ? (type === "Float32" ? "C" : "M") : LETTERS[type];
  return {
    form: `${complex ? count / 2 : count}${letter}`,
    width: count * WIDTHS[type],
    rows,
    cards,
    put: (row, view, at) => putBigEndian(stored, row * count, (row + 1) * count, view, at),
  };
}

function textColumn(
  texts: readonly string[],
  count: number,
  rows: number,
  cards: FitsCard[],
  where: string,
): Ready {
  const width = texts.reduce((most, text) => Math.max(most, ascii(text, where).length), 1);
  if (count > 1) cards.push({ keyword: "TDIM", value: `(${width},${count})` });
  return {
    form: `${width * count}A`,
    width: width * count,
    rows,
    cards,
    put(row, view, at) {
      for (let k = 0; k < count; k++, at += width) {
        const text = texts[row * count + k];
        for (let c = 0; c < width; c++) view.setUint8(at + c, c < text.length ? text.charCodeAt(c) : 0x20);
      }
    },
  };
}

function logicalColumn(
  values: readonly (boolean | null)[],
  count: number,
  rows: number,
  cards: FitsCard[],
): Ready {
  return {
    form: `${count}L`,
    width: count,
    rows,
    cards,
    put(row, view, at) {
      for (let k = 0; k < count; k++) {
        const value = values[row * count + k];
        view.setUint8(at + k, value === null ? 0 : value ? 84 : 70);
      }
    },
  };
}

function bitColumn({ bits, count }: FitsBitColumn, where: string): Ready {
  const rows = bits.length / count, width = Math.ceil(count / 8);
  demand(Number.isInteger(count) && count > 0 && Number.isInteger(rows), () => ({
    expected: `whole rows of ${count} bits`,
    found: `${bits.length} bits`,
    where,
  }));
  return {
    form: `${count}X`,
    width,
    rows,
    cards: [],
    put(row, view, at) {
      for (let b = 0; b < width; b++) {
        let byte = 0;
        for (let k = 0; k < 8; k++) {
          byte = 2 * byte + (8 * b + k < count ? bits[row * count + 8 * b + k] & 1 : 0);
        }
        view.setUint8(at + b, byte);
      }
    },
  };
}

/** Lists one after another. */
class Heap {
  #parts: Uint8Array[] = [];
  length = 0;

  /** Keeps the values of a list and returns their first byte. */
  add(values: NumberArray): number {
    const at = this.length, bytes = new Uint8Array(values.length * WIDTHS[typeOf(values)]);
    putBigEndian(values, 0, values.length, new DataView(bytes.buffer), 0);
    this.#parts.push(bytes);
    this.length += bytes.length;
    return at;
  }

  bytes(): Uint8Array {
    return joinBytes(this.#parts);
  }
}

function listColumn(column: FitsListColumn, heap: Heap, where: string): Ready {
  const lists = column.lists.map((list) => shifted(list));
  const type = lists.length === 0 ? "Float64" : typeOf(lists[0].values), zero = lists[0]?.zero ?? 0n;
  const places = lists.map(({ values, zero: own }, row) => {
    demand(typeOf(values) === type && own === zero, {
      expected: "lists of one type in a column",
      found: `another in row ${row}`,
      where,
    });
    return { length: values.length, at: heap.add(values) };
  });
  const longest = places.reduce((most, { length }) => Math.max(most, length), 0);
  const cards: FitsCard[] = column.unit === undefined
    ? []
    : [{ keyword: "TUNIT", value: ascii(column.unit, where) }];
  if (zero !== 0n) cards.push({ keyword: "TZERO", value: Number(zero) });
  // Descriptors of 32 bits where they reach: more readers know them.
  const wide = heap.length > 0x7fffffff;
  return {
    form: `1${wide ? "Q" : "P"}${LETTERS[type]}(${longest})`,
    width: wide ? 16 : 8,
    rows: places.length,
    cards,
    put(row, view, at) {
      const { length, at: first } = places[row];
      if (wide) {
        view.setBigInt64(at, BigInt(length));
        view.setBigInt64(at + 8, BigInt(first));
      } else {
        view.setInt32(at, length);
        view.setInt32(at + 4, first);
      }
    },
  };
}

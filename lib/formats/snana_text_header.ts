/** Entries of SNANA text headers as columns of metadata. */
import { demand } from "../core/mod.ts";
import type { Column, Table } from "../observations/mod.ts";
import { LAYOUT_ENTRIES } from "./snana_text_objects.ts";

/** More entries are no headers: SNANA's longest have some two hundred. Columns of ever new ones would take a square of memory. */
const MOST_ENTRIES = 1024;

/** Entries that are numbers in every file: a word there is damage, not a text. */
const NUMBERS = new Set([
  "RA",
  "DECL",
  "DEC",
  "MWEBV",
  "SNTYPE",
  "REDSHIFT_SPEC",
  "REDSHIFT_HELIO",
  "REDSHIFT_FINAL",
  "HOST_GALAXY_PHOTO-Z",
  "SIM_REDSHIFT",
  "SIM_PEAKMJD",
]);

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Returns the number that a word is, `nan` and `inf` among them; undefined for anything else. */
export function snanaNumber(word: string): number | undefined {
  if (NUMBER.test(word)) return Number(word);
  const name = /^([+-]?)(nan|inf)(?:inity)?$/i.exec(word);
  return name === null ? undefined : /nan/i.test(name[2]) ? NaN : name[1] === "-" ? -Infinity : Infinity;
}

/** What an entry says: a number, perhaps with its error (`0.86 +- 0.02`), or a text. */
interface Value {
  number?: number;
  error?: number;
  text: string;
}

function valueOf(text: string): Value {
  const words = text.split(/\s+/, 4), number = snanaNumber(words[0]);
  // Several numbers are a list, and whole numbers that a float cannot hold are names: both stay as they stand.
  const list = words.length > 1 && snanaNumber(words[1]) !== undefined;
  if (
    number === undefined || list ||
    (/^[+-]?\d+$/.test(words[0]) && Math.abs(number) > Number.MAX_SAFE_INTEGER)
  ) {
    return { text };
  }
  return words[1] === "+-" && words.length > 2
    ? { number, error: snanaNumber(words[2]), text }
    : { number, text };
}

/**
 * Checks the entries of one header.
 * @throws EphemeraError when an entry that is a number in every file is none.
 */
export function checkNumbers(header: ReadonlyMap<string, string>, where: string): void {
  for (const [key, text] of header) {
    if (!NUMBERS.has(key)) continue;
    const { number, error } = valueOf(text);
    demand(number !== undefined && (error !== undefined || !text.includes("+-")), {
      expected: `a number, with or without an error behind +-, as ${key}`,
      found: `"${text.slice(0, 60)}"`,
      where,
      remedy: "fetch the file again",
    });
  }
}

/**
 * Returns the entries of headers as columns, one row an object: numbers (NaN where absent) where all are, with another column
 * `KEY_ERR` where errors are stated; texts (empty where absent) otherwise. Units and remarks behind a number are dropped.
 * @throws EphemeraError for more than 1024 different entries.
 */
export function headerColumns(headers: readonly ReadonlyMap<string, string>[]): Table {
  const keys = new Set(headers.flatMap((header) => [...header.keys()])), columns = new Map<string, Column>();
  demand(keys.size <= MOST_ENTRIES, {
    expected: `at most ${MOST_ENTRIES} different entries in headers`,
    found: String(keys.size),
    where: "SNANA text",
    remedy: "check that this is the file meant",
  });
  for (const key of keys) {
    if (LAYOUT_ENTRIES.includes(key)) continue;
    const values = headers.map((header) => {
      const text = header.get(key);
      return text === undefined ? undefined : valueOf(text);
    });
    if (values.every((value) => value === undefined || value.number !== undefined)) {
      columns.set(key, Float64Array.from(values, (value) => value?.number ?? NaN));
      if (values.some((value) => value?.error !== undefined) && !keys.has(`${key}_ERR`)) {
        columns.set(`${key}_ERR`, Float64Array.from(values, (value) => value?.error ?? NaN));
      }
    } else columns.set(key, values.map((value) => value?.text ?? ""));
  }
  return Object.fromEntries(columns);
}

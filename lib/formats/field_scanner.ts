/**
 * Reads fields of delimited text straight from bytes. Making a string of every number costs ten times what reading its
 * digits does; strings are made only for names, quoted fields and numbers of more than fifteen digits.
 */
import { EphemeraError } from "../core/mod.ts";

const NEWLINE = 10,
  RETURN = 13,
  QUOTE = 34,
  PLUS = 43,
  MINUS = 45,
  POINT = 46,
  ZERO = 48,
  NINE = 57,
  E = 69,
  e = 101;

/** Powers of ten that are exact as a 64-bit float: dividing by them rounds once, as a correct parser does. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

const decoder = new TextDecoder();

/** Walks through the fields of delimited text, line by line. */
export class FieldScanner {
  /** Place of the next byte. */
  position = 0;
  /** Number of the current line, from 1. */
  line = 1;
  /** Place of the first byte of the field read last. */
  start = 0;
  readonly #bytes: Uint8Array;
  readonly #delimiter: number;
  readonly #where: string;

  /**
   * @param delimiter one character.
   * @param where name of the file for messages.
   */
  constructor(bytes: Uint8Array, delimiter: string, where: string) {
    this.#bytes = bytes;
    this.#delimiter = delimiter.charCodeAt(0);
    this.#where = where;
    // A byte-order mark is no part of the first name.
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.position = 3;
  }

  /** Whether all bytes are read. */
  get done(): boolean {
    return this.position >= this.#bytes.length;
  }

  /** Whether the field read last was the last of its line. */
  get lineEnds(): boolean {
    return this.position >= this.#bytes.length || this.#bytes[this.position] !== this.#delimiter;
  }

  /** Steps over the delimiter after a field. */
  nextField(): void {
    this.position++;
  }

  /** Steps to the next line, past what is left of this one. */
  nextLine(): void {
    const bytes = this.#bytes, n = bytes.length;
    let p = this.position;
    while (p < n && bytes[p] !== NEWLINE) p++;
    this.position = p + 1;
    this.line++;
  }

  /** Whether the line holds nothing. */
  get blank(): boolean {
    const c = this.#bytes[this.position];
    return c === NEWLINE || (c === RETURN && this.#bytes[this.position + 1] === NEWLINE);
  }

  /** Returns the next field as a number, NaN when it is none. {@link FieldScanner.last} then tells its text. */
  number(): number {
    const bytes = this.#bytes;
    let p = this.position, c = bytes[p], mantissa = 0, digits = 0, scale = 0, negative = false;
    this.start = p;
    if (c === MINUS || c === PLUS) {
      negative = c === MINUS;
      c = bytes[++p];
    }
    while (c >= ZERO && c <= NINE) {
      mantissa = mantissa * 10 + (c - ZERO);
      digits++;
      c = bytes[++p];
    }
    if (c === POINT) {
      c = bytes[++p];
      while (c >= ZERO && c <= NINE) {
        mantissa = mantissa * 10 + (c - ZERO);
        digits++;
        scale++;
        c = bytes[++p];
      }
    }
    if ((c === e || c === E) && digits > 0) {
      c = bytes[++p];
      let sign = 1, exponent = 0, count = 0;
      if (c === MINUS || c === PLUS) {
        sign = c === MINUS ? -1 : 1;
        c = bytes[++p];
      }
      while (c >= ZERO && c <= NINE) {
        exponent = exponent * 10 + (c - ZERO);
        count++;
        c = bytes[++p];
      }
      if (count === 0) digits = 0;
      scale -= sign * exponent;
    }
    const ends = p >= bytes.length || c === this.#delimiter || c === NEWLINE || c === RETURN;
    if (!ends || digits === 0 || digits > 15 || scale > 22 || scale < -22) return this.#slowNumber();
    this.position = p;
    const value = scale > 0 ? mantissa / POWERS[scale] : mantissa * POWERS[-scale];
    return negative ? -value : value;
  }

  #slowNumber(): number {
    const text = this.text().trim();
    return text === "" ? NaN : Number(text);
  }

  /** Returns the next field as text, without its quotes. */
  text(): string {
    const bytes = this.#bytes, n = bytes.length;
    let p = this.start = this.position;
    if (bytes[p] === QUOTE) return this.#quoted();
    while (p < n && bytes[p] !== this.#delimiter && bytes[p] !== NEWLINE) p++;
    const end = p > this.start && bytes[p - 1] === RETURN && (p >= n || bytes[p] === NEWLINE) ? p - 1 : p;
    this.position = p;
    return decoder.decode(bytes.subarray(this.start, end));
  }

  /** Steps over the next field without making anything of it. */
  skip(): void {
    const bytes = this.#bytes, n = bytes.length;
    let p = this.start = this.position;
    if (bytes[p] === QUOTE) {
      this.#quoted();
      return;
    }
    while (p < n && bytes[p] !== this.#delimiter && bytes[p] !== NEWLINE) p++;
    this.position = p;
  }

  /** Returns the text of the field read last. */
  last(): string {
    const { position, start } = this;
    this.position = start;
    const text = this.text();
    this.position = position;
    return text;
  }

  /** Whether the bytes of the field read last equal those from `start` on, `length` of them. */
  sameAs(start: number, length: number): boolean {
    if (this.position - this.start !== length) return false;
    const bytes = this.#bytes;
    for (let k = 0; k < length; k++) if (bytes[start + k] !== bytes[this.start + k]) return false;
    return true;
  }

  #quoted(): string {
    const bytes = this.#bytes, n = bytes.length, opened = this.line;
    let p = this.position + 1;
    const from = p;
    let doubled = false;
    for (;; p++) {
      if (p >= n) {
        throw new EphemeraError({
          expected: "a closing quote",
          found: "the end of the file",
          where: `${this.#where}, quote opened on line ${opened}`,
          remedy: "close the quote",
        });
      }
      if (bytes[p] === NEWLINE) this.line++;
      if (bytes[p] !== QUOTE) continue;
      if (bytes[p + 1] !== QUOTE) break;
      doubled = true;
      p++;
    }
    const text = decoder.decode(bytes.subarray(from, p));
    p++;
    // What stands between a closing quote and the next delimiter belongs to no field; a return before a newline is fine.
    while (p < n && bytes[p] !== this.#delimiter && bytes[p] !== NEWLINE) p++;
    this.position = p;
    return doubled ? text.replaceAll('""', '"') : text;
  }
}

/** Light curves as delimited text: the writer. */
import type { LightCurveSet } from "../observations/mod.ts";
import { writeBytes } from "./bytes.ts";
import { quoteField } from "./csv_table.ts";

/** Names of the columns that {@link formatLightCurves} writes; a column that the set lacks is left out. */
export interface WrittenColumnNames {
  /** Default `"id"`. */
  id?: string;
  /** Default `"time"`. */
  time?: string;
  /** Default `"band"`. */
  band?: string;
  /** Default `"mag"` or `"flux"`. */
  value?: string;
  /** Default `"magerr"` or `"fluxerr"`. */
  error?: string;
}

/** Six decimals cover times to a tenth of a second and magnitudes to a millionth. */
const SCALE = 1e6, DECIMALS = 6;

/** Bytes in which digits are put one by one. */
class ByteWriter {
  #bytes: Uint8Array;
  #at = 0;
  readonly #encoder = new TextEncoder();

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Makes room for `more` bytes. */
  reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const bigger = new Uint8Array(2 * this.#bytes.length + more);
    bigger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = bigger;
  }

  byte(code: number): void {
    this.#bytes[this.#at++] = code;
  }

  put(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Writes a number so that reading gives it back exactly; the caller has reserved 32 bytes. */
  number(value: number): void {
    const size = Math.abs(value), scaled = Math.round(size * SCALE);
    // Numbers of six decimals at most, nearly all in practice, need no search for the shortest text.
    if (scaled > 9007199254740991 || scaled / SCALE !== size) {
      const { written } = this.#encoder.encodeInto(String(value), this.#bytes.subarray(this.#at));
      this.#at += written;
      return;
    }
    if (value < 0 || Object.is(value, -0)) this.byte(45);
    const whole = Math.floor(scaled / SCALE);
    let rest = scaled - whole * SCALE;
    this.#digits(whole, 0);
    if (rest === 0) return;
    let decimals = DECIMALS;
    while (rest % 10 === 0) {
      rest /= 10;
      decimals--;
    }
    this.byte(46);
    this.#digits(rest, decimals);
  }

  #digits(value: number, least: number): void {
    let count = 1;
    for (let power = 10; power <= value; power *= 10) count++;
    count = Math.max(count, least);
    let p = this.#at += count;
    for (let k = 0; k < count; k++) {
      const next = Math.floor(value / 10);
      this.#bytes[--p] = 48 + (value - 10 * next);
      value = next;
    }
  }

  result(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }
}

/**
 * Returns a set as delimited text with a header, one observation a row, objects one after another. Reading it with
 * `readLightCurves` gives the same numbers back, bit by bit.
 */
export function formatLightCurves(set: LightCurveSet, columns: WrittenColumnNames = {}): Uint8Array {
  const name = set.quantity === "flux" ? "flux" : "mag", encoder = new TextEncoder();
  const extra = Object.entries(set.extra);
  const header = [columns.id ?? "id", columns.time ?? "time"];
  if (set.band) header.push(columns.band ?? "band");
  header.push(columns.value ?? name);
  if (set.error) header.push(columns.error ?? `${name}err`);
  for (const [column] of extra) header.push(column);
  const out = new ByteWriter(1024 + set.observations * 40);
  const bandNames = set.bands.map((band) => encoder.encode(quoteField(band)));
  const longest = Math.max(...bandNames.map((band) => band.length));
  const head = encoder.encode(header.map((column) => quoteField(column)).join(",") + "\n");
  out.reserve(head.length);
  out.put(head);
  for (let i = 0; i < set.length; i++) {
    const id = encoder.encode(quoteField(set.ids[i]));
    for (let r = set.offsets[i]; r < set.offsets[i + 1]; r++) {
      out.reserve(id.length + longest + 32 * (4 + extra.length));
      out.put(id);
      out.byte(44);
      out.number(set.time[r]);
      if (set.band) {
        out.byte(44);
        out.put(bandNames[set.band[r]]);
      }
      out.byte(44);
      out.number(set.value[r]);
      if (set.error) {
        out.byte(44);
        out.number(set.error[r]);
      }
      for (const [, column] of extra) {
        out.byte(44);
        if (!Number.isNaN(column[r])) out.number(column[r]);
      }
      out.byte(10);
    }
  }
  return out.result();
}

/** Writes a set to a path as delimited text, packed by gzip when the path ends in `.gz`. */
export async function writeLightCurves(
  path: string | URL,
  set: LightCurveSet,
  columns: WrittenColumnNames = {},
): Promise<void> {
  await writeBytes(path, formatLightCurves(set, columns));
}

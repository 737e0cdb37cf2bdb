/** The table of objects of PLAsTiCC: 3.5 million rows of numbers, kept as columns. */
import { demand } from "../core/mod.ts";
import type { ByteSource } from "./bytes.ts";
import { sourceName } from "./bytes.ts";
import { FieldScanner } from "./field_scanner.ts";
import { lineBlocks } from "./line_blocks.ts";

/** Options of {@link PlasticcMetadata.read}. */
export interface ReadPlasticcMetadataOptions {
  /** Columns to keep besides the identifier. Default all. */
  columns?: readonly string[];
  /** Most rows. Default 10 million: the challenge has 3.5. */
  maximumRows?: number;
  /** What to call the source in messages. Default: its path, or "bytes". */
  where?: string;
}

/** Columns in which the challenge writes -9 where there is no number: galactic objects have no distance, most hosts no spectrum. */
export const MINUS_NINE_IS_MISSING = ["distmod", "hostgal_specz", "true_distmod"] as const;

/** The identifier of an object of the challenge as a number, NaN when it is none. */
export function plasticcNumber(id: string): number {
  const number = /^\d{1,16}$/.test(id) ? Number(id) : NaN;
  return Number.isSafeInteger(number) ? number : NaN;
}

/** The rows of a metadata file, found by the identifier of the object. */
export class PlasticcMetadata {
  /** One array per column, one entry per row; NaN where there is no number. */
  readonly columns: Readonly<Record<string, Float64Array>>;
  readonly #ids: Float64Array;
  readonly #rows: Uint32Array | undefined;

  private constructor(ids: Float64Array, columns: Record<string, Float64Array>, where: string) {
    let ascending = true;
    for (let r = 1; r < ids.length && ascending; r++) ascending = ids[r] > ids[r - 1];
    if (ascending) this.#ids = ids;
    else {
      this.#rows = Uint32Array.from(ids, (_, r) => r).sort((a, b) => ids[a] - ids[b]);
      this.#ids = Float64Array.from(this.#rows, (r) => ids[r]);
      const twice = this.#ids.findIndex((id, k) => k > 0 && id === this.#ids[k - 1]);
      demand(
        twice < 0,
        () => ({ expected: "one row per object", found: `two of ${this.#ids[twice]}`, where }),
      );
    }
    this.columns = columns;
  }

  /** Number of objects. */
  get length(): number {
    return this.#ids.length;
  }

  /** Returns the row of an object, -1 when it has none. */
  row(id: string): number {
    const wanted = plasticcNumber(id), ids = this.#ids;
    let low = 0, high = ids.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1, found = ids[middle];
      if (found === wanted) return this.#rows?.[middle] ?? middle;
      if (found < wanted) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /**
   * Reads a metadata file, packed by gzip or not. Empty fields, and -9 in the columns {@link MINUS_NINE_IS_MISSING}, become NaN.
   * @throws EphemeraError for a missing column, a row of another length, an identifier that is no whole number or comes twice,
   * a field that is no number, too many rows.
   */
  static async read(
    source: ByteSource,
    options: ReadPlasticcMetadataOptions = {},
  ): Promise<PlasticcMetadata> {
    const { maximumRows = 10_000_000 } = options, where = sourceName(source, options.where);
    let header: string[] | undefined, wanted: number[] = [], missing: boolean[] = [];
    let columns: Float64Array[] = [], rows = 0, idColumn = 0;
    for await (const { bytes, line } of lineBlocks(source, { where })) {
      const scan = new FieldScanner(bytes, ",", where);
      scan.line = line;
      while (!scan.done) {
        if (scan.blank) {
          scan.nextLine();
          continue;
        }
        if (header === undefined) {
          header = readNames(scan, where, ["object_id", ...options.columns ?? []]);
          idColumn = header.indexOf("object_id");
          wanted = header.map((name) =>
            options.columns === undefined || options.columns.includes(name) ? 0 : -1
          );
          wanted[idColumn] = 0;
          wanted = ((next) => wanted.map((kept) => kept < 0 ? kept : next++))(0);
          missing = header.map((name) => (MINUS_NINE_IS_MISSING as readonly string[]).includes(name));
          columns = wanted.filter((kept) => kept >= 0).map(() => new Float64Array(1024));
          continue;
        }
        demand(rows < maximumRows, () => ({
          expected: `at most ${maximumRows} objects`,
          found: "more",
          where,
          remedy: "raise maximumRows if there are so many",
        }));
        if (rows === columns[0].length) columns = columns.map(doubled);
        const place = scan.line;
        let field = 0;
        for (;; field++) {
          const kept = field < header.length ? wanted[field] : -1;
          if (kept < 0) scan.skip();
          else {
            const number = scan.number();
            if (
              Number.isNaN(number) || (field === idColumn && Number.isNaN(plasticcNumber(String(number))))
            ) {
              const text = scan.last().trim();
              demand(field !== idColumn && /^(nan)?$/i.test(text), () => ({
                expected: field === idColumn
                  ? "a whole number as identifier"
                  : `a number in column "${header![field]}"`,
                found: `"${text}"`,
                where: `${where}, line ${place}`,
                remedy: "correct the row or take it out",
              }));
            }
            columns[kept][rows] = missing[field] && number === -9 ? NaN : number;
          }
          if (scan.lineEnds) break;
          scan.nextField();
        }
        scan.nextLine();
        demand(field + 1 === header.length, () => ({
          expected: `${header!.length} fields`,
          found: String(field + 1),
          where: `${where}, line ${place}`,
          remedy: "complete the row or take it out",
        }));
        rows++;
      }
    }
    demand(header !== undefined, { expected: "a header with object_id", found: "an empty file", where });
    const named = header.flatMap((name, k) =>
      wanted[k] < 0 || k === idColumn ? [] : [[name, columns[wanted[k]].slice(0, rows)] as const]
    );
    return new PlasticcMetadata(columns[wanted[idColumn]].slice(0, rows), Object.fromEntries(named), where);
  }
}

function doubled(column: Float64Array): Float64Array {
  const bigger = new Float64Array(2 * column.length);
  bigger.set(column);
  return bigger;
}

/** Reads the header line. */
export function readNames(scan: FieldScanner, where: string, required: readonly string[]): string[] {
  const names: string[] = [];
  for (;;) {
    names.push(scan.text().trim());
    if (scan.lineEnds) break;
    scan.nextField();
  }
  scan.nextLine();
  const twice = names.find((name, k) => names.indexOf(name) !== k);
  demand(
    twice === undefined,
    () => ({ expected: "each column name once", found: `"${twice}" twice`, where }),
  );
  for (const name of required) {
    demand(names.includes(name), () => ({
      expected: `a column "${name}"`,
      found: `the columns ${names.slice(0, 50).join(", ").slice(0, 500)}`,
      where,
      remedy: "check that this is a file of PLAsTiCC",
    }));
  }
  return names;
}

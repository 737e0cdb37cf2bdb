/** Small tables as delimited text: one row an object, columns of numbers or texts. */
import { demand } from "../core/mod.ts";
import type { Column, Table } from "../observations/mod.ts";
import { type ByteSource, readBytes, type ReadBytesOptions, sourceName, writeBytes } from "./bytes.ts";
import { FieldScanner } from "./field_scanner.ts";

/** Options of {@link readTable}. */
export interface ReadTableOptions extends ReadBytesOptions {
  /** Character between fields. Default comma. */
  delimiter?: string;
  /** Columns to keep as text even when all their fields are numbers: identifiers, codes. */
  text?: readonly string[];
  /** Columns that must be there. */
  required?: readonly string[];
}

/**
 * Reads a table with a header, packed by gzip or not. A column becomes numbers (missing ones NaN) when every field of it
 * is a number or empty and at least one is a number; otherwise it stays text (missing ones empty).
 * @throws EphemeraError for a missing required column, a name that occurs twice, or a row of the wrong length.
 *
 * @example
 * ```ts
 * import { readTable } from "ephemera/formats";
 * import assert from "node:assert/strict";
 * const text = 'id,class,period\n007,"RR Lyrae, ab",0.55\n008,EA,\n';
 * const table = await readTable(new TextEncoder().encode(text), { text: ["id"] });
 * assert.deepEqual(table.id, ["007", "008"]);
 * assert.deepEqual(table.period, Float64Array.of(0.55, NaN));
 * ```
 */
export async function readTable(source: ByteSource, options: ReadTableOptions = {}): Promise<Table> {
  const { delimiter = ",", text = [], required = [] } = options, where = sourceName(source, options.where);
  const scan = new FieldScanner(await readBytes(source, options), delimiter, where);
  const rows: string[][] = [];
  let header: string[] = [];
  for (let first = true; !scan.done; first = false) {
    if (scan.blank) {
      scan.nextLine();
      continue;
    }
    const fields: string[] = [], line = scan.line;
    for (;;) {
      fields.push(scan.text());
      if (scan.lineEnds) break;
      scan.nextField();
    }
    scan.nextLine();
    if (first) {
      header = fields.map((name) => name.trim());
      continue;
    }
    demand(fields.length === header.length, () => ({
      expected: `${header.length} fields`,
      found: `${fields.length}`,
      where: `${where}, line ${line}`,
      remedy: "complete the row or take it out",
    }));
    rows.push(fields);
  }
  const twice = header.find((name, k) => header.indexOf(name) !== k);
  demand(
    twice === undefined,
    () => ({ expected: "each column name once", found: `"${twice}" twice`, where }),
  );
  for (const name of [...required, ...text]) {
    demand(header.includes(name), () => ({
      expected: `a column "${name}"`,
      found: `the columns ${header.join(", ") || "(none)"}`,
      where,
    }));
  }
  return Object.fromEntries(header.map((name, k): [string, Column] => {
    const fields = rows.map((row) => row[k]);
    if (text.includes(name)) return [name, fields];
    const numbers = Float64Array.from(fields, (field) => (field.trim() === "" ? NaN : Number(field)));
    const isNumber = fields.some((field) => field.trim() !== "") &&
      fields.every((field, i) => !Number.isNaN(numbers[i]) || /^(\s*|nan)$/i.test(field));
    return [name, isNumber ? numbers : fields];
  }));
}

/** Returns a field quoted where it must be. */
export function quoteField(field: string, delimiter = ","): string {
  return /["\r\n]/.test(field) || field.includes(delimiter) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** Returns a table as text with a header; NaN becomes an empty field, numbers keep all their digits. */
export function formatTable(table: Table, delimiter = ","): string {
  const names = Object.keys(table), columns = Object.values(table);
  const lines = [names.map((name) => quoteField(name, delimiter)).join(delimiter)];
  for (let i = 0; i < (columns[0]?.length ?? 0); i++) {
    lines.push(
      columns.map((column) => {
        const field = column[i];
        return typeof field === "string"
          ? quoteField(field, delimiter)
          : Number.isNaN(field)
          ? ""
          : String(field);
      }).join(delimiter),
    );
  }
  return lines.join("\n") + "\n";
}

/** Writes a table to a path, packed by gzip when the path ends in `.gz`. */
export async function writeTable(path: string | URL, table: Table): Promise<void> {
  await writeBytes(path, new TextEncoder().encode(formatTable(table)));
}

import { demand } from "../core/mod.ts";
import { decimalsFor, escapeHtml, formatNumber, isMissing, MISSING } from "./format.ts";
import type { MimeBundle } from "./kernel.ts";

/** One row, by column name. */
export type TableRecord = Record<string, unknown>;

/** A data frame as danfojs and its like hand it out. */
export interface FrameLike {
  /** Column names. */
  columns: readonly string[];
  /** Rows of values in the order of the columns. */
  values: readonly (readonly unknown[])[];
}

/** How one column looks. */
export interface ColumnOptions {
  /** Which column of the data. */
  key: string;
  /** Heading. Default: the key. */
  label?: string;
  /** Decimals of its numbers. Default: see {@link decimalsFor}. */
  digits?: number;
  /** Default: numbers right, text left. */
  align?: "left" | "right" | "center";
}

/** Options of {@link table}. */
export interface TableOptions {
  /** Which columns, in which order. Default: all, in the order in which they first appear. */
  columns?: readonly (string | ColumnOptions)[];
  /** What the table is; read out first by a screen reader. */
  caption?: string;
  /** Small print below it. */
  note?: string;
  /** Decimals of numbers: of all columns, or by column. */
  digits?: number | Record<string, number>;
  /** Alignment by column. */
  align?: Record<string, "left" | "right" | "center">;
  /** Cells to set in bold (with an asterisk in plain text): the best of a column, for instance. */
  highlight?: (value: unknown, key: string, row: number) => boolean;
}

interface Column {
  key: string;
  label: string;
  digits?: number;
  align: "left" | "right" | "center";
}

/** A table that shows itself in Jupyter as HTML and everywhere else as aligned text. */
export class Table {
  readonly #cells: string[][];
  readonly #bold: boolean[][];

  /** Use {@link table}. `columns` must be complete. */
  constructor(
    private readonly columns: readonly Column[],
    records: readonly TableRecord[],
    private readonly options: TableOptions,
  ) {
    this.#cells = records.map((record) =>
      columns.map((column) => formatCell(record[column.key], column.digits))
    );
    this.#bold = records.map((record, row) =>
      columns.map((column) => options.highlight?.(record[column.key], column.key, row) ?? false)
    );
  }

  /** Returns the table as one HTML element without scripts; all of its text is escaped. */
  toHtml(): string {
    const { caption, note } = this.options;
    const style = (column: Column) => ` style="text-align:${column.align}"`;
    const head = this.columns.map((c) => `<th scope="col"${style(c)}>${escapeHtml(c.label)}</th>`).join("");
    const rows = this.#cells.map((cells, row) => {
      const inner = cells.map((cell, i) => {
        const text = this.#bold[row][i] ? `<strong>${escapeHtml(cell)}</strong>` : escapeHtml(cell);
        return i === 0 && this.columns[i].align === "left"
          ? `<th scope="row"${style(this.columns[i])}>${text}</th>`
          : `<td${style(this.columns[i])}>${text}</td>`;
      });
      return `<tr>${inner.join("")}</tr>`;
    });
    return "<table>" + (caption ? `<caption>${escapeHtml(caption)}</caption>` : "") +
      `<thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table>` +
      (note ? `<p><small>${escapeHtml(note)}</small></p>` : "");
  }

  /** Returns the table as lines of text, columns aligned. */
  toText(): string {
    const body = this.#cells.map((cells, row) =>
      cells.map((cell, i) => this.#bold[row][i] ? `${cell} *` : cell)
    );
    const all = [this.columns.map((column) => column.label), ...body];
    const widths = this.columns.map((_, i) => Math.max(...all.map((cells) => [...cells[i]].length)));
    const lines = all.map((cells) =>
      cells.map((cell, i) => pad(cell, widths[i], this.columns[i].align)).join("  ").trimEnd()
    );
    lines.splice(1, 0, widths.map((width) => "─".repeat(width)).join("  "));
    return [this.options.caption, ...lines, this.options.note].filter((line) => line !== undefined).join(
      "\n",
    );
  }

  /** What Jupyter asks for. */
  [Symbol.for("Jupyter.display")](): MimeBundle {
    return { "text/html": this.toHtml(), "text/plain": this.toText() };
  }
}

/**
 * Returns a table of records, of rows under a list of columns, or of a data frame: compact accessible HTML in a
 * notebook, aligned text elsewhere. Numbers of a column share their decimals; what is missing is a dash.
 *
 * @example
 * ```ts
 * import { table } from "ephemera/notebook";
 * import assert from "node:assert/strict";
 * const drawn = table([{ class: "RRAB", F1: 0.91234 }, { class: "Mira", F1: NaN }], { digits: 2, caption: "By class" });
 * assert.equal(drawn.toText(), "By class\nclass    F1\n─────  ────\nRRAB   0.91\nMira      —");
 * ```
 */
export function table(
  data: readonly TableRecord[] | readonly (readonly unknown[])[] | FrameLike,
  options: TableOptions = {},
): Table {
  const records = toRecords(data, options);
  const wanted: readonly (string | ColumnOptions)[] = options.columns ??
    [...new Set(records.flatMap((record) => Object.keys(record)))];
  const known = new Set(records.flatMap((record) => Object.keys(record)));
  const columns = wanted.map((column): Column => {
    const given: ColumnOptions = typeof column === "string" ? { key: column } : column;
    demand(records.length === 0 || known.has(given.key), {
      expected: `a column of the data (${[...known].join(", ")})`,
      found: `"${given.key}"`,
      where: "table, columns",
    });
    const values = records.map((record) => record[given.key]).filter((value) => !isMissing(value));
    const numeric = values.length > 0 && values.every((value) => typeof value === "number");
    const chosen = typeof options.digits === "number" ? undefined : options.digits?.[given.key];
    const integers = values.every((value) => Number.isInteger(value));
    const shared = typeof options.digits === "number" && !integers ? options.digits : undefined;
    return {
      key: given.key,
      label: given.label ?? given.key,
      digits: given.digits ?? chosen ?? shared ?? (numeric ? decimalsFor(values as number[]) : undefined),
      align: given.align ?? options.align?.[given.key] ?? (numeric ? "right" : "left"),
    };
  });
  return new Table(columns, records, options);
}

function toRecords(
  data: readonly TableRecord[] | readonly (readonly unknown[])[] | FrameLike,
  options: TableOptions,
): TableRecord[] {
  if (!Array.isArray(data)) {
    const frame = data as FrameLike;
    demand(Array.isArray(frame?.columns) && Array.isArray(frame?.values), {
      expected: "records, rows, or a frame with columns and values",
      found: Deno.inspect(data, { depth: 0 }),
      where: "table",
    });
    return frame.values.map((row) => Object.fromEntries(frame.columns.map((name, i) => [name, row[i]])));
  }
  if (!data.some(Array.isArray)) return data as TableRecord[];
  demand(options.columns !== undefined, {
    expected: "column names for rows that are arrays",
    found: "none",
    where: "table",
    remedy: "give columns",
  });
  const keys = options.columns.map((column) => typeof column === "string" ? column : column.key);
  return (data as unknown[][]).map((row) => Object.fromEntries(keys.map((key, i) => [key, row[i]])));
}

function formatCell(value: unknown, digits: number | undefined): string {
  if (isMissing(value)) return MISSING;
  if (typeof value === "number") return formatNumber(value, digits);
  if (typeof value === "boolean") return value ? "yes" : "no";
  return String(value);
}

function pad(text: string, width: number, align: Column["align"]): string {
  const space = width - [...text].length;
  const left = align === "right" ? space : align === "center" ? Math.floor(space / 2) : 0;
  return " ".repeat(left) + text + " ".repeat(space - left);
}

/** Flat tables in Parquet: columns of numbers or texts. */
import { type ColumnSource, ParquetWriter } from "hyparquet-writer";
import { demand } from "../../core/mod.ts";
import type { Column, Table } from "../../observations/mod.ts";
import type { RandomAccessSource } from "./bytes_at.ts";
import { ParquetColumns, type ReadParquetBytesOptions } from "./columns.ts";
import { joined } from "./assemble.ts";
import type { DecodedColumn } from "./pages.ts";
import { FileSink } from "./sink.ts";

/** Options of {@link readParquetTable}. */
export interface ReadParquetTableOptions extends ReadParquetBytesOptions {
  /** Columns to read. Default all, which must be without lists. */
  columns?: readonly string[];
  /** Columns of numbers to read as texts: identifiers of more than 53 bits, codes. */
  text?: readonly string[];
}

/**
 * Reads a table; nulls become NaN or the empty text.
 * @throws EphemeraError for a missing column, a column of lists, damage, or more bytes than `maximumBytes`.
 *
 * @example
 * ```ts
 * import { readParquetTable, writeParquetTable } from "ephemera/formats";
 * import assert from "node:assert/strict";
 * const path = await Deno.makeTempFile({ suffix: ".parquet" });
 * await writeParquetTable(path, { id: ["a", "b"], redshift: Float64Array.of(0.1, NaN) });
 * assert.deepEqual(await readParquetTable(path, { columns: ["redshift"] }), { redshift: Float64Array.of(0.1, NaN) });
 * await Deno.remove(path);
 * ```
 */
export async function readParquetTable(
  source: RandomAccessSource,
  options: ReadParquetTableOptions = {},
): Promise<Table> {
  using file = await ParquetColumns.open(source, options);
  const { text = [] } = options,
    leaves = options.columns?.map((name) => file.demand(name)) ?? file.footer.leaves;
  for (const name of text) file.demand(name);
  for (const { list, path } of leaves) {
    demand(!list, () => ({
      expected: "one entry per row",
      found: `lists in column "${path}"`,
      where: file.where,
      remedy: "read light curves with readParquetLightCurves, or name the columns that are wanted",
    }));
  }
  const wanted = leaves.map((leaf) => ({
    leaf,
    as: text.includes(leaf.name) || text.includes(leaf.path) ? "text" as const : "number" as const,
  }));
  const budget = file.budget();
  let all = wanted.map(({ leaf, as }): DecodedColumn =>
    as === "text" || leaf.element.type === "BYTE_ARRAY" ? { texts: [] } : { numbers: new Float64Array(0) }
  );
  for (let g = 0; g < file.footer.groups.length; g++) all = joined(all, await file.group(g, wanted, budget));
  return Object.fromEntries(
    wanted.map(({ leaf }, k): [string, Column] => [leaf.name, all[k].texts ?? all[k].numbers!]),
  );
}

/** Writes a table: numbers as 64-bit ones, texts as they are. The file appears when it is complete. */
export async function writeParquetTable(path: string | URL, table: Table): Promise<void> {
  const part = `${path instanceof URL ? decodeURIComponent(path.pathname) : path}.part`;
  const file = await Deno.open(part, { write: true, create: true, truncate: true });
  try {
    const writer = new ParquetWriter({
      writer: new FileSink(file),
      schema: [
        { name: "schema", num_children: Object.keys(table).length },
        ...Object.entries(table).map(([name, column]) => ({
          name,
          repetition_type: "REQUIRED" as const,
          ...(column instanceof Float64Array
            ? { type: "DOUBLE" as const }
            : { type: "BYTE_ARRAY" as const, converted_type: "UTF8" as const }),
        })),
      ],
      createdBy: "ephemera",
    });
    await writer.write({
      columnData: Object.entries(table).map(([name, column]): ColumnSource => ({
        name,
        data: Array.from<number | string>(column),
        offsetIndex: false,
        ...(column instanceof Float64Array ? { encoding: "PLAIN" as const } : {}),
      })),
      rowGroupSize: 100_000,
    });
    await writer.finish();
  } catch (error) {
    file.close();
    await Deno.remove(part);
    throw error;
  }
  file.close();
  await Deno.rename(part, path);
}

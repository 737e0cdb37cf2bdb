/** How light curves lie in a Parquet file: the columns, their names, and what the file says about itself. */
import type { SchemaElement } from "hyparquet";
import { demand } from "../../core/mod.ts";
import type { LightCurveSet, Quantity } from "../../observations/mod.ts";

/** Key of the note that a file written here carries, so that reading needs no options. */
export const NOTE_KEY = "ephemera.light_curves";

/** Names of the columns of a Parquet file of light curves. */
export interface ParquetColumnNames {
  /** Identifier of the object. Default `"id"`. */
  id?: string;
  /** Time in days. Default `"mjd"`. */
  time?: string;
  /** Magnitude or flux. Default `"mag"` or `"flux"`. */
  value?: string;
  /** One-sigma error. Default the name of the value with `"err"`. */
  error?: string;
  /** Name or number of the band. Default `"band"`. */
  band?: string;
  /** Bits of `Flag`. Default `"flags"`. */
  flags?: string;
  /** Name of the class, null where unknown. Default `"class"`. */
  label?: string;
}

/** Options of writing light curves to Parquet. */
export interface WriteParquetOptions {
  /**
   * One row an object with the observations as lists (default), or one row an observation with the object's columns
   * repeated; the latter cannot hold objects without observations.
   */
  layout?: "lists" | "rows";
  /** Put the lists into one struct column of this name, as nested-pandas packs them. Default: columns side by side. */
  nested?: string;
  /** Names of the columns. */
  columns?: ParquetColumnNames;
  /** Bands by name (default) or by their index in the set's `bands`. */
  bandsAs?: "names" | "numbers";
  /** Values and errors as 64-bit numbers (default, exact) or 32-bit ones, half the size with seven digits. */
  precision?: "double" | "single";
  /** Compression of the pages. Default `"snappy"`. */
  compression?: "snappy" | "none";
  /** Most objects of a row group, which is what is held in memory. Default 10,000. */
  groupObjects?: number;
  /** Observations after which a row group is closed. Default 400,000. */
  groupObservations?: number;
}

/** What a file written here says about itself. */
export interface ParquetNote {
  version: 1;
  layout: "lists" | "rows";
  quantity: Quantity;
  zeroPoint?: number;
  timeScale: string;
  bands: string[];
  bandsAs: "names" | "numbers";
  classNames: string[];
  columns: ParquetColumnNames;
  /** Names of the columns of one number per observation. */
  extra: string[];
  /** Names of the columns of one entry per object. */
  metadata: string[];
}

/** One column: where its entries come from, and how they are typed. */
export interface ParquetColumn {
  name: string;
  role: keyof ParquetColumnNames | "extra" | "metadata";
  /** One entry per observation, or one per object. */
  each: "observation" | "object";
  type: "text" | "double" | "single" | "byte";
  optional?: boolean;
}

/** Returns the columns that a set needs, the object's first. */
export function columnsOf(set: LightCurveSet, options: WriteParquetOptions): ParquetColumn[] {
  const { columns: names = {}, bandsAs = "names", precision = "double" } = options;
  const value = names.value ?? (set.quantity === "flux" ? "flux" : "mag");
  const columns: ParquetColumn[] = [
    { name: names.id ?? "id", role: "id", each: "object", type: "text" },
  ];
  if (set.labels) {
    columns.push({
      name: names.label ?? "class",
      role: "label",
      each: "object",
      type: "text",
      optional: true,
    });
  }
  for (const [name, column] of Object.entries(set.metadata)) {
    const type = column instanceof Float64Array ? "double" : "text";
    columns.push({ name, role: "metadata", each: "object", type });
  }
  columns.push({ name: names.time ?? "mjd", role: "time", each: "observation", type: "double" });
  if (set.band) {
    const type = bandsAs === "names" ? "text" : "byte";
    columns.push({ name: names.band ?? "band", role: "band", each: "observation", type });
  }
  columns.push({ name: value, role: "value", each: "observation", type: precision });
  if (set.error) {
    columns.push({ name: names.error ?? `${value}err`, role: "error", each: "observation", type: precision });
  }
  if (set.flags) {
    columns.push({ name: names.flags ?? "flags", role: "flags", each: "observation", type: "byte" });
  }
  for (const name of Object.keys(set.extra)) {
    columns.push({ name, role: "extra", each: "observation", type: "double" });
  }
  const twice = columns.find(({ name }, k) => columns.findIndex((other) => other.name === name) !== k);
  demand(twice === undefined, () => ({
    expected: "each column name once",
    found: `"${twice!.name}" twice`,
    where: "Parquet columns",
    remedy: "rename the metadata or extra column, or name the others in the option columns",
  }));
  return columns;
}

/** Returns the note on a set written with `columns`. */
export function noteOf(
  set: LightCurveSet,
  columns: readonly ParquetColumn[],
  options: WriteParquetOptions,
): ParquetNote {
  const names: Record<string, string> = {};
  for (const { role, name } of columns) if (role !== "extra" && role !== "metadata") names[role] = name;
  return {
    version: 1,
    layout: options.layout ?? "lists",
    quantity: set.quantity,
    zeroPoint: set.zeroPoint,
    timeScale: set.timeScale,
    bands: [...set.bands],
    bandsAs: options.bandsAs ?? "names",
    classNames: [...set.classNames],
    columns: names,
    extra: columns.filter(({ role }) => role === "extra").map(({ name }) => name),
    metadata: columns.filter(({ role }) => role === "metadata").map(({ name }) => name),
  };
}

const TYPES = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  double: { type: "DOUBLE" },
  single: { type: "FLOAT" },
  byte: { type: "INT32", converted_type: "UINT_8" },
} as const;

/** Returns the schema of the columns: lists as the three levels that the format's logical type LIST asks for. */
export function schemaOf(columns: readonly ParquetColumn[], options: WriteParquetOptions): SchemaElement[] {
  const { layout = "lists", nested } = options;
  const leaf = ({ name, type, optional }: ParquetColumn): SchemaElement => ({
    name,
    ...TYPES[type],
    repetition_type: optional ? "OPTIONAL" : "REQUIRED",
  });
  const list = (column: ParquetColumn): SchemaElement[] => [
    {
      name: column.name,
      repetition_type: "REQUIRED",
      num_children: 1,
      converted_type: "LIST",
      logical_type: { type: "LIST" },
    },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { ...leaf(column), name: "element" },
  ];
  if (layout === "rows") return [{ name: "schema", num_children: columns.length }, ...columns.map(leaf)];
  const objects = columns.filter(({ each }) => each === "object");
  const lists = columns.filter(({ each }) => each === "observation");
  const struct: SchemaElement[] = nested === undefined
    ? []
    : [{ name: nested, repetition_type: "REQUIRED", num_children: lists.length }];
  const top = objects.length + (nested === undefined ? lists.length : 1);
  return [{ name: "schema", num_children: top }, ...objects.map(leaf), ...struct, ...lists.flatMap(list)];
}

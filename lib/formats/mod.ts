/** File formats, in and out, one file each. @module */
export * from "./bytes.ts";
export * from "./csv_light_curves.ts";
export * from "./csv_table.ts";
export * from "./csv_write.ts";
export * from "./fits/mod.ts";
export * from "./parquet/mod.ts";

/** Parquet, in and out: light curves as lists or as rows, and tables. @module */
export { type ParquetColumnNames, type WriteParquetOptions } from "./layout.ts";
export * from "./writer.ts";

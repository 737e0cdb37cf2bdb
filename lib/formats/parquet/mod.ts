/** Parquet, in and out: light curves as lists or as rows, and tables. @module */
export { type RandomAccessSource } from "./bytes_at.ts";
export { type ReadParquetBytesOptions } from "./columns.ts";
export { type ParquetColumnNames, type WriteParquetOptions } from "./layout.ts";
export * from "./reader.ts";
export * from "./table.ts";
export * from "./writer.ts";

/** FITS files: headers, images and binary tables, in and out. @module */
export type { FitsPixels, NumberArray } from "./big_endian.ts";
export type { FitsCard, FitsValue } from "./card.ts";
export type { FitsColumn, FitsForm } from "./columns.ts";
export { findHdu, type FitsHdu, type FitsKind, parseFits, readFits } from "./hdu.ts";
export * from "./header.ts";
export * from "./image.ts";
export * from "./table.ts";
export * from "./write.ts";
export type { FitsBitColumn, FitsColumnData, FitsListColumn, FitsPlainColumn } from "./write_columns.ts";

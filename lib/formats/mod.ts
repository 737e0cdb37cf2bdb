/** File formats, in and out, one file each. @module */
export * from "./avro.ts";
export * from "./avro_alerts.ts";
export * from "./bytes.ts";
export * from "./csv_light_curves.ts";
export * from "./csv_table.ts";
export * from "./csv_write.ts";
export * from "./fits/mod.ts";
export * from "./json_lines.ts";
export * from "./parquet/mod.ts";
export * from "./sdss_spectrum.ts";
export * from "./snana_fits.ts";
export * from "./snana_fits_write.ts";
export * from "./snana_text.ts";
export * from "./snana_text_write.ts";
export * from "./plasticc_csv.ts";
export * from "./plasticc_csv_write.ts";
export { PlasticcMetadata, type ReadPlasticcMetadataOptions } from "./plasticc_metadata.ts";

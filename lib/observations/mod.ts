/** Observations as columns: light curves and spectra, their tables, splits and batches. @module */
export * from "./batch.ts";
export * from "./concatenate.ts";
export * from "./label.ts";
export * from "./light_curve_set.ts";
export * from "./map_curves.ts";
export * from "./spectrum_continuum.ts";
export * from "./spectrum_grid.ts";
export * from "./spectrum_scale.ts";
export * from "./spectrum_set.ts";
export * from "./spectrum_shift.ts";
export * from "./split.ts";
export * from "./stamp_set.ts";
export * from "./table.ts";

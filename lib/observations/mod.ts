/** Observations as columns: light curves, their tables, splits and batches. @module */
export * from "./light_curve_set.ts";
export * from "./table.ts";

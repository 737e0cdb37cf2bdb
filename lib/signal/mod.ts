/** Folding, smoothing and period finding on irregularly sampled curves. @module */
export * from "./curve.ts";
export * from "./false_alarm.ts";
export * from "./folding.ts";
export * from "./frequency_grid.ts";
export * from "./gaussian_process/mod.ts";
export * from "./lomb_scargle.ts";
export * from "./multiband_periodogram.ts";
export * from "./peaks.ts";
export * from "./phase_dispersion.ts";
export * from "./supersmoother.ts";

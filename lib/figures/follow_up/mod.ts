/** Figures of the follow-up chapter: gains with their bands, spectra with their reconstructions, a night's list. @module */
export * from "./band_curves.ts";
export * from "./night_chart.ts";
export * from "./spectrum_grid.ts";

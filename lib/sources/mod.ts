/** What shines and changes: light-curve models with physical parameters, and the populations they are drawn from. @module */
export * from "./periodic/mod.ts";
export * from "./unclassified/mod.ts";
export * from "./periodic/multiband/mod.ts";
export * from "./population.ts";
export * from "./sky_kinds.ts";
export * from "./sky_source.ts";
export * from "./spectra/mod.ts";
export * from "./transients/mod.ts";
export * from "./lensing/mod.ts";
export * from "./steady/mod.ts";
export * from "./stochastic/mod.ts";

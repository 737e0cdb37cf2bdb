/** Classical learning on tables of numbers: mixtures, forests, neighbours, transforms, cross-validation and metrics. @module */
export * from "./embedding/mod.ts";
export * from "./estimator.ts";
export * from "./forest/mod.ts";
export * from "./kmeans.ts";
export * from "./labels.ts";
export * from "./logarithmic_pool.ts";
export * from "./metrics/mod.ts";
export * from "./mixture/mod.ts";
export * from "./neighbours/mod.ts";
export * from "./probes/mod.ts";
export * from "./selection/mod.ts";
export * from "./splitting/mod.ts";
export * from "./transforms/mod.ts";
export * from "./summarise.ts";

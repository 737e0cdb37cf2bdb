/**
 * Light curves to numbers: one file a feature or close family, each with its formula and its needs. @module
 */
export * from "./band_pair.ts";
export { CurveWork, type FeatureSettings, type Moments } from "./curve_work.ts";
export * from "./feature.ts";
export * from "./object_feature.ts";
export * from "./plasticc_aggregates.ts";
export * from "./registry.ts";
export * from "./supernova/detection_features.ts";
export * from "./supernova/flux_correction.ts";
export * from "./supernova/parametric_fit.ts";
export * from "./supernova/parametric_model.ts";
export { extractFeatures, type ExtractOptions, type FeatureTable } from "./extract.ts";
export type { FeatureFailure } from "./extract_chunk.ts";
export * from "./object_registry.ts";
export type { FourierComponents, PeriodSearch } from "./period_search.ts";

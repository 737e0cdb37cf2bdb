/** Light curves to numbers: one file a feature or close family, each with its formula and its needs. @module */
export * from "./band_pair.ts";
export { CurveWork, type FeatureSettings } from "./curve_work.ts";
export * from "./feature.ts";
export * from "./registry.ts";

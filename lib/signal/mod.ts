/** Folding, smoothing and period finding on irregularly sampled curves. @module */
export * from "./curve.ts";
export * from "./folding.ts";
export * from "./supersmoother.ts";

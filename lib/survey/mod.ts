/** How the sky is seen: surveys as data, cadence, errors, catalogues, and simulated sets of light curves. @module */
export * from "./cadence.ts";
export * from "./catalogue.ts";
export * from "./error_model.ts";
export * from "./multiband/mod.ts";
export * from "./recipe.ts";
export * from "./simulate.ts";
export * from "./simulated_sky/mod.ts";
export * from "./survey.ts";

/** The astronomer's constants and conversions: sky positions, darkness, magnitudes, distances, dust. @module */
export * from "./cosmology.ts";
export * from "./dust.ts";
export * from "./ephemerides.ts";
export * from "./galactic.ts";
export * from "./horizon.ts";
export * from "./magnitudes.ts";
export * from "./passband.ts";
export * from "./passband_description.ts";
export * from "./passband_shape.ts";
export * from "./passbands.ts";
export * from "./synthetic_photometry.ts";

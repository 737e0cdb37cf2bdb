/** Figures of simulated skies: galleries, cadences, and comparisons with real challenges. @module */
export * from "./cadence.ts";
export * from "./comparisons.ts";
export * from "./gallery.ts";
export * from "./source_curves.ts";

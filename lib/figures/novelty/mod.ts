/** Figures of chapter 06. @module */
export * from "./architecture.ts";
export * from "./sequence_grids.ts";

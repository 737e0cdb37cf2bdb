/** Nearest neighbours: search, classification and novelty. @module */
export * from "./classifier.ts";
export * from "./novelty.ts";
export * from "./search.ts";

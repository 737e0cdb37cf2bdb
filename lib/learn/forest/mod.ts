/** Forests of trees: random, hierarchical, isolating. @module */
export type { Sampling } from "./grow_chunk.ts";
export type { Tree } from "./grow_tree.ts";
export * from "./hierarchical_forest.ts";
export * from "./isolation_forest.ts";
export * from "./random_forest.ts";

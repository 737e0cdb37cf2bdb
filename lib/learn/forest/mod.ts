/** Forests of trees: random, hierarchical, isolating. @module */
export type { Sampling } from "./grow_chunk.ts";
export type { Tree } from "./grow_tree.ts";
export * from "./random_forest.ts";

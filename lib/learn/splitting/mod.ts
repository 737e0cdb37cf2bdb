/** Cross-validation folds, train and test splits, and class balancing. @module */
export * from "./balance.ts";
export * from "./split.ts";

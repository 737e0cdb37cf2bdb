/** Chapter 06: novelty detection on light curves of periodic variables (paper 004, Tsang & Schultz 2019). @module */
export * from "./auxiliaries.ts";
export * from "./baselines.ts";
export * from "./catalina.ts";
export * from "./configuration.ts";
export * from "./detector.ts";
export * from "./evaluation.ts";
export * from "./forest.ts";
export * from "./losses.ts";
export * from "./network.ts";
export * from "./problem.ts";
export * from "./scores.ts";
export * from "./selection.ts";
export * from "./sequences.ts";
export * from "./simple_features.ts";
export * from "./study_tables.ts";
export * from "./training.ts";

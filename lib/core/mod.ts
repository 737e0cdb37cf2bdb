/** Errors, seeded random numbers, progress, parallel work: what every other folder builds on. @module */
export * from "./error.ts";
export * from "./parallel.ts";
export * from "./parallel_stream.ts";
export * from "./progress.ts";
export * from "./random.ts";

/** Errors, seeded random numbers, progress, parallel work: what every other folder builds on. @module */
export * from "./error.ts";

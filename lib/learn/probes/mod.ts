/** Simple classifiers that tell what a representation holds: linear, and a small network. @module */
export * from "./probes.ts";

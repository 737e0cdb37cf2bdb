/** Gravitational microlensing by one mass and by two. @module */
export * from "./binary_lens.ts";
export * from "./finite_source.ts";
export * from "./microlensing.ts";
export * from "./paczynski.ts";

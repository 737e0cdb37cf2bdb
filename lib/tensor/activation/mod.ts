/** Activations that tfjs lacks. @module */
export * from "./gelu.ts";

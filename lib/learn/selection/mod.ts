/** Choosing between models on objects that they have not seen. @module */
export * from "./cross_validation.ts";

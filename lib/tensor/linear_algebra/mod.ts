/** Batched, differentiable Cholesky factors, triangular solves and log-determinants. @module */
export * from "./cholesky.ts";

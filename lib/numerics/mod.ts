/** Matrices, linear algebra, special functions, transforms and minimisers in double precision. @module */
export * from "./cholesky.ts";
export * from "./eigen.ts";
export * from "./erf.ts";
export * from "./fft.ts";
export * from "./gamma.ts";
export * from "./interpolation.ts";
export * from "./lbfgs.ts";
export * from "./least_squares.ts";
export * from "./log_sum_exp.ts";
export * from "./matrix.ts";
export * from "./nelder_mead.ts";
export * from "./quantile.ts";
export * from "./scalar_minimum.ts";

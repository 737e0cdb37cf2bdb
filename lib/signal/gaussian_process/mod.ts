/** Gaussian processes on irregular light curves, in time and in time and wavelength. @module */
export * from "./gaussian_process.ts";
export * from "./kernels.ts";
export * from "./light_curve_surface.ts";
export * from "./marginal_likelihood.ts";

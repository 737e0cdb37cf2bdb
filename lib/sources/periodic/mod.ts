/** Periodic variables in eight superclasses, each with its physical parameters and a V magnitude at any time. @module */
export * from "./binary_population.ts";
export * from "./cepheid.ts";
export * from "./delta_scuti.ts";
export * from "./eclipse.ts";
export * from "./eclipsing_binary.ts";
export * from "./fourier.ts";
export * from "./long_period.ts";
export * from "./photometry.ts";
export * from "./quasi_periodic.ts";
export * from "./rotational.ts";
export * from "./rr_lyrae.ts";
export * from "./star.ts";
export * from "./type_two_cepheid.ts";

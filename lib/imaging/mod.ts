/** From light to pixels and back: cameras, point spread functions, galaxies, images with their noise, photometry. @module */
export * from "./camera.ts";
export type { PixelImage } from "./pixel_image.ts";
export * from "./aperture_photometry.ts";
export * from "./preprocessing.ts";
export * from "./star_fit.ts";
export * from "./exposure_image.ts";
export * from "./exposure_log.ts";
export * from "./exposure_stamps.ts";
export * from "./galaxy.ts";
export * from "./galaxy_population.ts";
export * from "./image.ts";
export * from "./point_spread.ts";
export * from "./point_spread_bank.ts";
export * from "./sersic.ts";
export type { Frame } from "./pixel_integral.ts";
export * from "./photometry.ts";
export * from "./difference_image.ts";
export type { KernelBasis } from "./kernel_basis.ts";

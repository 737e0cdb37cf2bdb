/** From light to pixels and back: cameras, point spread functions, galaxies, images with their noise, photometry. @module */
export * from "./camera.ts";
export type { PixelImage } from "./pixel_image.ts";
export * from "./aperture_photometry.ts";
export * from "./photometry.ts";
export * from "./preprocessing.ts";
export * from "./star_fit.ts";

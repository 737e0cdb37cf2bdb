/** Steady light: stars that do not vary, and what a survey's bands make of any spectrum that stays as it is. @module */
export * from "./band_flux.ts";
export * from "./star_light.ts";

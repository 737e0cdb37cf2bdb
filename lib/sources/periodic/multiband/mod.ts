/** Variable stars of the Milky Way in any set of passbands: colours, amplitudes by wavelength, distances, dust. @module */
export * from "./amplitude_ratios.ts";
export * from "./binary.ts";
export * from "./galactic_structure.ts";
export * from "./kinds.ts";
export * from "./pulsating.ts";
export * from "./spotted.ts";
export * from "./stellar_colours.ts";

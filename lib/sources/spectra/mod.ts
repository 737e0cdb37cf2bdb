/** Spectra of stars and quasars from a line list, and what a spectrograph makes of them. @module */
export * from "./broadening.ts";
export * from "./line_list.ts";
export * from "./line_strength.ts";
export * from "./photosphere.ts";
export * from "./quasar.ts";
export * from "./spectrograph.ts";
export * from "./star_spectra.ts";

/** How real a simulated sky looks: distributions beside those of real surveys, and forests that try to tell them apart. @module */
export * from "./catalogue_quantities.ts";
export * from "./challenge.ts";
export * from "./curve_quantities.ts";
export * from "./forests.ts";
export * from "./study_tables.ts";
export * from "./supernova_table.ts";
export * from "./two_samples.ts";

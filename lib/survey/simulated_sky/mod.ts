/** A simulated sky: rates, dust, hosts and redshifts, presets of challenges, and catalogues of light curves in streams. @module */
export * from "./catalogue_row.ts";
export * from "./dust_map.ts";
export * from "./host_galaxy.ts";
export * from "./known_presets.ts";
export * from "./photometric_redshift.ts";
export * from "./preset.ts";
export * from "./rates.ts";
export * from "./simulate_sky.ts";
export * from "./sky_maker.ts";

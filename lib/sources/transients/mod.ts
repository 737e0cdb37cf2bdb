/** Extragalactic transients as spectral energy distributions in time. @module */
export * from "./band_nodes.ts";
export * from "./photosphere.ts";
export * from "./spectral_series.ts";
export * from "./log_surface.ts";
export * from "./sn_ia.ts";

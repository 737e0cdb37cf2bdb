/** Extragalactic transients as spectral energy distributions in time. @module */
export * from "./band_nodes.ts";
export * from "./photosphere.ts";
export * from "./spectral_series.ts";
export * from "./log_surface.ts";
export * from "./sn_ia.ts";
export * from "./hydrogen_rich.ts";
export * from "./line_blanketing.ts";
export * from "./peaked_curve.ts";
export * from "./sn_ii.ts";
export * from "./sn_iil.ts";
export * from "./sn_iin.ts";
export * from "./sn_iip.ts";

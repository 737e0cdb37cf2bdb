/** Named real data sets, one file each: where they are, how they are read, their classes, licences and citations. @module */
export * from "./asas_variables.ts";
export * from "./catalina_sss_periodic.ts";
export * from "./data_set.ts";
export * from "./elasticc_sample.ts";
export * from "./eros_variable_stars.ts";
export * from "./gaia_dr3_variables.ts";
export * from "./hipparcos_ogle_variables.ts";
export * from "./macho.ts";
export * from "./plasticc.ts";
export * from "./registry.ts";
export * from "./sdss_s82_rrlyrae.ts";
export * from "./snpcc.ts";
export * from "./ztf_alert_stamps.ts";
export * from "./ztf_dr.ts";
export * from "./ztf_snia.ts";

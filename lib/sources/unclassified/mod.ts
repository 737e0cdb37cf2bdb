/** Variables of unspecified type: the kinds that a classifier of periodic stars is never shown. @module */
export * from "./irregular.ts";
export * from "./outburst.ts";
export * from "./periodic_oddities.ts";

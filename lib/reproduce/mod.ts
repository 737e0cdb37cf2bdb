/** Headless notebooks: the Jupyter kernel driven over its wire protocol, metrics held against ranges, reports. @module */
export * from "./notebook.ts";
export * from "./run.ts";

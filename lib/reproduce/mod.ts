/** Headless notebooks: the Jupyter kernel driven over its wire protocol, metrics held against ranges, reports. @module */
export * from "./notebook.ts";
export * from "./run.ts";
export * from "./execute.ts";
export * from "./kernel.ts";
export * from "./metrics.ts";
export * from "./records.ts";
export * from "./check_cells.ts";
export * from "./list.ts";
export * from "./console.ts";
export * from "./portable.ts";
export * from "./report.ts";
export * from "./reproduce.ts";
export * from "./select.ts";
export * from "./cleanup.ts";
export * from "./kernel_spec.ts";

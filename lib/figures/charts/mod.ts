/** The charts that the chapters need; each takes plain arrays and records and returns a figure. @module */
export * from "./bars_with_intervals.ts";
export * from "./confusion_matrix.ts";
export * from "./histogram_by_group.ts";
export * from "./importances.ts";
export * from "./light_curve.ts";
export * from "./light_curve_grid.ts";
export * from "./loss_curves.ts";
export * from "./network_diagram.ts";
export type { NetworkArrow, NetworkBlock } from "./network_layout.ts";
export type { ChartOptions } from "./options.ts";
export * from "./periodogram.ts";
export * from "./reliability_diagram.ts";
export * from "./scatter_by_class.ts";
export * from "./threshold_curves.ts";

/** Figures: Observable Plot without a browser, one self-contained SVG each, and the charts that the chapters need. @module */
export * as Plot from "@observablehq/plot";
export * from "./canvas_shim.ts";
export * from "./charts/mod.ts";
export { compose, DEFAULT_WIDTH, Figure, figure, type FigureSpec, type FigureText } from "./figure.ts";
export { type LegendEntry } from "./legend.ts";
export * from "./palettes.ts";
export * from "./panels.ts";
export * from "./png.ts";

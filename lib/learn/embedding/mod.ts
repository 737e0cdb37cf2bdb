/** Maps of many columns in two dimensions, for plots. @module */
export * from "./trustworthiness.ts";
export * from "./tsne.ts";
export * from "./umap.ts";

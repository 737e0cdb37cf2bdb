/** Changes of columns that are learned from training rows and can be undone. @module */
export { ColumnTransform, type ColumnTransformOptions } from "./column_transform.ts";
export * from "./power_transform.ts";
export * from "./principal_components.ts";
export * from "./quantile_transform.ts";
export { type MinMaxOptions, MinMaxTransform, StandardTransform } from "./scaling.ts";

/** Normalisation as fused operations. @module */
export { layerNorm, type LayerNormOptions } from "./layer_norm.ts";
export { batchNorm, type BatchNormOptions, type BatchNormResult } from "./batch_norm.ts";

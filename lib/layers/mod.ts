/** Building blocks of networks above plain tensors. @module */
export * from "./mixture_energy.ts";
export {
  type AttentionLayerOptions,
  attentionParameters,
  crossAttention,
  selfAttention,
  type TokenContext,
} from "./attention.ts";
export { dense, type DenseOptions, denseParameters, type KernelRule } from "./dense.ts";
export * from "./transformer.ts";
export * from "./transformer_block.ts";
export * from "./transformer_class_token.ts";
export type { DropoutContext } from "./transformer_dropout.ts";
export * from "./transformer_feed_forward.ts";
export * from "./transformer_norm.ts";
export * from "./time_modulation.ts";
export * from "./time_modulation_groups.ts";
export * from "./positional_encoding.ts";
export * from "./tokenizers_light_curve.ts";
export * from "./tokenizers_table.ts";
export * from "./batch_renormalisation.ts";
export * from "./convolution_stage.ts";
export * from "./residual_1d.ts";
export * from "./residual_blocks.ts";
export * from "./residual_stacks.ts";
export {
  interiorPoints,
  interpolants,
  type InterpolationOptions,
  type InterpolationOutput,
  interpolationParameters,
  interpolationPrediction,
  type IrregularSeries,
} from "./interpolation_prediction.ts";
export * from "./interpolation_prediction_loss.ts";
export * from "./multi_time_attention.ts";
export * from "./multi_time_attention_embedding.ts";

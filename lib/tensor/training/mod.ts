/** Parameters, initial values, optimisers, the training loop and its checkpoints. @module */
export * from "./adam.ts";
export * from "./apply_adam.ts";
export * from "./batch_gradients.ts";
export * from "./batches.ts";
export * from "./checkpoint.ts";
export * from "./clip.ts";
export * from "./dropout.ts";
export * from "./early_stopping.ts";
export * from "./history.ts";
export * from "./initializers.ts";
export * from "./loss.ts";
export * from "./memory_estimate.ts";
export * from "./parameters.ts";
export * from "./schedules.ts";
export * from "./step_context.ts";
export * from "./train.ts";
export * from "./train_options.ts";

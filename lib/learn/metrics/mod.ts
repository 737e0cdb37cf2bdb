/** How good predictions are: classes, probabilities, rankings, calibration, and how sure one is of each number. @module */
export * from "./bootstrap.ts";
export * from "./calibration.ts";
export * from "./confusion.ts";
export {
  brierScore,
  logLoss,
  PLASTICC_CLASS_WEIGHTS,
  weightedLogLoss,
  type WeightedLogLossOptions,
} from "./log_loss.ts";
export * from "./precision_recall.ts";
export * from "./ranking.ts";
export * from "./student_interval.ts";

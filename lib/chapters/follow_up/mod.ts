/** Chapter 05: which object deserves a spectrum (paper 000, Astudillo et al. 2020). @module */
export * from "./configuration.ts";
export * from "./entropy.ts";
export * from "./experiment.ts";
export * from "./feature_selection.ts";
export * from "./real_stars.ts";
export * from "./follow_up_kind.ts";
export * from "./follow_up_recipe.ts";
export * from "./follow_up_set.ts";
export * from "./joint_density.ts";
export * from "./out_of_fold.ts";
export { forestProbabilities, type PlainForest, plainForest } from "./plain_forest.ts";
export {
  fitParts,
  type FitPartsOptions,
  type FittedParts,
  type PlainModel,
  plainModel,
} from "./plain_model.ts";
export * from "./scoring.ts";
export {
  type EntropyBounds,
  type EntropyEstimate,
  gaussianEntropy,
  mixtureEntropy,
  mixtureEntropyBounds,
} from "./spectrum_uncertainty.ts";
export { bivariateNormalCumulative } from "./bivariate_normal.ts";
export {
  type ExactExpectation,
  exactExpectation,
  type ExactScores,
  exactScores,
} from "./exact_expectation.ts";
export * from "./metrics.ts";
export * from "./strategies.ts";
export * from "./simulated_sky.ts";
export * from "./batch.ts";
export * from "./exposure.ts";
export * from "./knapsack.ts";
export * from "./night.ts";
export * from "./schedule.ts";
export * from "./stopping.ts";
export * from "./spectrum_encoder.ts";
export * from "./spectrum_network.ts";
export * from "./spectrum_settings.ts";
export * from "./spectrum_features.ts";
export * from "./model.ts";
export * from "./online.ts";
export * from "./ranking.ts";
export * from "./study_tables.ts";

/** Mixtures of Gaussians: their energy, fitting, sampling and conditioning. @module */
export { BayesianGaussianMixture, type BayesianMixtureOptions } from "./bayesian_gaussian_mixture.ts";
export * from "./conditional.ts";
export {
  componentLogDensities,
  mixtureEnergy,
  type MixtureEnergyOptions,
  mixtureFromMemberships,
  responsibilities,
} from "./energy.ts";
export type {
  CompleteMixtureOptions,
  CovarianceShape,
  FitReport,
  MixtureOptions,
  MixtureStart,
} from "./expectation.ts";
export { chooseComponents, GaussianMixture } from "./gaussian_mixture.ts";
export { checkMixture, type MixtureParameters } from "./parameters.ts";
export * from "./sampling.ts";

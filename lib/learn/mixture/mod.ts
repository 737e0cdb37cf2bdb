/** Mixtures of Gaussians: their energy, fitting, sampling and conditioning. @module */
export * from "./conditional.ts";
export {
  componentLogDensities,
  mixtureEnergy,
  type MixtureEnergyOptions,
  mixtureFromMemberships,
  responsibilities,
} from "./energy.ts";
export { checkMixture, type MixtureParameters } from "./parameters.ts";
export * from "./sampling.ts";

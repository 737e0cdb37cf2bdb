/** The whole method on a simulated sky, from light curves and spectra to what each strategy was worth. */
import { type ProgressReporter, silent } from "../../core/mod.ts";
import { type Labels, RandomForestClassifier } from "../../learn/mod.ts";
import { type Matrix, takeColumns } from "../../numerics/mod.ts";
import type { SpectrumSet } from "../../observations/mod.ts";
import { configure, type FollowUpConfiguration, QUICK } from "./configuration.ts";
import { besideEachOther, type FollowUpSet } from "./follow_up_set.ts";
import { type Outcomes, outcomes } from "./metrics.ts";
import { fitOutOfFold, type OutOfFold } from "./out_of_fold.ts";
import { type FollowUpScores, scoreOutOfFold } from "./scoring.ts";
import { type FollowUpSky, simulateFollowUpSky } from "./simulated_sky.ts";
import { type HeldOutLatents, heldOutLatents } from "./spectrum_features.ts";
import { QUICK_SPECTRUM_ENCODER, type SpectrumEncoderSettings } from "./spectrum_settings.ts";
import { idealGain, rankObjects, STRATEGIES, type Strategy } from "./strategies.ts";

/** What an experiment depends on, besides its seed. */
export interface ExperimentSettings {
  /** Number of simulated stars. */
  total: number;
  /** Settings of the forests, the mixture and the scores. */
  configuration: FollowUpConfiguration;
  /** Settings of the spectra's encoder. */
  encoder: SpectrumEncoderSettings;
  /** Encoders, each trained without one part of the spectra. */
  encoderFolds: number;
  /** How many latent means of the spectra are kept, by importance. The paper kept 2. */
  spectralFeatures: number;
}

/** The named reduction for notebooks and CI: fewer stars than the paper's 2554, quick forests and encoder. */
export const QUICK_EXPERIMENT: ExperimentSettings = {
  total: 1000,
  configuration: configure(QUICK),
  encoder: QUICK_SPECTRUM_ENCODER,
  encoderFolds: 3,
  spectralFeatures: 2,
};

/** Stars with the features of their light curves and their spectra; rows of all parts are the stars, in one order. */
export interface FollowUpStars {
  ids: readonly string[];
  /** Names of the light curves' features. */
  knownNames: readonly string[];
  /** x_t, stars x features. */
  known: Matrix;
  /** One spectrum a star. */
  spectra: SpectrumSet;
  labels: Labels;
}

/** Everything that {@link experimentOnStars} made; rows of all parts are the stars, in one order. */
export interface StarsExperiment {
  /** Latent means of the spectra, each from an encoder that had not seen it. */
  latents: HeldOutLatents;
  /** Numbers of the latent means that became x_s, most important first. */
  chosen: number[];
  /** x_t and x_s. */
  set: FollowUpSet;
  /** Models and held-out probabilities. */
  fit: OutOfFold;
  /** Scores before any spectrum. */
  scores: FollowUpScores;
  /** What the true spectra change. */
  found: Outcomes;
  /** Stars in the order of each strategy, first to be observed first; `random` has none. */
  orders: Readonly<Record<Exclude<Strategy, "random">, Uint32Array>>;
}

/** Everything that {@link runExperiment} made. */
export interface Experiment extends StarsExperiment {
  /** The stars as light curves and spectra. */
  sky: FollowUpSky;
}

/** Options of {@link runExperiment}. */
export interface ExperimentOptions {
  seed: number;
  /** Default {@link QUICK_EXPERIMENT}. */
  settings?: ExperimentSettings;
  /** Workers; default one a core. */
  workers?: number;
  /** Told of each stage's own steps. */
  progress?: ProgressReporter;
  /** Told at the beginning of each stage. */
  stage?: (name: string) => void;
}

/** Simulates stars and resolves to the whole method on them; see {@link experimentOnStars}. */
export async function runExperiment(options: ExperimentOptions): Promise<Experiment> {
  const { seed, settings = QUICK_EXPERIMENT, workers, progress = silent, stage = () => {} } = options;
  stage("stars, spectra and light-curve features");
  const sky = await simulateFollowUpSky({ seed, total: settings.total, workers, progress });
  const { ids, labels, classNames } = sky.lightCurves, table = sky.features!;
  return {
    sky,
    ...await experimentOnStars({
      ids,
      knownNames: table.names,
      known: { rows: ids.length, columns: table.names.length, data: table.data },
      spectra: sky.spectra,
      labels: { codes: labels!, classNames },
    }, options),
  };
}

/**
 * Encodes the spectra of stars out of fold, fits forests and mixtures out of fold, and scores and ranks every star before its
 * spectrum is looked at. `settings.total` plays no part.
 *
 * @throws EphemeraError for a class with fewer stars than folds
 */
export async function experimentOnStars(
  { ids, knownNames, known, spectra, labels }: FollowUpStars,
  options: ExperimentOptions,
): Promise<StarsExperiment> {
  const { seed, settings = QUICK_EXPERIMENT, workers, progress = silent, stage = () => {} } = options;
  const { configuration, encoder, encoderFolds, spectralFeatures } = settings;
  stage("encoders of spectra");
  const latents = await heldOutLatents(spectra, encoder, { seed, folds: encoderFolds, labels, progress });
  const chosen = await chooseLatents(known, latents.latents, labels, spectralFeatures, {
    seed,
    trees: configuration.selection.trees,
    workers,
  });
  const set: FollowUpSet = {
    ids,
    knownNames,
    known,
    revealedNames: chosen.map((k) => `spectrum ${k + 1}`),
    revealed: takeColumns(latents.latents, chosen),
    labels,
  };
  stage("forests and mixtures");
  const fit = await fitOutOfFold(set, { seed, settings: configuration, workers, progress });
  stage("scores");
  const scores = await scoreOutOfFold(fit, { seed, scoring: configuration.scoring, workers, progress });
  const ideal = idealGain(fit);
  const orders = Object.fromEntries(
    STRATEGIES.filter((strategy) => strategy !== "random").map((strategy) => [
      strategy,
      rankObjects(strategy, scores, { ideal }),
    ]),
  ) as StarsExperiment["orders"];
  const found = outcomes(fit.labels, fit.time.probabilities, fit.both.probabilities);
  return { latents, chosen, set, fit, scores, found, orders };
}

/**
 * Returns the numbers of the latent means with the largest importance in a forest on all features, as the paper chose
 * its two; all stars have a part in that choice of columns, there as here.
 */
async function chooseLatents(
  known: Matrix,
  latents: Matrix,
  labels: Labels,
  count: number,
  forest: { seed: number; trees: number; workers?: number },
): Promise<number[]> {
  const { importances } = await new RandomForestClassifier(forest).fit(
    besideEachOther(known, latents),
    labels,
  );
  const of = (k: number) => importances[known.columns + k];
  return Array.from({ length: latents.columns }, (_, k) => k).sort((a, b) => of(b) - of(a)).slice(0, count);
}

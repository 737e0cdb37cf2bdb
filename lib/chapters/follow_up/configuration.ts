/** The settings of paper 000 (Astudillo et al. 2020), each with the paper's value as its default. */
import { demand } from "../../core/mod.ts";

/** The random forests P_t and P_ts, and the folds that they are held out by. */
export interface FollowUpForestOptions {
  /** Trees of each forest. */
  trees: number;
  /** Stratified folds; each object is judged by the forests of the fold that it was held out of. */
  folds: number;
  /**
   * Whether objects are shuffled before they are dealt to folds. The public code does not, so that its folds follow the
   * order of the file; false reproduces that.
   */
  shuffle: boolean;
  /**
   * `"votes"` (the paper's section 5.2): the share of trees that vote for a class. `"frequencies"` (the public code, by way of
   * scikit-learn): class frequencies of the leaves, averaged. On fully grown trees the two hardly differ.
   */
  probabilities: "votes" | "frequencies";
}

/** Choosing x_t and x_s by importance. */
export interface FeatureSelectionOptions {
  /** Trees of the forests that rank and that score. */
  trees: number;
  /** Stratified folds of each score. */
  folds: number;
  /** Whether the folds are shuffled; see {@link FollowUpForestOptions}. */
  shuffle: boolean;
  /**
   * The smallest prefix whose accuracy is above this share of the way from the worst to the best prefix is chosen. With the
   * published accuracies the rule gives 8 features (90.2 %); the paper went on with 9 (92.6 %).
   */
  share: number;
}

/** The joint density Q(x_t, x_s). */
export interface JointMixtureOptions {
  /** Upper limit on components. The public code has 20 and uses them all; the paper's text speaks of 6. */
  components: number;
  /** Starts, of which the best is kept. */
  restarts: number;
  /** Most iterations of a start. */
  maxIterations: number;
  /**
   * `"outside fold"`: the mixture that conditions for an object has not seen it. `"all"` (the public code): one mixture of all
   * objects, the scored one with its true spectrum among them, which flatters every strategy that uses samples.
   */
  fittedOn: "outside fold" | "all";
  /**
   * Densities of x_t, in features brought to [0, 1], are raised to at least this before weights are normalised (the public
   * code's 1e-15, by which far outliers fall back to the prior weights). 0: none, the weights are normalised in logarithms.
   */
  densityFloor: number;
}

/** What is computed for each object. */
export interface FollowUpScoringOptions {
  /** Spectra drawn from Q(x_s | x_t), N in eq. 9. */
  samples: number;
  /** `"random"`: independent draws (the paper). `"low-discrepancy"`: the same evenly spread points for all objects. */
  draws: "random" | "low-discrepancy";
}

/** All settings of the chapter. */
export interface FollowUpConfiguration {
  selection: FeatureSelectionOptions;
  forest: FollowUpForestOptions;
  mixture: JointMixtureOptions;
  scoring: FollowUpScoringOptions;
}

/** A configuration of which any part may be left out. */
export type FollowUpSettings = {
  [Part in keyof FollowUpConfiguration]?: Partial<FollowUpConfiguration[Part]>;
};

/** The paper's configuration, with what its public code ran where the text is silent. */
export const PAPER: FollowUpConfiguration = {
  selection: { trees: 200, folds: 10, shuffle: true, share: 0.9 },
  forest: { trees: 200, folds: 10, shuffle: true, probabilities: "votes" },
  mixture: { components: 20, restarts: 10, maxIterations: 400, fittedOn: "outside fold", densityFloor: 0 },
  scoring: { samples: 200, draws: "random" },
};

/** What differs in the public code from {@link PAPER}: for comparing numbers with its notebooks. */
export const AS_CODED: FollowUpSettings = {
  selection: { shuffle: false },
  forest: { shuffle: false, probabilities: "frequencies" },
  mixture: { fittedOn: "all", densityFloor: 1e-15 },
};

/**
 * The named reduction for notebooks and CI: five folds, 100 trees, fewer components and starts. Its numbers are quick
 * numbers, not the paper's.
 */
export const QUICK: FollowUpConfiguration = {
  selection: { ...PAPER.selection, trees: 60, folds: 5 },
  forest: { ...PAPER.forest, trees: 100, folds: 5 },
  mixture: { ...PAPER.mixture, components: 10, restarts: 2, maxIterations: 200 },
  scoring: PAPER.scoring,
};

/** The seven light-curve features that the paper chose, as FATS names them, most important first. */
export const PAPER_TIME_FEATURES: readonly string[] = [
  "PeriodLS",
  "Freq1_harmonics_amplitude_0",
  "MedianAbsDev",
  "Q31",
  "FluxPercentileRatioMid35",
  "FluxPercentileRatioMid50",
  "Freq1_harmonics_amplitude_1",
];

/** The six classes of the paper. */
export const PAPER_CLASSES: readonly string[] = ["EA", "EW", "RRab", "RRc", "RRd", "RS CVn"];

const WORDS: Readonly<Record<string, readonly string[]>> = {
  "forest.probabilities": ["votes", "frequencies"],
  "mixture.fittedOn": ["outside fold", "all"],
  "scoring.draws": ["random", "low-discrepancy"],
};
const LEAST: Readonly<Record<string, number>> = {
  "selection.trees": 1,
  "selection.folds": 2,
  "forest.trees": 1,
  "forest.folds": 2,
  "mixture.components": 1,
  "mixture.restarts": 1,
  "mixture.maxIterations": 1,
  "scoring.samples": 1,
};

/**
 * Returns `base` with the given settings in place of its own.
 *
 * @throws EphemeraError for a setting that does not exist or has no meaning
 *
 * @example
 * ```ts
 * import { configure, PAPER } from "ephemera/chapters/follow_up";
 * import assert from "node:assert/strict";
 * const configuration = configure(PAPER, { mixture: { components: 6 } });
 * assert.equal(configuration.mixture.components, 6);
 * assert.equal(configuration.forest.trees, 200);
 * ```
 */
export function configure(
  base: FollowUpConfiguration,
  settings: FollowUpSettings = {},
): FollowUpConfiguration {
  const known = base as unknown as Record<string, Record<string, unknown>>;
  for (const [part, values] of Object.entries(settings)) {
    for (const name of Object.keys(values ?? {})) {
      demand(Object.hasOwn(known, part) && Object.hasOwn(known[part], name), {
        expected: `one of the settings ${Object.keys(known[part] ?? known).join(", ")}`,
        found: `${part}.${name}`,
        where: "follow-up configuration",
      });
    }
  }
  const merged: FollowUpConfiguration = {
    selection: { ...base.selection, ...settings.selection },
    forest: { ...base.forest, ...settings.forest },
    mixture: { ...base.mixture, ...settings.mixture },
    scoring: { ...base.scoring, ...settings.scoring },
  };
  check(merged);
  return merged;
}

function check(configuration: FollowUpConfiguration): void {
  const value = (path: string): unknown => {
    const [part, name] = path.split(".");
    return (configuration as unknown as Record<string, Record<string, unknown>>)[part][name];
  };
  for (const [path, least] of Object.entries(LEAST)) {
    const found = value(path);
    demand(Number.isInteger(found) && (found as number) >= least, {
      expected: `a whole number of at least ${least}`,
      found: String(found),
      where: path,
    });
  }
  for (const [path, words] of Object.entries(WORDS)) {
    demand(words.includes(value(path) as string), {
      expected: `one of ${words.map((word) => `"${word}"`).join(", ")}`,
      found: JSON.stringify(value(path)),
      where: path,
    });
  }
  const { share } = configuration.selection, { densityFloor } = configuration.mixture;
  demand(share >= 0 && share < 1, {
    expected: "a share from 0 to below 1",
    found: `${share}`,
    where: "selection.share",
  });
  demand(densityFloor >= 0 && Number.isFinite(densityFloor), {
    expected: "a density that is not negative",
    found: `${densityFloor}`,
    where: "mixture.densityFloor",
  });
}

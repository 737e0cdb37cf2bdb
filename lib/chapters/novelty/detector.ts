import { demand, EphemeraError, type ProgressReporter } from "../../core/mod.ts";
import {
  type ClassProbabilities,
  type Labels,
  mixtureEnergy,
  mixtureFromMemberships,
  type MixtureParameters,
} from "../../learn/mod.ts";
import { type Matrix, quantile } from "../../numerics/mod.ts";
import { LightCurveSet } from "../../observations/mod.ts";
import { type CheckpointOptions, disposeParameters, type ParameterSet } from "../../tensor/mod.ts";
import { type AuxiliaryScaling, auxiliaryTable, fitAuxiliaries, scaleAuxiliaries } from "./auxiliaries.ts";
import { configure, type NoveltyConfiguration, type NoveltySettings, PAPER } from "./configuration.ts";
import { createNetwork } from "./network.ts";
import {
  fitScores,
  type NoveltyScores,
  noveltyScores,
  type ScoreInputs,
  type ScoreReference,
} from "./scores.ts";
import { cutAll, cutSequences, type SequenceSet } from "./sequences.ts";
import { loadDetector, saveDetector } from "./storage.ts";
import { encode, type NoveltyHistory, type PreparedSequences, trainNetworks } from "./training.ts";

/** Options of {@link NoveltyDetector.fit}. */
export interface NoveltyFitOptions {
  /** Seed of first values, of the order of batches and of dropout. */
  seed: number | string;
  /**
   * Stars of the known classes, none of them in the training set. The losses are followed on them, and the combined
   * score takes from them what is usual. Without them the training set serves for that, whose scores are too good.
   */
  validation?: LightCurveSet | SequenceSet;
  /**
   * A fitted detector whose autoencoder is taken over as it is (strategy `"sequential"`): novelty detection is added to
   * an existing extraction of features, as in section 2.3.
   */
  autoencoder?: NoveltyDetector;
  progress?: ProgressReporter;
  /** Where checkpoints go; a killed run is continued by the same call. */
  checkpoint?: CheckpointOptions;
  signal?: AbortSignal;
}

/** What a fitted detector says of each sequence. */
export interface SequenceEvaluation {
  sequences: SequenceSet;
  /** gamma of each sequence, with the class names. */
  memberships: ClassProbabilities;
  scores: NoveltyScores;
  /** The estimation network's input z. */
  features: Matrix;
  /** Reconstructed magnitudes, `[count, epochs]`, in each sequence's own normalisation. */
  reconstruction: Float32Array;
}

/** Everything that a fitted detector consists of. */
export interface FittedNovelty {
  classNames: readonly string[];
  parameters: ParameterSet;
  scaling: AuxiliaryScaling;
  /** The mixture of all training sequences (section 3.2), in Float64. */
  mixture: MixtureParameters;
  /** Energies of the training sequences, ascending; percentile cuts come from them. */
  trainingEnergies: Float64Array;
  reference: ScoreReference;
}

/**
 * The classifier with novelty detection of paper 004: a recurrent autoencoder of folded light curves and an estimation
 * network whose memberships are class probabilities and, at the same time, those of a Gaussian mixture. What has little
 * density under the mixture is new.
 *
 * Light curves are cut into sequences; methods that take a {@link LightCurveSet} answer by star (mean over its
 * sequences), {@link NoveltyDetector.evaluate} by sequence, as the paper does. Stars without a sequence (too short, no
 * period) get NaN. The choice of backend is the caller's (`useBackend`).
 *
 * @example
 * ```ts
 * import { configure, NoveltyDetector, noveltyProblem, QUICK } from "ephemera/chapters/novelty";
 * import { simulatePeriodicVariables } from "ephemera/survey";
 * import assert from "node:assert/strict";
 * const sky = simulatePeriodicVariables({ seed: 1, counts: { RRAB: 12, SR: 12, VAR: 3 } });
 * const { train, calibration, novel } = noveltyProblem(sky, { novel: ["VAR"], seed: 1 });
 * const small = configure(QUICK, { network: { units: 8 }, training: { passes: 2, batchSize: 16 } });
 * const detector = await new NoveltyDetector(small).fit(train, { seed: 1, validation: calibration });
 * const scores = await detector.score(novel); // one number a star, larger is stranger
 * assert.equal(scores.length, 3);
 * detector.dispose();
 * ```
 */
export class NoveltyDetector {
  /** All settings, the defaults filled in. */
  readonly configuration: NoveltyConfiguration;
  /** The numbers of the training by epoch; undefined before {@link fit} and after {@link load}. */
  history?: NoveltyHistory;
  #fitted?: FittedNovelty;

  /** @param settings a whole configuration, or what differs from the paper's. */
  constructor(settings: NoveltySettings = {}) {
    this.configuration = configure(PAPER, settings);
  }

  /** Class names, in the order of the columns of the memberships. */
  get classNames(): readonly string[] {
    return this.#model().classNames;
  }

  /** The mixture of the training sequences. */
  get mixture(): MixtureParameters {
    return this.#model().mixture;
  }

  /** Energies of the training sequences, ascending. */
  get trainingEnergies(): Float64Array {
    return this.#model().trainingEnergies;
  }

  /** Returns the energy below which the given share of training sequences lies, e.g. 0.95: the paper's cut-offs. */
  threshold(share: number): number {
    return quantile(this.#model().trainingEnergies, share);
  }

  /** Cuts light curves into the sequences that this configuration reads. */
  sequencesOf(set: LightCurveSet): SequenceSet {
    return cutSequences(set, this.configuration.sequence, this.configuration.auxiliaries.photometry);
  }

  /**
   * Learns from labelled stars of at least two classes; returns the detector itself.
   *
   * @throws EphemeraError when labels are missing, a class has no sequence, or a star is in both sets
   */
  async fit(set: LightCurveSet | SequenceSet, options: NoveltyFitOptions): Promise<this> {
    const sequences = this.#sequences(set);
    const classNames = checkTraining(sequences);
    const validation = options.validation && this.#sequences(options.validation);
    if (validation) checkValidation(sequences, validation);
    const { auxiliaries, network } = this.configuration;
    const table = auxiliaryTable(sequences, auxiliaries);
    const scaling = fitAuxiliaries(table, auxiliaries.photometry.length);
    const prepare = (set: SequenceSet, table = auxiliaryTable(set, auxiliaries)): PreparedSequences => ({
      sequences: set,
      auxiliaries: scaleAuxiliaries(table, scaling),
    });
    const training = prepare(sequences, table), known = validation && prepare(validation);
    const parameters = createNetwork(
      network,
      { auxiliaries: table.columns, classes: classNames.length },
      options.seed,
    );
    try {
      const pretrained = options.autoencoder !== undefined;
      if (options.autoencoder) this.#takeAutoencoder(parameters, options.autoencoder);
      const trainingOptions = { ...options, validation: known, pretrained };
      const history = await trainNetworks(parameters, training, this.configuration, trainingOptions);
      const encoded = await encode(parameters, training, this.configuration);
      const gamma = { ...encoded.logMemberships, data: encoded.logMemberships.data.map(Math.exp) };
      const mixture = mixtureFromMemberships(encoded.features, gamma, this.configuration.training.ridge);
      const trainingEnergies = mixtureEnergy(mixture, encoded.features).sort();
      const usual = known ? await encode(parameters, known, this.configuration) : encoded;
      const reference = fitScores(this.#inputs(usual, mixture));
      this.dispose(); // only now is there something better than an earlier fit
      this.history = history;
      this.#fitted = { classNames, parameters, scaling, mixture, trainingEnergies, reference };
    } catch (error) {
      disposeParameters(parameters);
      throw error;
    }
    return this;
  }

  /** Says of each sequence what class it is of, how new it is, and how it is reconstructed. */
  async evaluate(set: LightCurveSet | SequenceSet): Promise<SequenceEvaluation> {
    const { parameters, scaling, mixture, reference, classNames } = this.#model();
    const sequences = this.#sequences(set);
    const auxiliaries = scaleAuxiliaries(auxiliaryTable(sequences, this.configuration.auxiliaries), scaling);
    const encoded = await encode(parameters, { sequences, auxiliaries }, this.configuration);
    const probabilities = { ...encoded.logMemberships, data: encoded.logMemberships.data.map(Math.exp) };
    return {
      sequences,
      memberships: { classNames, probabilities },
      scores: noveltyScores(this.#inputs(encoded, mixture), reference),
      features: encoded.features,
      reconstruction: encoded.reconstruction,
    };
  }

  /** Returns the class probabilities of each star, the mean over its sequences; NaN for a star without one. */
  async predictProbabilities(set: LightCurveSet): Promise<ClassProbabilities> {
    const sequences = this.#cutAll(set), { classNames } = this.#model();
    if (sequences.count === 0) return { classNames, probabilities: nothing(set.length, classNames.length) };
    const { memberships: { probabilities } } = await this.evaluate(sequences);
    const columns = Array.from(
      { length: probabilities.columns },
      (_, k) =>
        meanByStar(
          probabilities.data.filter((_, at) => at % probabilities.columns === k),
          sequences.star,
          set.length,
        ),
    );
    const data = new Float64Array(set.length * columns.length);
    columns.forEach((column, k) => column.forEach((p, i) => data[i * columns.length + k] = p));
    return { classNames, probabilities: { data, rows: set.length, columns: columns.length } };
  }

  /** Returns the most probable class of each star; -1 for a star without a sequence. */
  async predict(set: LightCurveSet): Promise<Labels> {
    const { classNames, probabilities: { data, rows, columns } } = await this.predictProbabilities(set);
    const codes = Int32Array.from({ length: rows }, (_, i) => {
      const row = data.subarray(i * columns, (i + 1) * columns);
      return row.indexOf(Math.max(...row));
    });
    return { codes, classNames };
  }

  /** Returns the novelty of each star, the mean of the given score over its sequences; NaN for a star without one. */
  async score(set: LightCurveSet, score: keyof NoveltyScores = "combined"): Promise<Float64Array> {
    const sequences = this.#cutAll(set);
    this.#model();
    if (sequences.count === 0) return nothing(set.length, 1).data;
    const { scores } = await this.evaluate(sequences);
    return meanByStar(scores[score], sequences.star, set.length);
  }

  /** Writes the fitted detector into a folder: `detector.json` and `weights.safetensors`. */
  save(directory: string): Promise<void> {
    return saveDetector(directory, this.configuration, this.#model());
  }

  /**
   * Reads a detector that {@link save} wrote.
   *
   * @throws EphemeraError when a file is missing, damaged or of another format
   */
  static async load(directory: string): Promise<NoveltyDetector> {
    const { configuration, fitted } = await loadDetector(directory);
    const detector = new NoveltyDetector(configuration);
    detector.#fitted = fitted;
    return detector;
  }

  /** Frees the tensors; the detector is unfitted afterwards. */
  dispose(): void {
    if (this.#fitted) disposeParameters(this.#fitted.parameters);
    this.#fitted = undefined;
  }

  #model(): FittedNovelty {
    if (this.#fitted === undefined) {
      throw new EphemeraError({
        expected: "a fitted detector",
        found: "one that has not been fitted",
        where: "NoveltyDetector",
        remedy: "call fit or load first",
      });
    }
    return this.#fitted;
  }

  #takeAutoencoder(parameters: ParameterSet, from: NoveltyDetector): void {
    const { sequence, network, training: { strategy } } = this.configuration, other = from.configuration;
    const shape = (of: NoveltyConfiguration) =>
      JSON.stringify([
        of.sequence,
        of.network.units,
        of.network.layers,
        of.network.embedding,
        of.network.recurrentActivation,
      ]);
    demand(strategy === "sequential" && shape(this.configuration) === shape(other), {
      expected: "the sequential strategy, and an autoencoder of the same sequences and sizes",
      found:
        `${strategy}, ${network.units} units, embedding ${network.embedding}, ${sequence.epochs} epochs; ` +
        `the other has ${other.network.units}, ${other.network.embedding}, ${other.sequence.epochs}`,
      where: "NoveltyDetector.fit, autoencoder",
    });
    const source = from.#model().parameters;
    for (const [name, parameter] of Object.entries(parameters)) {
      if (!name.startsWith("estimation/")) parameter.assign(source[name]);
    }
  }

  #cutAll(set: LightCurveSet): SequenceSet {
    return cutAll(set, this.configuration.sequence, this.configuration.auxiliaries.photometry);
  }

  #sequences(set: LightCurveSet | SequenceSet): SequenceSet {
    if (set instanceof LightCurveSet) return this.sequencesOf(set);
    const own = JSON.stringify(this.configuration.sequence), given = JSON.stringify(set.options);
    demand(own === given, {
      expected: `sequences cut as this detector reads them, ${own}`,
      found: given,
      where: "NoveltyDetector",
      remedy: "cut them with the detector's sequencesOf",
    });
    return set;
  }

  #inputs(encoded: { features: Matrix; logMemberships: Matrix }, mixture: MixtureParameters): ScoreInputs {
    const { features } = encoded, distance = this.configuration.network.embedding;
    return {
      energy: mixtureEnergy(mixture, features),
      logMemberships: encoded.logMemberships,
      reconstruction: Float64Array.from(
        { length: features.rows },
        (_, i) => features.data[i * features.columns + distance],
      ),
    };
  }
}

/** A table of NaN: what a detector says of stars that give no sequence. */
function nothing(rows: number, columns: number): Matrix {
  return { data: new Float64Array(rows * columns).fill(NaN), rows, columns };
}

/** Means of sequence numbers by star; NaN for a star without a sequence. */
export function meanByStar(values: ArrayLike<number>, star: Int32Array, stars: number): Float64Array {
  const sum = new Float64Array(stars), count = new Float64Array(stars);
  for (let i = 0; i < values.length; i++) {
    sum[star[i]] += values[i];
    count[star[i]]++;
  }
  return sum.map((total, i) => total / count[i]);
}

function checkTraining(sequences: SequenceSet): readonly string[] {
  const { labels } = sequences;
  if (labels === undefined) {
    throw new EphemeraError({
      expected: "a class for each training star",
      found: "stars without a class",
      where: "NoveltyDetector.fit",
      remedy: "take the subset of labelled stars",
    });
  }
  const { codes, classNames } = labels, counts = new Float64Array(classNames.length);
  for (const code of codes) counts[code]++;
  demand(classNames.length >= 2, {
    expected: "at least two classes",
    found: classNames.join(", ") || "none",
    where: "NoveltyDetector.fit",
  });
  const empty = classNames.filter((_, k) => counts[k] === 0);
  demand(empty.length === 0, {
    expected: "training sequences of every class",
    found: `none of ${empty.join(", ")}`,
    where: "NoveltyDetector.fit",
    remedy: "leave the class out of classNames, or choose shorter sequences",
  });
  return classNames;
}

function checkValidation(training: SequenceSet, validation: SequenceSet): void {
  const trained = new Set(Array.from(training.star, (s) => training.starIds[s]));
  const shared = Array.from(validation.star, (s) => validation.starIds[s]).find((id) => trained.has(id));
  demand(shared === undefined, {
    expected: "validation stars that are not in the training set",
    found: `${shared} in both`,
    where: "NoveltyDetector.fit",
    remedy: "split by star, never by sequence",
  });
  demand(validation.labels?.classNames.join() === training.labels!.classNames.join(), {
    expected: `validation classes ${training.labels!.classNames.join(", ")}`,
    found: validation.labels?.classNames.join(", ") ?? "none",
    where: "NoveltyDetector.fit",
  });
}

/** The settings of paper 004 (Tsang & Schultz 2019), each with the paper's value as its default. */
import { demand } from "../../core/mod.ts";

/** How light curves become sequences. Phase zero is the star's first observation; the public code takes that of the time scale. */
export interface SequenceOptions {
  /** Observations of a sequence, n in the paper: a curve is cut in time order into pieces of this many, the rest is dropped. */
  epochs: number;
  /**
   * `"previous"` (the paper): lag j is phase j minus phase j - 1, the first is 0. `"next"` (the public code): lag j is
   * phase j + 1 minus phase j, the last is 0.
   */
  lag: "previous" | "next";
  /** Phase in `"cycles"`, from 0 to 1 (the paper's words), or in `"days"`, time modulo the period (the public code). */
  phase: "cycles" | "days";
  /** Factor on the lags. The paper has 1; `epochs` brings lags in cycles to a mean of 1, which trains faster. */
  lagScale: number;
  /** Pieces with a fainter magnitude than this are left out, as wrong units (the public code's 20). */
  faintest: number;
}

/** The two networks. */
export interface NetworkOptions {
  /** Gated recurrent units of each layer. */
  units: number;
  /** Recurrent layers of the encoder, and of the decoder. */
  layers: number;
  /** Size m of the embedding. */
  embedding: number;
  /** Dropout between recurrent layers. */
  dropout: number;
  /** Whether dropout also follows the last layer of the encoder, as in the public code. */
  dropoutAfterEncoder: boolean;
  /** Function on the gates: Keras 2.1 took the piecewise linear one. */
  recurrentActivation: "hard_sigmoid" | "sigmoid";
  /**
   * The second reconstruction feature: `"similarity"` (eq. 2), the cosine of x and its reconstruction, or
   * `"half distance"` (the public code), (1 - cosine) / 2.
   */
  cosine: "similarity" | "half distance";
  /** Units of the estimation network's hidden layer. Default: the embedding's size, as in the paper. */
  estimationUnits?: number;
  /** Dropout after that layer. */
  estimationDropout: number;
}

/** How the networks are trained. */
export interface NoveltyTrainingOptions {
  /** `"joint"`: eq. 7 for both networks at once. `"sequential"`: the autoencoder alone, then the estimation network on its fixed features. */
  strategy: "joint" | "sequential";
  /** Weight lambda of the mixture's loss in eq. 7. */
  lambda: number;
  /** Added to the diagonal of each covariance (the public code's 1e-4; the paper names none). */
  ridge: number;
  /** Sequences of a step. The mixture is that of the batch, so small batches change the loss. */
  batchSize: number;
  /** Passes over the training sequences. */
  passes: number;
  /** Passes of the estimation network, with the sequential strategy. */
  estimationPasses: number;
  /** Adam's rate. */
  learningRate: number;
  /** Adam's rate for the estimation network. */
  estimationLearningRate: number;
  /** Whether rates fall to a hundredth along half a cosine. The paper's are constant. */
  decay: boolean;
  /** Largest norm of a gradient; the paper has no limit. */
  clipNorm?: number;
  /** Weights of classes in the cross-entropy, by the counts of the training sequences. The paper has none. */
  classWeights: "none" | "root inverse" | "inverse";
}

/**
 * What the estimation network is told beside the embedding and the two reconstruction features. All of it is standardised
 * by the training sequences, which neither the paper nor its code does: energies then differ by a constant, but for the
 * ridge, which acts on columns of unit variance.
 */
export interface AuxiliaryOptions {
  /**
   * Metadata columns that are appended for each star (the paper's photometric variant takes the absolute magnitude, the
   * colour and the Wesenheit magnitude). NaN is missing. Default: none.
   */
  photometry: readonly string[];
  /** Whether a dozen plain statistics of the sequence are appended. The paper has none. */
  simpleFeatures: boolean;
}

/** All settings of the chapter. */
export interface NoveltyConfiguration {
  sequence: SequenceOptions;
  network: NetworkOptions;
  training: NoveltyTrainingOptions;
  auxiliaries: AuxiliaryOptions;
}

/** A configuration of which any part may be left out. */
export type NoveltySettings = { [Part in keyof NoveltyConfiguration]?: Partial<NoveltyConfiguration[Part]> };

/** The paper's configuration: 2000 passes in batches of 2000, for a GPU. */
export const PAPER: NoveltyConfiguration = {
  sequence: { epochs: 200, lag: "previous", phase: "cycles", lagScale: 1, faintest: 20 },
  network: {
    units: 96,
    layers: 2,
    embedding: 16,
    dropout: 0.25,
    dropoutAfterEncoder: false,
    recurrentActivation: "hard_sigmoid",
    cosine: "similarity",
    estimationDropout: 0.5,
  },
  training: {
    strategy: "joint",
    lambda: 1e-3,
    ridge: 1e-4,
    batchSize: 2000,
    passes: 2000,
    estimationPasses: 250,
    learningRate: 2e-4,
    estimationLearningRate: 2e-4,
    decay: false,
    classWeights: "none",
  },
  auxiliaries: { photometry: [], simpleFeatures: false },
};

/**
 * The named reduction for notebooks and CI (two cores, minutes): sequences of 100, 64 units, small batches, larger and
 * falling rates. Its numbers are quick numbers, not the paper's.
 */
export const QUICK: NoveltyConfiguration = {
  sequence: { ...PAPER.sequence, epochs: 100, lagScale: 100 },
  network: { ...PAPER.network, units: 64, dropout: 0.1, estimationUnits: 32, estimationDropout: 0.2 },
  training: {
    ...PAPER.training,
    batchSize: 128,
    passes: 45,
    estimationPasses: 60,
    learningRate: 2e-3,
    estimationLearningRate: 5e-3,
    decay: true,
    clipNorm: 5,
  },
  auxiliaries: PAPER.auxiliaries,
};

/**
 * Returns `base` with the given settings in place of its own.
 *
 * @throws EphemeraError when a setting has no meaning
 *
 * @example
 * ```ts
 * import { configure, PAPER } from "ephemera/chapters/novelty";
 * import assert from "node:assert/strict";
 * const configuration = configure(PAPER, { network: { embedding: 32 } });
 * assert.equal(configuration.network.embedding, 32);
 * assert.equal(configuration.network.units, 96);
 * ```
 */
export function configure(base: NoveltyConfiguration, settings: NoveltySettings = {}): NoveltyConfiguration {
  const known: Record<string, object> = { ...base };
  for (const [part, values] of Object.entries(settings)) {
    for (const name of Object.keys(values ?? {})) {
      demand(part in known && (name in known[part] || OPTIONAL.includes(name)), {
        expected: `one of the settings ${Object.keys(known[part] ?? known).join(", ")}`,
        found: `${part}.${name}`,
        where: "novelty configuration",
      });
    }
  }
  const merged: NoveltyConfiguration = {
    sequence: { ...base.sequence, ...settings.sequence },
    network: { ...base.network, ...settings.network },
    training: { ...base.training, ...settings.training },
    auxiliaries: { ...base.auxiliaries, ...settings.auxiliaries },
  };
  check(merged);
  return merged;
}

/** Settings that a complete configuration may lack. */
const OPTIONAL = ["clipNorm", "estimationUnits"];

/** The words that a setting may have. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  "sequence.lag": ["previous", "next"],
  "sequence.phase": ["cycles", "days"],
  "network.recurrentActivation": ["hard_sigmoid", "sigmoid"],
  "network.cosine": ["similarity", "half distance"],
  "training.strategy": ["joint", "sequential"],
  "training.classWeights": ["none", "root inverse", "inverse"],
};

function check({ sequence, network, training }: NoveltyConfiguration): void {
  const whole = {
    "sequence.epochs": sequence.epochs,
    "network.units": network.units,
    "network.layers": network.layers,
    "network.embedding": network.embedding,
    "network.estimationUnits": network.estimationUnits ?? network.embedding,
    "training.batchSize": training.batchSize,
    "training.passes": training.passes,
    "training.estimationPasses": training.estimationPasses,
  };
  for (const [name, value] of Object.entries(whole)) {
    demand(Number.isInteger(value) && value >= 1, {
      expected: "a whole number of at least 1",
      found: String(value),
      where: name,
    });
  }
  const parts: Record<string, object> = { sequence, network, training };
  for (const [path, words] of Object.entries(WORDS)) {
    const [part, name] = path.split("."), found = (parts[part] as Record<string, string>)[name];
    demand(words.includes(found), {
      expected: `one of ${words.map((word) => `"${word}"`).join(", ")}`,
      found: JSON.stringify(found),
      where: path,
    });
  }
  const positive = {
    "sequence.lagScale": sequence.lagScale,
    "sequence.faintest": sequence.faintest,
    "training.clipNorm": training.clipNorm ?? 1,
  };
  for (const [name, value] of Object.entries(positive)) {
    demand(value > 0, { expected: "a positive number", found: String(value), where: name });
  }
  demand(sequence.epochs >= 3, {
    expected: "at least 3",
    found: `${sequence.epochs}`,
    where: "sequence.epochs",
  });
  for (const name of ["dropout", "estimationDropout"] as const) {
    demand(network[name] >= 0 && network[name] < 1, {
      expected: "a rate from 0 to below 1",
      found: String(network[name]),
      where: `network.${name}`,
    });
  }
  for (const name of ["lambda", "ridge", "learningRate", "estimationLearningRate"] as const) {
    demand(training[name] >= 0 && Number.isFinite(training[name]), {
      expected: "a finite number that is not negative",
      found: String(training[name]),
      where: `training.${name}`,
    });
  }
}

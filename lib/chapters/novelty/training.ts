/** Joint and sequential training of the two networks (paper 004, section 2.3). */
import { type ProgressReporter, silent } from "../../core/mod.ts";
import {
  adam,
  arrayBatches,
  type CheckpointOptions,
  cosineDecay,
  hashKey,
  type LossFunction,
  type ParameterSet,
  plainArray,
  selectParameters,
  tf,
  train,
  type TrainingHistory,
} from "../../tensor/mod.ts";
import { type Matrix, matrix } from "../../numerics/mod.ts";
import type { NoveltyConfiguration } from "./configuration.ts";
import { classificationLoss, classWeightsOf, mixtureLoss, reconstructionLoss } from "./losses.ts";
import { autoencode, featureCount, featureVector, logMemberships, type SequenceBatch } from "./network.ts";
import type { SequenceSet } from "./sequences.ts";

/** Sequences with what the estimation network is told beside them. */
export interface PreparedSequences {
  sequences: SequenceSet;
  /** Standardised auxiliary features, one row a sequence. */
  auxiliaries: Matrix;
}

/** Options of {@link trainNetworks}. */
export interface TrainNetworksOptions {
  /** Seed of the order of batches and of dropout. */
  seed: number | string;
  /** Sequences on which the losses are followed, of other stars than those trained on. */
  validation?: PreparedSequences;
  /** Whether the autoencoder is trained already, so that the sequential strategy begins with its second stage. */
  pretrained?: boolean;
  progress?: ProgressReporter;
  /** Where checkpoints go; the sequential strategy makes a folder for each of its two stages. */
  checkpoint?: CheckpointOptions;
  signal?: AbortSignal;
}

/** The numbers of a training by epoch; the sequential strategy has a history for each stage. */
export interface NoveltyHistory {
  autoencoder: TrainingHistory;
  /** The same object as `autoencoder` when trained jointly. */
  estimation: TrainingHistory;
}

type TrainingBatch = { [Name in keyof SequenceBatch | "target"]: tf.Tensor };

/** Trains the networks in place. */
export async function trainNetworks(
  parameters: ParameterSet,
  training: PreparedSequences,
  configuration: NoveltyConfiguration,
  options: TrainNetworksOptions,
): Promise<NoveltyHistory> {
  const { strategy, lambda, ridge, classWeights: rule } = configuration.training, { network } = configuration;
  const { codes, classNames } = training.sequences.labels!;
  const weights = classWeightsOf(codes, classNames.length, rule);
  const classWeights = weights && tf.tensor1d(weights);
  const part = (name: string) =>
    selectParameters(parameters, (each) => each.startsWith("estimation/") === (name === "estimation"));

  const reconstruct: LossFunction<TrainingBatch> = (batch, context) => {
    const { value, weight } = batch as unknown as SequenceBatch;
    const autoencoded = autoencode(parameters, batch as unknown as SequenceBatch, network, context);
    return { loss: reconstructionLoss(value, autoencoded.reconstruction, weight) };
  };
  const estimate = (
    features: tf.Tensor2D,
    target: tf.Tensor2D,
    context: Parameters<typeof reconstruct>[1],
  ) => {
    const logGamma = logMemberships(parameters, features, network, context);
    const classification = classificationLoss(logGamma, target, context.training ? classWeights : undefined);
    const mixture = mixtureLoss(features, logGamma, ridge);
    return {
      loss: tf.add(classification, tf.mul(mixture, lambda)) as tf.Scalar,
      metrics: { classification, mixture },
    };
  };
  const joint: LossFunction<TrainingBatch> = (batch, context) => {
    const sequences = batch as unknown as SequenceBatch;
    const autoencoded = autoencode(parameters, sequences, network, context);
    const reconstruction = reconstructionLoss(sequences.value, autoencoded.reconstruction, sequences.weight);
    const features = featureVector(sequences, autoencoded, network);
    const { loss, metrics } = estimate(features, batch.target as tf.Tensor2D, context);
    return { loss: tf.add(reconstruction, loss) as tf.Scalar, metrics: { reconstruction, ...metrics } };
  };

  const run = <Batch extends Record<string, tf.Tensor>>(
    stage: string,
    trained: ParameterSet,
    loss: LossFunction<Batch>,
    source: (prepared: PreparedSequences) => { examples: number; take(indices: Int32Array): Batch },
    reduction: "mean" | "coupled",
  ) => runStage({ stage, trained, loss, source, reduction, training, configuration, options });
  try {
    if (strategy === "joint") {
      const history = await run("joint", parameters, joint, batchesOf, "coupled");
      return { autoencoder: history, estimation: history };
    }
    const autoencoder = options.pretrained
      ? { steps: {}, epochs: {} }
      : await run("autoencoder", part("autoencoder"), reconstruct, batchesOf, "mean");
    const fixed = new Map<PreparedSequences, Matrix>();
    for (const prepared of [training, options.validation]) {
      if (prepared) fixed.set(prepared, (await encode(parameters, prepared, configuration)).features);
    }
    type Features = { features: tf.Tensor; target: tf.Tensor };
    const estimation = await run<Features>(
      "estimation",
      part("estimation"),
      ({ features, target }, context) => estimate(features as tf.Tensor2D, target as tf.Tensor2D, context),
      (prepared) => {
        const { data, rows, columns } = fixed.get(prepared)!;
        return arrayBatches({ features: plainArray([rows, columns], data), target: oneHot(prepared) });
      },
      "coupled",
    );
    return { autoencoder, estimation };
  } finally {
    classWeights?.dispose();
  }
}

/** What the networks make of sequences, with dropout off. */
export interface Encoded {
  /** The estimation network's input z, `[count, l]`. */
  features: Matrix;
  /** ln gamma, `[count, classes]`. */
  logMemberships: Matrix;
  /** Reconstructed magnitudes, `[count, epochs]`, in the sequences' own normalisation. */
  reconstruction: Float32Array;
}

/** Runs both networks over sequences, 512 at a time. */
export async function encode(
  parameters: ParameterSet,
  prepared: PreparedSequences,
  configuration: NoveltyConfiguration,
): Promise<Encoded> {
  const { count, epochs } = prepared.sequences, source = batchesOf(prepared), pieces: Float32Array[][] = [];
  for (let start = 0; start < count; start += 512) {
    const indices = Int32Array.from({ length: Math.min(512, count - start) }, (_, k) => start + k);
    const batch = source.take(indices);
    const tensors = tf.tidy(() => {
      const sequences = batch as unknown as SequenceBatch;
      const autoencoded = autoencode(parameters, sequences, configuration.network);
      const features = featureVector(sequences, autoencoded, configuration.network);
      return [
        features,
        logMemberships(parameters, features, configuration.network),
        autoencoded.reconstruction,
      ];
    });
    pieces.push(await Promise.all(tensors.map(async (tensor) => await tensor.data() as Float32Array)));
    tf.dispose([...tensors, ...Object.values(batch)]);
  }
  const features = featureCount(configuration.network, { auxiliaries: prepared.auxiliaries.columns });
  const classes = parameters["estimation/output/bias"].shape[0]!, widths = [features, classes, epochs];
  const table = (which: number): Matrix => {
    const all = pieces.flatMap((piece) => [piece[which]]),
      total = all.reduce((n, piece) => n + piece.length, 0);
    const data = new Float64Array(total);
    let at = 0;
    for (const piece of all) {
      data.set(piece, at);
      at += piece.length;
    }
    return matrix(data, count, count === 0 ? widths[which] : total / count);
  };
  const reconstruction = new Float32Array(count * epochs);
  pieces.forEach((piece, i) => reconstruction.set(piece[2], i * 512 * epochs));
  return { features: table(0), logMemberships: table(1), reconstruction };
}

interface Stage<Batch> {
  stage: string;
  trained: ParameterSet;
  loss: LossFunction<Batch>;
  source: (prepared: PreparedSequences) => { examples: number; take(indices: Int32Array): Batch };
  reduction: "mean" | "coupled";
  training: PreparedSequences;
  configuration: NoveltyConfiguration;
  options: TrainNetworksOptions;
}

async function runStage<Batch>(given: Stage<Batch>): Promise<TrainingHistory> {
  const { stage, training, configuration: { training: settings }, options } = given;
  const { validation, checkpoint, progress = silent, signal, seed } = options;
  const count = training.sequences.count, batchSize = Math.min(settings.batchSize, count);
  const epochs = stage === "estimation" ? settings.estimationPasses : settings.passes;
  // A last batch of a few sequences would make a mixture out of nothing, so it is dropped.
  const steps = epochs * Math.floor(count / batchSize);
  const rate = (initial: number) =>
    settings.decay && steps > 1 ? cosineDecay(initial, steps, { final: initial / 100 }) : initial;
  const { history } = await train({
    parameters: given.trained,
    loss: given.loss,
    batches: given.source(training),
    validation: validation && given.source(validation),
    epochs,
    batchSize,
    lastBatch: "drop",
    reduction: given.reduction,
    seed: `${seed}/${stage}`,
    optimizer: adam({
      learningRate: rate(settings.learningRate),
      groups: [{
        accept: (name) => name.startsWith("estimation/"),
        learningRate: rate(settings.estimationLearningRate),
      }],
    }),
    clipNorm: settings.clipNorm,
    checkpoint: checkpoint && { ...checkpoint, directory: `${checkpoint.directory}/${stage}` },
    identity: {
      configuration: JSON.stringify(given.configuration),
      classes: training.sequences.labels!.classNames.join(", "),
      stars: `${training.sequences.count} sequences, ${hashKey(...training.sequences.starIds)}`,
    },
    progress,
    signal,
  });
  signal?.throwIfAborted();
  return history;
}

/** Serves sequences as batches; `target` is all zeros for sequences without labels. */
function batchesOf(prepared: PreparedSequences) {
  const { sequences: { count, epochs, lag, value, weight }, auxiliaries } = prepared;
  return arrayBatches({
    lag: plainArray([count, epochs], lag),
    value: plainArray([count, epochs], value),
    weight: plainArray([count, epochs], weight),
    auxiliary: plainArray([count, auxiliaries.columns], auxiliaries.data),
    target: oneHot(prepared),
  });
}

function oneHot({ sequences: { count, labels } }: PreparedSequences) {
  const classes = labels?.classNames.length ?? 1, data = new Float32Array(count * classes);
  labels?.codes.forEach((code, i) => data[i * classes + code] = 1);
  return plainArray([count, classes], data);
}

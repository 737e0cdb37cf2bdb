/** The autoencoder and the estimation network of paper 004 (section 2.2) as functions of named parameters. */
import {
  createParameters,
  glorotUniform,
  gru,
  type Initializer,
  orthogonal,
  type ParameterSet,
  type StepContext,
  tf,
  zeros,
} from "../../tensor/mod.ts";
import type { NetworkOptions } from "./configuration.ts";

/** Sizes that the data gives, beside the {@link NetworkOptions}. */
export interface NetworkSizes {
  /** Numbers that the estimation network is told beside embedding and reconstruction: mean, deviation, log period, ... */
  auxiliaries: number;
  /** Classes, which are also the components of the mixture. */
  classes: number;
}

/** One batch of sequences on the device. */
export interface SequenceBatch {
  /** Phase differences, `[batch, epochs]`. */
  lag: tf.Tensor2D;
  /** Normalised magnitudes, `[batch, epochs]`. */
  value: tf.Tensor2D;
  /** Weights of eq. 1, `[batch, epochs]`. */
  weight: tf.Tensor2D;
  /** Standardised auxiliary features, `[batch, auxiliaries]`. */
  auxiliary: tf.Tensor2D;
}

/** What the autoencoder makes of a batch. */
export interface Autoencoded {
  /** `[batch, embedding]`. */
  embedding: tf.Tensor2D;
  /** `[batch, epochs]`. */
  reconstruction: tf.Tensor2D;
}

/** Only what dropout needs: a step's context, or nothing outside of training. */
export type Dropout = Pick<StepContext, "dropout"> | undefined;

/**
 * Returns new parameters: recurrent kernels orthogonal, all others Glorot uniform, biases zero (Keras 2.1's defaults,
 * as in the paper). Names begin with `encoder/`, `decoder/` and `estimation/`.
 */
export function createNetwork(
  options: NetworkOptions,
  sizes: NetworkSizes,
  seed: number | string,
): ParameterSet {
  const { units, layers, embedding, estimationUnits = embedding } = options;
  const plan: Record<string, Initializer> = {};
  const recurrent = (name: string, inputs: number) => {
    plan[`${name}/kernel`] = glorotUniform([inputs, 3 * units]);
    plan[`${name}/recurrent`] = orthogonal([units, 3 * units]);
    plan[`${name}/bias`] = zeros([3 * units]);
  };
  const dense = (name: string, inputs: number, outputs: number) => {
    plan[`${name}/kernel`] = glorotUniform([inputs, outputs]);
    plan[`${name}/bias`] = zeros([outputs]);
  };
  for (let i = 0; i < layers; i++) recurrent(`encoder/gru ${i}`, i === 0 ? 2 : units);
  dense("encoder/embedding", units, embedding);
  for (let i = 0; i < layers; i++) recurrent(`decoder/gru ${i}`, i === 0 ? 1 + embedding : units);
  dense("decoder/output", units, 1);
  dense("estimation/hidden", featureCount(options, sizes), estimationUnits);
  dense("estimation/output", estimationUnits, sizes.classes);
  return createParameters(plan, { seed });
}

/** Returns the length l of the estimation network's input: embedding, two reconstruction features, auxiliaries. */
export function featureCount(options: NetworkOptions, sizes: Pick<NetworkSizes, "auxiliaries">): number {
  return options.embedding + 2 + sizes.auxiliaries;
}

/** Encodes sequences (lag and magnitude a step) and decodes them from embedding and lags alone. The caller disposes both tensors. */
export function autoencode(
  parameters: ParameterSet,
  batch: Pick<SequenceBatch, "lag" | "value">,
  options: NetworkOptions,
  dropout?: Dropout,
): Autoencoded {
  return tf.tidy(() => {
    const { layers, recurrentActivation } = options, [count, epochs] = batch.value.shape;
    const drop = (x: tf.Tensor) => dropout ? dropout.dropout(x, options.dropout) : x;
    const recur = (name: string, x: tf.Tensor, returnSequences: boolean) =>
      gru(
        x as tf.Tensor3D,
        parameters[`${name}/kernel`] as tf.Tensor2D,
        parameters[`${name}/recurrent`] as tf.Tensor2D,
        parameters[`${name}/bias`],
        { recurrentActivation, returnSequences },
      );
    let x: tf.Tensor = tf.stack([batch.lag, batch.value], 2);
    for (let i = 0; i < layers; i++) {
      const last = i === layers - 1;
      x = recur(`encoder/gru ${i}`, x, !last);
      if (!last || options.dropoutAfterEncoder) x = drop(x);
    }
    const embedding = dense(parameters, "encoder/embedding", x);
    // Adding to zeros repeats the embedding along time; the gradient of a tile would be one slice a step.
    const repeated = tf.add(tf.expandDims(embedding, 1), tf.zeros([count, epochs, options.embedding]));
    x = tf.concat([tf.expandDims(batch.lag, 2), repeated], 2);
    for (let i = 0; i < layers; i++) {
      x = recur(`decoder/gru ${i}`, x, true);
      if (i < layers - 1) x = drop(x);
    }
    const flat = dense(parameters, "decoder/output", tf.reshape(x, [count * epochs, options.units]));
    return {
      embedding: embedding as tf.Tensor2D,
      reconstruction: tf.reshape(flat, [count, epochs]) as tf.Tensor2D,
    };
  });
}

/**
 * Returns the estimation network's input z = (embedding, distance, cosine, auxiliaries), `[batch, l]` (eq. 2): the
 * distance is ||x - x'|| / ||x||, the cosine is that of x and x', or half of one minus it.
 */
export function featureVector(
  batch: Pick<SequenceBatch, "value" | "auxiliary">,
  autoencoded: Autoencoded,
  options: NetworkOptions,
): tf.Tensor2D {
  return tf.tidy(() => {
    const { value } = batch, { embedding, reconstruction } = autoencoded;
    // The small constant keeps the root's gradient finite at a perfect or an empty reconstruction.
    const norm = (x: tf.Tensor) => tf.sqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-6));
    const length = norm(value);
    const distance = tf.div(norm(tf.sub(value, reconstruction)), length);
    const product = tf.sum(tf.mul(value, reconstruction), 1, true);
    const similarity = tf.div(product, tf.mul(length, norm(reconstruction)));
    const cosine = options.cosine === "similarity" ? similarity : tf.mul(tf.sub(1, similarity), 0.5);
    return tf.concat([embedding, distance, cosine, batch.auxiliary], 1) as tf.Tensor2D;
  });
}

/** Returns the logarithms of the memberships gamma, `[batch, classes]`: dense tanh, dropout, dense softmax. */
export function logMemberships(
  parameters: ParameterSet,
  features: tf.Tensor2D,
  options: NetworkOptions,
  dropout?: Dropout,
): tf.Tensor2D {
  return tf.tidy(() => {
    const hidden = tf.tanh(dense(parameters, "estimation/hidden", features));
    const kept = dropout ? dropout.dropout(hidden, options.estimationDropout) : hidden;
    return tf.logSoftmax(dense(parameters, "estimation/output", kept)) as tf.Tensor2D;
  });
}

function dense(parameters: ParameterSet, name: string, x: tf.Tensor): tf.Tensor {
  return tf.add(
    tf.matMul(x as tf.Tensor2D, parameters[`${name}/kernel`] as tf.Tensor2D),
    parameters[`${name}/bias`],
  );
}

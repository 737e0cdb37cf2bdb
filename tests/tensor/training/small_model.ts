/** A small regression with dropout, used by the tests of the training loop. */
import {
  adam,
  arrayBatches,
  createParameters,
  type EarlyStoppingOptions,
  glorotUniform,
  type LossFunction,
  type ParameterSet,
  train,
  type TrainingResult,
  type TrainOptions,
  zeros,
} from "../../../lib/tensor/training/mod.ts";
import { plainArray } from "../../../lib/tensor/interchange/mod.ts";
import { Random } from "../../../lib/core/mod.ts";
import { tf } from "./backend.ts";

type Batch = { x: tf.Tensor; y: tf.Tensor };

/** 40 + 16 examples of a smooth function of three inputs, with noise. */
function examples(count: number, seed: number) {
  const random = new Random(seed);
  const x = Float32Array.from({ length: count * 3 }, () => random.normal());
  const y = Float32Array.from(
    { length: count },
    (_, i) => Math.sin(x[3 * i]) + 0.5 * x[3 * i + 1] - x[3 * i + 2] + random.normal(0, 0.1),
  );
  return arrayBatches({ x: plainArray([count, 3], x), y: plainArray([count, 1], y) });
}

export const training = examples(40, 1);
export const validation = examples(16, 2);

/** Two dense layers and a counter that is written but not trained. */
export function smallParameters(seed = 7): ParameterSet {
  return createParameters({
    "hidden/kernel": glorotUniform([3, 8]),
    "hidden/bias": zeros([8]),
    "output/kernel": glorotUniform([8, 1]),
    "output/bias": zeros([1]),
    "running/mean": zeros([]),
  }, { seed, frozen: (name) => name.startsWith("running/") });
}

export function smallLoss(parameters: ParameterSet, rate = 0.25): LossFunction<Batch> {
  return ({ x, y }, context) => {
    const hidden = tf.tanh(
      tf.add(
        tf.matMul(x as tf.Tensor2D, parameters["hidden/kernel"] as tf.Tensor2D),
        parameters["hidden/bias"],
      ),
    );
    const dropped = context.dropout(hidden, rate) as tf.Tensor2D;
    const output = tf.add(
      tf.matMul(dropped, parameters["output/kernel"] as tf.Tensor2D),
      parameters["output/bias"],
    );
    if (context.training && parameters["running/mean"] !== undefined) {
      parameters["running/mean"].assign(
        tf.add(tf.mul(parameters["running/mean"], 0.9), tf.mul(tf.mean(y), 0.1)),
      );
    }
    const loss = tf.mean(tf.squaredDifference(output, y)) as tf.Scalar;
    return { loss, metrics: { "absolute error": tf.mean(tf.abs(tf.sub(output, y))) as tf.Scalar } };
  };
}

export interface SmallRun {
  epochs?: number;
  earlyStopping?: EarlyStoppingOptions;
  more?: Partial<TrainOptions<Batch>>;
}

/** Trains the model; the settings are those that make a run long enough to be interrupted. */
export function trainSmall(parameters: ParameterSet, run: SmallRun = {}): Promise<TrainingResult> {
  return train({
    parameters,
    loss: smallLoss(parameters),
    batches: training,
    validation,
    epochs: run.epochs ?? 6,
    batchSize: 12,
    seed: 3,
    optimizer: adam({ learningRate: (step) => 0.02 / (1 + step / 50), amsgrad: true, weightDecay: 0.01 }),
    clipNorm: 1,
    earlyStopping: run.earlyStopping ?? { patience: 50 },
    ...run.more,
  });
}

/** All numbers of a run that must not depend on interruptions, as one text; bits and not decimals for the weights. */
export async function fingerprint(parameters: ParameterSet, result: TrainingResult): Promise<string> {
  const weights: Record<string, string> = {};
  for (const [name, each] of Object.entries(parameters)) {
    weights[name] = Array.from(
      new Uint32Array(Float32Array.from(await each.data()).buffer),
      (word) => word.toString(16),
    ).join(" ");
  }
  const { seconds: _stepSeconds, ...steps } = result.history.steps;
  const { seconds: _epochSeconds, ...epochs } = result.history.epochs;
  return JSON.stringify({ weights, steps, epochs, best: result.best, stoppedBy: result.stoppedBy });
}

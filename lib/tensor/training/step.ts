/** What happens within one training step: the loss of a batch, its gradients, in pieces when asked, and clipping. */
import { tf } from "../tf.ts";
import { demand, EphemeraError, Random } from "../../core/mod.ts";
import { type BatchSource, disposeBatch, visitTensors } from "./batches.ts";
import { applyDropout, hashKey } from "./dropout.ts";
import type { ParameterSet } from "./parameters.ts";

/** Options of {@link StepContext.dropout}. */
export interface DropoutOptions {
  /** Axes along which one draw serves all positions, e.g. `[1]`: the same features are dropped at all times. */
  sharedAxes?: readonly number[];
}

/** What a loss function is told besides the batch. */
export interface StepContext {
  /** False in validation, where dropout does nothing. */
  readonly training: boolean;
  /** Steps taken before this one. */
  readonly step: number;
  /** Epochs completed before this one. */
  readonly epoch: number;
  /** Numbers of the examples in this batch, as given to {@link BatchSource.take}. */
  readonly indices: Int32Array;
  /**
   * Returns `x` with elements dropped at the given rate and the others scaled by 1 / (1 - rate). The draws depend on the
   * seed, the step, how many calls came before in this step, and the place in the batch: nothing else. The first
   * axis must run over the examples of the batch for the draws to be the same when a batch is taken in pieces.
   */
  dropout<T extends tf.Tensor>(x: T, rate: number, options?: DropoutOptions): T;
  /** Returns a generator that depends on the seed, the step and `name` alone. */
  random(name: string): Random;
}

/** Loss of a batch with numbers to watch beside it. */
export interface StepLoss {
  /** What is minimised. */
  loss: tf.Scalar;
  /** Numbers for the history, averaged like the loss. */
  metrics?: Readonly<Record<string, tf.Scalar>>;
  /** Weight of this batch in averages (e.g. its valid observations, when the loss is their mean). Default: its examples. */
  weight?: number;
}

/** A loss as a function of a batch. It is called within a tidy, must not wait, and must not dispose the batch. */
export type LossFunction<Batch> = (batch: Batch, context: StepContext) => tf.Scalar | StepLoss;

/** What {@link makeContext} needs. */
export interface ContextFacts {
  training: boolean;
  seed: number | string;
  step: number;
  epoch: number;
  indices: Int32Array;
  /** Place of the first of `indices` in the whole batch. */
  firstExample: number;
}

/** Returns the context of one call of the loss function. */
export function makeContext(facts: ContextFacts): StepContext {
  const { training, seed, step, epoch, indices, firstExample } = facts;
  let calls = 0;
  return {
    training,
    step,
    epoch,
    indices,
    dropout(x, rate, options = {}) {
      const key = hashKey(seed, "dropout", step, calls++);
      if (!training) return x;
      return applyDropout(x, { rate, key, firstExample, examples: indices.length, ...options });
    },
    random: (name) => new Random(seed).stream("step").stream(step).stream(name),
  };
}

/** Loss and gradients of one batch, or of one piece of it; the receiver disposes them. */
export interface PieceResult {
  loss: tf.Scalar;
  metrics: Record<string, tf.Scalar>;
  weight: number;
  gradients: Record<string, tf.Tensor>;
}

/** Returns the loss of a batch without gradients. */
export function evaluateLoss<Batch>(
  loss: LossFunction<Batch>,
  batch: Batch,
  context: StepContext,
): Omit<PieceResult, "gradients"> {
  return tf.tidy(() => unpack(loss(batch, context), context));
}

/** Returns the loss of a batch and its gradients with respect to the trainable parameters that it depends on. */
export function differentiateLoss<Batch>(
  loss: LossFunction<Batch>,
  batch: Batch,
  context: StepContext,
  parameters: ParameterSet,
): PieceResult {
  const trainable = Object.entries(parameters).filter(([, each]) => each.trainable);
  let beside: Omit<PieceResult, "gradients"> | undefined;
  const { value, grads } = tf.variableGrads(
    () => {
      beside = unpack(loss(batch, context), context);
      Object.values(beside.metrics).forEach((metric) => tf.keep(metric));
      return beside.loss;
    },
    trainable.map(([, each]) => each),
  );
  const gradients: Record<string, tf.Tensor> = {};
  for (const [name, each] of trainable) {
    if (grads[each.name] != null) gradients[name] = grads[each.name];
  }
  return { ...beside!, loss: value, gradients };
}

/** How the losses of single examples make that of a batch. */
export type LossReduction = "mean" | "sum" | "coupled";

/** Arguments of {@link batchGradients}. */
export interface BatchGradientsOptions<Batch> {
  loss: LossFunction<Batch>;
  source: BatchSource<Batch>;
  parameters: ParameterSet;
  indices: Int32Array;
  /** Most examples taken at once. */
  microBatch: number;
  reduction: LossReduction;
  seed: number | string;
  step: number;
  epoch: number;
}

/** Loss and gradients of a whole batch; pieces hold the numbers still to be read from the device. */
export interface BatchGradients {
  gradients: Record<string, tf.Tensor>;
  pieces: { weight: number; loss: tf.Scalar; metrics: Record<string, tf.Scalar> }[];
}

/**
 * Returns the gradients of a batch, taken in pieces of at most `microBatch` examples. For a mean, the pieces are averaged
 * by weight, so that the result is that of the whole batch up to rounding.
 */
export function batchGradients<Batch>(options: BatchGradientsOptions<Batch>): BatchGradients {
  const { loss, source, parameters, indices, microBatch, reduction, seed, step, epoch } = options;
  const pieces: BatchGradients["pieces"] = [];
  let sum: Record<string, tf.Tensor> = {}, weights = 0;
  const whole = indices.length <= microBatch;
  for (let firstExample = 0; firstExample < indices.length; firstExample += microBatch) {
    const part = indices.subarray(firstExample, firstExample + microBatch);
    const context = makeContext({ training: true, seed, step, epoch, indices: part, firstExample });
    const batch = source.take(part);
    let piece: PieceResult;
    try {
      piece = differentiateLoss(loss, batch, context, parameters);
    } finally {
      disposeBatch(batch);
    }
    const { gradients, ...rest } = piece;
    pieces.push(rest);
    weights += rest.weight;
    sum = whole ? gradients : accumulate(sum, gradients, reduction === "sum" ? 1 : rest.weight);
  }
  if (!whole && reduction !== "sum") sum = mapTensors(sum, (each) => tf.mul(each, 1 / weights));
  return { gradients: sum, pieces };
}

/** Returns the norm over all gradients together. */
export function gradientNorm(gradients: Readonly<Record<string, tf.Tensor>>): tf.Scalar {
  return tf.tidy(() => {
    const squares = Object.values(gradients).map((g) => tf.sum(tf.square(g)));
    return tf.sqrt(tf.addN(squares)) as tf.Scalar;
  });
}

/** Options of {@link clipGradients}. */
export interface ClipOptions {
  /** Largest norm of all gradients together; above it all are scaled down by the same factor. Default: no limit. */
  clipNorm?: number;
  /** Largest size of a single component; applied before the norm. Default: no limit. */
  clipValue?: number;
}

/** Returns clipped gradients, which must be finite; disposes those given. */
export function clipGradients(
  gradients: Record<string, tf.Tensor>,
  options: ClipOptions,
): Record<string, tf.Tensor> {
  const { clipNorm, clipValue } = options;
  let clipped = gradients;
  if (clipValue !== undefined) clipped = mapTensors(clipped, (g) => tf.clipByValue(g, -clipValue, clipValue));
  if (clipNorm !== undefined) {
    const scale = tf.tidy(() => tf.div(clipNorm, tf.maximum(gradientNorm(clipped), clipNorm)));
    clipped = mapTensors(clipped, (g) => tf.mul(g, scale));
    scale.dispose();
  }
  return clipped;
}

/** Throws an error that names the step and where the first number that is not finite stands. */
export async function reportNotFinite<Batch>(facts: {
  loss: number;
  norm: number;
  step: number;
  epoch: number;
  gradients: Record<string, tf.Tensor>;
  parameters: ParameterSet;
  source: BatchSource<Batch>;
  indices: Int32Array;
}): Promise<never> {
  const { loss, norm, step, epoch, gradients, parameters, source, indices } = facts;
  const remedy = "lower the learning rate, set clipNorm, or check the loss for logarithms and divisions";
  const found = `${Number.isFinite(loss) ? `a gradient of norm ${norm}` : `a loss of ${loss}`} at step ${
    step + 1
  } (epoch ${epoch + 1})`;
  const expected = "a finite loss and finite gradients";
  const tensors: [string, tf.Tensor, string][] = [];
  const batch = source.take(indices);
  visitTensors(batch, (tensor, path) => tensors.push([path, tensor, "clean the input data"]));
  for (const [name, each] of Object.entries(parameters)) tensors.push([`parameter ${name}`, each, remedy]);
  for (const [name, each] of Object.entries(gradients)) {
    tensors.push([`gradient of parameter ${name}`, each, remedy]);
  }
  try {
    for (const [where, tensor, advice] of tensors) {
      const values = await tensor.data<"float32">();
      const bad = values.findIndex((value) => !Number.isFinite(value));
      if (bad < 0) continue;
      throw new EphemeraError({
        expected,
        found,
        where: `${where}, element ${bad} is ${values[bad]}`,
        remedy: advice,
      });
    }
  } finally {
    disposeBatch(batch);
  }
  throw new EphemeraError({ expected, found, remedy });
}

function unpack(result: tf.Scalar | StepLoss, context: StepContext): Omit<PieceResult, "gradients"> {
  const { loss, metrics = {}, weight = context.indices.length }: StepLoss = result instanceof tf.Tensor
    ? { loss: result as tf.Scalar }
    : result;
  const scalars: [string, tf.Tensor][] = [["loss", loss], ...Object.entries(metrics)];
  for (const [name, tensor] of scalars) {
    demand(tensor instanceof tf.Tensor && tensor.rank === 0, () => ({
      expected: "a scalar tensor",
      found: tensor instanceof tf.Tensor ? `shape [${tensor.shape.join(", ")}]` : typeof tensor,
      where: `the loss function's ${name}`,
    }));
  }
  demand(weight > 0 && Number.isFinite(weight), {
    expected: "a positive, finite weight",
    found: String(weight),
    where: "the loss function's weight",
  });
  return { loss, metrics: { ...metrics }, weight };
}

function accumulate(
  sum: Record<string, tf.Tensor>,
  gradients: Record<string, tf.Tensor>,
  weight: number,
): Record<string, tf.Tensor> {
  const total = { ...sum };
  for (const [name, gradient] of Object.entries(gradients)) {
    const before = sum[name];
    total[name] = tf.tidy(() => {
      const weighted = tf.mul(gradient, weight);
      return before === undefined ? weighted : tf.add(before, weighted);
    });
    before?.dispose();
    gradient.dispose();
  }
  return total;
}

function mapTensors(
  tensors: Record<string, tf.Tensor>,
  map: (tensor: tf.Tensor) => tf.Tensor,
): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, each]) => {
      const mapped = tf.tidy(() => map(each));
      each.dispose();
      return [name, mapped];
    }),
  );
}

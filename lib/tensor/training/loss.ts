/** What a loss is, and its value and gradients for one batch. */
import { tf } from "../tf.ts";
import { demand } from "../../core/mod.ts";
import type { ParameterSet } from "./parameters.ts";
import type { StepContext } from "./step_context.ts";

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

/**
 * A loss in two stages, for losses in which the examples of a batch meet (a density fitted to the batch, a contrast
 * between its members). What `embed` computes, example by example, can be taken in pieces even so: the batch's embeddings
 * are put together, `combine` is differentiated with respect to them, and each piece is then computed once more with the
 * gradient that it received. The result is that of the whole batch to rounding, at the price of one more forward pass.
 *
 * @example
 * ```ts
 * import { type StagedLoss, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * // Embeddings far from the batch's mean cost: no sum over examples taken one by one.
 * const weights = tf.variable(tf.ones([3, 2])) as tf.Variable<tf.Rank.R2>;
 * const loss: StagedLoss<{ x: tf.Tensor2D }> = {
 *   embed: ({ x }) => ({ z: tf.matMul(x, weights) }),
 *   combine: ({ z }) => tf.sum(tf.square(tf.sub(z, tf.mean(z, 0)))) as tf.Scalar,
 * };
 * assert.equal(typeof loss.combine, "function"); // give it to train() as `loss`
 * ```
 */
export interface StagedLoss<Batch> {
  /**
   * Returns tensors whose first axis runs over the examples, including what `combine` needs besides (labels). Is called
   * twice a step when a batch is taken in pieces, and must not write to parameters.
   */
  embed: (batch: Batch, context: StepContext) => Readonly<Record<string, tf.Tensor>>;
  /** Returns the loss of the whole batch from its embeddings. */
  combine: (embedded: Readonly<Record<string, tf.Tensor>>, context: StepContext) => tf.Scalar | StepLoss;
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
  loss: LossFunction<Batch> | StagedLoss<Batch>,
  batch: Batch,
  context: StepContext,
): Omit<PieceResult, "gradients"> {
  return tf.tidy(() => unpack(asFunction(loss)(batch, context), context));
}

/** Returns the loss of a batch and its gradients with respect to the trainable parameters that it depends on. */
export function differentiateLoss<Batch>(
  loss: LossFunction<Batch> | StagedLoss<Batch>,
  batch: Batch,
  context: StepContext,
  parameters: ParameterSet,
): PieceResult {
  const trainable = Object.entries(parameters).filter(([, each]) => each.trainable);
  let beside: Omit<PieceResult, "gradients"> | undefined;
  const { value, grads } = tf.variableGrads(
    () => {
      beside = unpack(asFunction(loss)(batch, context), context);
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

/** Returns a staged loss as one function of the batch. */
function asFunction<Batch>(loss: LossFunction<Batch> | StagedLoss<Batch>): LossFunction<Batch> {
  if (typeof loss === "function") return loss;
  return (batch, context) => loss.combine(loss.embed(batch, context.part("embed")), context.part("combine"));
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

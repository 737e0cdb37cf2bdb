/** Gradients of a batch that is taken whole or, when memory is short, in pieces. */
import { tf } from "../tf.ts";
import { type BatchSource, disposeBatch } from "./batches.ts";
import { differentiateLoss, type LossFunction, type StagedLoss } from "./loss.ts";
import { mapTensors } from "./map_tensors.ts";
import type { ParameterSet } from "./parameters.ts";
import { makeContext, type StepContext } from "./step_context.ts";

/** How the losses of single examples make that of a batch. */
export type LossReduction = "mean" | "sum" | "coupled";

/** Arguments of {@link batchGradients}. */
export interface BatchGradientsOptions<Batch> {
  loss: LossFunction<Batch> | StagedLoss<Batch>;
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
  const { loss, parameters, indices, microBatch, reduction } = options;
  const whole = indices.length <= microBatch;
  if (!whole && typeof loss !== "function") return stagedGradients(options, loss);
  const pieces: BatchGradients["pieces"] = [];
  let sum: Record<string, tf.Tensor> = {}, weights = 0;
  forEachPiece(options, (batch, context) => {
    const { gradients, ...rest } = differentiateLoss(loss, batch, context, parameters);
    pieces.push(rest);
    weights += rest.weight;
    sum = whole ? gradients : accumulate(sum, gradients, reduction === "sum" ? 1 : rest.weight);
  });
  if (!whole && reduction !== "sum") sum = mapTensors(sum, (each) => tf.mul(each, 1 / weights));
  return { gradients: sum, pieces };
}

/** Calls `work` with each piece of the batch and frees the piece. */
function forEachPiece<Batch>(
  options: BatchGradientsOptions<Batch>,
  work: (batch: Batch, context: StepContext, firstExample: number) => void,
): void {
  const { source, indices, microBatch, seed, step, epoch } = options;
  for (let firstExample = 0; firstExample < indices.length; firstExample += microBatch) {
    const part = indices.slice(firstExample, firstExample + microBatch);
    const batch = source.take(part);
    try {
      work(
        batch,
        makeContext({ training: true, seed, step, epoch, indices: part, firstExample }),
        firstExample,
      );
    } finally {
      disposeBatch(batch);
    }
  }
}

/** The gradients of a staged loss in pieces: embed all, differentiate what joins them, pass the gradients back through each piece. */
function stagedGradients<Batch>(
  options: BatchGradientsOptions<Batch>,
  loss: StagedLoss<Batch>,
): BatchGradients {
  const { parameters, indices, seed, step, epoch } = options;
  const embedded = embedAll(options, loss);
  const context = makeContext({ training: true, seed, step, epoch, indices, firstExample: 0 });
  // The embeddings stand beside the parameters as variables, so that one backward pass serves both.
  const inputs = Object.fromEntries(
    Object.entries(embedded).filter(([, each]) => each.dtype === "float32").map(([name, each]) =>
      [`embedded ${name}`, tf.variable(each)] as const
    ),
  );
  const { gradients, ...numbers } = differentiateLoss(
    () => {
      const all = Object.fromEntries(
        Object.entries(embedded).map(([name, each]) => [name, inputs[`embedded ${name}`] ?? each]),
      );
      return loss.combine(all, context.part("combine"));
    },
    undefined,
    context,
    { ...parameters, ...inputs },
  );
  let sum: Record<string, tf.Tensor> = {};
  const received: Record<string, tf.Tensor> = {};
  for (const [name, gradient] of Object.entries(gradients)) {
    if (name in inputs) received[name.slice("embedded ".length)] = gradient;
    else sum[name] = gradient;
  }
  forEachPiece(options, (batch, context, firstExample) => {
    const piece = differentiateLoss(
      (batch: Batch, context) => {
        const again = loss.embed(batch, context.part("embed"));
        const products = Object.entries(received).map(([name, gradient]) => {
          const size = [context.indices.length, ...gradient.shape.slice(1)];
          const rows = tf.slice(gradient, [firstExample, ...gradient.shape.slice(1).map(() => 0)], size);
          return tf.sum(tf.mul(again[name], rows));
        });
        return tf.addN(products) as tf.Scalar;
      },
      batch,
      context,
      parameters,
    );
    piece.loss.dispose();
    sum = accumulate(sum, piece.gradients, 1);
  });
  tf.dispose([received, inputs, embedded]);
  return { gradients: sum, pieces: [numbers] };
}

/** The embeddings of a whole batch, computed piece by piece. */
function embedAll<Batch>(
  options: BatchGradientsOptions<Batch>,
  loss: StagedLoss<Batch>,
): Record<string, tf.Tensor> {
  const parts: Record<string, tf.Tensor[]> = {};
  forEachPiece(options, (batch, context) => {
    // A copy, since a piece may hand a tensor of its batch through, which is freed with the batch.
    const embedded = tf.tidy(() =>
      Object.fromEntries(
        Object.entries(loss.embed(batch, context.part("embed"))).map((
          [name, each],
        ) => [name, tf.clone(each)]),
      )
    );
    for (const [name, each] of Object.entries(embedded)) (parts[name] ??= []).push(each);
  });
  return Object.fromEntries(
    Object.entries(parts).map(([name, list]) => {
      const whole = tf.concat(list, 0);
      tf.dispose(list);
      return [name, whole];
    }),
  );
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

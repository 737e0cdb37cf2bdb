import type { tf } from "../tf.ts";
import { EphemeraError } from "../../core/mod.ts";
import { type BatchSource, disposeBatch, visitTensors } from "./batches.ts";
import type { ParameterSet } from "./parameters.ts";

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

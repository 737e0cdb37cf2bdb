import { refuseSecondDerivative } from "../first_derivative.ts";
import { tf } from "../tf.ts";

/** One function per input, called only for the inputs whose gradient somebody asked for. */
export type LazyGradients = Record<string, () => tf.Tensor>;

/** An operation together with its hand-written gradient. */
export interface LazyOperation {
  /** What it is, for messages. */
  name: string;
  /** The tensors that the operation depends on, by name. Gradients are asked for in this order. */
  inputs: Record<string, tf.Tensor>;
  /**
   * Computes the value. `save` keeps tensors for the backward pass; `training` is false when nothing records, so that
   * what only a gradient needs may be left out.
   */
  forward: (save: (tensors: tf.Tensor[]) => void, training: boolean) => tf.Tensor;
  /** Receives the gradient of the value and what was saved, and answers with one function per input. */
  backward: (dy: tf.Tensor, saved: tf.Tensor[]) => LazyGradients;
}

/** The part of tfjs-core's engine that `tf.customGrad` itself is made of; its type file hides it. */
interface KernelRunner {
  runKernelFunc(parameters: {
    forwardFunc: (backend: unknown, save: (tensors: tf.Tensor[]) => void) => tf.Tensor;
    backwardsFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => LazyGradients;
    inputs: Record<string, tf.Tensor>;
  }): tf.Tensor;
}

/**
 * Runs an operation with a gradient of its own, like `tf.customGrad`, except that each input's gradient is computed
 * only when it is asked for: the first layer of a network never pays for the gradient of its data.
 *
 * @returns the value of `operation.forward`, recorded on the tape.
 * @throws EphemeraError, from the backward pass, when a derivative of a derivative is asked for.
 */
export function lazyGradient(operation: LazyOperation): tf.Tensor {
  const engine = tf.engine();
  const training = engine.isTapeOn();
  return (engine as unknown as KernelRunner).runKernelFunc({
    forwardFunc: (_backend, save) => operation.forward(save, training),
    backwardsFunc: (dy, saved) => {
      refuseSecondDerivative(operation.name);
      return operation.backward(dy, saved);
    },
    inputs: operation.inputs,
  });
}

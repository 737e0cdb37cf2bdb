import { tf } from "../tf.ts";

/** One parameter's part of an Adam step. */
export interface AdamSlot {
  parameter: tf.Variable;
  gradient: tf.Tensor;
  /** Running mean of gradients. */
  first: tf.Variable;
  /** Running mean of squared gradients. */
  second: tf.Variable;
  /** Largest `second` so far (AMSGrad), or undefined. */
  largest?: tf.Variable;
  /** Learning rate of this parameter at this step. */
  rate: number;
  /** Factor on the parameter before the step: 1 - rate * weight decay. */
  shrink: number;
}

/** An Adam step over all parameters. */
export interface AdamJob {
  slots: readonly AdamSlot[];
  beta1: number;
  beta2: number;
  epsilon: number;
  /** 1 - beta1^t, with t counted from 1. */
  correction1: number;
  /** 1 - beta2^t. */
  correction2: number;
}

const implementations = new Map<string, (job: AdamJob) => void>();

/**
 * Gives a backend its own way to take the whole step at once. It must leave the variables with the values that
 * {@link applyAdam} would give, to rounding; it may write into their storage, since nothing else keeps hold of it.
 */
export function registerAdam(backend: string, implementation: (job: AdamJob) => void): void {
  implementations.set(backend, implementation);
}

/** Takes an Adam step, changing parameters and moments in place; composed of stock operations unless the backend has its own. */
export function applyAdam(job: AdamJob): void {
  const own = implementations.get(tf.getBackend());
  if (own !== undefined) own(job);
  else for (const slot of job.slots) tf.tidy(() => applyToOne(slot, job));
}

function applyToOne(slot: AdamSlot, job: AdamJob): void {
  const { parameter, gradient, first, second, largest, rate, shrink } = slot;
  const { beta1, beta2, epsilon, correction1, correction2 } = job;
  const mean = tf.add(tf.mul(first, beta1), tf.mul(gradient, 1 - beta1));
  const square = tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), 1 - beta2));
  const bound = largest === undefined ? square : tf.maximum(largest, square);
  const divisor = tf.add(tf.mul(tf.sqrt(bound), 1 / Math.sqrt(correction2)), epsilon);
  const move = tf.mul(tf.div(mean, divisor), rate / correction1);
  const kept = shrink === 1 ? parameter : tf.mul(parameter, shrink);
  first.assign(mean);
  second.assign(square);
  largest?.assign(bound);
  parameter.assign(tf.sub(kept, move));
}

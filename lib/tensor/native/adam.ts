import { demand } from "../../core/mod.ts";
import { type AdamJob, registerAdam } from "../training/apply_adam.ts";
import { tf } from "../tf.ts";
import type { Handle } from "./operations.ts";
import { NativeScope } from "./scope.ts";

/** `1 - beta^t` for the 32-bit beta with which TensorFlow updates a mean, from that of the exact one. */
function roundedCorrection(beta: number, correction: number): number {
  if (beta === 0) return 1;
  const steps = Math.round(Math.log1p(-correction) / Math.log(beta));
  return 1 - Math.fround(beta) ** steps;
}

/**
 * An Adam step by TensorFlow's operation for it, which passes once over a parameter. TensorFlow takes `1 - beta2` of the
 * 32-bit `beta2`, so that its second moments differ by about 1e-5 of themselves; the correction for it makes the steps
 * agree.
 */
function nativeAdam(job: AdamJob): void {
  demand(job.beta2 === 0 || Math.fround(job.beta2) < 1, {
    expected: "a beta2 below 1 in 32 bits",
    found: `${job.beta2}`,
    where: "adam on native TensorFlow",
  });
  NativeScope.run((scope) => {
    const { beta1, beta2, epsilon } = job;
    const root = Math.sqrt(roundedCorrection(beta2, job.correction2));
    const correction1 = roundedCorrection(beta1, job.correction1);
    // The corrections go into the rate and epsilon, where they are exact; to the operation both powers are 0.
    const zero = scope.scalar(0), betas = [scope.scalar(beta1), scope.scalar(beta2)];
    const added = scope.scalar(epsilon * root), rates = new Map<number, Handle>();
    for (const { parameter, gradient, first, second, largest, rate, shrink } of job.slots) {
      // A gradient that does not fit must not leave the parameter half changed.
      demand(tf.util.arraysEqual(gradient.shape, parameter.shape), {
        expected: `a gradient of shape [${parameter.shape}]`,
        found: `[${gradient.shape}]`,
        where: `adam, ${parameter.name}`,
      });
      if (shrink !== 1) {
        const shrunk = tf.mul(parameter, shrink);
        parameter.assign(shrunk);
        shrunk.dispose();
      }
      if (!rates.has(rate)) rates.set(rate, scope.scalar(rate * root / correction1));
      const name = largest ? "ResourceApplyAdamWithAmsgrad" : "ResourceApplyAdam";
      const given = [zero, zero, rates.get(rate)!, ...betas, added, scope.of(gradient)];
      const variables = [parameter, first, second, ...(largest ? [largest] : [])];
      scope.withResources(variables, (resources) => scope.change(name, ...resources, ...given));
    }
  });
}

/** Gives native TensorFlow its own Adam step. */
export function registerNativeAdam(): void {
  registerAdam("tensorflow", nativeAdam);
}

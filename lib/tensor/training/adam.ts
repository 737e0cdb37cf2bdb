/**
 * Adam (Kingma & Ba 2015, algorithm 1), AMSGrad (Reddi, Kale & Kumar 2018) and decoupled weight decay (Loshchilov &
 * Hutter 2019) as two plain functions over named tensors. The state is a {@link ParameterSet} like the parameters
 * themselves, so that it is saved and restored by the same code.
 */
import { tf } from "../tf.ts";
import { demand } from "../../core/mod.ts";
import { applyAdam } from "./apply_adam.ts";
import type { ParameterSet } from "./parameters.ts";
import { describeSchedule, type Schedule, scheduleAt } from "./schedules.ts";

/** What an optimiser must offer to the training loop. */
export interface Optimizer {
  /** Name and settings, rates included, in one line; a checkpoint of another optimiser is refused by it. */
  readonly description: string;
  /** Returns the state before the first step, zero tensors by name; the caller disposes it. */
  init(parameters: ParameterSet): ParameterSet;
  /** Takes one step: changes `parameters` and `state` in place. Returns the learning rate of the first group. */
  update(step: OptimizerStep): number;
}

/** Arguments of {@link Optimizer.update}. */
export interface OptimizerStep {
  parameters: ParameterSet;
  /** Gradients by parameter name. A parameter without one is left as it is. */
  gradients: Readonly<Record<string, tf.Tensor>>;
  state: ParameterSet;
  /** Steps taken before this one. */
  step: number;
}

/** Settings for some of the parameters. */
export interface ParameterGroup {
  /** Which parameters, by name. The first group that accepts a name has it. */
  accept: (name: string) => boolean;
  /** Default: that of all. */
  learningRate?: Schedule;
  /** Default: that of all. */
  weightDecay?: number;
}

/** Options of {@link adam}. */
export interface AdamOptions {
  /** Default 0.001. */
  learningRate?: Schedule;
  /** Decay of the mean of gradients. Default 0.9. */
  beta1?: number;
  /** Decay of the mean of squared gradients. Default 0.999. */
  beta2?: number;
  /**
   * Added to the root of the corrected second moment, as in the paper and in PyTorch. Default 1e-8. Keras adds its 1e-7 to
   * the uncorrected root, which is up to 30 times smaller in the first steps: there its epsilon weighs as much more.
   */
  epsilon?: number;
  /** Decoupled: each step also shrinks parameters by learningRate * weightDecay. Default 0. */
  weightDecay?: number;
  /** Divide by the largest second moment so far instead of the present one. Default false. */
  amsgrad?: boolean;
  /** Parameters with settings of their own, e.g. an estimation network at another rate. */
  groups?: readonly ParameterGroup[];
}

/**
 * Returns the Adam optimiser. With g the gradient and t the number of this step from 1:
 * m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2,
 * p = p - rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon); with `amsgrad` v is its running maximum there.
 *
 * @throws EphemeraError for settings outside their range
 *
 * @example
 * ```ts
 * import { adam, constant, createParameters, disposeParameters, readParameters, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const parameters = createParameters({ x: constant([], 1) }, { seed: 0 });
 * const optimizer = adam({ learningRate: 0.1 });
 * const state = optimizer.init(parameters);
 * const gradient = tf.scalar(3);
 * optimizer.update({ parameters, gradients: { x: gradient }, state, step: 0 });
 * const after = (await readParameters(parameters)).get("x")!;
 * assert.ok(Math.abs(Number(after.data[0]) - 0.9) < 1e-6); // the first step has the length of the rate
 * gradient.dispose();
 * disposeParameters(state);
 * disposeParameters(parameters);
 * ```
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const {
    learningRate = 1e-3,
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-8,
    weightDecay = 0,
    amsgrad = false,
  } = options;
  const groups: readonly ParameterGroup[] = [...(options.groups ?? []), { accept: () => true }];
  const decays = [["beta1", beta1], ["beta2", beta2]] as const;
  for (const [name, value] of decays) {
    demand(value >= 0 && value < 1, {
      expected: "a number from 0 to below 1",
      found: String(value),
      where: `adam, ${name}`,
    });
  }
  demand(epsilon > 0, { expected: "a positive epsilon", found: String(epsilon), where: "adam" });
  const described = groups.map((group) =>
    `learningRate=${describeSchedule(group.learningRate ?? learningRate)} ` +
    `weightDecay=${group.weightDecay ?? weightDecay}`
  );
  const moments = amsgrad ? ["first", "second", "largest"] : ["first", "second"];

  return {
    description: `adam beta1=${beta1} beta2=${beta2} epsilon=${epsilon} amsgrad=${amsgrad} ` +
      `${described.at(-1)}${described.slice(0, -1).map((group) => `, group ${group}`).join("")}`,
    init(parameters) {
      const state: Record<string, tf.Variable> = {};
      for (const [name, parameter] of Object.entries(parameters)) {
        if (!parameter.trainable) continue;
        for (const moment of moments) {
          const start = tf.zeros(parameter.shape);
          state[`${moment}/${name}`] = tf.variable(start, false);
          start.dispose();
        }
      }
      return state;
    },
    update({ parameters, gradients, state, step }) {
      const slots = Object.entries(gradients).map(([name, gradient]) => {
        const group = groups.find((each) => each.accept(name))!;
        const rate = scheduleAt(group.learningRate ?? learningRate, step);
        return {
          parameter: parameters[name],
          gradient,
          first: state[`first/${name}`],
          second: state[`second/${name}`],
          largest: amsgrad ? state[`largest/${name}`] : undefined,
          rate,
          shrink: 1 - rate * (group.weightDecay ?? weightDecay),
        };
      });
      applyAdam({
        slots,
        beta1,
        beta2,
        epsilon,
        correction1: 1 - Math.pow(beta1, step + 1),
        correction2: 1 - Math.pow(beta2, step + 1),
      });
      return scheduleAt(learningRate, step);
    },
  };
}

/**
 * Batch renormalisation (Ioffe 2017): batch normalisation whose training sees what prediction will see, because moving
 * statistics take part in both. The moving statistics are arguments and results, never hidden.
 */
import { demand } from "../core/mod.ts";
import { batchNorm, constant, type Initializer, type ParameterSet, tf, zeros } from "../tensor/mod.ts";
import { parameterOf } from "./dense.ts";

/** How far the correction of {@link batchRenormalise} may go. `{ ratio: 1, shift: 0 }` is batch normalisation. */
export interface RenormalisationLimits {
  /** r_max, from 1: the factor r stays within 1 / r_max and r_max. */
  ratio: number;
  /** d_max, from 0: the shift d stays within -d_max and d_max. */
  shift: number;
}

/** Options of {@link renormalisationLimits}; the defaults are those of Ioffe (2017), section 4. */
export interface LimitScheduleOptions {
  /** r_max in the end. Default 3. */
  ratio?: number;
  /** d_max in the end. Default 5. */
  shift?: number;
  /** Steps of plain batch normalisation before the limits begin to widen. Default 5000. */
  plainSteps?: number;
  /** Step at which r_max has its last value. Default 40 000. */
  ratioSteps?: number;
  /** Step at which d_max has its last value. Default 25 000. */
  shiftSteps?: number;
}

/**
 * Returns the limits at a training step: r_max = 1 and d_max = 0 at first, then both widen to their last values. The
 * paper says "gradually"; here that is linear in the step.
 *
 * @param step steps taken before this one, from 0
 * @throws EphemeraError for limits or steps out of order
 *
 * @example
 * ```ts
 * import { renormalisationLimits } from "ephemera/layers";
 * import assert from "node:assert/strict";
 * assert.deepEqual(renormalisationLimits(0), { ratio: 1, shift: 0 });
 * assert.deepEqual(renormalisationLimits(22_500), { ratio: 2, shift: 4.375 });
 * assert.deepEqual(renormalisationLimits(1e6), { ratio: 3, shift: 5 });
 * ```
 */
export function renormalisationLimits(
  step: number,
  options: LimitScheduleOptions = {},
): RenormalisationLimits {
  const { ratio = 3, shift = 5, plainSteps = 5000, ratioSteps = 40_000, shiftSteps = 25_000 } = options;
  checkLimits({ ratio, shift }, "renormalisationLimits");
  demand(plainSteps >= 0 && ratioSteps >= plainSteps && shiftSteps >= plainSteps, () => ({
    expected: "limits that begin to widen before they are widest",
    found: `plainSteps ${plainSteps}, ratioSteps ${ratioSteps}, shiftSteps ${shiftSteps}`,
    where: "renormalisationLimits",
  }));
  demand(step >= 0, { expected: "a step from 0", found: String(step), where: "renormalisationLimits" });
  const progress = (end: number) =>
    step >= end ? 1 : Math.max(0, (step - plainSteps) / Math.max(1, end - plainSteps));
  return { ratio: 1 + (ratio - 1) * progress(ratioSteps), shift: shift * progress(shiftSteps) };
}

function checkLimits({ ratio, shift }: RenormalisationLimits, where: string): void {
  demand(ratio >= 1 && shift >= 0, () => ({
    expected: "a ratio from 1 and a shift from 0",
    found: `ratio ${ratio}, shift ${shift}`,
    where,
  }));
}

/** The moving statistics of one layer. */
export type NormalisationState = {
  /** Moving mean mu of each channel, `[channels]`. At first 0. */
  mean: tf.Tensor1D;
  /** Moving deviation sigma of each channel, `[channels]`, positive, epsilon included. At first 1. */
  deviation: tf.Tensor1D;
};

/** Options of {@link batchRenormalise}. */
export interface BatchRenormaliseOptions {
  /** How far r and d may go. Default `{ ratio: 3, shift: 5 }`, the last of the schedule. */
  limits?: RenormalisationLimits;
  /** alpha: share of this batch in the new moving statistics, above 0 and up to 1. Default 0.01. */
  rate?: number;
  /** Added to the variance. Default 1e-3. */
  epsilon?: number;
}

/** What {@link batchRenormalise} returns; the caller disposes all three tensors. */
export type Renormalised = {
  /** The normalised tensor, of the shape of `x`. */
  value: tf.Tensor;
  /** The moving statistics after this batch. Not differentiable. */
  state: NormalisationState;
};

/**
 * Batch renormalisation while training (Ioffe 2017, algorithm 1; paper 003, eq. 2.33). With the batch's mean mu_B and
 * deviation sigma_B = sqrt(variance + epsilon) of each channel (last axis), over all other axes:
 *
 *     r = clip(sigma_B / sigma, 1 / r_max, r_max)      d = clip((mu_B - mu) / sigma, -d_max, d_max)
 *     y = gain ((x - mu_B) / sigma_B r + d) + offset
 *     mu <- mu + alpha (mu_B - mu)                     sigma <- sigma + alpha (sigma_B - sigma)
 *
 * Differentiable in `x`, `gain` and `offset`, through mu_B and sigma_B; r and d count as constants. Where neither is
 * clipped, y is `x` normalised by the moving statistics. Every row counts in the batch's statistics, those too that pad
 * a sequence: leave them out.
 *
 * @param x `[batch, features]`, `[batch, height, width, channels]` or any other rank, float32
 * @param gain gamma, `[channels]`, or null for ones
 * @param offset beta, `[channels]`, or null for zeros
 * @param state moving statistics before this batch; they stay the caller's
 * @throws EphemeraError when shapes do not fit or an option is out of range
 *
 * @example
 * ```ts
 * import { batchRenormalise } from "ephemera/layers";
 * import { tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const state = { mean: tf.tensor1d([1]), deviation: tf.tensor1d([2]) };
 * const result = batchRenormalise(tf.tensor2d([[1], [5]]), null, null, state, { rate: 0.5 });
 * // Within the limits: (x - 1) / 2.
 * assert.ok(Math.abs(result.value.dataSync()[1] - 2) < 1e-5);
 * assert.deepEqual([...result.state.mean.dataSync()], [2]);
 * ```
 */
export function batchRenormalise(
  x: tf.Tensor,
  gain: tf.Tensor1D | null,
  offset: tf.Tensor1D | null,
  state: NormalisationState,
  options: BatchRenormaliseOptions = {},
): Renormalised {
  const { limits = { ratio: 3, shift: 5 }, rate = 0.01, epsilon = 1e-3 } = options;
  checkChannels(x, { ...state, gain, offset }, "batchRenormalise");
  checkLimits(limits, "batchRenormalise");
  demand(rate > 0 && rate <= 1, {
    expected: "a rate above 0 and up to 1",
    found: String(rate),
    where: "batchRenormalise",
  });
  const deviationOf = (variance: tf.Tensor) => tf.sqrt(tf.add(variance, epsilon));
  const moved = (mean: tf.Tensor, deviation: tf.Tensor) => [
    tf.add(state.mean, tf.mul(tf.sub(mean, state.mean), rate)),
    tf.add(state.deviation, tf.mul(tf.sub(deviation, state.deviation), rate)),
  ];
  return tf.tidy(() => {
    if (limits.ratio === 1 && limits.shift === 0) {
      const { value, mean, variance } = batchNorm(x, gain, offset, { epsilon });
      const next = rowsOf(detached(() => tf.stack(moved(mean, deviationOf(variance)))));
      return { value, state: { mean: next[0], deviation: next[1] } };
    }
    const [r, d, mean, deviation] = rowsOf(detached(() => {
      const batch = batchNorm(x, null, null, { epsilon }), deviation = deviationOf(batch.variance);
      const ratio = tf.div(deviation, state.deviation);
      const shift = tf.div(tf.sub(batch.mean, state.mean), state.deviation);
      return tf.stack([
        tf.clipByValue(ratio, 1 / limits.ratio, limits.ratio),
        tf.clipByValue(shift, -limits.shift, limits.shift),
        ...moved(batch.mean, deviation),
      ]);
    }));
    // r and d go into gain and offset, so that one fused normalisation does all, backward too.
    const factor = gain ? tf.mul(gain, r) as tf.Tensor1D : r;
    const correction = gain ? tf.mul(gain, d) as tf.Tensor1D : d;
    const shift = offset ? tf.add(offset, correction) as tf.Tensor1D : correction;
    return { value: batchNorm(x, factor, shift, { epsilon }).value, state: { mean, deviation } };
  });
}

/** Returns a value that counts as a constant in derivatives: what a custom gradient computes is not recorded, and it has no inputs. */
function detached(compute: () => tf.Tensor): tf.Tensor {
  return tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }))();
}

function rowsOf(table: tf.Tensor): tf.Tensor1D[] {
  return tf.unstack(table) as tf.Tensor1D[];
}

function checkChannels(
  x: tf.Tensor,
  vectors: Readonly<Record<string, tf.Tensor | null>>,
  where: string,
): void {
  demand(x.rank >= 2 && x.size > 0 && x.dtype === "float32", () => ({
    expected: "a float32 tensor [batch, ..., channels] that is not empty",
    found: `${x.dtype} [${x.shape.join(", ")}]`,
    where,
  }));
  const channels = x.shape.at(-1)!;
  for (const [name, each] of Object.entries(vectors)) {
    demand(each === null || (each.rank === 1 && each.shape[0] === channels), () => ({
      expected: `${name} of shape [${channels}]`,
      found: `[${each!.shape.join(", ")}]`,
      where,
    }));
  }
}

/**
 * Normalises by moving statistics, which is what prediction does: gain (x - mu) / sigma + offset. An example's result does
 * not depend on the others of its batch. Differentiable. Moving statistics of plain batch normalisation serve as well:
 * sigma is then sqrt(moving variance + epsilon).
 *
 * @param x `[batch, ..., channels]`, float32
 * @param gain `[channels]`, or null for ones
 * @param offset `[channels]`, or null for zeros
 * @returns a tensor of the shape of `x`; the caller disposes it
 * @throws EphemeraError when shapes do not fit
 */
export function normaliseByState(
  x: tf.Tensor,
  gain: tf.Tensor1D | null,
  offset: tf.Tensor1D | null,
  state: NormalisationState,
): tf.Tensor {
  checkChannels(x, { ...state, gain, offset }, "normaliseByState");
  return tf.tidy(() => {
    const factor = gain ? tf.div(gain, state.deviation) : tf.reciprocal(state.deviation);
    // The mean is taken off first: folded into the offset it would cost digits where it is large.
    const scaled = tf.mul(tf.sub(x, state.mean), factor);
    return offset ? tf.add(scaled, offset) : scaled;
  });
}

/** How the normalisations of a network work in one call. */
export interface NormalisationMode extends BatchRenormaliseOptions {
  /** True: by the batch, with new moving statistics. False: by the moving statistics. */
  training: boolean;
}

/** New moving statistics by the name of their parameter; empty in prediction. */
export type MovingStatistics = Readonly<Record<string, tf.Tensor1D>>;

/** What a network with normalisations returns; the caller disposes all tensors. A type, so that `tf.tidy` may return it. */
export type Normalised<Value extends tf.Tensor = tf.Tensor> = {
  value: Value;
  /** For {@link assignStatistics}. */
  statistics: MovingStatistics;
};

/**
 * Declares the parameters of a normalisation: `gain` (ones) and `offset` (zeros), and the moving statistics `moving mean`
 * (zeros) and `moving deviation` (ones), which {@link isMovingStatistic} tells from what is trained.
 *
 * @param name prefix of the names
 */
export function normalisationParameters(name: string, channels: number): Record<string, Initializer> {
  return {
    [`${name}/gain`]: constant([channels], 1),
    [`${name}/offset`]: zeros([channels]),
    [`${name}/moving mean`]: zeros([channels]),
    [`${name}/moving deviation`]: constant([channels], 1),
  };
}

/** Whether a parameter holds moving statistics, for `frozen` of `createParameters`: no gradient is taken for them. */
export function isMovingStatistic(name: string): boolean {
  return /(^|\/)moving (mean|deviation)$/.test(name);
}

/**
 * Applies the normalisation that {@link normalisationParameters} declared.
 *
 * @param parameters hold the four tensors under `name`
 * @param x `[batch, ..., channels]`
 * @throws EphemeraError when shapes do not fit or an option is out of range
 *
 * @example
 * ```ts
 * import { applyNormalisation, assignStatistics, isMovingStatistic, normalisationParameters } from "ephemera/layers";
 * import { createParameters, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const parameters = createParameters(normalisationParameters("first", 2), { seed: 1, frozen: isMovingStatistic });
 * const x = tf.tensor2d([[1, 5], [3, 9]]);
 * // In a loss function: assign within it, and tell train() that examples meet (`reduction: "coupled"`).
 * const { statistics } = applyNormalisation(parameters, "first", x, { training: true, rate: 1 });
 * assignStatistics(parameters, statistics);
 * assert.deepEqual([...parameters["first/moving mean"].dataSync()], [2, 7]);
 * ```
 */
export function applyNormalisation(
  parameters: ParameterSet,
  name: string,
  x: tf.Tensor,
  mode: NormalisationMode,
): Normalised {
  const [gain, offset, mean, deviation] = ["gain", "offset", "moving mean", "moving deviation"]
    .map((part) =>
      parameterOf(parameters, `${name}/${part}`, "applyNormalisation") as tf.Tensor as tf.Tensor1D
    );
  if (!mode.training) {
    return { value: normaliseByState(x, gain, offset, { mean, deviation }), statistics: {} };
  }
  const { value, state } = batchRenormalise(x, gain, offset, { mean, deviation }, mode);
  const statistics = { [`${name}/moving mean`]: state.mean, [`${name}/moving deviation`]: state.deviation };
  return { value, statistics };
}

/**
 * Sets moving statistics to new values. The tensors stay the caller's. May be called within a loss function: gradients do
 * not depend on it. A network that is applied several times in one step (a decoder for each passband) assigns after each.
 *
 * @throws EphemeraError for a name that the parameters lack
 */
export function assignStatistics(parameters: ParameterSet, statistics: MovingStatistics): void {
  for (const name of Object.keys(statistics)) {
    demand(Object.hasOwn(parameters, name) && isMovingStatistic(name), {
      expected: "moving statistics of the parameters",
      found: name,
      where: "assignStatistics",
    });
  }
  for (const [name, each] of Object.entries(statistics)) parameters[name].assign(each);
}

/**
 * Interpolation-prediction (InterPred; Shukla & Marlin 2019; paper 001, section 2.1.2): irregular observations are smoothed by
 * kernels of learned width onto a regular grid, in three views: smooth, across bands, and what is quicker than both.
 */
import { demand } from "../core/mod.ts";
import { type Initializer, type ParameterSet, tf, zeros } from "../tensor/mod.ts";
import { demandCount, parameterOf } from "./dense.ts";
import {
  centreOf,
  exponents,
  type IrregularSeries,
  prepareSeries,
  shares,
  smooth,
  squaredDistances,
} from "./interpolation_prediction_kernel.ts";

export type { IrregularSeries };

/**
 * What can be told of a band at a point of the grid: `sigma` the smooth interpolant and `gamma` the quick one (eq. 2.13 of
 * paper 001), `lambda` the intensity, which is near the number of observations close by (eq. 2.12), `chi` the smooth
 * interpolant across bands and `tau` = gamma - chi (eq. 2.14).
 */
export type InterpolationOutput = "sigma" | "lambda" | "gamma" | "chi" | "tau";

/** Options of {@link interpolationPrediction} and its relatives. */
export interface InterpolationOptions {
  /** Times of the grid. Default the 128 interior points of 130 from 0 to 1 ({@link interiorPoints}). */
  reference?: ArrayLike<number>;
  /** The quick kernel is exp(-kappa alpha (r - t)^2), kappa at least 1. Default 10. */
  kappa?: number;
  /**
   * What the quick interpolant gamma is divided by: its own intensity, that of kappa alpha (eq. 2.13, and the original), or
   * the smooth one's, as the compiled code of paper 001 has it, which makes gamma small where observations are not close.
   * Default own intensity.
   */
  transient?: "own intensity" | "damped";
  /**
   * Mix the bands' deviations from their means over the grid, and add the mean again, as the public code does. Without it
   * (eq. 2.14 as it is printed) the bands share one weight, so that a constant series with rho = 1 comes out as the
   * constant times its band's share of the observations. Default true.
   */
  centred?: boolean;
  /**
   * What the encoder is given, in this order. Default chi, lambda, tau: figure 2.4 of paper 001 and the original; the text of
   * the paper says sigma, gamma, tau. Without chi and tau there is no stage across bands and no parameter for it; the
   * compiled code has that stage only when it is asked for.
   */
  outputs?: readonly InterpolationOutput[];
}

const NAMES: readonly InterpolationOutput[] = ["sigma", "lambda", "gamma", "chi", "tau"];

/**
 * Returns `count` points inside of 0 ... span, equally spaced with the ends left out: span (k + 1) / (count + 1).
 * @param count at least 1; default 128 (paper 001)
 * @param span default 1
 */
export function interiorPoints(count = 128, span = 1): Float64Array {
  demand(Number.isInteger(count) && count >= 1 && span > 0, () => ({
    expected: "at least one point in a positive span",
    found: `${count} points in ${span}`,
    where: "interiorPoints",
  }));
  return Float64Array.from({ length: count }, (_, k) => span * (k + 1) / (count + 1));
}

/** The options with their defaults, checked. */
export function completeInterpolation(options: InterpolationOptions): Required<InterpolationOptions> {
  const complete = {
    reference: options.reference ?? interiorPoints(),
    kappa: options.kappa ?? 10,
    transient: options.transient ?? "own intensity" as const,
    centred: options.centred ?? true,
    outputs: options.outputs ?? ["chi", "lambda", "tau"] as const,
  };
  const { reference, kappa, transient, outputs } = complete;
  demand(reference.length >= 1 && Array.from(reference).every(Number.isFinite), () => ({
    expected: "at least one point of the grid, each a finite number",
    found: reference.length === 0
      ? "none"
      : Array.from(reference).find((r) => !Number.isFinite(r))!.toString(),
    where: "interpolation: reference",
  }));
  demand(transient === "own intensity" || transient === "damped", () => ({
    expected: '"own intensity" or "damped"',
    found: `"${transient}"`,
    where: "interpolation: transient",
  }));
  demand(Number.isFinite(kappa) && kappa >= 1, () => ({
    expected: "a kappa of at least 1",
    found: String(kappa),
    where: "interpolation: kappa",
  }));
  const distinct = new Set(outputs).size === outputs.length && outputs.every((name) => NAMES.includes(name));
  demand(outputs.length > 0 && distinct, () => ({
    expected: `one or more of ${NAMES.join(", ")}, each once`,
    found: outputs.join(", ") || "none",
    where: "interpolation: outputs",
  }));
  return complete;
}

/** Whether options ask for the stage across bands. */
export function mixesBands({ outputs }: Required<InterpolationOptions>): boolean {
  return outputs.includes("chi") || outputs.includes("tau");
}

/**
 * Returns the parameters of the layer: `PREFIX/bandwidth` a, one a band, zero at first, with alpha = ln(1 + exp(a)); and, where
 * the outputs need it, `PREFIX/across` rho, `[bands, bands]`, the identity at first, with the band that is made as its
 * row, as in eq. 2.14 (the public code keeps the transposed matrix).
 *
 * With times in [0, 1] a kernel of alpha = ln 2 is wider than the series, so that all begins near the mean; alpha grows to
 * hundreds before one sees a period of a tenth, and a step of an optimiser changes it by about the learning rate. Who
 * does not want to wait for that gives `PREFIX/bandwidth` a rate of its own or other first values.
 * @param sizes number of bands
 */
export function interpolationParameters(
  prefix: string,
  sizes: { bands: number },
  options: InterpolationOptions = {},
): Record<string, Initializer> {
  const { bands } = sizes;
  demandCount(bands, "number of bands", "interpolationParameters");
  const plan: Record<string, Initializer> = { [`${prefix}/bandwidth`]: zeros([bands]) };
  if (mixesBands(completeInterpolation(options))) plan[`${prefix}/across`] = identity(bands);
  return plan;
}

function identity(n: number): Initializer {
  return {
    shape: [n, n],
    draw: () => Float32Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0)),
  };
}

/**
 * Returns the interpolants of each band on the grid by name, each `[batch, bands, points]`: those that the options list.
 * With w = exp(-alpha (r - t)^2), lambda = sum w, sigma = sum w x / lambda; gamma is sigma with kappa alpha; chi_d =
 * m_d + sum over bands d' of rho_dd' (lambda_d' / sum lambda) (sigma_d' - m_d'), m the means over the grid; tau = gamma -
 * chi. (Eq. 2.14 prints sigma_d under its sum over d', which would leave nothing to learn from other bands; the original
 * has sigma_d'.) The weights are computed from their logarithms: a point far from all observations takes the nearest.
 * A band without any observation has sigma = gamma = lambda = 0 and a chi from the other bands. Differentiable in
 * parameters, values and times. The caller disposes the tensors.
 *
 * Times should be on the scale of the grid and of 1 / sqrt(alpha): they are float32.
 *
 * @param parameters those of {@link interpolationParameters} under the same prefix and options
 * @throws EphemeraError when shapes do not fit each other or the parameters, or an option is not one
 *
 * @example
 * ```ts
 * import { interpolants, interpolationParameters } from "ephemera/layers";
 * import { createParameters, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const options = { outputs: ["sigma", "lambda"] as const, reference: [0.25] };
 * const parameters = createParameters(interpolationParameters("grid", { bands: 1 }, options), { seed: 1 });
 * const { sigma, lambda } = interpolants(parameters, "grid", {
 *   time: tf.tensor3d([0, 0.5], [1, 1, 2]),
 *   value: tf.tensor3d([1, 2], [1, 1, 2]),
 *   mask: tf.ones([1, 1, 2]),
 * }, options);
 * assert.ok(Math.abs(sigma.dataSync()[0] - 1.5) < 1e-6); // half-way between the two
 * assert.ok(Math.abs(lambda.dataSync()[0] - 2 * Math.exp(-Math.LN2 / 16)) < 1e-6); // alpha = ln 2 at first
 * ```
 */
export function interpolants<Names extends InterpolationOutput = "chi" | "lambda" | "tau">(
  parameters: ParameterSet,
  prefix: string,
  series: IrregularSeries,
  options: InterpolationOptions & { outputs?: readonly Names[] } = {},
): { [Name in Names]: tf.Tensor3D } {
  const complete = completeInterpolation(options), { kappa, transient, centred, outputs } = complete;
  return tf.tidy(() => {
    const prepared = prepareSeries(parameters, prefix, series), { value } = prepared;
    const points = complete.reference.length;
    const grid = tf.tensor4d(Float32Array.from(complete.reference), [1, 1, points, 1]);
    const distance = squaredDistances(prepared, grid);
    const made: Partial<Record<InterpolationOutput, tf.Tensor3D>> = {};
    const across = mixesBands(complete), quick = outputs.includes("gamma") || outputs.includes("tau");
    const damped = quick && transient === "damped";
    if (across || damped || outputs.includes("sigma") || outputs.includes("lambda")) {
      const low = smooth(
        exponents(prepared, distance),
        value,
        across || damped || outputs.includes("lambda"),
      );
      made.sigma = low.mean;
      if (low.logIntensity) made.lambda = tf.exp(low.logIntensity);
      if (across) {
        const rho = parameterOf(parameters, `${prefix}/across`, "interpolation");
        const centre = centreOf(low.mean, points, centred);
        const mixed = mix(shares(low, centre), rho as tf.Tensor as tf.Tensor2D);
        made.chi = tf.transpose(tf.add(mixed, centre), [0, 2, 1]);
      }
      if (damped) {
        const high = smooth(exponents(prepared, distance, kappa), value, true);
        // The ratio of the intensities is at most 1, as kappa is at least 1.
        made.gamma = tf.mul(high.mean, tf.exp(tf.sub(high.logIntensity!, low.logIntensity!)));
      }
    }
    if (quick && !damped) made.gamma = smooth(exponents(prepared, distance, kappa), value, false).mean;
    if (outputs.includes("tau")) made.tau = tf.sub(made.gamma!, made.chi!);
    return Object.fromEntries(outputs.map((name) => [name, made[name]!]));
  }) as { [Name in Names]: tf.Tensor3D };
}

/** Rows of `[batch, points, bands]` times the transposed rho. */
function mix(rows: tf.Tensor3D, rho: tf.Tensor2D): tf.Tensor3D {
  const [batch, points, bands] = rows.shape;
  const product = tf.matMul(tf.reshape(rows, [batch * points, bands]) as tf.Tensor2D, rho, false, true);
  return tf.reshape(product, [batch, points, bands]);
}

/**
 * Returns the sequence that an encoder is given, `[batch, points, outputs * bands]`: the {@link interpolants} that the options
 * list, one after the other, each with its bands side by side. The caller disposes it.
 *
 * @param parameters those of {@link interpolationParameters} under the same prefix and options
 * @throws EphemeraError when shapes do not fit each other or the parameters, or an option is not one
 *
 * @example
 * ```ts
 * import { interpolationParameters, interpolationPrediction } from "ephemera/layers";
 * import { createParameters, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const parameters = createParameters(interpolationParameters("grid", { bands: 2 }), { seed: 1 });
 * const time: tf.Tensor3D = tf.randomUniform([3, 2, 20], 0, 1, "float32", 1);
 * const value: tf.Tensor3D = tf.sin(time), mask: tf.Tensor3D = tf.ones([3, 2, 20]);
 * assert.deepEqual(interpolationPrediction(parameters, "grid", { time, value, mask }).shape, [3, 128, 6]);
 * ```
 */
export function interpolationPrediction(
  parameters: ParameterSet,
  prefix: string,
  series: IrregularSeries,
  options: InterpolationOptions = {},
): tf.Tensor3D {
  const { outputs } = completeInterpolation(options);
  return tf.tidy(() => {
    const made = interpolants<InterpolationOutput>(parameters, prefix, series, options);
    const together = tf.concat(outputs.map((name) => made[name]), 1); // [batch, outputs * bands, points]
    return tf.transpose(together, [0, 2, 1]);
  });
}

/** What teaches an interpolation layer its widths: observations that were held out, read back from the others. */
import { demand } from "../core/mod.ts";
import { dropoutMask, hashKey, type ParameterSet, tf } from "../tensor/mod.ts";
import { parameterOf } from "./dense.ts";
import { completeInterpolation, type InterpolationOptions, mixesBands } from "./interpolation_prediction.ts";
import {
  centreOf,
  demandShape,
  exponents,
  type IrregularSeries,
  prepareSeries,
  shares,
  smooth,
  squaredDistances,
} from "./interpolation_prediction_kernel.ts";

/** Options of {@link keepMask}. */
export interface KeepOptions {
  /** 32-bit key of the draws, e.g. `hashKey(seed, "held out", step)`. */
  key: number;
  /** Probability that an observation is kept, above 0 and at most 1. Default 0.8 (the compiled code of paper 001). */
  keep?: number;
  /**
   * Numbers of the batch's objects. An object's draws depend on the key and its number, so that a batch in pieces has the
   * draws of the whole. Default 0, 1, 2, ...
   */
  objects?: ArrayLike<number>;
}

/**
 * Returns 1 where an observation is kept and 0 where it is held out or missing, `[batch, bands, steps]`. A band in
 * which nothing would be kept keeps all, so that no band seems empty. The caller disposes it.
 *
 * @param mask not 0 where there is an observation, `[batch, bands, steps]`
 * @throws EphemeraError for a probability outside of (0, 1], or another number of objects
 *
 * @example
 * ```ts
 * import { keepMask } from "ephemera/layers";
 * import { hashKey, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const kept = keepMask(tf.ones([4, 2, 500]), { key: hashKey("seed", "held out", 0) });
 * const share = tf.mean(kept).dataSync()[0];
 * assert.ok(share > 0.77 && share < 0.83);
 * ```
 */
export function keepMask(mask: tf.Tensor3D, options: KeepOptions): tf.Tensor3D {
  const { key, keep = 0.8 } = options, [batch, bands, steps] = mask.shape;
  const { objects = Uint32Array.from({ length: batch }, (_, n) => n) } = options;
  demand(keep > 0 && keep <= 1, () => ({
    expected: "a probability above 0 and at most 1",
    found: String(keep),
    where: "keepMask",
  }));
  demand(objects.length === batch, () => ({
    expected: `${batch} numbers of objects`,
    found: String(objects.length),
    where: "keepMask",
  }));
  const drawn = new Float32Array(batch * bands * steps);
  for (let n = 0; n < batch; n++) {
    const row = dropoutMask(bands * steps, 1 - keep, { key: hashKey(key, objects[n]) });
    for (let i = 0; i < row.length; i++) drawn[n * bands * steps + i] = Number(row[i] > 0);
  }
  return tf.tidy(() => {
    const seen = tf.cast(tf.notEqual(mask, 0), "float32");
    const kept = tf.mul(seen, tf.tensor3d(drawn, [batch, bands, steps]));
    return tf.where(tf.greater(tf.max(kept, 2, true), 0), kept, seen) as tf.Tensor3D;
  });
}

/**
 * Returns what the smooth interpolant says at each observation's own time, `[batch, bands, steps]`: chi where the options
 * have a stage across bands, sigma where not. Its bands' means are those over the grid, so that chi is one function of time
 * here and there. Zero where the mask is 0. The caller disposes it.
 *
 * With a stage across bands every band is smoothed at the times of every other: the weights of `batch * bands * (points +
 * bands * steps) * steps` pairs; without, of `batch * bands * steps * steps`.
 *
 * @param parameters those of `interpolationParameters` under the same prefix and options
 * @param series the observations, and in `mask` those whose times are asked for
 * @param kept not 0 for the observations that the layer may look at, `[batch, bands, steps]`
 * @throws EphemeraError when shapes do not fit each other or the parameters, or an option is not one
 */
export function interpolateObservations(
  parameters: ParameterSet,
  prefix: string,
  series: IrregularSeries,
  kept: tf.Tensor3D,
  options: InterpolationOptions = {},
): tf.Tensor3D {
  const complete = completeInterpolation(options), [batch, bands, steps] = series.time.shape;
  demandShape(series.mask, series.time, "mask");
  demandShape(kept, series.time, "kept");
  return tf.tidy(() => {
    const prepared = prepareSeries(parameters, prefix, { ...series, mask: kept });
    const asked = tf.notEqual(series.mask, 0),
      times = tf.where(asked, series.time, tf.zerosLike(series.time));
    let found: tf.Tensor3D;
    if (!mixesBands(complete)) {
      const own = exponents(prepared, squaredDistances(prepared, tf.expandDims(times, 3)));
      found = smooth(own, prepared.value, false).mean;
    } else {
      // Every band is needed at the times of every other; the grid comes first, for the means.
      const points = complete.centred ? complete.reference.length : 0;
      let places: tf.Tensor = tf.reshape(times, [batch, 1, bands * steps, 1]);
      if (points > 0) {
        const grid = tf.tensor4d(Float32Array.from(complete.reference), [1, 1, points, 1]);
        places = tf.concat([tf.tile(grid, [batch, 1, 1, 1]), places], 2);
      }
      const distance = squaredDistances(prepared, places as tf.Tensor4D);
      const low = smooth(exponents(prepared, distance), prepared.value, true);
      const centre = centreOf(low.mean, points, complete.centred);
      const atTimes = tf.slice(shares(low, centre), [0, points, 0], [batch, bands * steps, bands]);
      // Row d of rho makes band d: only that one is wanted at the times of band d.
      const rho = tf.reshape(parameterOf(parameters, `${prefix}/across`, "interpolation"), [
        1,
        bands,
        1,
        bands,
      ]);
      const mixed = tf.sum(tf.mul(tf.reshape(atTimes, [batch, bands, steps, bands]), rho), 3);
      found = tf.add(mixed, tf.reshape(centre, [batch, bands, 1]));
    }
    return tf.where(asked, found, tf.zerosLike(found)) as tf.Tensor3D;
  });
}

/**
 * Returns the loss of observations held out of the layer's input: for each band the mean of (x - interpolant)^2 over those held
 * out (0 where none is), summed over bands, averaged over the batch. (The original averages over bands, which is this
 * divided by their number.) Differentiable in parameters and values. The caller disposes it.
 *
 * @param parameters those of `interpolationParameters` under the same prefix and options
 * @param series all observations
 * @param kept those that the layer may look at, as {@link keepMask} draws them
 * @throws EphemeraError when shapes do not fit each other or the parameters, or an option is not one
 *
 * @example
 * ```ts
 * import { heldOutLoss, interpolationParameters, keepMask } from "ephemera/layers";
 * import { createParameters, hashKey, tf } from "ephemera/tensor";
 * import assert from "node:assert/strict";
 * const parameters = createParameters(interpolationParameters("grid", { bands: 2 }), { seed: 1 });
 * const time: tf.Tensor3D = tf.randomUniform([3, 2, 20], 0, 1, "float32", 1);
 * const value: tf.Tensor3D = tf.fill([3, 2, 20], 5), mask: tf.Tensor3D = tf.ones([3, 2, 20]);
 * const kept = keepMask(mask, { key: hashKey("seed", "held out", 0) });
 * const loss = heldOutLoss(parameters, "grid", { time, value, mask }, kept);
 * assert.ok(loss.dataSync()[0] < 1e-9); // a constant is known from any part of it
 * ```
 */
export function heldOutLoss(
  parameters: ParameterSet,
  prefix: string,
  series: IrregularSeries,
  kept: tf.Tensor3D,
  options: InterpolationOptions = {},
): tf.Scalar {
  demandShape(series.mask, series.time, "mask");
  demandShape(kept, series.time, "kept");
  demandShape(series.value, series.time, "value");
  return tf.tidy(() => {
    const asked = tf.logicalAnd(tf.notEqual(series.mask, 0), tf.equal(kept, 0)) as tf.Tensor3D;
    const given = tf.logicalAnd(tf.notEqual(series.mask, 0), tf.notEqual(kept, 0)) as tf.Tensor3D;
    const found = interpolateObservations(parameters, prefix, { ...series, mask: asked }, given, options);
    const wanted = tf.where(asked, series.value, tf.zerosLike(series.value));
    const count = tf.maximum(tf.sum(tf.cast(asked, "float32"), 2), 1);
    const each = tf.div(tf.sum(tf.square(tf.sub(wanted, found)), 2), count); // [batch, bands]
    return tf.mean(tf.sum(each, 1)) as tf.Scalar;
  });
}

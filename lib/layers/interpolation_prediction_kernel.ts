// The weighted means that interpolation-prediction is made of, from the logarithms of the weights.
import { demand } from "../core/mod.ts";
import { type ParameterSet, refuseSecondDerivative, tf } from "../tensor/mod.ts";
import { parameterOf } from "./dense.ts";

/** Observations of a batch, one padded sequence a band; what stands where the mask is 0 is never looked at. */
export interface IrregularSeries {
  /** In the unit of the grid, `[batch, bands, steps]`. */
  time: tf.Tensor3D;
  /** `[batch, bands, steps]`. */
  value: tf.Tensor3D;
  /** Not 0 where there is an observation, `[batch, bands, steps]`. */
  mask: tf.Tensor3D;
}

/**
 * Added to the squared distance of what the mask hides: larger than any distance that is there, yet its product with kappa
 * alpha is still a number of float32.
 */
const HIDDEN = 1e25;

/** Added to alpha, so that what is hidden stays hidden where the softplus has become nothing. */
const LEAST_RATE = 1e-12;

/** Observations without what the mask hides, and alpha. */
export interface Prepared {
  time: tf.Tensor3D;
  /** 0 where there is no observation. */
  value: tf.Tensor3D;
  /** 0 where there is an observation, else {@link HIDDEN}. */
  hidden: tf.Tensor3D;
  /** alpha, `[bands, 1, 1]`. */
  rate: tf.Tensor3D;
}

/** Demands that a tensor has the shape of the times. */
export function demandShape(tensor: tf.Tensor, time: tf.Tensor, name: string): void {
  demand(tensor.shape.join() === time.shape.join(), () => ({
    expected: `${name} of shape [${time.shape.join(", ")}], like the times`,
    found: `[${tensor.shape.join(", ")}]`,
    where: "interpolation",
  }));
}

/** Checks a series against its parameters and hides what its mask hides; to be called in a tidy. */
export function prepareSeries(
  parameters: ParameterSet,
  prefix: string,
  { time, value, mask }: IrregularSeries,
): Prepared {
  const bandwidth = parameterOf(parameters, `${prefix}/bandwidth`, "interpolation");
  demandShape(value, time, "value");
  demandShape(mask, time, "mask");
  demand(time.rank === 3 && time.shape[1] === bandwidth.size, () => ({
    expected: `times of shape [batch, ${bandwidth.size}, steps]`,
    found: `[${time.shape.join(", ")}]`,
    where: "interpolation",
    remedy: "declare the parameters with the number of bands of the data",
  }));
  const seen = tf.notEqual(mask, 0);
  return {
    time: tf.where(seen, time, tf.zerosLike(time)),
    value: tf.where(seen, value, tf.zerosLike(value)),
    hidden: tf.mul(tf.sub(1, tf.cast(seen, "float32")), HIDDEN),
    rate: tf.add(tf.reshape(tf.softplus(bandwidth), [bandwidth.size, 1, 1]), LEAST_RATE),
  };
}

/**
 * ln sum exp along the last axis, given the softmax too: the largest exponent minus the logarithm of its weight. Its
 * gradient is the softmax, as a number: first derivatives only. Stock operations would keep three more arrays of all pairs
 * of points and observations.
 */
function logSumExp(exponent: tf.Tensor4D, weight: tf.Tensor4D): tf.Tensor3D {
  const operation = tf.customGrad((...given) => {
    const [exponent, save] = given as [tf.Tensor, tf.GradSaveFunc];
    save([weight]);
    return {
      value: tf.sub(tf.max(exponent, -1), tf.log(tf.max(weight, -1))),
      gradFunc: (dy: tf.Tensor, [weight]: tf.Tensor[]) => {
        refuseSecondDerivative("interpolation-prediction");
        return tf.mul(tf.expandDims(dy, -1), weight);
      },
    };
  });
  return operation(exponent) as tf.Tensor3D;
}

/** Weighted means of the values and logarithms of intensities, each `[batch, bands, points]`. */
export interface Smoothed {
  mean: tf.Tensor3D;
  /** Only where it was asked for. */
  logIntensity?: tf.Tensor3D;
}

/**
 * (r - t)^2 of each point and observation, `[batch, bands, points, steps]`, and very large where there is none.
 * @param points rank 4, `[1 or batch, 1 or bands, points, 1]`
 */
export function squaredDistances({ time, hidden }: Prepared, points: tf.Tensor4D): tf.Tensor4D {
  return tf.add(tf.squaredDifference(points, tf.expandDims(time, 2)), tf.expandDims(hidden, 2));
}

/** -factor alpha (r - t)^2: one product, so that a gradient step keeps only the distances and the weights. */
export function exponents({ rate }: Prepared, distance: tf.Tensor4D, factor = 1): tf.Tensor4D {
  return tf.mul(distance, tf.mul(rate, -factor));
}

/** Averages the values with weights exp(exponent), scaled so that they add up to one. */
export function smooth(exponent: tf.Tensor4D, value: tf.Tensor3D, intensity: boolean): Smoothed {
  const weight = tf.softmax(exponent), [batch, bands, points] = exponent.shape;
  // A band without observations has equal weights, all of them on zeros.
  const mean: tf.Tensor3D = tf.reshape(tf.matMul(weight, tf.expandDims(value, 3)), [batch, bands, points]);
  return intensity ? { mean, logIntensity: logSumExp(exponent, weight) } : { mean };
}

/**
 * Shares of the bands in the intensity at each point times their deviations, `[batch, points, bands]`: what rho mixes.
 * @param centre means of the bands, `[batch, 1, bands]`
 */
export function shares({ mean, logIntensity }: Smoothed, centre: tf.Tensor3D): tf.Tensor3D {
  const share = tf.softmax(tf.transpose(logIntensity!, [0, 2, 1]));
  return tf.mul(share, tf.sub(tf.transpose(mean, [0, 2, 1]), centre));
}

/** Means of the bands over the first `points` points, `[batch, 1, bands]`, or zeros. */
export function centreOf(mean: tf.Tensor3D, points: number, centred: boolean): tf.Tensor3D {
  const [batch, bands] = mean.shape;
  if (!centred) return tf.zeros([batch, 1, bands]);
  return tf.reshape(tf.mean(tf.slice(mean, [0, 0, 0], [batch, bands, points]), 2), [batch, 1, bands]);
}

// tfjs-core's build for servers leaves out the methods of a tensor (`x.add(y)` for `tf.add(x, y)`); the package
// @tensorflow/tfjs adds them. We add them here, and take their declarations from tfjs-core.
import type {} from "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.d.ts";
import * as tf from "./tf_namespace.ts";

/** Operations whose method passes the tensor as the first argument and its own arguments after it. */
const plain = [
  ..."abs acos acosh add all any argMax argMin asin asinh atan atan2 atanh avgPool batchNorm batchToSpaceND"
    .split(" "),
  ..."broadcastTo cast ceil clipByValue conv1d conv2d conv2dTranspose cos cosh cumprod cumsum depthToSpace"
    .split(" "),
  ..."depthwiseConv2d dilation2d div divNoNan dot elu equal erf euclideanNorm exp expandDims expm1 fft floor"
    .split(" "),
  ..."floorDiv gather greater greaterEqual ifft irfft isFinite isInf isNaN leakyRelu less lessEqual".split(
    " ",
  ),
  ..."localResponseNormalization log log1p logSigmoid logSoftmax logSumExp logicalAnd logicalNot logicalOr"
    .split(" "),
  ..."logicalXor matMul max maxPool maximum mean min minimum mirrorPad mod mul neg norm notEqual oneHot"
    .split(" "),
  ..."onesLike pad pool pow prelu prod reciprocal relu relu6 reshape resizeBilinear resizeNearestNeighbor"
    .split(" "),
  ..."reverse rfft round rsqrt selu separableConv2d sigmoid sign sin sinh slice softmax softplus".split(" "),
  ..."spaceToBatchND split sqrt square squaredDifference squeeze step stridedSlice sub sum tan tanh tile topk"
    .split(" "),
  ..."transpose unique unsortedSegmentSum unstack zerosLike".split(" "),
];

// deno-lint-ignore no-explicit-any
type Method = (this: tf.Tensor, ...args: any[]) => unknown;

const others: Record<string, Method> = {
  as1D() {
    return tf.reshape(this, [this.size]);
  },
  flatten() {
    return tf.reshape(this, [this.size]);
  },
  asScalar() {
    tf.util.assert(this.size === 1, () => "The array must have only 1 element.");
    return tf.reshape(this, []);
  },
  asType(dtype: tf.DataType) {
    return tf.cast(this, dtype);
  },
  toBool() {
    return tf.cast(this, "bool");
  },
  toFloat() {
    return tf.cast(this, "float32");
  },
  toInt() {
    return tf.cast(this, "int32");
  },
  concat(others: tf.Tensor | tf.Tensor[], axis?: number) {
    return tf.concat([this, ...(others instanceof tf.Tensor ? [others] : others)], axis);
  },
  stack(others: tf.Tensor | tf.Tensor[], axis?: number) {
    return tf.stack([this, ...(others instanceof tf.Tensor ? [others] : others)], axis);
  },
  reshapeAs(other: tf.Tensor) {
    return tf.reshape(this, other.shape);
  },
  where(condition: tf.Tensor, other: tf.Tensor) {
    return tf.where(condition, this, other);
  },
};
for (const name of ["as2D", "as3D", "as4D", "as5D"]) {
  others[name] = function (...shape: number[]) {
    return tf.reshape(this, shape);
  };
}

/** Gives tensors their methods; where they have them already, nothing changes. */
export function addTensorMethods(): void {
  const prototype = tf.Tensor.prototype as unknown as Record<string, Method>;
  const operations = tf as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of plain) {
    const operation = operations[name];
    prototype[name] ??= function (...args) {
      this.throwIfDisposed();
      return operation(this, ...args);
    };
  }
  for (const [name, method] of Object.entries(others)) {
    prototype[name] ??= function (...args) {
      this.throwIfDisposed();
      return method.apply(this, args);
    };
  }
}

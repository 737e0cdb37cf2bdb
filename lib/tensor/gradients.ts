// Gradients that tfjs-core lacks or has wrong, written with operations that every backend has.
import { contract, type ContractionOperations, readEquation } from "./einsum.ts";
import { refuseSecondDerivative } from "./first_derivative.ts";
import * as tf from "./tf_namespace.ts";

/** Sums a gradient over the axes along which `shape` was broadcast, so that it has that shape again. */
export function sumTo(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, shape);
}

/** Puts `step - 1` zeros between neighbours along one axis: size n becomes (n - 1) step + 1. */
function spread(x: tf.Tensor, axis: number, step: number): tf.Tensor {
  const n = x.shape[axis];
  if (step === 1 || n === 0) return x;
  const outer = tf.util.sizeFromShape(x.shape.slice(0, axis)),
    inner = tf.util.sizeFromShape(x.shape.slice(axis + 1));
  const padded = tf.pad(tf.reshape(x, [outer * n, 1, inner]), [[0, 0], [0, step - 1], [0, 0]]);
  const size = (n - 1) * step + 1;
  const cut = tf.slice(tf.reshape(padded, [outer, n * step, inner]), [0, 0, 0], [outer, size, inner]);
  return tf.reshape(cut, [...x.shape.slice(0, axis), size, ...x.shape.slice(axis + 1)]);
}

function setGradient(config: tf.GradConfig): void {
  if (tf.getGradient(config.kernelName)) tf.unregisterGradient(config.kernelName);
  tf.registerGradient(config);
}

/**
 * Gradient of einsum with respect to operand `which`: the product of the output's gradient with the other operands, summed
 * to that operand's indices; an index that only this operand has was summed there, so its gradient repeats.
 */
function einsumGradient(equation: string, dy: tf.Tensor, tensors: tf.Tensor[], which: number): tf.Tensor {
  const { operands, output } = readEquation(equation);
  const own = operands[which], others = operands.filter((_, i) => i !== which);
  const known = new Set(output + others.join("")),
    kept = [...own].filter((index) => known.has(index)).join("");
  const factors = [dy, ...tensors.filter((_, i) => i !== which)];
  const product = contract(tensorOperations, [output, ...others], kept, factors);
  if (kept === own) return product;
  const { shape } = tensors[which];
  const thin = shape.map((n, d) => known.has(own[d]) ? n : 1);
  return tf.mul(tf.reshape(product, thin), tf.ones(shape));
}

/** The operations of `contract` with tensors of any backend. */
const tensorOperations: ContractionOperations<tf.Tensor> = {
  reshape: (x, shape) => tf.reshape(x, shape),
  transpose: (x, order) => tf.transpose(x, order),
  sum: (x, axes) => tf.sum(x, axes),
  matMul: (a, b, transposeA, transposeB) => tf.matMul(a, b, transposeA, transposeB),
};

function stridedSliceGradient(dy: tf.Tensor, x: tf.Tensor, a: tf.StridedSliceAttrs): tf.Tensor {
  const { begin, end, strides } = tf.slice_util.sliceInfo(
    x.shape,
    a.begin,
    a.end,
    a.strides,
    a.beginMask,
    a.endMask,
    a.ellipsisMask,
    a.newAxisMask,
    a.shrinkAxisMask,
  );
  if (dy.size === 0) return tf.zerosLike(x);
  // The sizes along every axis of x, those too that the result leaves out.
  const sizes = tf.slice_util.computeOutShape(begin, end, strides);
  let gradient = tf.reshape(dy, sizes);
  const paddings: [number, number][] = [];
  sizes.forEach((n, d) => {
    const step = Math.abs(strides[d]), extent = (n - 1) * step + 1;
    if (strides[d] < 0) gradient = tf.reverse(gradient, d);
    gradient = spread(gradient, d, step);
    const first = strides[d] < 0 ? begin[d] - extent + 1 : begin[d];
    paddings.push([first, x.shape[d] - first - extent]);
  });
  return tf.pad(gradient, paddings);
}

interface Conv2DAttributes {
  strides: [number, number] | number;
  pad: "valid" | "same" | number;
  dataFormat: "NHWC" | "NCHW";
  dilations: [number, number] | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** A dilated convolution is a convolution with zeros between the filter's elements; its gradient is taken as that. */
function conv2dGradient(dy: tf.Tensor | tf.Tensor[], saved: tf.Tensor[], attributes: Conv2DAttributes) {
  const [x, filter] = saved, { strides, pad, dataFormat, dilations, dimRoundingMode } = attributes;
  const [rows, columns] = typeof dilations === "number" ? [dilations, dilations] : dilations;
  const common = { strides, pad, dataFormat, dimRoundingMode };
  const gradient = dy as tf.Tensor;
  const run = (name: string, inputs: Record<string, tf.Tensor>, attrs: object) =>
    tf.engine().runKernel(name, inputs, attrs as tf.NamedAttrMap) as tf.Tensor;
  return {
    x: () =>
      run("Conv2DBackpropInput", { dy: gradient, filter: spread(spread(filter, 0, rows), 1, columns) }, {
        ...common,
        inputShape: x.shape,
      }),
    filter: () => {
      const [height, width, ...channels] = filter.shape;
      const filterShape = [(height - 1) * rows + 1, (width - 1) * columns + 1, ...channels];
      const spreadGradient = run("Conv2DBackpropFilter", { x, dy: gradient }, { ...common, filterShape });
      if (rows === 1 && columns === 1) return spreadGradient;
      return tf.stridedSlice(spreadGradient, [0, 0, 0, 0], filterShape, [rows, columns, 1, 1]);
    },
  };
}

/** The gradient of tile: the copies along each repeated axis are summed. */
function tileGradient(dy: tf.Tensor, x: tf.Tensor, reps: number[]): tf.Tensor {
  let gradient = dy;
  reps.forEach((rep, d) => {
    if (rep === 1) return;
    const outer = tf.util.sizeFromShape(gradient.shape.slice(0, d));
    const inner = tf.util.sizeFromShape(gradient.shape.slice(d)) / rep;
    const summed = tf.sum(tf.reshape(gradient, [outer, rep, inner]), 1);
    gradient = tf.reshape(summed, [
      ...gradient.shape.slice(0, d),
      x.shape[d],
      ...gradient.shape.slice(d + 1),
    ]);
  });
  return gradient;
}

/** Registers the corrected gradients; done once, when `tf` is made. */
export function registerGradients(): void {
  setGradient({
    kernelName: "Einsum",
    saveAllInputs: true,
    gradFunc: (dy, saved, attrs) => {
      const { equation } = attrs as unknown as { equation: string };
      return Object.fromEntries(
        saved.map((_, i) => [i, () => einsumGradient(equation, dy as tf.Tensor, saved, i)]),
      );
    },
  });
  setGradient({
    kernelName: "Cumsum",
    gradFunc: (dy, _saved, attrs) => {
      const { axis, exclusive, reverse } = attrs as unknown as {
        axis: number;
        exclusive: boolean;
        reverse: boolean;
      };
      return { x: () => tf.cumsum(dy as tf.Tensor, axis, exclusive, !reverse) };
    },
  });
  setGradient({
    kernelName: "StridedSlice",
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attrs) => ({
      x: () => stridedSliceGradient(dy as tf.Tensor, x, attrs as unknown as tf.StridedSliceAttrs),
    }),
  });
  setGradient({
    kernelName: "Conv2D",
    inputsToSave: ["x", "filter"],
    gradFunc: (dy, saved, attrs) => conv2dGradient(dy, saved, attrs as unknown as Conv2DAttributes),
  });
  setGradient({
    kernelName: "Tile",
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attrs) => ({
      x: () => tileGradient(dy as tf.Tensor, x, (attrs as unknown as { reps: number[] }).reps),
    }),
  });
  // An operation with one output hands its gradient over bare; tfjs-core's own gradients expect a list.
  setGradient({
    kernelName: "Unpack",
    gradFunc: (dy, _saved, attrs) => ({
      value: () => tf.stack([dy].flat(), (attrs as unknown as { axis: number }).axis),
    }),
  });
  setGradient({
    kernelName: "SplitV",
    gradFunc: (dy, _saved, attrs) => ({
      x: () => tf.concat([dy].flat(), (attrs as unknown as { axis: number }).axis),
    }),
  });
  // tfjs-core forgets to sum these three over the axes that were broadcast.
  const pairs: Record<string, (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => [tf.Tensor, tf.Tensor]> = {
    Maximum: (dy, a, b) => {
      const first = tf.cast(tf.greaterEqual(a, b), "float32");
      return [tf.mul(dy, first), tf.mul(dy, tf.sub(1, first))];
    },
    Minimum: (dy, a, b) => {
      const first = tf.cast(tf.lessEqual(a, b), "float32");
      return [tf.mul(dy, first), tf.mul(dy, tf.sub(1, first))];
    },
    SquaredDifference: (dy, a, b) => {
      const slope = tf.mul(dy, tf.mul(2, tf.sub(a, b)));
      return [slope, tf.neg(slope)];
    },
  };
  for (const [kernelName, derivatives] of Object.entries(pairs)) {
    setGradient({
      kernelName,
      inputsToSave: ["a", "b"],
      gradFunc: (dy, [a, b]) => ({
        a: () => sumTo(derivatives(dy as tf.Tensor, a, b)[0], a.shape),
        b: () => sumTo(derivatives(dy as tf.Tensor, a, b)[1], b.shape),
      }),
    });
  }
  // The stock gradient makes a mask and a product of it; a backend may have one pass over both.
  const relu = tf.getGradient("Relu");
  setGradient({
    ...relu,
    gradFunc: (dy, saved, attributes) => {
      const fused = "EphemeraReluGradient", inputs = { dy: dy as tf.Tensor, x: saved[0] };
      const floats = Object.values(inputs).every(({ dtype }) => dtype === "float32");
      if (!floats || !tf.getKernel(fused, tf.getBackend())) return relu.gradFunc(dy, saved, attributes);
      return { x: () => tf.engine().runKernel(fused, inputs) as tf.Tensor };
    },
  });
  setGradient({
    kernelName: "EphemeraReluGradient",
    inputsToSave: ["dy", "x"],
    gradFunc: (second, [_, x]) => ({
      dy: () => tf.engine().runKernel("EphemeraReluGradient", { dy: second as tf.Tensor, x }) as tf.Tensor,
      x: () => tf.zerosLike(x),
    }),
  });
  setGradient({
    kernelName: "EphemeraGelu",
    inputsToSave: ["x"],
    gradFunc: (dy, [x]) => ({
      x: () => {
        refuseSecondDerivative("gelu");
        return tf.engine().runKernel("EphemeraGeluGradient", { dy: dy as tf.Tensor, x }) as tf.Tensor;
      },
    }),
  });
  // A mask does not change with its operands; without these, a comparison inside `where` stops the gradient with an error.
  for (
    const kernelName of [
      "Equal",
      "NotEqual",
      "Less",
      "LessEqual",
      "Greater",
      "GreaterEqual",
      "LogicalAnd",
      "LogicalOr",
    ]
  ) {
    setGradient({
      kernelName,
      inputsToSave: ["a", "b"],
      gradFunc: (_dy, [a, b]) => ({ a: () => tf.zeros(a.shape), b: () => tf.zeros(b.shape) }),
    });
  }
  setGradient({
    kernelName: "LogicalNot",
    inputsToSave: ["x"],
    gradFunc: (_dy, [x]) => ({ x: () => tf.zeros(x.shape) }),
  });
}

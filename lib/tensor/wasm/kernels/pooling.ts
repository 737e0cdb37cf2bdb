// MaxPool, AvgPool and their gradients.
import { tf } from "../../tf.ts";
import { type KernelCall, registerWasmKernel, type WasmEngine } from "../engine.ts";
import { withScratch } from "./scratch.ts";

/** Elements read below which a second thread costs more than it saves. */
const THREADED = 100_000;

interface PoolAttributes {
  filterSize: [number, number] | number;
  strides: [number, number] | number;
  pad: "valid" | "same" | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** What a gradient needs beside the input: the addresses of the result (0 for a mean) and of its gradient. */
interface Gradient {
  y: number;
  dy: number;
}

/**
 * Calls the module's pooling function on ranges of images. Its plan has the fields of a convolution's
 * (assembly/convolution_parts.ts).
 */
function runPool(
  engine: WasmEngine,
  name: string,
  info: tf.backend_util.Conv2DInfo,
  x: number,
  gradient?: Gradient,
): tf.TensorInfo {
  const work = tf.util.sizeFromShape(info.outShape) * info.filterHeight * info.filterWidth;
  const parts = engine.shards(info.batchSize, 1, work < THREADED ? 1 : engine.threads);
  return withScratch(engine, (scratch) => {
    const plan = scratch(80), out = engine.output(gradient ? info.inShape : info.outShape);
    const to = engine.pointer(out);
    engine.heap.integers.set([
      ...[info.inHeight, info.inWidth, info.inChannels, info.outHeight, info.outWidth, info.outChannels],
      ...[info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth, 1, 1],
      ...[info.padInfo.top, info.padInfo.left, x, gradient?.dy ?? 0, gradient?.y ?? to, 0, 0, 0],
    ], plan / 4);
    engine.run(name, parts.map(([first, last]) => gradient ? [plan, to, first, last] : [plan, first, last]));
    return out;
  });
}

function infoOf(x: tf.TensorInfo, { filterSize, strides, pad, dimRoundingMode }: PoolAttributes) {
  const shape = x.shape as [number, number, number, number];
  return tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
}

/** Whether the module computes it: floats, and nothing empty. */
function handles(info: tf.backend_util.Conv2DInfo, tensors: tf.TensorInfo[]): boolean {
  return tensors.every(({ dtype }) => dtype === "float32") &&
    tf.util.sizeFromShape(info.inShape) > 0 && tf.util.sizeFromShape(info.outShape) > 0;
}

function pool(name: string, own: string) {
  return (engine: WasmEngine, call: KernelCall<PoolAttributes>) => {
    const { x } = call.inputs, info = infoOf(x, call.attrs);
    if (!handles(info, [x])) return engine.fallback(name, call);
    return runPool(engine, own, info, engine.pointer(x));
  };
}

function poolGradient(name: string, own: string) {
  return (engine: WasmEngine, call: KernelCall<PoolAttributes>) => {
    const { dy, input } = call.inputs, output: tf.TensorInfo | undefined = call.inputs.output;
    const info = infoOf(input, call.attrs);
    if (!handles(info, output ? [dy, input, output] : [dy, input])) return engine.fallback(name, call);
    const y = output ? engine.pointer(output) : 0;
    return runPool(engine, own, info, engine.pointer(input), { y, dy: engine.pointer(dy) });
  };
}

/** Registers the poolings. */
export function registerPoolings(): void {
  registerWasmKernel("MaxPool", pool("MaxPool", "maxPool"));
  registerWasmKernel("AvgPool", pool("AvgPool", "meanPool"));
  registerWasmKernel("MaxPoolGrad", poolGradient("MaxPoolGrad", "maxPoolGradient"));
  registerWasmKernel("AvgPoolGrad", poolGradient("AvgPoolGrad", "meanPoolGradient"));
}

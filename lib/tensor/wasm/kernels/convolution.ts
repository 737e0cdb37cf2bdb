// Conv2D, FusedConv2D, Conv2DBackpropInput and Conv2DBackpropFilter; tfjs takes conv1d through them too.
import { tf } from "../../tf.ts";
import { type KernelCall, registerWasmKernel, type WasmEngine } from "../engine.ts";
import { type Plan, PLAN_BYTES, THREADED, writePlan } from "./convolution_plan.ts";
import { withScratch } from "./scratch.ts";
import { winogradForward, winogradGradient, winogradPays } from "./convolution_winograd.ts";
import { activationCode } from "./matmul.ts";

interface ConvolutionAttributes {
  strides: [number, number] | number;
  pad: "valid" | "same" | number | [number, number][];
  dataFormat?: "NHWC" | "NCHW";
  dilations?: [number, number] | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
  activation?: string;
  leakyreluAlpha?: number;
  /** Conv2DBackpropInput. */
  inputShape?: [number, number, number, number];
  /** Conv2DBackpropFilter. */
  filterShape?: [number, number, number, number];
}

/** Sizes of a convolution, or null for what the cpu kernel does (channels first, empty tensors, other element types). */
function sizes(
  attrs: ConvolutionAttributes,
  inShape: number[],
  filterShape: number[],
  tensors: (tf.TensorInfo | undefined)[],
): { plan: Plan; batch: number; work: number } | null {
  if ((attrs.dataFormat ?? "NHWC") !== "NHWC") return null;
  if (tensors.some((tensor) => tensor && tensor.dtype !== "float32")) return null;
  const info = tf.backend_util.computeConv2DInfo(
    inShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad as number,
    attrs.dimRoundingMode,
  );
  const plan: Plan = {
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    filterHeight: info.filterHeight,
    filterWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    dilationHeight: info.dilationHeight,
    dilationWidth: info.dilationWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
    x: 0,
    other: 0,
    y: 0,
    bias: 0,
    activation: 0,
  };
  const batch = info.batchSize, filter = tf.util.sizeFromShape(filterShape);
  const work = batch * info.outHeight * info.outWidth * filter;
  return work > 0 && tf.util.sizeFromShape(inShape) > 0 ? { plan, batch, work } : null;
}

interface Packing {
  filter: tf.TensorInfo;
  /** Channels that are summed over, and those of the result. */
  channels: number;
  columns: number;
  /** Taps from the last to the first, input and output channels exchanged. */
  turned: boolean;
}

/** The forward product as a new tensor; `plan.x` is set. */
function correlate(
  engine: WasmEngine,
  plan: Plan,
  batch: number,
  work: number,
  { filter, channels, columns, turned }: Packing,
  alpha?: number,
): tf.TensorInfo {
  const limit = work < THREADED ? 1 : engine.threads;
  if (winogradPays(plan, false)) {
    return winogradForward(engine, plan, batch, limit, filter, turned, alpha);
  }
  const taps = plan.filterHeight * plan.filterWidth, from = engine.pointer(filter);
  return withScratch(engine, (scratch) => {
    const pointer = scratch(PLAN_BYTES);
    const packed = scratch(engine.exports.packedFilterBytes(taps * channels, columns));
    writePlan(engine, pointer, plan, alpha);
    const pixels = plan.outHeight * plan.outWidth;
    // Few images are divided into pixels, many into images.
    const parts = batch >= limit
      ? engine.shards(batch, 1, limit).map(([from, to]) => [from, to, 0, pixels])
      : engine.shards(pixels, 4, limit).map(([from, to]) => [0, batch, from, to]);
    const workspaces = parts.map(() => scratch(engine.exports.convolutionScratch(pointer)));
    const out = engine.output([batch, plan.outHeight, plan.outWidth, plan.outChannels]);
    writePlan(engine, pointer, { ...plan, other: packed, y: engine.pointer(out) }, alpha);
    const [channelStep, columnStep] = turned ? [1, channels] : [columns, 1];
    engine.exports.packFilter(
      ...[from, taps, channels, columns, channelStep, columnStep, Number(turned), packed],
    );
    engine.run("convolutionForward", parts.map((part, k) => [pointer, ...part, workspaces[k]]));
    return out;
  });
}

function forward(engine: WasmEngine, name: string, call: KernelCall<ConvolutionAttributes>) {
  const { attrs } = call, { x, filter } = call.inputs;
  const bias: tf.TensorInfo | undefined = call.inputs.bias, activation = activationCode(attrs.activation);
  const known = sizes(attrs, x.shape, filter.shape, [x, filter, bias]);
  const plainBias = !bias || (bias.shape.at(-1) === known?.plan.outChannels &&
    tf.util.sizeFromShape(bias.shape) === known?.plan.outChannels);
  if (!known || activation === undefined || !plainBias) return engine.fallback(name, call);
  const { plan, batch, work } = known;
  Object.assign(plan, { x: engine.pointer(x), bias: bias ? engine.pointer(bias) : 0, activation });
  const packing = { filter, channels: plan.inChannels, columns: plan.outChannels, turned: false };
  return correlate(engine, plan, batch, work, packing, attrs.leakyreluAlpha);
}

/** The gradient of the input: at stride 1 a convolution with the filter turned round, else patches that are added up. */
function inputGradient(engine: WasmEngine, call: KernelCall<ConvolutionAttributes>) {
  const { attrs } = call, { dy, filter } = call.inputs, inputShape = attrs.inputShape!;
  const known = sizes(attrs, inputShape, filter.shape, [dy, filter]);
  if (!known) return engine.fallback("Conv2DBackpropInput", call);
  const { plan, batch, work } = known, { inChannels, outChannels, filterHeight, filterWidth } = plan;
  if (plan.strideHeight === 1 && plan.strideWidth === 1) {
    const turned: Plan = {
      ...plan,
      inHeight: plan.outHeight,
      inWidth: plan.outWidth,
      inChannels: outChannels,
      outHeight: plan.inHeight,
      outWidth: plan.inWidth,
      outChannels: inChannels,
      padTop: (filterHeight - 1) * plan.dilationHeight - plan.padTop,
      padLeft: (filterWidth - 1) * plan.dilationWidth - plan.padLeft,
      x: engine.pointer(dy),
    };
    const packing = { filter, channels: outChannels, columns: inChannels, turned: true };
    return correlate(engine, turned, batch, work, packing);
  }
  const patch = filterHeight * filterWidth * inChannels, from = engine.pointer(filter);
  Object.assign(plan, { other: engine.pointer(dy) });
  return withScratch(engine, (scratch) => {
    const pointer = scratch(PLAN_BYTES), packed = scratch(engine.exports.prepackBytes(patch, outChannels));
    writePlan(engine, pointer, plan);
    const parts = engine.shards(batch, 1, work < THREADED ? 1 : engine.threads);
    const workspaces = parts.map(() => scratch(engine.exports.inputGradientScratch(pointer)));
    const out = engine.output(inputShape);
    writePlan(engine, pointer, { ...plan, x: engine.pointer(out) });
    engine.exports.prepackB(from, 1, outChannels, patch, outChannels, packed);
    engine.run(
      "inputGradient",
      parts.map(([first, last], k) => [pointer, first, last, packed, workspaces[k]]),
    );
    return out;
  });
}

function filterGradient(engine: WasmEngine, call: KernelCall<ConvolutionAttributes>) {
  const { attrs } = call, { x, dy } = call.inputs, filterShape = attrs.filterShape!;
  const known = sizes(attrs, x.shape, filterShape, [x, dy]);
  if (!known) return engine.fallback("Conv2DBackpropFilter", call);
  const { plan, batch, work } = known, limit = work < THREADED ? 1 : engine.threads;
  Object.assign(plan, { x: engine.pointer(x), other: engine.pointer(dy) });
  if (winogradPays(plan, true)) return winogradGradient(engine, plan, batch, limit, filterShape);
  return withScratch(engine, (scratch) => {
    const pointer = scratch(PLAN_BYTES), parts = engine.shards(batch, 1, limit);
    writePlan(engine, pointer, plan);
    const stride = Math.ceil(engine.exports.filterGradientBytes(pointer) / 64) * 64;
    const sums = scratch(stride * parts.length);
    const workspaces = parts.map(() => scratch(engine.exports.filterGradientScratch(pointer)));
    const out = engine.output(filterShape);
    engine.run(
      "filterGradient",
      parts.map(([from, to], k) => [pointer, from, to, sums + k * stride, workspaces[k]]),
    );
    engine.exports.filterGradientReduce(pointer, sums, stride, parts.length, engine.pointer(out));
    return out;
  });
}

/** Registers the convolutions. */
export function registerConvolutions(): void {
  for (const name of ["Conv2D", "FusedConv2D"]) {
    registerWasmKernel<ConvolutionAttributes>(name, (engine, call) => forward(engine, name, call));
  }
  registerWasmKernel("Conv2DBackpropInput", inputGradient);
  registerWasmKernel("Conv2DBackpropFilter", filterGradient);
}

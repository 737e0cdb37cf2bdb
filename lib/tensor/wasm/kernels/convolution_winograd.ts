// When and how convolutions go through Winograd's minimal filtering (assembly/convolution_winograd.ts).
import type { tf } from "../../tf.ts";
import type { WasmEngine } from "../engine.ts";
import { readEnvironment } from "../environment.ts";
import { type Plan, PLAN_BYTES, writePlan } from "./convolution_plan.ts";
import { withScratch } from "./scratch.ts";

/** Output channels come in whole panels of the wide module, so that both modules choose alike. */
const CHANNEL_UNIT = 16;
/** Channels from which the products outweigh the transformations. */
const LEAST_CHANNELS = 16;
/** Products of the direct method over those of Winograd's, rims included, from which it pays. */
const LEAST_GAIN = 1.6;

const allowed = readEnvironment("EPHEMERA_WINOGRAD") !== "0";

/**
 * Whether the 3 x 3 filter at stride 1 goes through Winograd's method, with a third of the products. Its rounding error is
 * larger: on 32 to 128 channels of normal numbers 0.7e-6 to 1.3e-6 of the result's size (root of the mean square) instead of
 * 0.3e-6 to 0.6e-6, in the filter's gradient 0.7e-6 instead of 0.15e-6, at worst 1.3e-5. `EPHEMERA_WINOGRAD=0` forbids it.
 */
export function winogradPays(plan: Plan, gradient: boolean): boolean {
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = plan;
  const { inChannels, outChannels, outHeight, outWidth } = plan;
  if (!allowed || filterHeight !== 3 || filterWidth !== 3) return false;
  if (strideHeight !== 1 || strideWidth !== 1 || dilationHeight !== 1 || dilationWidth !== 1) return false;
  if (inChannels % 4 !== 0 || outChannels % CHANNEL_UNIT !== 0) return false;
  if (Math.min(inChannels, outChannels) < LEAST_CHANNELS * (gradient ? 2 : 1)) return false;
  const tiles = Math.ceil(outHeight / 3) * Math.ceil(outWidth / 3);
  return 9 * outHeight * outWidth / (25 * tiles) >= LEAST_GAIN;
}

/** The plan with its output rounded up to whole tiles. */
function wholeTiles(plan: Plan): Plan {
  const up = (n: number) => Math.ceil(n / 3) * 3;
  return { ...plan, outHeight: up(plan.outHeight), outWidth: up(plan.outWidth) };
}

/** The forward product, with `turned` the gradient of the input; `plan.x` is set. */
export function winogradForward(
  engine: WasmEngine,
  plan: Plan,
  batch: number,
  limit: number,
  filter: tf.TensorInfo,
  turned: boolean,
  alpha?: number,
): tf.TensorInfo {
  const { inChannels, outChannels, outHeight, outWidth } = plan, from = engine.pointer(filter);
  return withScratch(engine, (scratch) => {
    const pointer = scratch(PLAN_BYTES), row = scratch(128);
    const transformed = scratch(4 * 25 * inChannels * outChannels);
    const whole = { ...wholeTiles(plan), other: transformed };
    writePlan(engine, pointer, whole, alpha);
    const parts = engine.shards(batch, 1, limit);
    const workspaces = parts.map(([first, last]) =>
      scratch(engine.exports.winogradScratch(pointer, last - first))
    );
    const out = engine.output([batch, outHeight, outWidth, outChannels]);
    writePlan(engine, pointer, { ...whole, y: engine.pointer(out) }, alpha);
    engine.exports.winogradFilter(from, inChannels, outChannels, Number(turned), transformed, row);
    engine.run(
      "winogradForward",
      parts.map(([first, last], k) => [pointer, outHeight, outWidth, first, last, workspaces[k]]),
    );
    return out;
  });
}

/** The gradient of the filter; `plan.x` and `plan.other` are set. */
export function winogradGradient(
  engine: WasmEngine,
  plan: Plan,
  batch: number,
  limit: number,
  shape: readonly number[],
): tf.TensorInfo {
  const { inChannels, outChannels, outHeight, outWidth } = plan, size = inChannels * outChannels;
  return withScratch(engine, (scratch) => {
    const pointer = scratch(PLAN_BYTES), rows = scratch(256), parts = engine.shards(batch, 1, limit);
    writePlan(engine, pointer, wholeTiles(plan));
    const stride = 4 * 25 * size, sums = scratch(stride * parts.length);
    const workspaces = parts.map(([first, last]) =>
      scratch(engine.exports.winogradScratch(pointer, last - first))
    );
    const out = engine.output(shape);
    engine.run(
      "winogradGradient",
      parts.map(([first, last], k) => [
        ...[pointer, outHeight, outWidth, first, last, sums + k * stride, workspaces[k]],
      ]),
    );
    engine.exports.winogradReduce(sums, stride, parts.length, size, engine.pointer(out), rows);
    return out;
  });
}

// What the module is told about a convolution.
import type { WasmEngine } from "../engine.ts";

/** Multiply-adds below which a second thread costs more than it saves. */
export const THREADED = 400_000;

/** Fields of the module's `Convolution`, in its order (assembly/convolution_parts.ts). */
const planFields = [
  "inHeight",
  "inWidth",
  "inChannels",
  "outHeight",
  "outWidth",
  "outChannels",
  "filterHeight",
  "filterWidth",
  "strideHeight",
  "strideWidth",
  "dilationHeight",
  "dilationWidth",
  "padTop",
  "padLeft",
  "x",
  "other",
  "y",
  "bias",
  "activation",
] as const;

/** Sizes and addresses of one convolution. */
export type Plan = Record<typeof planFields[number], number>;

/** Writes the plan to `pointer`, {@link PLAN_BYTES} bytes. */
export function writePlan(engine: WasmEngine, pointer: number, plan: Plan, alpha = 0.2): void {
  planFields.forEach((field, k) => engine.heap.integers[pointer / 4 + k] = plan[field]);
  engine.heap.floats[pointer / 4 + planFields.length] = alpha;
}

/** Bytes of a plan. */
export const PLAN_BYTES = 4 * (planFields.length + 1);

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

/** The plan in the module's memory; to be freed. */
export function writePlan(engine: WasmEngine, plan: Plan, alpha = 0.2): number {
  const pointer = engine.scratch(4 * (planFields.length + 1));
  planFields.forEach((field, k) => engine.heap.integers[pointer / 4 + k] = plan[field]);
  engine.heap.floats[pointer / 4 + planFields.length] = alpha;
  return pointer;
}

/** Gives several blocks back. */
export function freeAll(engine: WasmEngine, pointers: number[]): void {
  for (const pointer of pointers) engine.free(pointer);
}

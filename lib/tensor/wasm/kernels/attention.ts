// EphemeraAttention and its backward pass: the pairs of batch and head are divided over threads.
import type { tf } from "../../tf.ts";
import { type KernelCall, registerWasmKernel, type WasmEngine } from "../engine.ts";
import { outputs, withScratch } from "./scratch.ts";

/** Multiply-adds that pay a second thread. */
const WORTH_A_THREAD = 2e5;

/** Attributes of both kernels. */
export interface AttentionAttributes {
  heads: number;
  /** Factor on the products of queries and keys. */
  scale: number;
}

/** Addresses of the module's `Attention` after its sizes, in its order (assembly/attention.ts). */
const addressFields = [
  "query",
  "key",
  "value",
  "mask",
  "out",
  "statistics",
  "dy",
  "dQuery",
  "dKey",
  "dValue",
] as const;

type Field = typeof addressFields[number];
type Tensors = Partial<Record<Field, tf.TensorInfo>>;

function run(
  engine: WasmEngine,
  name: string,
  { heads, scale }: AttentionAttributes,
  given: Tensors,
  shapes: Partial<Record<Field, readonly number[]>>,
  backward: boolean,
): tf.TensorInfo[] {
  const [batch, queries, width] = given.query!.shape, [, keys, valueWidth] = given.value!.shape;
  const sizes = [queries, keys, heads, width / heads, valueWidth / heads, 0];
  for (const tensor of Object.values(given)) engine.pointer(tensor);
  return withScratch(engine, (scratch) => {
    const plan = scratch(4 * (sizes.length + addressFields.length));
    engine.heap.integers.set(sizes, plan / 4);
    const work = batch * queries * keys * (width + valueWidth);
    const parts = engine.shards(batch * heads, 1, work < WORTH_A_THREAD ? 1 : engine.threads);
    const bytes = engine.exports.attentionScratch(plan, Number(backward));
    const workspaces = parts.map(() => scratch(bytes)), made = outputs(engine, ...Object.values(shapes));
    const tensors: Tensors = { ...given };
    (Object.keys(shapes) as Field[]).forEach((field, k) => tensors[field] = made[k]);
    const addresses = addressFields.map((field) => tensors[field] ? engine.pointer(tensors[field]) : 0);
    engine.heap.integers.set(addresses, plan / 4 + sizes.length);
    engine.heap.floats[plan / 4 + 5] = scale;
    engine.run(name, parts.map(([from, to], k) => [plan, from, to, workspaces[k]]));
    return made;
  });
}

function forward(engine: WasmEngine, { inputs, attrs }: KernelCall<AttentionAttributes>): tf.TensorInfo[] {
  const [batch, queries] = inputs.query.shape;
  const shapes = {
    out: [batch, queries, inputs.value.shape[2]],
    statistics: [batch, attrs.heads, queries, 2],
  };
  return run(engine, "attentionForward", attrs, inputs, shapes, false);
}

function backward(engine: WasmEngine, { inputs, attrs }: KernelCall<AttentionAttributes>): tf.TensorInfo[] {
  const { query, key, value } = inputs;
  const shapes = { dQuery: query.shape, dKey: key.shape, dValue: value.shape };
  return run(engine, "attentionBackward", attrs, inputs, shapes, true);
}

/** Registers the attention. */
export function registerAttention(): void {
  registerWasmKernel("EphemeraAttention", forward);
  registerWasmKernel("EphemeraAttentionBackward", backward);
}

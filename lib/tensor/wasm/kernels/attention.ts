// EphemeraAttention and its backward pass: the pairs of batch and head are divided over threads.
import type { tf } from "../../tf.ts";
import { type KernelCall, registerWasmKernel, type WasmEngine } from "../engine.ts";

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

type Tensors = Partial<Record<typeof addressFields[number], tf.TensorInfo>>;

function run(
  engine: WasmEngine,
  name: string,
  { heads, scale }: AttentionAttributes,
  tensors: Tensors,
  backward: boolean,
): void {
  const [batch, queries, width] = tensors.query!.shape, [, keys, valueWidth] = tensors.value!.shape;
  const addresses = addressFields.map((field) => tensors[field] ? engine.pointer(tensors[field]) : 0);
  const plan = engine.scratch(4 * (6 + addressFields.length)), { integers, floats } = engine.heap;
  integers.set([queries, keys, heads, width / heads, valueWidth / heads, 0, ...addresses], plan / 4);
  floats[plan / 4 + 5] = scale;
  const work = batch * queries * keys * (width + valueWidth);
  const parts = engine.shards(batch * heads, 1, work < WORTH_A_THREAD ? 1 : engine.threads);
  const bytes = engine.exports.attentionScratch(plan, Number(backward));
  const workspaces = parts.map(() => engine.scratch(bytes));
  engine.run(name, parts.map(([from, to], k) => [plan, from, to, workspaces[k]]));
  for (const pointer of [...workspaces, plan]) engine.free(pointer);
}

function forward(engine: WasmEngine, { inputs, attrs }: KernelCall<AttentionAttributes>): tf.TensorInfo[] {
  const { query, value } = inputs, [batch, queries] = query.shape;
  const out = engine.output([batch, queries, value.shape[2]]);
  const statistics = engine.output([batch, attrs.heads, queries, 2]);
  run(engine, "attentionForward", attrs, { ...inputs, out, statistics }, false);
  return [out, statistics];
}

function backward(engine: WasmEngine, { inputs, attrs }: KernelCall<AttentionAttributes>): tf.TensorInfo[] {
  const dQuery = engine.output(inputs.query.shape), dKey = engine.output(inputs.key.shape);
  const dValue = engine.output(inputs.value.shape);
  run(engine, "attentionBackward", attrs, { ...inputs, dQuery, dKey, dValue }, true);
  return [dQuery, dKey, dValue];
}

/** Registers the attention. */
export function registerAttention(): void {
  registerWasmKernel("EphemeraAttention", forward);
  registerWasmKernel("EphemeraAttentionBackward", backward);
}

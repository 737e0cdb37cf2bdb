// The Adam step over all parameters in one pass.
import { tf } from "../../tf.ts";
import { type AdamJob, registerAdam } from "../../training/apply_adam.ts";
import type { WasmEngine } from "../engine.ts";
import type { WasmBackend } from "../wasm_backend.ts";

/** Elements below which a second thread costs more than it saves. */
const THREADED = 50_000;
/** 32-bit fields of one slot (assembly/adam.ts). */
const FIELDS = 8;

/**
 * Address of a variable's elements, to be overwritten. Data that another tensor shares (a variable made from a tensor
 * that lives on) is copied first.
 */
function ownPointer(engine: WasmEngine, variable: tf.Variable): number {
  if (engine.backend.holder(variable.dataId).refCount > 1) {
    const copy = tf.add(variable, 0);
    variable.assign(copy);
    copy.dispose();
  }
  return engine.pointer(variable);
}

function adamStep(job: AdamJob): void {
  const { engine } = tf.backend() as unknown as WasmBackend;
  const { slots, beta1, beta2, epsilon, correction1, correction2 } = job;
  const total = slots.reduce((sum, { parameter }) => sum + parameter.size, 0);
  if (total === 0) return;
  const rows = slots.map(({ parameter, gradient, first, second, largest }) => [
    ownPointer(engine, parameter),
    engine.pointer(gradient),
    ownPointer(engine, first),
    ownPointer(engine, second),
    largest ? ownPointer(engine, largest) : 0,
    parameter.size,
  ]);
  const table = engine.scratch(4 * FIELDS * slots.length), { integers, floats } = engine.heap;
  slots.forEach(({ rate, shrink }, k) => {
    const at = table / 4 + FIELDS * k;
    integers.set(rows[k], at);
    floats.set([rate / correction1, shrink], at + 6);
  });
  const rest = [beta1, beta2, 1 - beta1, 1 - beta2, 1 / Math.sqrt(correction2), epsilon];
  const parts = engine.shards(total, 16, total < THREADED ? 1 : engine.threads);
  engine.run("adamStep", parts.map(([from, to]) => [table, slots.length, from, to, ...rest]));
  engine.free(table);
}

/** Gives the wasm backend its own Adam step. */
export function registerAdamStep(): void {
  registerAdam("wasm", adamStep);
}

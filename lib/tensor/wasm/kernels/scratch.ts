// Memory that a kernel takes and gives back whatever happens: a step that does not fit must leave nothing behind, so that
// it can be tried again in smaller pieces.
import type { tf } from "../../tf.ts";
import type { WasmEngine } from "../engine.ts";

/** Runs `work` with a function that allocates scratch; all of it is freed at the end, also after an error. */
export function withScratch<T>(engine: WasmEngine, work: (scratch: (bytes: number) => number) => T): T {
  const taken: number[] = [];
  try {
    return work((bytes) => {
      const pointer = engine.scratch(bytes);
      taken.push(pointer);
      return pointer;
    });
  } finally {
    for (const pointer of taken) engine.free(pointer);
  }
}

/** New tensors of these shapes; when one does not fit, none is left. */
export function outputs(engine: WasmEngine, ...shapes: (readonly number[])[]): tf.TensorInfo[] {
  const made: tf.TensorInfo[] = [];
  try {
    for (const shape of shapes) made.push(engine.output(shape));
  } catch (error) {
    for (const tensor of made) engine.dispose(tensor);
    throw error;
  }
  return made;
}

/** As {@link outputs}, filled by `work`; none is left when that fails either. */
export function withOutputs(
  engine: WasmEngine,
  shapes: readonly (readonly number[])[],
  work: (tensors: tf.TensorInfo[]) => void,
): tf.TensorInfo[] {
  const made = outputs(engine, ...shapes);
  try {
    work(made);
  } catch (error) {
    for (const tensor of made) engine.dispose(tensor);
    throw error;
  }
  return made;
}

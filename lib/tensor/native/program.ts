import { join } from "node:path";
import { type Attribute, DataType, type Handle, NativeOperations } from "./operations.ts";
import { type GraphConstant, type GraphNode, savedModel } from "./saved_model.ts";
import type { NativeScope } from "./scope.ts";

/** Operations written down as the nodes of a graph. */
class NativeRecorder extends NativeOperations {
  readonly nodes: GraphNode[] = [];
  /** The name of each handle. */
  readonly names: string[] = [];

  /** A tensor that is given when the program runs. */
  input(): Handle {
    return this.#node("Placeholder", [], [{ name: "dtype", kind: "type", value: DataType.float32 }], 1)[0];
  }

  override scalar(value: number): Handle {
    return this.#constant({ dtype: DataType.float32, values: value });
  }

  protected override integers(values: number | number[]): Handle {
    return this.#constant({ dtype: DataType.int32, values });
  }

  protected override execute(
    name: string,
    attributes: Attribute[],
    inputs: Handle[],
    outputs: number,
  ): Handle[] {
    return this.#node(name, inputs.map((handle) => this.names[handle]), attributes, outputs);
  }

  #constant(value: GraphConstant): Handle {
    const type: Attribute = { name: "dtype", kind: "type", value: value.dtype };
    return this.#node("Const", [], [type, { name: "value", kind: "constant", value }], 1)[0];
  }

  #node(operation: string, inputs: string[], attributes: GraphNode["attributes"], outputs: number): Handle[] {
    const name = `n${this.nodes.length}`;
    this.nodes.push({ name, operation, inputs, attributes });
    return Array.from({ length: outputs }, (_, k) => this.names.push(`${name}:${k}`) - 1);
  }
}

interface LoadedProgram {
  model: number;
  inputs: string;
  outputs: string;
}

/** The programs that TensorFlow has read, by key; null where none could be written. */
const loaded = new Map<string, LoadedProgram | null>();

function load(
  scope: NativeScope,
  inputs: number,
  build: (operations: NativeOperations, inputs: Handle[]) => Handle[],
): LoadedProgram | null {
  let folder: string;
  try {
    folder = Deno.makeTempDirSync({ prefix: "ephemera-" });
  } catch {
    return null;
  }
  try {
    const recorder = new NativeRecorder();
    const given = Array.from({ length: inputs }, () => recorder.input()), results = build(recorder, given);
    const names = (handles: Handle[]) => handles.map((handle) => recorder.names[handle]).join(",");
    const bytes = savedModel(recorder.nodes), file = join(folder, "saved_model.pb");
    if (!written(file, bytes)) return null;
    return { model: scope.loadModel(folder), inputs: names(given), outputs: names(results) };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Writes a file; false where the disk does not take it. */
function written(file: string, bytes: Uint8Array): boolean {
  try {
    Deno.writeFileSync(file, bytes);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a program of many operations on float32 tensors. On a processor TensorFlow gets it as one graph, once for each
 * key: an operation of a graph costs a microsecond where one on its own costs five, and writes over inputs that nobody
 * needs any more. On a GPU, whose tensors would travel through the processor's memory on the way into and out of a
 * graph, and where no temporary file may be written, its operations are executed one by one.
 *
 * @param key says which program it is; everything that `build` depends on must be in it
 * @param build makes the results from the inputs with the operations that it is given
 */
export function runProgram(
  scope: NativeScope,
  key: string,
  inputs: Handle[],
  build: (operations: NativeOperations, inputs: Handle[]) => Handle[],
): Handle[] {
  if (!scope.onGpu) {
    let program = loaded.get(key);
    if (program === undefined) loaded.set(key, program = load(scope, inputs.length, build));
    if (program !== null) return scope.runModel(program.model, inputs, program.inputs, program.outputs);
  }
  return scope.keepOnly(() => build(scope, inputs));
}

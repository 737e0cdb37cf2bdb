/**
 * Keras weights out of HDF5 files, as Keras 1 and 2 wrote them (`save_weights`, or the `model_weights` of a whole model).
 * The order of layers and of weights is that of the attributes `layer_names` and `weight_names`: names in the files carry
 * running numbers that mean nothing.
 */
import type { File, Group } from "h5wasm";
import { demand, EphemeraError } from "../../core/mod.ts";
import { elementCount, type PlainArray, plainArray } from "./named_arrays.ts";

/** The weights of one layer, in the order of the file. */
export interface KerasLayer {
  name: string;
  weights: { name: string; array: PlainArray }[];
}

/** What a file of Keras weights holds. */
export interface KerasWeights {
  /** All layers in the file's order, those without weights included. */
  layers: KerasLayer[];
  /** Version of Keras that wrote the file; Keras 1 did not say. */
  kerasVersion?: string;
}

/** Options of {@link readKerasWeights}. */
export interface ReadKerasOptions {
  /** Largest array accepted, in elements. Default 2^28 (1 GiB of float32). */
  maximumElements?: number;
}

/**
 * Reads a file of Keras weights. The HDF5 library (h5wasm) is loaded on the first call.
 *
 * @param source path of the file, or its bytes
 * @throws EphemeraError when it is no HDF5 file, is cut short or damaged, or is not of Keras 1 or 2
 *
 * @example
 * ```ts
 * import { gruWeights, kerasLayer, readKerasWeights } from "ephemera/tensor";
 * async function firstLayer(path: string) {
 *   const file = await readKerasWeights(path);
 *   return gruWeights(kerasLayer(file, "gru_1")); // kernel, recurrentKernel, bias for gru()
 * }
 * void firstLayer;
 * ```
 */
export async function readKerasWeights(
  source: string | Uint8Array,
  options: ReadKerasOptions = {},
): Promise<KerasWeights> {
  const where = typeof source === "string" ? source : "Keras weights";
  const bytes = typeof source === "string" ? await Deno.readFile(source) : source;
  const library = await loadLibrary();
  const path = `/${crypto.randomUUID()}.h5`;
  library.FS!.writeFile(path, bytes);
  let file: File | undefined;
  try {
    file = new library.File(path, "r");
    return readLayers(file, where, options.maximumElements ?? 2 ** 28);
  } catch (cause) {
    if (cause instanceof EphemeraError) throw cause;
    throw new EphemeraError({
      expected: "a complete HDF5 file",
      found: innermostReason(cause),
      where,
      remedy: "fetch the file again",
      cause,
    });
  } finally {
    file?.close();
    library.FS!.unlink(path);
  }
}

/** Returns the layer of the given name. */
export function kerasLayer(weights: KerasWeights, name: string): KerasLayer {
  const layer = weights.layers.find((each) => each.name === name);
  if (layer !== undefined) return layer;
  throw new EphemeraError({
    expected: `a layer among ${weights.layers.map((each) => each.name).join(", ")}`,
    found: name,
    where: "kerasLayer",
  });
}

async function loadLibrary(): Promise<typeof import("h5wasm")> {
  const library = await import("h5wasm");
  const module = await library.ready;
  // Otherwise the library prints its errors to the console and returns invalid handles.
  module.activate_throwing_error_handler();
  return library;
}

function readLayers(file: File, where: string, maximumElements: number): KerasWeights {
  const root = "layer_names" in file.attrs || "layer_names0" in file.attrs ? file : file.get("model_weights");
  demand(root !== null && root !== undefined && "attrs" in root && isGroup(root), {
    expected: "a file with the attribute layer_names, as Keras 1 and 2 write it",
    found: "none, neither at the root nor under model_weights",
    where,
    remedy: "save the weights as HDF5 with Keras 2 (in Keras 3: weights in the legacy format)",
  });
  const layers = texts(root, "layer_names", where).map((name) => {
    const place = `${where}, ${name}`, group = root.get(name);
    demand(group !== null && isGroup(group), {
      expected: "a group for the layer",
      found: "none",
      where: place,
    });
    const weights = texts(group, "weight_names", place).map((weight) => ({
      name: weight,
      array: readArray(group, weight, `${place}, ${weight}`, maximumElements),
    }));
    return { name, weights };
  });
  const version = (root.attrs.keras_version ?? file.attrs.keras_version)?.value;
  return typeof version === "string" ? { layers, kerasVersion: version } : { layers };
}

/** Reads a list of names. Keras splits one that is too long for an attribute into name0, name1, ... */
function texts(group: Group, attribute: string, where: string): string[] {
  const { attrs } = group;
  const parts = attribute in attrs ? [attribute] : [];
  for (let i = 0; `${attribute}${i}` in attrs; i++) parts.push(`${attribute}${i}`);
  demand(parts.length > 0, { expected: `the attribute ${attribute}`, found: "none", where });
  return parts.flatMap((part) => {
    const { value, metadata } = attrs[part];
    const empty = metadata.shape !== null && metadata.total_size === 0;
    if (empty) return []; // a layer without weights has an empty list of numbers, not of texts
    const list = typeof value === "string" ? [value] : value;
    demand(Array.isArray(list) && list.every((each) => typeof each === "string"), {
      expected: "a list of names",
      found: typeof value,
      where: `${where}, ${part}`,
    });
    return list as string[];
  });
}

function readArray(group: Group, name: string, where: string, maximumElements: number): PlainArray {
  const found = group.get(name);
  if (found === null || !("slice" in found)) {
    throw new EphemeraError({
      expected: "a data set",
      found: found === null ? "nothing" : "something else",
      where,
    });
  }
  const shape = found.shape ?? [];
  const { type, size, vlen } = found.metadata;
  const isFloat = type === 1 && (size === 4 || size === 8) && !vlen;
  demand(isFloat, { expected: "32 or 64 bit floats", found: `HDF5 type ${type} of ${size} bytes`, where });
  demand(elementCount(shape) <= maximumElements, () => ({
    expected: `at most ${maximumElements} elements`,
    found: `shape [${shape.join(", ")}]`,
    where,
    remedy: "raise maximumElements if the file is to be trusted",
  }));
  const value = typeof found.value === "number" ? Float64Array.of(found.value) : found.value;
  demand(value instanceof Float32Array || value instanceof Float64Array, {
    expected: "an array of floats",
    found: typeof value,
    where,
  });
  return plainArray([...shape], value);
}

function isGroup(entity: object): entity is Group {
  return "keys" in entity && "get" in entity;
}

/** The last line of HDF5's trace that says something, or the message itself. */
function innermostReason(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const reasons = [...message.matchAll(/in \w+\(\): (.+)$/gm)];
  return reasons.at(-1)?.[1] ?? message.split("\n")[0];
}

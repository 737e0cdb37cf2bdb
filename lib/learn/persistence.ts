/** How models of this folder are kept on disk: `model.json` says what they are, `arrays.bin` holds their numbers. */
import { demand, EphemeraError } from "../core/mod.ts";

/** The kinds of number arrays a model may hold. */
export type NumberArray = Float64Array | Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

/** A model as plain data: settings that JSON can hold, and arrays by name. */
export interface ModelState {
  /** Kind of the model, checked when it is loaded. */
  kind: string;
  /** Everything that is not a large array. Infinite numbers do not survive JSON: keep them in arrays. */
  settings: Record<string, unknown>;
  /** The large arrays, bit for bit. */
  arrays: Record<string, NumberArray>;
}

interface Entry {
  name: string;
  type: string;
  offset: number;
  length: number;
}

const TYPES = { Float64Array, Float32Array, Int32Array, Uint32Array, Uint16Array, Uint8Array } as const;
const VERSION = 1;
const LARGEST_HEADER = 64 * 2 ** 20;

/** Writes a model into `directory`, which is made when it does not exist. Bytes are little-endian. */
export async function saveModel(directory: string, state: ModelState): Promise<void> {
  let size = 0;
  const entries: Entry[] = [];
  for (const [name, array] of Object.entries(state.arrays)) {
    entries.push({ name, type: array.constructor.name, offset: size, length: array.length });
    size += Math.ceil(array.byteLength / 8) * 8;
  }
  const bytes = new Uint8Array(size);
  Object.values(state.arrays).forEach((array, i) => {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), entries[i].offset);
  });
  await Deno.mkdir(directory, { recursive: true });
  const header = { kind: state.kind, version: VERSION, settings: state.settings, arrays: entries };
  await Deno.writeFile(`${directory}/arrays.bin`, bytes);
  await Deno.writeTextFile(`${directory}/model.json`, JSON.stringify(header, null, 1));
}

/**
 * Reads a model of the given kind from `directory`. Throws an EphemeraError when the folder holds another kind, a later
 * version, or arrays that do not lie inside the file.
 */
export async function loadModel(directory: string, kind: string): Promise<ModelState> {
  const where = `${directory}/model.json`;
  const { size } = await Deno.stat(where);
  demand(size <= LARGEST_HEADER, { expected: "a header below 64 MB", found: `${size} bytes`, where });
  let header: { kind?: unknown; version?: unknown; settings?: unknown; arrays?: unknown };
  try {
    header = JSON.parse(await Deno.readTextFile(where));
  } catch (cause) {
    throw new EphemeraError({ expected: "a model description in JSON", found: "other text", where, cause });
  }
  demand(header.kind === kind, { expected: `a model of kind ${kind}`, found: `${header.kind}`, where });
  demand(header.version === VERSION, {
    expected: `version ${VERSION}`,
    found: `${header.version}`,
    where,
    remedy: "save the model again with this version of the library",
  });
  demand(typeof header.settings === "object" && header.settings !== null && Array.isArray(header.arrays), {
    expected: "settings and a list of arrays",
    found: "a header without them",
    where,
  });
  const bytes = await Deno.readFile(`${directory}/arrays.bin`);
  const arrays: Record<string, NumberArray> = {};
  for (const { name, type, offset, length } of header.arrays as Entry[]) {
    const ArrayType = TYPES[type as keyof typeof TYPES];
    const end = ArrayType === undefined ? NaN : offset + length * ArrayType.BYTES_PER_ELEMENT;
    demand(
      Number.isInteger(offset) && offset >= 0 && offset % 8 === 0 && length >= 0 && end <= bytes.length,
      {
        expected: `array ${name} inside the ${bytes.length} bytes of arrays.bin`,
        found: `${type} of ${length} at ${offset}`,
        where,
      },
    );
    arrays[name] = new ArrayType(bytes.slice(offset, end).buffer);
  }
  return { kind, settings: header.settings as Record<string, unknown>, arrays };
}

/** The footer of a Parquet file: checked, decoded, and its columns as leaves with their levels. */
import { type ColumnMetaData, type FileMetaData, parquetMetadata, type SchemaElement } from "hyparquet";
import { demand, EphemeraError } from "../../core/mod.ts";
import type { BytesAt } from "./bytes_at.ts";
import { checkStruct } from "./thrift.ts";

/** One column of numbers or texts, and where it stands in the schema. */
export interface Leaf {
  /** Short name: the column's own, without the levels of its list, and without its struct where that is unambiguous. */
  name: string;
  /** Names from the root, joined by dots, as row groups have it. */
  path: string;
  element: SchemaElement;
  /** Definition level of a value that is there. */
  definition: number;
  /** Definition level from which on a list has an element; 0 for a column without a list. */
  listDefinition: number;
  /** Whether it holds lists. */
  list: boolean;
}

/** Where one column of one row group lies. */
export interface Chunk {
  start: number;
  end: number;
  values: number;
  codec: string;
}

/** One row group. */
export interface Group {
  rows: number;
  chunks: Map<string, Chunk>;
}

/** What a footer says. */
export interface Footer {
  leaves: Leaf[];
  groups: Group[];
  rows: number;
  /** Notes of whoever wrote the file. */
  notes: Map<string, string>;
}

const MAGIC = 0x31524150, ENCRYPTED = 0x45524150;

/** Runs a decoder that was not written for damaged input: whatever it throws becomes a sentence. */
export function guarded<T>(where: string, what: string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof EphemeraError) throw cause;
    throw new EphemeraError({
      expected: what,
      found: `damage (${cause instanceof Error ? cause.message : cause})`,
      where,
      remedy: "fetch the file again, or write it anew",
      cause,
    });
  }
}

/**
 * Reads the footer.
 * @param maximumBytes refuse a longer footer.
 * @throws EphemeraError when the bytes are no Parquet file, a damaged or an encrypted one.
 */
export async function readFooter(bytes: BytesAt, maximumBytes: number): Promise<Footer> {
  const { where, length } = bytes;
  const tail = length >= 12 ? await bytes.read(length - 8, length) : new Uint8Array(8);
  const view = new DataView(tail.buffer, tail.byteOffset, 8), magic = view.getUint32(4, true);
  demand(magic === MAGIC, () => ({
    expected: "a Parquet file",
    found: magic === ENCRYPTED ? "an encrypted one" : "other bytes, or one that ends early",
    where,
    remedy: "check the path, or fetch the file again",
  }));
  const size = view.getUint32(0, true);
  demand(size <= length - 12 && size <= maximumBytes, () => ({
    expected: `a footer of at most ${Math.min(length - 12, maximumBytes)} bytes`,
    found: String(size),
    where,
    remedy: size <= length - 12 ? "raise maximumBytes" : "fetch the file again",
  }));
  const footer = await bytes.read(length - 8 - size, length);
  checkStruct(footer, 0, size, `${where}, footer`);
  return guarded(
    `${where}, footer`,
    "the description of a Parquet file",
    () => describe(parquetMetadata(footer, { geoparquet: false }), length - 8 - size, where),
  );
}

function describe(metadata: FileMetaData, end: number, where: string): Footer {
  const leaves = leavesOf(metadata.schema, where), rows = whole(metadata.num_rows, where, "number of rows");
  const known = new Set(leaves.map(({ path }) => path));
  let sum = 0;
  const groups = metadata.row_groups.map((group, g): Group => {
    const place = `${where}, row group ${g}`, chunks = new Map<string, Chunk>();
    for (const { meta_data: column, file_path } of group.columns) {
      demand(column !== undefined && !file_path, {
        expected: "all columns in one file",
        found: "a column elsewhere",
        where: place,
      });
      const path = column.path_in_schema.join(".");
      demand(known.has(path), () => ({ expected: "columns of the schema", found: path, where: place }));
      chunks.set(path, chunkOf(column, end, `${place}, column ${path}`));
    }
    const count = whole(group.num_rows, place, "number of rows");
    sum += count;
    return { rows: count, chunks };
  });
  demand(sum === rows, () => ({
    expected: `${rows} rows in all row groups`,
    found: String(sum),
    where,
    remedy: "fetch the file again",
  }));
  const notes = new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value ?? ""]));
  return { leaves, groups, rows, notes };
}

function chunkOf(column: ColumnMetaData, end: number, where: string): Chunk {
  const first = whole(column.data_page_offset, where, "offset of its pages");
  const dictionary = column.dictionary_page_offset === undefined
    ? first
    : whole(column.dictionary_page_offset, where, "offset of its dictionary");
  // Some writers put 0 where there is no dictionary.
  const start = dictionary > 0 ? Math.min(first, dictionary) : first;
  const size = whole(column.total_compressed_size, where, "size");
  demand(start >= 4 && start + size <= end, () => ({
    expected: `a column between bytes 4 and ${end}`,
    found: `bytes ${start} to ${start + size}`,
    where,
    remedy: "fetch the file again",
  }));
  return {
    start,
    end: start + size,
    values: whole(column.num_values, where, "number of values"),
    codec: column.codec,
  };
}

function whole(value: bigint, where: string, what: string): number {
  const number = Number(value);
  demand(typeof value === "bigint" && Number.isSafeInteger(number) && number >= 0, () => ({
    expected: `a ${what}`,
    found: String(value),
    where,
    remedy: "fetch the file again",
  }));
  return number;
}

function leavesOf(schema: readonly SchemaElement[], where: string): Leaf[] {
  const leaves: (Leaf & { parts: string[] })[] = [];
  let next = 0;
  const visit = (
    path: string[],
    parts: string[],
    definition: number,
    listDefinition: number,
    repeated: number,
    inList: boolean,
  ) => {
    const element = schema[next++];
    demand(element !== undefined && path.length < 32, {
      expected: "a schema of as many columns as it says, not more than 32 deep",
      found: "another",
      where,
    });
    const isRoot = next === 1, children = Number(element.num_children ?? 0);
    const ownPath = isRoot ? path : [...path, element.name];
    let list = inList, ownParts = parts, level = definition, lists = repeated, from = listDefinition;
    if (!isRoot) {
      if (element.repetition_type !== "REQUIRED") level++;
      if (element.repetition_type === "REPEATED") {
        lists++;
        from = level;
      }
      // The levels of a list (a repeated group and its element) have no names of their own.
      const unnamed =
        (inList && (element.repetition_type === "REPEATED" || children === 0 || parts.length > 0)) &&
        /^(list|element|item|array|bag|array_element|.*_tuple)$/.test(element.name);
      if (!unnamed) ownParts = [...parts, element.name];
      list = inList || element.converted_type === "LIST" || element.logical_type?.type === "LIST";
    }
    if (children > 0 || isRoot) {
      demand(children <= schema.length, {
        expected: `at most ${schema.length} columns`,
        found: String(children),
        where,
      });
      for (let k = 0; k < children; k++) visit(ownPath, ownParts, level, from, lists, list);
      return;
    }
    leaves.push({
      name: "",
      parts: ownParts,
      path: ownPath.join("."),
      element,
      definition: level,
      listDefinition: from,
      // Lists of lists are told by a level that no reading here asks for.
      list: lists === 1,
      ...(lists > 1 ? { element: { ...element, type: undefined } } : {}),
    });
  };
  visit([], [], 0, 0, 0, false);
  demand(next === schema.length, () => ({
    expected: `${next} elements of the schema`,
    found: String(schema.length),
    where,
  }));
  return leaves.map(({ parts, ...leaf }) => {
    const last = parts.at(-1) ?? leaf.path;
    const unique = leaves.filter((other) => (other.parts.at(-1) ?? other.path) === last).length === 1;
    return { ...leaf, name: unique ? last : parts.join(".") };
  });
}

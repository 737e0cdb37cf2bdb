/** Light curves to Parquet, row group by row group: memory holds one group, however many objects there are. */
import type { ColumnChunk, DecodedArray, Encoding, SchemaElement } from "hyparquet";
import { ParquetWriter } from "hyparquet-writer";
import { writeColumn } from "hyparquet-writer/src/column.js";
import { demand } from "../../core/mod.ts";
import type { LightCurveSet } from "../../observations/mod.ts";
import {
  columnsOf,
  NOTE_KEY,
  noteOf,
  type ParquetColumn,
  type ParquetNote,
  schemaOf,
  type WriteParquetOptions,
} from "./layout.ts";
import { FileSink } from "./sink.ts";

/** Objects `from` to `to - 1` of a set that wait for their row group to fill. */
interface Waiting {
  set: LightCurveSet;
  from: number;
  to: number;
}

/**
 * Writes sets of light curves to one Parquet file as they come. The file appears under its name when it is complete; until
 * then it has `.part` at its end.
 *
 * All sets must be of one kind: quantity, zero point, time scale, classes, and the same columns. Bands may be added.
 * Sets are kept until their row group is written: do not change their columns in place.
 *
 * @example
 * ```ts
 * import { ParquetLightCurveWriter, readParquetLightCurves } from "ephemera/formats";
 * import { LightCurveSet } from "ephemera/observations";
 * import assert from "node:assert/strict";
 * const path = await Deno.makeTempFile({ suffix: ".parquet" });
 * const writer = await ParquetLightCurveWriter.create(path);
 * for (const id of ["a", "b"]) {
 *   await writer.append(new LightCurveSet({ ids: [id], offsets: Uint32Array.of(0, 1), time: Float64Array.of(1),
 *     value: Float64Array.of(20), quantity: "flux" }));
 * }
 * await writer.close();
 * assert.deepEqual((await readParquetLightCurves(path)).ids, ["a", "b"]);
 * await Deno.remove(path);
 * ```
 */
export class ParquetLightCurveWriter implements AsyncDisposable {
  readonly #path: string | URL;
  readonly #part: string;
  readonly #file: Deno.FsFile;
  readonly #options: WriteParquetOptions;
  #sink?: FileSink;
  #writer?: ParquetWriter;
  #columns: ParquetColumn[] = [];
  #note?: ParquetNote;
  #waiting: Waiting[] = [];
  #objects = 0;
  #observations = 0;
  #open = true;

  private constructor(path: string | URL, part: string, file: Deno.FsFile, options: WriteParquetOptions) {
    this.#path = path;
    this.#part = part;
    this.#file = file;
    this.#options = options;
  }

  /**
   * Opens a file for writing.
   * @throws EphemeraError for an impossible option.
   */
  static async create(
    path: string | URL,
    options: WriteParquetOptions = {},
  ): Promise<ParquetLightCurveWriter> {
    for (const name of ["groupObjects", "groupObservations"] as const) {
      const value = options[name] ?? 1;
      demand(Number.isInteger(value) && value > 0, () => ({
        expected: `a positive whole number for ${name}`,
        found: String(value),
        where: "ParquetLightCurveWriter",
      }));
    }
    demand(options.nested === undefined || options.layout !== "rows", {
      expected: 'nested lists only with layout "lists"',
      found: 'nested with layout "rows"',
      where: "ParquetLightCurveWriter",
    });
    const part = `${path instanceof URL ? decodeURIComponent(path.pathname) : path}.part`;
    const file = await Deno.open(part, { write: true, create: true, truncate: true });
    return new ParquetLightCurveWriter(path, part, file, options);
  }

  /**
   * Adds all objects of a set.
   * @throws EphemeraError when the set is not of the kind of those before, or an object has no observations where the
   * layout cannot say so.
   */
  async append(set: LightCurveSet): Promise<void> {
    demand(this.#open, { expected: "an open writer", found: "a closed one", where: this.#part });
    this.#begin(set);
    if (this.#options.layout === "rows") {
      for (let i = 0; i < set.length; i++) {
        demand(set.count(i) > 0, () => ({
          expected: "objects with observations",
          found: "none",
          where: `object ${set.ids[i]}`,
          remedy: 'write with layout "lists", or leave the object out',
        }));
      }
    }
    const { groupObjects = 10_000, groupObservations = 400_000 } = this.#options;
    for (let from = 0; from < set.length;) {
      let to = from;
      while (to < set.length && this.#objects < groupObjects && this.#observations < groupObservations) {
        this.#objects++;
        this.#observations += set.count(to++);
      }
      this.#waiting.push({ set, from, to });
      from = to;
      if (this.#objects >= groupObjects || this.#observations >= groupObservations) await this.#writeGroup();
    }
  }

  /** Writes what is left and the footer, and gives the file its name. */
  async close(): Promise<void> {
    if (!this.#open) return;
    try {
      demand(this.#writer !== undefined, {
        expected: "at least one set",
        found: "none",
        where: this.#part,
        remedy: "append a set before closing; one without objects will do",
      });
      await this.#writeGroup();
      this.#writer.kvMetadata = [{ key: NOTE_KEY, value: JSON.stringify(this.#note) }];
      await this.#writer.finish();
    } catch (error) {
      await this.abort();
      throw error;
    }
    this.#open = false;
    this.#file.close();
    await Deno.rename(this.#part, this.#path);
  }

  /** Gives up: the unfinished file is removed. Does nothing after `close`. */
  async abort(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#waiting = [];
    this.#file.close();
    await Deno.remove(this.#part);
  }

  /** Removes the unfinished file when `close` was not reached. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  /** Settles the schema with the first set, and holds later ones against it. */
  #begin(set: LightCurveSet): void {
    const columns = columnsOf(set, this.#options), note = noteOf(set, columns, this.#options);
    if (this.#note === undefined) {
      this.#columns = columns;
      this.#note = note;
      this.#sink = new FileSink(this.#file);
      this.#writer = new ParquetWriter({
        writer: this.#sink,
        schema: schemaOf(columns, this.#options),
        codec: this.#options.compression === "none" ? "UNCOMPRESSED" : "SNAPPY",
        createdBy: "ephemera",
      });
      return;
    }
    const kind = (of: ParquetNote, typed: ParquetColumn[]) => ({
      quantity: of.quantity,
      "zero point": of.zeroPoint,
      "time scale": of.timeScale,
      classes: of.classNames.join(", "),
      columns: typed.map(({ name, type }) => `${name} (${type})`).join(", "),
    });
    const first = kind(this.#note, this.#columns), now = kind(note, columns);
    for (const name of Object.keys(first) as (keyof typeof first)[]) {
      demand(first[name] === now[name], () => ({
        expected: `the ${name} of the first set: ${first[name]}`,
        found: String(now[name]),
        where: `${this.#part}, set with object ${set.ids[0]}`,
        remedy: "bring the sets to one kind before writing them",
      }));
    }
    const bands = this.#note.bands;
    if (note.bandsAs === "numbers" || !set.band) {
      demand(note.bands.every((band, k) => bands[k] === band), () => ({
        expected: `the bands of the first set: ${bands.join(", ")}`,
        found: note.bands.join(", "),
        where: `${this.#part}, set with object ${set.ids[0]}`,
        remedy: 'write bandsAs: "names"',
      }));
    } else this.#note.bands = [...new Set([...bands, ...note.bands])];
  }

  async #writeGroup(): Promise<void> {
    if (this.#objects === 0) return;
    const writer = this.#writer!, sink = this.#sink!, waiting = this.#waiting, start = sink.offset;
    const rows = this.#options.layout === "rows", levels = rows ? undefined : listLevels(waiting);
    const paths = leafPaths(writer.schema), columns: ColumnChunk[] = [];
    let size = 0n;
    this.#columns.forEach((column, k) => {
      const inList = levels !== undefined && column.each === "observation";
      const values = inList
        ? observedValues(column, waiting, levels.empty ? levels : undefined)
        : rows && column.each === "observation"
        ? observedValues(column, waiting)
        : objectValues(column, waiting, rows);
      const optional = column.optional === true;
      const { chunk } = writeColumn({
        writer: sink,
        column: {
          columnName: paths[k].slice(1).map(({ name }) => name).join("."),
          element: paths[k].at(-1)!,
          schemaPath: paths[k],
          codec: writer.codec,
          compressors: writer.compressors,
          stats: column.each === "object",
          pageSize: PAGE_BYTES,
          columnIndex: false,
          offsetIndex: false,
          encoding: encodingOf(column),
        },
        pageData: {
          values,
          definitionLevels: inList
            ? levels.definition
            : optional
            ? Array.from(values as (string | null)[], (value) => value === null ? 0 : 1)
            : [],
          repetitionLevels: inList ? levels.repetition : [],
          maxDefinitionLevel: inList || optional ? 1 : 0,
        },
      });
      size += chunk.meta_data!.total_uncompressed_size;
      columns.push(chunk);
    });
    const count = BigInt(rows ? this.#observations : this.#objects);
    writer.num_rows += count;
    writer.row_groups.push({
      columns,
      total_byte_size: size,
      num_rows: count,
      total_compressed_size: BigInt(sink.offset - start),
    });
    this.#waiting = [];
    this.#objects = this.#observations = 0;
    await sink.flush();
  }
}

/** Bytes of a page, as the format recommends. */
const PAGE_BYTES = 2 ** 20;

/** Names, few of them, go through a dictionary; numbers as they are, since a dictionary would take -0 for 0. */
function encodingOf({ type, role }: ParquetColumn): Encoding | undefined {
  if (type !== "text") return "PLAIN";
  return role === "band" || role === "label" ? "RLE_DICTIONARY" : undefined;
}

/** Returns the way from the root to each leaf of a schema, in order. */
function leafPaths(schema: readonly SchemaElement[]): SchemaElement[][] {
  const paths: SchemaElement[][] = [];
  let next = 0;
  const visit = (above: SchemaElement[]) => {
    const element = schema[next++], path = [...above, element];
    if (!element.num_children) paths.push(path);
    for (let k = 0; k < (element.num_children ?? 0); k++) visit(path);
  };
  visit([]);
  return paths;
}

/** Where lists begin (repetition 0) and which are empty (definition 0): the same for all lists of a row group. */
interface ListLevels {
  repetition: number[];
  definition: number[];
  /** Whether some object has no observations. */
  empty: boolean;
}

function listLevels(waiting: readonly Waiting[]): ListLevels {
  const repetition: number[] = [], definition: number[] = [];
  let empty = false;
  for (const { set, from, to } of waiting) {
    for (let i = from; i < to; i++) {
      const count = set.count(i);
      if (count === 0) empty = true;
      repetition.push(0);
      definition.push(count === 0 ? 0 : 1);
      for (let k = 1; k < count; k++) {
        repetition.push(1);
        definition.push(1);
      }
    }
  }
  return { repetition, definition, empty };
}

/** The entries of a column of observations; with `levels`, null stands for each list that is empty. */
function observedValues(
  column: ParquetColumn,
  waiting: readonly Waiting[],
  levels?: ListLevels,
): DecodedArray {
  const { role, name, type } = column;
  const pieces = waiting.map(({ set, from, to }) => {
    const start = set.offsets[from], end = set.offsets[to];
    if (role === "band") {
      const band = set.band!.subarray(start, end);
      return type === "text" ? Array.from(band, (b) => set.bands[b]) : band;
    }
    const own = role === "time"
      ? set.time
      : role === "value"
      ? set.value
      : role === "error"
      ? set.error!
      : role === "flags"
      ? set.flags!
      : set.extra[name];
    return own.subarray(start, end);
  });
  let all: DecodedArray;
  if (type === "text") all = (pieces as string[][]).flat();
  else {
    const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
    all = type === "double"
      ? new Float64Array(total)
      : type === "single"
      ? new Float32Array(total)
      : new Int32Array(total);
    let at = 0;
    for (const piece of pieces as Float64Array[]) {
      all.set(piece, at);
      at += piece.length;
    }
  }
  if (levels === undefined) return all;
  let at = 0;
  return levels.definition.map((defined) => defined === 0 ? null : all[at++]);
}

/** The entries of a column of objects, one each or one for each of their observations. */
function objectValues(column: ParquetColumn, waiting: readonly Waiting[], repeated: boolean): DecodedArray {
  const { role, name, type } = column, values: (string | number | null)[] = [];
  for (const { set, from, to } of waiting) {
    for (let i = from; i < to; i++) {
      const value = role === "id"
        ? set.ids[i]
        : role === "label"
        ? set.className(i) ?? null
        : set.metadata[name][i];
      for (let k = repeated ? set.count(i) : 1; k > 0; k--) values.push(value);
    }
  }
  return type === "double" ? Float64Array.from(values as number[]) : values;
}

/**
 * Writes one set of light curves to a Parquet file.
 * @throws EphemeraError as {@link ParquetLightCurveWriter} does.
 */
export async function writeParquetLightCurves(
  path: string | URL,
  set: LightCurveSet,
  options: WriteParquetOptions = {},
): Promise<void> {
  await using writer = await ParquetLightCurveWriter.create(path, options);
  await writer.append(set);
  await writer.close();
}

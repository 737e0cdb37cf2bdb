/** Light curves to Parquet, row group by row group: memory holds one group, however many objects there are. */
import { type ColumnSource, ParquetWriter } from "hyparquet-writer";
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
      this.#writer = new ParquetWriter({
        writer: new FileSink(this.#file),
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
    const waiting = this.#waiting, rows = this.#options.layout === "rows";
    const columnData = rows
      ? this.#columns.map((column) => flatColumn(column, waiting))
      : listColumns(this.#columns, waiting, this.#options.nested);
    await this.#writer!.write({ columnData, rowGroupSize: rows ? this.#observations : this.#objects });
    this.#waiting = [];
    this.#objects = this.#observations = 0;
  }
}

type Entries = (number | string | null)[];

/** The entries of a column for the observations of one object. */
function observed(
  set: LightCurveSet,
  { role, name, type }: ParquetColumn,
  start: number,
  end: number,
): Entries {
  if (role === "band") {
    const band = Array.from(set.band!.subarray(start, end));
    return type === "text" ? band.map((b) => set.bands[b]) : band;
  }
  const column = role === "time"
    ? set.time
    : role === "value"
    ? set.value
    : role === "error"
    ? set.error!
    : role === "flags"
    ? set.flags!
    : set.extra[name];
  return Array.from(column.subarray(start, end));
}

/** The entry of a column for one object. */
function ofObject(set: LightCurveSet, { role, name }: ParquetColumn, i: number): number | string | null {
  if (role === "id") return set.ids[i];
  if (role === "label") return set.className(i) ?? null;
  return set.metadata[name][i];
}

/** Names, few of them, go through a dictionary; numbers as they are, since a dictionary would take -0 for 0. */
const settings = ({ type, role, each }: ParquetColumn): Partial<ColumnSource> => ({
  encoding: type === "text" && role !== "id" && (role !== "metadata")
    ? "RLE_DICTIONARY"
    : type === "text"
    ? undefined
    : "PLAIN",
  statistics: each === "object",
  offsetIndex: false,
});

function flatColumn(column: ParquetColumn, waiting: readonly Waiting[]): ColumnSource {
  const data: Entries = [];
  for (const { set, from, to } of waiting) {
    for (let i = from; i < to; i++) {
      const start = set.offsets[i], end = set.offsets[i + 1];
      if (column.each === "object") {
        const entry = ofObject(set, column, i);
        for (let r = start; r < end; r++) data.push(entry);
      } else for (const entry of observed(set, column, start, end)) data.push(entry);
    }
  }
  return { name: column.name, data, ...settings(column) };
}

function listColumns(
  columns: readonly ParquetColumn[],
  waiting: readonly Waiting[],
  nested: string | undefined,
): ColumnSource[] {
  const objects = columns.filter(({ each }) => each === "object").map((column): ColumnSource => ({
    name: column.name,
    data: waiting.flatMap(({ set, from, to }) =>
      Array.from({ length: to - from }, (_, k) => ofObject(set, column, from + k))
    ),
    ...settings(column),
  }));
  const lists = columns.filter(({ each }) => each === "observation");
  const list = (column: ParquetColumn): Entries[] =>
    waiting.flatMap(({ set, from, to }) =>
      Array.from(
        { length: to - from },
        (_, k) => observed(set, column, set.offsets[from + k], set.offsets[from + k + 1]),
      )
    );
  if (nested === undefined) {
    return [
      ...objects,
      ...lists.map((column): ColumnSource => ({
        name: column.name,
        data: list(column),
        ...settings(column),
      })),
    ];
  }
  const filled = lists.map(list);
  const data = filled[0].map((_, row) =>
    Object.fromEntries(lists.map(({ name }, k) => [name, filled[k][row]]))
  );
  // One setting serves all lists of the struct: names take 1 to 20 bytes plainly, which snappy packs well.
  return [...objects, { name: nested, data, encoding: "PLAIN", statistics: false, offsetIndex: false }];
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

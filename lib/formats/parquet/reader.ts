/** Light curves from Parquet, all at once or row group by row group. */
import { demand, EphemeraError } from "../../core/mod.ts";
import { concatenate, type LightCurveSet, type Quantity } from "../../observations/mod.ts";
import type { RandomAccessSource } from "./bytes_at.ts";
import { Assembler, joined, type RoleColumn, sliced } from "./assemble.ts";
import { ParquetColumns, type ReadParquetBytesOptions } from "./columns.ts";
import type { Leaf } from "./footer.ts";
import { NOTE_KEY, type ParquetColumnNames, type ParquetNote } from "./layout.ts";

/** Options of {@link readParquetLightCurves} and {@link parquetLightCurves}. */
export interface ReadParquetOptions extends ReadParquetBytesOptions {
  /**
   * Names of the columns. What is left out is taken from what a file written here says about itself, or looked for under
   * the usual names (those of `readLightCurves`, and objectId, diaObjectId, midpointMjdTai, psfFlux, psfFluxErr).
   */
  columns?: ParquetColumnNames;
  /** Names of the bands, in the order wanted; numbers in the file are places in this list. Default: as they appear. */
  bands?: readonly string[];
  /** Name of the band where there is no column of bands. Default `"V"`. */
  band?: string;
  /** Magnitude or flux? Default: what the file says, or flux when the column's name has it, or magnitude. */
  quantity?: Quantity;
  /** AB magnitude of unit flux. Default: what the file says. */
  zeroPoint?: number;
  /** Name of the time scale. Default: what the file says, or MJD. */
  timeScale?: string;
  /** Names of the classes, in the order wanted. Default: what the file says, or sorted. */
  classNames?: readonly string[];
  /** More columns of one number per observation. Default: all others that are lists of numbers. */
  extra?: readonly string[];
  /** Columns of one entry per object. Default: all others without lists (layout of rows: what the file says, or none). */
  metadata?: readonly string[];
  /** Rows of an object that are not in time order: sort them, or call them bad. Default refuse. */
  order?: "sort" | "refuse";
  /** Observations whose time, value or error is null or not finite, or whose error is negative: leave out, or fail. Default fail. */
  onBadRow?: "fail" | "skip";
}

const USUAL = {
  id: ["id", "object", "object_id", "objectid", "oid", "source_id", "snid", "diaobjectid", "diaobject_id"],
  time: ["time", "mjd", "hjd", "bjd", "jd", "midpointmjdtai", "midpointtai"],
  value: ["mag", "magnitude", "flux", "fluxcal", "value", "psfflux"],
  error: ["magerr", "mag_err", "error", "fluxerr", "flux_err", "fluxcalerr", "err", "psffluxerr"],
  band: ["band", "filter", "passband", "filtername"],
  flags: ["flags"],
  label: ["class"],
} as const;

/** The columns of a file by what they mean. */
interface Roles {
  id: Leaf;
  time: Leaf;
  value: Leaf;
  error?: Leaf;
  band?: Leaf;
  flags?: Leaf;
  label?: Leaf;
  extra: Leaf[];
  metadata: Leaf[];
}

/**
 * Reads all light curves of a Parquet file with one row an object (lists of observations, in a struct or not) or one row an
 * observation. What `writeParquetLightCurves` wrote comes back without loss and without options.
 *
 * @throws EphemeraError for a missing column, damage, an unknown encoding, more bytes than `maximumBytes`, lists of
 * different lengths in one row, an observation that is no finite number, times out of order, an object that comes twice.
 *
 * @example
 * ```ts
 * import { readParquetLightCurves, writeParquetLightCurves } from "ephemera/formats";
 * import { LightCurveSet } from "ephemera/observations";
 * import assert from "node:assert/strict";
 * const set = new LightCurveSet({ ids: ["a"], offsets: Uint32Array.of(0, 2), time: Float64Array.of(1, 2),
 *   value: Float64Array.of(15, 16), metadata: { redshift: Float64Array.of(0.1) } });
 * const path = await Deno.makeTempFile({ suffix: ".parquet" });
 * await writeParquetLightCurves(path, set, { nested: "lightcurve" });
 * assert.deepEqual((await readParquetLightCurves(path)).columns(), set.columns());
 * await Deno.remove(path);
 * ```
 */
export async function readParquetLightCurves(
  source: RandomAccessSource,
  options: ReadParquetOptions = {},
): Promise<LightCurveSet> {
  const sets: LightCurveSet[] = [];
  for await (const set of chunks(source, options, false)) sets.push(set);
  return sets.length === 1 ? sets[0] : concatenate(sets);
}

/**
 * Reads the light curves of a Parquet file row group by row group, for files larger than memory. In the layout of rows an
 * object must not be scattered over row groups that are not neighbours. `maximumBytes` bounds each row group.
 * @throws EphemeraError as {@link readParquetLightCurves} does.
 */
export function parquetLightCurves(
  source: RandomAccessSource,
  options: ReadParquetOptions = {},
): AsyncGenerator<LightCurveSet, void, void> {
  return chunks(source, options, true);
}

async function* chunks(
  source: RandomAccessSource,
  options: ReadParquetOptions,
  apart: boolean,
): AsyncGenerator<LightCurveSet, void, void> {
  using file = await ParquetColumns.open(source, options);
  const note = noteIn(file), roles = rolesOf(file, note, options), rows = !roles.time.list;
  const wanted: RoleColumn[] = [];
  for (const role of ["id", "time", "value", "error", "band", "flags", "label"] as const) {
    const leaf = roles[role], as = role === "id" || role === "label" ? "text" : "number";
    if (leaf) wanted.push({ role, leaf, as });
  }
  for (const role of ["extra", "metadata"] as const) {
    for (const leaf of roles[role]) wanted.push({ role, leaf, as: "number" });
  }
  const assembler = new Assembler(file.where, note, options, wanted), groups = file.footer.groups.length;
  let budget = file.budget(), kept = assembler.none();
  for (let g = 0; g < groups; g++) {
    if (apart) budget = file.budget();
    const decoded = await file.group(g, wanted, budget);
    if (!rows) yield assembler.fromLists(decoded);
    else {
      kept = joined(kept, decoded);
      if (!apart || g + 1 === groups) continue;
      // The last object of a row group may go on in the next: it waits.
      const end = assembler.lastObject(kept);
      if (end > 0) yield assembler.fromRows(sliced(kept, 0, end));
      kept = sliced(kept, end);
    }
  }
  if (rows) yield assembler.fromRows(kept);
  else if (groups === 0) yield assembler.fromLists(kept);
}

function noteIn(file: ParquetColumns): ParquetNote | undefined {
  const text = file.footer.notes.get(NOTE_KEY);
  if (text === undefined) return undefined;
  const bad = (cause?: unknown): never => {
    throw new EphemeraError({
      expected: "a note on the light curves as version 1 writes it",
      found: "another",
      where: file.where,
      remedy: "read it with the version of ephemera that wrote it, or fetch the file again",
      cause,
    });
  };
  let note: Partial<Record<keyof ParquetNote, unknown>>;
  try {
    note = JSON.parse(text);
  } catch (cause) {
    return bad(cause);
  }
  const texts = (list: unknown) => Array.isArray(list) && list.every((entry) => typeof entry === "string");
  const sound = typeof note === "object" && note !== null && note.version === 1 &&
    (note.quantity === "flux" || note.quantity === "magnitude") && typeof note.timeScale === "string" &&
    (note.zeroPoint === undefined || typeof note.zeroPoint === "number") &&
    [note.bands, note.classNames, note.extra, note.metadata].every(texts) &&
    typeof note.columns === "object" && note.columns !== null && texts(Object.values(note.columns));
  return sound ? note as ParquetNote : bad();
}

function rolesOf(file: ParquetColumns, note: ParquetNote | undefined, options: ReadParquetOptions): Roles {
  const { leaves } = file.footer;
  const role = (name: keyof ParquetColumnNames): Leaf | undefined => {
    const own = options.columns?.[name] ?? note?.columns[name];
    if (own !== undefined) return file.demand(own);
    if (note !== undefined) return undefined;
    for (const usual of USUAL[name]) {
      const leaf = leaves.find((leaf) => leaf.name.toLowerCase() === usual);
      if (leaf) return leaf;
    }
    return undefined;
  };
  const time = role("time") ?? file.demand(USUAL.time[1]),
    value = role("value") ?? file.demand(USUAL.value[0]);
  const found: Omit<Roles, "extra" | "metadata"> = {
    id: role("id") ?? file.demand(USUAL.id[0]),
    time,
    value,
    error: role("error"),
    band: role("band"),
    flags: role("flags"),
    label: role("label"),
  };
  const taken = new Set<Leaf | undefined>(Object.values(found));
  const others = leaves.filter((leaf) => !taken.has(leaf));
  const each = time.list, number = (leaf: Leaf) => leaf.element.type !== "BYTE_ARRAY";
  const extra = options.extra ?? note?.extra, metadata = options.metadata ?? note?.metadata;
  const named = (names: readonly string[]) => names.map((name) => file.demand(name));
  const roles: Roles = {
    ...found,
    metadata: metadata ? named(metadata) : each ? others.filter(({ list }) => !list) : [],
    extra: [],
  };
  roles.extra = extra
    ? named(extra)
    : others.filter((leaf) => leaf.list === each && number(leaf) && !roles.metadata.includes(leaf));
  const misplaced =
    (["id", "label"] as const).map((name) => roles[name]).concat(roles.metadata).find((leaf) => leaf?.list) ??
      [value, found.error, found.band, found.flags, ...roles.extra].find((leaf) =>
        leaf && leaf.list !== each
      );
  demand(misplaced === undefined, () => ({
    expected: `one ${
      each ? "list per object" : "entry per row"
    } in the columns of observations, none in the object's`,
    found: `column "${misplaced!.path}" ${misplaced!.list ? "with" : "without"} lists`,
    where: file.where,
    remedy: "name the columns in the options",
  }));
  return roles;
}

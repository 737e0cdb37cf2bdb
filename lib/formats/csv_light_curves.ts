/** Light curves as delimited text, one observation a row: the reader. */
import { demand, EphemeraError, type ErrorFacts } from "../core/mod.ts";
import { LightCurveSet, type Quantity } from "../observations/mod.ts";
import { type ByteSource, readBytes, type ReadBytesOptions, sourceName } from "./bytes.ts";
import { FieldScanner } from "./field_scanner.ts";
import { dropDuplicates, inOrder, offsetsOf, regroup, Rows } from "./observation_rows.ts";

/** Names of the columns of a light-curve file. */
export interface LightCurveColumnNames {
  /** Identifier of the object. */
  id?: string;
  /** Time in days. */
  time?: string;
  /** Magnitude or flux. */
  value?: string;
  /** One-sigma error; `null` when the file has none. */
  error?: string | null;
  /** Name of the band; `null` when there is one band. */
  band?: string | null;
}

/** Options of {@link readLightCurves}. */
export interface ReadLightCurvesOptions extends ReadBytesOptions {
  /**
   * Names of the columns. What is left out is looked for under the usual names: id, object, object_id, oid; time, mjd,
   * hjd, bjd, jd; mag, magnitude, flux, fluxcal, value; magerr, mag_err, error, flux_err, fluxcalerr; band, filter, passband.
   */
  columns?: LightCurveColumnNames;
  /** Character between fields. Default comma. */
  delimiter?: string;
  /** Names of the bands that may occur. Default: all that do, in order of appearance. */
  bands?: readonly string[];
  /** Name of the band where there is no band column. Default `"V"`. */
  band?: string;
  /** Magnitude or flux? Default magnitude. */
  quantity?: Quantity;
  /** AB magnitude of unit flux. */
  zeroPoint?: number;
  /** Name of the time scale. Default MJD. */
  timeScale?: string;
  /** Rows of an object that are not in time order: sort them, or call them bad. Default refuse. */
  order?: "sort" | "refuse";
  /** A second observation at the same time in the same band: keep both, or call it bad. Default keep. */
  duplicates?: "keep" | "refuse";
  /** Identifiers of objects that must have observations. Default: whoever occurs. */
  objects?: readonly string[];
  /** More numeric columns to keep, one number per observation; empty fields become NaN. */
  extra?: readonly string[];
  /**
   * Column of texts that become the bits of `Flag`, and the bits of each text that may occur, e.g.
   * `{ column: "kind", meanings: { detected: Flag.detected, forced: Flag.forced } }`.
   */
  flags?: { column: string; meanings: Readonly<Record<string, number>> };
  /** A bad row fails the reading, or is left out and reported. Default fail. */
  onBadRow?: "fail" | "skip";
}

/** Why a row was bad. */
export type BadRowReason =
  | "number of fields"
  | "not a number"
  | "negative error"
  | "unknown band"
  | "unknown flag"
  | "unsorted"
  | "duplicate"
  | "no observations";

/** One row that was left out, or one object without rows. */
export interface BadRow {
  /** What was wrong with it. */
  reason: BadRowReason;
  /** Line in the file, from 1; 0 for an object without rows. */
  line: number;
  /** The sentence that failing would have said. */
  message: string;
  /** What that sentence is made of. */
  facts: ErrorFacts;
}

/** What {@link readLightCurves} read. */
export interface LightCurveReading {
  /** The light curves. */
  set: LightCurveSet;
  /** Rows read, good and bad. */
  rows: number;
  /** Rows left out, by reason. */
  skipped: Readonly<Partial<Record<BadRowReason, number>>>;
  /** The first {@link REPORTED_ROWS} of them, one by one. */
  badRows: readonly BadRow[];
  /** Number of objects whose rows were put into time order. */
  sortedObjects: number;
}

/** How many bad rows a reading describes one by one; beyond, it only counts. */
export const REPORTED_ROWS = 1000;

const USUAL = {
  id: ["id", "object", "object_id", "objectid", "oid", "source_id", "snid"],
  time: ["time", "mjd", "hjd", "bjd", "jd"],
  value: ["mag", "magnitude", "flux", "fluxcal", "value"],
  error: ["magerr", "mag_err", "error", "fluxerr", "flux_err", "fluxcalerr", "err"],
  band: ["band", "filter", "passband"],
} as const;

/**
 * Reads light curves from delimited text with a header, packed by gzip or not. Objects come in order of appearance; their
 * rows need not stand together.
 *
 * @throws EphemeraError for a missing column, for damaged input, and (unless `onBadRow` is `"skip"`) for the first bad
 * row: a wrong number of fields, a field that is no finite number, a negative error, an unknown band, times out of
 * order, a duplicate where those are refused, a wanted object without observations.
 *
 * @example
 * ```ts
 * import { readLightCurves } from "ephemera/formats";
 * import assert from "node:assert/strict";
 * const text = "id,mjd,mag,magerr\na,2,15.1,0.1\na,1,15.3,0.1\nb,1,nan,0.1\n";
 * const { set, badRows } = await readLightCurves(new TextEncoder().encode(text), { order: "sort", onBadRow: "skip" });
 * assert.deepEqual(set.at(0).value, Float64Array.of(15.3, 15.1));
 * assert.equal(badRows[0].line, 4);
 * ```
 */
export async function readLightCurves(
  source: ByteSource,
  options: ReadLightCurvesOptions = {},
): Promise<LightCurveReading> {
  return parseLightCurves(await readBytes(source, options), {
    ...options,
    where: sourceName(source, options.where),
  });
}

/** Does the work of {@link readLightCurves} on bytes already unpacked, at once. */
export function parseLightCurves(bytes: Uint8Array, options: ReadLightCurvesOptions = {}): LightCurveReading {
  const { delimiter = ",", order = "refuse", duplicates = "keep", onBadRow = "fail" } = options;
  const { where = "bytes", extra: extraNames = [] } = options;
  const scan = new FieldScanner(bytes, delimiter, where);
  const header = readHeader(scan);
  const roles = rolesOf(header, options, where);
  const bands: string[] = roles.includes(ROLE.band) ? [...options.bands ?? []] : [options.band ?? "V"];
  const meanings = new Map(Object.entries(options.flags?.meanings ?? {}));
  const fixedBands = options.bands !== undefined, bandNumbers = new Map(bands.map((name, i) => [name, i]));
  const ids: string[] = [], objects = new Map<string, number>();
  const bad: BadRow[] = [], skipped: Partial<Record<BadRowReason, number>> = {};
  const refuse = (
    reason: BadRowReason,
    line: number,
    facts: { expected: string; found: string; remedy: string },
    object?: number,
  ) => {
    const place = `${where}${line > 0 ? `, line ${line}` : ""}${
      object === undefined ? "" : `, object ${ids[object]}`
    }`;
    const error = new EphemeraError({ ...facts, where: place });
    if (onBadRow === "fail") throw error;
    skipped[reason] = (skipped[reason] ?? 0) + 1;
    if (bad.length < REPORTED_ROWS) {
      bad.push({ reason, line, message: error.message, facts: { ...facts, where: place } });
    }
  };

  const rows = new Rows(Math.max(16, Math.ceil(bytes.length / 32)), extraNames.length);
  let read = 0, current = -1, idStart = 0, idLength = -1, bandStart = 0, bandLength = -1, currentBand = 0;
  let together = true;
  while (!scan.done) {
    if (scan.blank) {
      scan.nextLine();
      continue;
    }
    const line = scan.line;
    if (rows.length === rows.time.length) rows.grow();
    const r = rows.length;
    let field = 0, time = NaN, value = NaN, error = 0, band = 0;
    let wrong = "", wrongText = "", unknownBand = "", flag = 0, unknownFlag: string | undefined;
    read++;
    for (;; field++) {
      const role = field < roles.length ? roles[field] : ROLE.none;
      if (role === ROLE.none) scan.skip();
      else if (role === ROLE.id) {
        scan.skip();
        if (!scan.sameAs(idStart, idLength)) {
          idStart = scan.start;
          idLength = scan.position - scan.start;
          const id = scan.last();
          const known = objects.get(id);
          if (known === undefined) {
            current = ids.length;
            objects.set(id, current);
            ids.push(id);
          } else {
            if (known !== current) together = false;
            current = known;
          }
        }
      } else if (role === ROLE.band) {
        scan.skip();
        if (!scan.sameAs(bandStart, bandLength)) {
          bandStart = scan.start;
          bandLength = scan.position - scan.start;
          const name = scan.last(), known = bandNumbers.get(name);
          if (known !== undefined) currentBand = known;
          else if (fixedBands) {
            unknownBand = name;
            bandLength = -1; // the next row must look again
          } else {
            demand(bands.length < 256, { expected: "at most 256 bands", found: "more", where });
            currentBand = bands.length;
            bandNumbers.set(name, currentBand);
            bands.push(name);
          }
        }
        band = currentBand;
      } else if (role === ROLE.flag) {
        const text = scan.text(), bits = meanings.get(text);
        if (bits === undefined) unknownFlag = text;
        else flag = bits;
      } else {
        const number = scan.number();
        if (role >= ROLE.extra) rows.extra[role - ROLE.extra][r] = number;
        else {
          if (!Number.isFinite(number) && wrong === "") [wrong, wrongText] = [header[field], scan.last()];
          if (role === ROLE.time) time = number;
          else if (role === ROLE.value) value = number;
          else error = number;
        }
      }
      if (scan.lineEnds) break;
      scan.nextField();
    }
    scan.nextLine();
    if (field + 1 !== header.length) {
      refuse("number of fields", line, {
        expected: `${header.length} fields`,
        found: `${field + 1}`,
        remedy: "complete the row or take it out",
      });
    } else if (wrong !== "") {
      refuse("not a number", line, {
        expected: `a finite number in column "${wrong}"`,
        found: wrongText === "" ? "an empty field" : `"${wrongText}"`,
        remedy: 'take the row out, or read with onBadRow: "skip"',
      }, current);
    } else if (error < 0) {
      refuse("negative error", line, {
        expected: "an error that is not negative",
        found: String(error),
        remedy: 'take the row out, or read with onBadRow: "skip"',
      }, current);
    } else if (unknownBand !== "") {
      refuse("unknown band", line, {
        expected: `one of the bands ${options.bands!.join(", ")}`,
        found: `"${unknownBand}"`,
        remedy: "name all bands of the file in the option bands",
      }, current);
    } else if (unknownFlag !== undefined) {
      refuse("unknown flag", line, {
        expected: `one of the flags ${[...meanings.keys()].join(", ")}`,
        found: `"${unknownFlag}"`,
        remedy: "say in the option flags what it means",
      }, current);
    } else {
      rows.time[r] = time;
      rows.value[r] = value;
      rows.error[r] = error;
      rows.band[r] = band;
      rows.flag[r] = flag;
      rows.object[r] = current;
      rows.line[r] = line;
      rows.length++;
    }
  }
  for (const id of options.objects ?? []) {
    if (!objects.has(id)) {
      refuse("no observations", 0, {
        expected: `observations of object ${id}`,
        found: "none",
        remedy: "take the object out of the list, or complete the file",
      });
    }
  }
  const offsets = together ? offsetsOf(rows, ids.length) : regroup(rows, ids.length);
  const sortedObjects = inOrder(rows, offsets, order, (line, object, before, after) => {
    refuse("unsorted", line, {
      expected: "ascending times",
      found: `${after} after ${before}`,
      remedy: 'read with order: "sort"',
    }, object);
  });
  if (duplicates === "refuse") {
    dropDuplicates(rows, offsets, (line, object, time, band) => {
      refuse("duplicate", line, {
        expected: "one observation per time and band",
        found: `time ${time} twice in band ${bands[band]}`,
        remedy: 'read with duplicates: "keep", or take one out',
      }, object);
    });
  }
  return {
    set: assemble(rows, offsets, ids, bands, roles, extraNames, options),
    rows: read,
    skipped,
    badRows: bad,
    sortedObjects,
  };
}

const ROLE = { none: 0, id: 1, time: 2, value: 3, error: 4, band: 5, flag: 6, extra: 7 } as const;

function readHeader(scan: FieldScanner): string[] {
  const header: string[] = [];
  while (!scan.done) {
    header.push(scan.text().trim());
    if (scan.lineEnds) break;
    scan.nextField();
  }
  scan.nextLine();
  return header;
}

function rolesOf(header: readonly string[], options: ReadLightCurvesOptions, where: string): Uint8Array {
  const { columns = {}, extra = [] } = options, roles = new Uint8Array(header.length);
  const place = (name: string, role: number) => {
    const at = header.indexOf(name);
    demand(at >= 0, () => ({
      expected: `a column "${name}"`,
      found: `the columns ${header.join(", ") || "(none)"}`,
      where,
      remedy: "name the column in the option columns",
    }));
    roles[at] = role;
  };
  for (const key of ["id", "time", "value", "error", "band"] as const) {
    const name = columns[key], role = ROLE[key];
    if (name === null) continue;
    if (name !== undefined) {
      place(name, role);
      continue;
    }
    const found = USUAL[key].map((usual) => header.findIndex((column) => column.toLowerCase() === usual))
      .find((at) => at >= 0);
    if (found !== undefined) roles[found] = role;
    else if (key !== "error" && key !== "band") place(USUAL[key][0], role);
  }
  if (options.flags) place(options.flags.column, ROLE.flag);
  extra.forEach((name, k) => place(name, ROLE.extra + k));
  return roles;
}

function assemble(
  rows: Rows,
  offsets: Uint32Array,
  ids: string[],
  bands: string[],
  roles: Uint8Array,
  extraNames: readonly string[],
  options: ReadLightCurvesOptions,
): LightCurveSet {
  const n = rows.length;
  // Objects all of whose rows were bad are gone with them.
  const kept = ids.map((_, i) => i).filter((i) => offsets[i + 1] > offsets[i]);
  return new LightCurveSet({
    ids: kept.map((i) => ids[i]),
    offsets: Uint32Array.from([0, ...kept.map((i) => offsets[i + 1])]),
    time: rows.time.slice(0, n),
    value: rows.value.slice(0, n),
    error: roles.includes(ROLE.error) ? rows.error.slice(0, n) : undefined,
    band: roles.includes(ROLE.band) ? rows.band.slice(0, n) : undefined,
    flags: roles.includes(ROLE.flag) ? rows.flag.slice(0, n) : undefined,
    bands: bands.length > 0 ? bands : ["V"],
    quantity: options.quantity,
    zeroPoint: options.zeroPoint,
    timeScale: options.timeScale,
    extra: Object.fromEntries(extraNames.map((name, k) => [name, rows.extra[k].slice(0, n)])),
  });
}

/**
 * SNANA text: an object's header with one `KEY: VALUE` a line, then one line `OBS:` an observation, whose values VARLIST
 * names. The format of the 2010 photometric classification challenge (`DES_SN*.DAT`) and of most public supernova samples. The reader.
 */
import { FLUXCAL_ZERO_POINT } from "../astronomy/mod.ts";
import { demand, EphemeraError } from "../core/mod.ts";
import { LightCurveSet } from "../observations/mod.ts";
import { type ByteSource, readBytes, type ReadBytesOptions, sourceName } from "./bytes.ts";
import type { BadRow } from "./csv_light_curves.ts";
import { inOrder, Rows } from "./observation_rows.ts";
import { faultOf, refuse, UNKNOWN_BAND } from "./snana_faults.ts";
import type { ReadSnanaFitsOptions, SnanaReading } from "./snana_fits.ts";
import { filterNames, flagOfPhotflag, labelsOfCodes, OWN_FLAGS } from "./snana_labels.ts";
import { checkNumbers, headerColumns, snanaNumber } from "./snana_text_header.ts";
import { snanaTextLayout, type SnanaTextObject, snanaTextObjects } from "./snana_text_objects.ts";

/** Options of {@link readSnanaText}. */
export interface ReadSnanaTextOptions
  extends ReadBytesOptions, Pick<ReadSnanaFitsOptions, "typeNames" | "bands" | "extra" | "onBadRow"> {
  /**
   * Where the classes come from: the code SNTYPE, which says what a spectrum said, or the name after `SN Type =` in SIM_COMMENT,
   * a simulation's truth. Default SNTYPE.
   */
  classesFrom?: "SNTYPE" | "SIM_COMMENT";
  /**
   * An object that is cut off or lacks what it needs, or has a bad observation where that fails, fails the reading, or is left
   * out and reported. Default fail.
   */
  onBadObject?: "fail" | "skip";
}

/** What {@link readSnanaText} read; `line` of a bad row is that of its file. */
export interface SnanaTextReading extends Omit<SnanaReading, "foundBy"> {
  /** What was wrong with each object left out. */
  badObjects: readonly EphemeraError[];
}

/**
 * Reads light curves from SNANA text: a file of one object or of many one after the other, a list of such files, or the path of a
 * folder with files `*.DAT`, taken in the order of their names; each packed by gzip or not. Header entries become metadata
 * under their own names, the error behind a `+-` that of KEY with `_ERR`; SNTYPE becomes the labels, PHOTFLAG the flags. VARLIST
 * names the values of a line; NVAR may disagree with it. Reading allocates at most 1 MiB and 500 bytes for each byte of a file.
 *
 * @throws EphemeraError when there is no such file, when it is not SNANA's, when an object is cut off (fewer lines than NOBS says),
 * lacks MJD, FLT (or BAND), FLUXCAL or FLUXCALERR, or a header entry is not the number it must be; for a bad observation: another
 * number of values, a word for a number, a negative error, a band not wanted.
 *
 * @example
 * ```ts
 * import { readSnanaText } from "ephemera/formats";
 * import assert from "node:assert/strict";
 * const text = `SNID: 17
 * FILTERS: gr
 * RA: 34.5 deg
 * SNTYPE: 1
 * HOST_GALAXY_PHOTO-Z: 0.31 +- 0.04
 * NOBS: 2
 * NVAR: 5
 * VARLIST: MJD FLT FIELD FLUXCAL FLUXCALERR
 * OBS: 56177.2 g NULL 2.3 4.8
 * OBS: 56178.2 r NULL 8.8 5.3
 * END:
 * `;
 * const { set } = await readSnanaText(new TextEncoder().encode(text), { typeNames: { 1: "Ia" } });
 * assert.deepEqual(set.at(0).value, Float64Array.of(2.3, 8.8));
 * assert.equal(set.numbers("HOST_GALAXY_PHOTO-Z_ERR")[0], 0.04);
 * assert.equal(set.className(0), "Ia");
 * ```
 */
export async function readSnanaText(
  source: ByteSource | readonly ByteSource[],
  options: ReadSnanaTextOptions = {},
): Promise<SnanaTextReading> {
  const gathered = new Gathered(options), decoder = new TextDecoder();
  for (const file of Array.isArray(source) ? source as ByteSource[] : await filesOf(source as ByteSource)) {
    const where = sourceName(file, options.where);
    gathered.add(decoder.decode(await readBytes(file, options)), where);
  }
  return gathered.reading();
}

/** Returns the files of a folder, or the source itself where it is none. */
async function filesOf(source: ByteSource): Promise<ByteSource[]> {
  if (typeof source !== "string" && !(source instanceof URL)) return [source];
  try {
    if (!(await Deno.stat(source)).isDirectory) return [source];
  } catch (error) {
    // Reading says in a sentence that there is no such file.
    if (error instanceof Deno.errors.NotFound) return [source];
    throw error;
  }
  const names: string[] = [], where = sourceName(source);
  for await (const entry of Deno.readDir(source)) {
    if (!entry.isDirectory && /\.dat(\.gz)?$/i.test(entry.name)) names.push(entry.name);
  }
  demand(names.length > 0, { expected: "files named *.DAT", found: "none", where });
  return names.sort().map((name) => `${where.replace(/\/+$/, "")}/${name}`);
}

/** The objects read so far. */
class Gathered {
  readonly #options: ReadSnanaTextOptions;
  readonly #rows: Rows;
  readonly #offsets = [0];
  readonly #ids: string[] = [];
  readonly #headers: ReadonlyMap<string, string>[] = [];
  readonly #bands: string[];
  readonly #bad: BadRow[] = [];
  readonly #badObjects: EphemeraError[] = [];
  #flagged = false;

  constructor(options: ReadSnanaTextOptions) {
    this.#options = options;
    this.#rows = new Rows(256, options.extra?.length ?? 0);
    this.#bands = [...options.bands ?? []];
  }

  /** Adds the objects of a text. */
  add(text: string, where: string): void {
    let objects = 0;
    for (const object of snanaTextObjects(text)) {
      const rows = this.#rows.length, bad = this.#bad.length;
      objects++;
      try {
        this.#addObject(object, where);
      } catch (error) {
        if (this.#options.onBadObject !== "skip" || !(error instanceof EphemeraError)) throw error;
        this.#rows.length = rows;
        this.#bad.length = bad;
        this.#badObjects.push(error);
      }
    }
    demand(objects > 0, {
      expected: "a light curve in SNANA's text format, with an entry SNID:",
      found: "none",
      where,
      remedy: "check that this is the file meant",
    });
  }

  #addObject(object: SnanaTextObject, where: string): void {
    const { id, places, columns, widths } = snanaTextLayout(object, where), rows = this.#rows;
    const place = `${where}, object ${id}`, { extra = [], onBadRow } = this.#options;
    checkNumbers(object.header, place);
    const extraPlaces = extra.map((name) => {
      const at = columns.indexOf(name);
      demand(at >= 0, { expected: `a column ${name}`, found: "none in VARLIST", where: place });
      return at;
    });
    // Flags come last, where there are any.
    const flagColumn = [OWN_FLAGS, "PHOTFLAG"].find((name) => columns.includes(name));
    const numbers = [places[0], places[2], places[3], ...extraPlaces];
    if (flagColumn !== undefined) numbers.push(columns.indexOf(flagColumn));
    const width = Math.max(places[1], ...numbers) + 1;
    for (const name of filterNames(object.header.get("FILTERS")?.split(/\s/)[0] ?? "")) {
      this.#band(name, place);
    }
    for (const { line, text } of object.observations) {
      const words = text.split(/\s+/), row = `${where}, line ${line}, object ${id}`;
      if (!widths.includes(words.length) || words.length < width) {
        refuse(this.#bad, line, row, {
          reason: "number of fields",
          expected: `${columns.length} values, as VARLIST names`,
          found: `${words.length}`,
          remedy: "complete the row or take it out",
        }, onBadRow);
        continue;
      }
      const values = numbers.map((at) => snanaNumber(words[at])), wrong = values.indexOf(undefined);
      if (wrong >= 0) {
        refuse(this.#bad, line, row, {
          reason: "not a number",
          expected: `a number as ${columns[numbers[wrong]]}`,
          found: `"${words[numbers[wrong]].slice(0, 60)}"`,
          remedy: 'take the row out, or read with onBadRow: "skip"',
        }, onBadRow);
        continue;
      }
      const [mjd, flux, error, ...more] = values as number[];
      const band = this.#band(words[places[1]], row), fault = faultOf(mjd, flux, error, band);
      if (fault !== undefined) {
        refuse(this.#bad, line, row, fault, onBadRow);
        continue;
      }
      if (rows.length === rows.time.length) rows.grow();
      const r = rows.length++;
      rows.time[r] = mjd;
      rows.value[r] = flux;
      rows.error[r] = error;
      rows.band[r] = band;
      rows.object[r] = this.#ids.length;
      rows.line[r] = line;
      const flag = flagColumn === undefined ? 0 : more[extra.length];
      rows.flag[r] = flagColumn === OWN_FLAGS ? flag : flagOfPhotflag(flag);
      extra.forEach((_, k) => rows.extra[k][r] = more[k]);
    }
    this.#flagged ||= flagColumn !== undefined;
    this.#ids.push(id);
    this.#headers.push(object.header);
    this.#offsets.push(rows.length);
  }

  /** Returns the number of a band, a new one unless the caller has named them all. */
  #band(name: string, where: string): number {
    const known = this.#bands.indexOf(name);
    if (known >= 0 || this.#options.bands !== undefined) return known >= 0 ? known : UNKNOWN_BAND;
    demand(this.#bands.length < UNKNOWN_BAND, {
      expected: `at most ${UNKNOWN_BAND} bands`,
      found: "more",
      where,
    });
    return this.#bands.push(name) - 1;
  }

  /** Returns what was read. */
  reading(): SnanaTextReading {
    const rows = this.#rows, offsets = Uint32Array.from(this.#offsets), n = rows.length;
    const { extra = [], typeNames, classesFrom } = this.#options, metadata = headerColumns(this.#headers);
    const sortedObjects = inOrder(rows, offsets, "sort", () => {}), codes = metadata.SNTYPE;
    const set = new LightCurveSet({
      ids: this.#ids,
      offsets,
      time: rows.time.slice(0, n),
      value: rows.value.slice(0, n),
      error: rows.error.slice(0, n),
      band: rows.band.slice(0, n),
      bands: this.#bands,
      ...(this.#flagged ? { flags: rows.flag.slice(0, n) } : {}),
      quantity: "flux",
      zeroPoint: FLUXCAL_ZERO_POINT,
      timeScale: "MJD",
      ...(classesFrom === "SIM_COMMENT"
        ? labelsOfComments(this.#headers)
        : codes instanceof Float64Array
        ? labelsOfCodes(codes, typeNames)
        : {}),
      metadata,
      extra: Object.fromEntries(extra.map((name, k) => [name, rows.extra[k].slice(0, n)])),
    });
    return { set, badRows: this.#bad, sortedObjects, badObjects: this.#badObjects };
  }
}

/** Returns labels from what stands behind `SN Type =` in the simulation's comment, classes in the order of the alphabet. */
function labelsOfComments(headers: readonly ReadonlyMap<string, string>[]) {
  const names = headers.map((header) =>
    /SN Type\s*=\s*([^\s,]+)/.exec(header.get("SIM_COMMENT") ?? "")?.[1] ?? ""
  );
  const classNames = [...new Set(names)].filter((name) => name !== "").sort();
  const places = new Map(classNames.map((name, k) => [name, k]));
  return { labels: Int32Array.from(names, (name) => places.get(name) ?? -1), classNames };
}

/**
 * SNANA FITS: a pair of files, a HEAD with one row an object and a PHOT with one row an observation, in which HEAD's
 * PTROBS_MIN and PTROBS_MAX (first row is 1, both inclusive) say which rows are an object's, and a row with MJD -777
 * stands between objects. This is the format of DES, PLAsTiCC's and ELAsTiCC's simulations. The reader.
 */
import { FLUXCAL_ZERO_POINT } from "../astronomy/mod.ts";
import { demand, EphemeraError } from "../core/mod.ts";
import { LightCurveSet, type Table } from "../observations/mod.ts";
import { type ByteSource, readBytes, type ReadBytesOptions, sourceName } from "./bytes.ts";
import type { BadRow } from "./csv_light_curves.ts";
import { type FitsHdu, FitsTable, parseFits } from "./fits/mod.ts";
import { inOrder, Rows } from "./observation_rows.ts";
import { oneARow, SNANA_SEPARATOR, snanaRows } from "./snana_rows.ts";
import { filterNames, flagOfPhotflag, labelsOfCodes, OWN_FLAGS } from "./snana_labels.ts";
import { faultOf, refuse, UNKNOWN_BAND } from "./snana_faults.ts";

/** Columns of HEAD that place the object's rows, and are not metadata. */
const PLACES = ["SNID", "NOBS", "PTROBS_MIN", "PTROBS_MAX"];

/** Options of {@link readSnanaFits}. */
export interface ReadSnanaFitsOptions extends ReadBytesOptions {
  /** The PHOT file. Default: HEAD's path with PHOT for its last HEAD, packed by gzip or not. */
  photometry?: ByteSource;
  /** Names of SNTYPE's codes, e.g. `{ 101: "Ia" }`; codes of one name are one class. Default: the digits. */
  typeNames?: Readonly<Record<string, string>>;
  /** Names of the bands that may occur. Default: all that do, those of HEAD's FILTERS first. */
  bands?: readonly string[];
  /** More columns of PHOT to keep, one number per observation. */
  extra?: readonly string[];
  /** A bad observation fails the reading, or is left out and reported. Default fail. */
  onBadRow?: "fail" | "skip";
}

/** What {@link readSnanaFits} read. */
export interface SnanaReading {
  /** The light curves: fluxes with zero point 27.5 (FLUXCAL), MJD. */
  set: LightCurveSet;
  /** Observations left out; `line` is the row of PHOT, from 1. */
  badRows: readonly BadRow[];
  /** Number of objects whose rows were put into time order. */
  sortedObjects: number;
  /**
   * How each object's rows were found: by PTROBS_MIN and PTROBS_MAX, or, where these contradict the separators (as in pairs
   * that were cut out of a larger one), by the separators, whose runs then agree with NOBS for every object.
   */
  foundBy: "pointers" | "separators";
}

/**
 * Reads light curves from a pair of SNANA FITS files. HEAD's columns of one number or text become metadata (64-bit
 * integers beyond 2^53 as text; vectors, bits and lists are left out), SNTYPE the labels, PHOTFLAG the flags. Objects come
 * in HEAD's order. Reading allocates at most 64 bytes for each byte of the two files.
 *
 * @param head path, URL, bytes or stream of the HEAD file.
 * @throws EphemeraError when a file is damaged, PHOT is not there, a column is missing, neither HEAD's row numbers
 * nor NOBS and the separators fit PHOT; unless `onBadRow` is `"skip"`, for a flux that is no number or a negative error.
 *
 * @example
 * ```ts
 * import { formatSnanaFits, readSnanaFits } from "ephemera/formats";
 * import { LightCurveSet } from "ephemera/observations";
 * import assert from "node:assert/strict";
 * const set = new LightCurveSet({ ids: ["1186139"], offsets: Uint32Array.of(0, 2), time: Float64Array.of(56956.203, 56956.206),
 *   value: Float64Array.of(1.78, 2.5), error: Float64Array.of(4.38, 3.2), band: Uint8Array.of(0, 1), bands: ["g", "r"],
 *   quantity: "flux", zeroPoint: 27.5 });
 * const { head, phot } = formatSnanaFits(set);
 * const reading = await readSnanaFits(head, { photometry: phot });
 * assert.deepEqual(reading.set.value, set.value);
 * ```
 */
export async function readSnanaFits(
  head: ByteSource,
  options: ReadSnanaFitsOptions = {},
): Promise<SnanaReading> {
  const where = sourceName(head, options.where);
  const partner = options.photometry ?? await photometryOf(head, where);
  const headHdus = parseFits(await readBytes(head, options), where);
  const photWhere = sourceName(
    partner,
    typeof partner === "string" || partner instanceof URL ? undefined : `${where}, PHOT`,
  );
  const photHdus = parseFits(await readBytes(partner, { ...options, where: photWhere }), photWhere);
  return assemble(headHdus, photHdus, where, photWhere, options);
}

/** Returns the path of the PHOT file that belongs to a HEAD file. */
async function photometryOf(head: ByteSource, where: string): Promise<string | URL> {
  const path = typeof head === "string" || head instanceof URL ? String(head) : undefined;
  const at = path?.lastIndexOf("HEAD") ?? -1;
  if (path === undefined || at < 0) {
    throw new EphemeraError({
      expected: "the PHOT file that belongs to HEAD",
      found: path === undefined ? "bytes without a path" : "a path without HEAD in it",
      where,
      remedy: "give it in the option photometry",
    });
  }
  const partner = `${path.slice(0, at)}PHOT${path.slice(at + 4)}`;
  const candidates = [partner, partner.endsWith(".gz") ? partner.slice(0, -3) : `${partner}.gz`];
  for (const candidate of candidates) {
    const place = head instanceof URL ? new URL(candidate) : candidate;
    try {
      if ((await Deno.stat(place)).isFile) return place;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new EphemeraError({
    expected: "the PHOT file that belongs to HEAD",
    found: `neither ${candidates.join(" nor ")}`,
    where,
    remedy: "put it beside HEAD, or give it in the option photometry",
  });
}

function tableOf(hdus: readonly FitsHdu[], where: string): FitsTable {
  const hdu = hdus.find(({ kind }) => kind === "table");
  demand(hdu !== undefined, () => ({
    expected: "a binary table",
    found: `only ${hdus.map(({ kind }) => kind).join(", ")}`,
    where,
    remedy: "give the HEAD and the PHOT file of SNANA's FITS format",
  }));
  return new FitsTable(hdu);
}

function assemble(
  headHdus: readonly FitsHdu[],
  photHdus: readonly FitsHdu[],
  where: string,
  photWhere: string,
  options: ReadSnanaFitsOptions,
): SnanaReading {
  const head = tableOf(headHdus, where), phot = tableOf(photHdus, photWhere), primary = headHdus[0].header;
  const ids = oneARow(head, "SNID").form === "A"
    ? head.texts("SNID")
    : Array.from(head.integers("SNID"), String);
  const number = (name: string) => (oneARow(phot, name), phot.numbers(name));
  const mjd = number("MJD"), { first, count, total, foundBy } = snanaRows(head, mjd, ids);
  const flux = number("FLUXCAL"), error = number("FLUXCALERR");
  const bandColumn = oneARow(phot, phot.has("BAND") || !phot.has("FLT") ? "BAND" : "FLT").name;
  const { bands, band } = bandsOf(
    phot.texts(bandColumn),
    mjd,
    primary.get("FILTERS"),
    options.bands,
    photWhere,
  );
  const flags = phot.has(OWN_FLAGS)
    ? number(OWN_FLAGS)
    : phot.has("PHOTFLAG")
    ? number("PHOTFLAG").map(flagOfPhotflag)
    : undefined;
  const extra = (options.extra ?? []).map(number), bad: BadRow[] = [];
  const rows = new Rows(total, extra.length), offsets = new Uint32Array(ids.length + 1);
  for (let i = 0; i < ids.length; i++) {
    for (let p = first[i]; p < first[i] + count[i]; p++) {
      const fault = faultOf(mjd[p], flux[p], error[p], band[p]);
      if (fault !== undefined) {
        refuse(bad, p + 1, `${photWhere}, row ${p + 1}, object ${ids[i]}`, fault, options.onBadRow);
        continue;
      }
      const r = rows.length++;
      rows.time[r] = mjd[p];
      rows.value[r] = flux[p];
      rows.error[r] = error[p];
      rows.band[r] = band[p];
      rows.object[r] = i;
      rows.line[r] = p + 1;
      if (flags !== undefined) rows.flag[r] = flags[p];
      extra.forEach((column, k) => rows.extra[k][r] = column[p]);
    }
    offsets[i + 1] = rows.length;
  }
  const sortedObjects = inOrder(rows, offsets, "sort", () => {}), n = rows.length;
  const metadata = metadataOf(head);
  const set = new LightCurveSet({
    ids,
    offsets,
    time: rows.time.subarray(0, n),
    value: rows.value.subarray(0, n),
    error: rows.error.subarray(0, n),
    band: rows.band.subarray(0, n),
    bands,
    ...(flags === undefined ? {} : { flags: rows.flag.subarray(0, n) }),
    quantity: "flux",
    zeroPoint: FLUXCAL_ZERO_POINT,
    timeScale: "MJD",
    ...labelsOf(head, primary.get("TYPEMADE") === true, classCards(headHdus[0]), options.typeNames, metadata),
    metadata,
    extra: Object.fromEntries((options.extra ?? []).map((name, k) => [name, rows.extra[k].subarray(0, n)])),
  });
  return { set, badRows: bad, sortedObjects, foundBy };
}

/** Returns the names of the bands and the number of each row's; 255 where the name is none of those wanted. */
function bandsOf(
  names: readonly string[],
  mjd: Float64Array,
  filters: unknown,
  wanted: readonly string[] | undefined,
  where: string,
): { bands: string[]; band: Uint8Array } {
  const trimmed = names.map((name) => name.trim()), band = new Uint8Array(names.length);
  const occurring = new Set(trimmed.filter((_, row) => mjd[row] !== SNANA_SEPARATOR));
  const listed = typeof filters === "string" ? filterNames(filters) : [];
  const bands = wanted !== undefined ? [...wanted] : [...new Set([...listed, ...occurring])];
  demand(bands.length < UNKNOWN_BAND, {
    expected: `fewer than ${UNKNOWN_BAND} bands`,
    found: String(bands.length),
    where,
  });
  const places = new Map(bands.map((name, k) => [name, k]));
  trimmed.forEach((name, row) => band[row] = places.get(name) ?? UNKNOWN_BAND);
  return { bands, band };
}

function metadataOf(head: FitsTable): Record<string, Float64Array | string[]> {
  const metadata: Record<string, Float64Array | string[]> = {};
  for (const { name, form, count, list } of head.columns) {
    if (PLACES.includes(name) || name === "" || list !== undefined || count !== 1 || form === "X") continue;
    if (form === "A") metadata[name] = head.texts(name);
    else {
      const numbers = head.numbers(name);
      metadata[name] = form === "K" && numbers.some((value) => Math.abs(value) > Number.MAX_SAFE_INTEGER)
        ? Array.from(head.integers(name), String)
        : numbers;
    }
  }
  return metadata;
}

/** Names of all classes, where the writer of this library has put them. */
function classCards({ header }: FitsHdu): string[] {
  const names: string[] = [];
  for (let k = 1; typeof header.get(`CLASS${k}`) === "string"; k++) names.push(header.text(`CLASS${k}`));
  return names;
}

/** Labels from the column CLASS with its cards, as this library writes them, or from SNTYPE. Made columns leave metadata. */
function labelsOf(
  head: FitsTable,
  made: boolean,
  classNames: readonly string[],
  typeNames: Readonly<Record<string, string>> | undefined,
  metadata: Record<string, Table[string]>,
): { labels?: Int32Array; classNames?: readonly string[] } {
  const codes = metadata.SNTYPE, classes = metadata.CLASS;
  if (made) delete metadata.SNTYPE;
  if (classNames.length > 0 && Array.isArray(classes)) {
    delete metadata.CLASS;
    const labels = Int32Array.from(classes, (name) => classNames.indexOf(name));
    const stranger = classes.findIndex((name, i) => name !== "" && labels[i] < 0);
    demand(stranger < 0, () => ({
      expected: `one of the classes ${classNames.join(", ")}`,
      found: `"${classes[stranger]}"`,
      where: `${head.where}, column CLASS, row ${stranger + 1}`,
    }));
    return { labels, classNames };
  }
  return made || !(codes instanceof Float64Array) ? {} : labelsOfCodes(codes, typeNames);
}

/** SNANA text taken apart into objects: their header entries and their lines of observations. */
import { demand } from "../core/mod.ts";

/** One object of a SNANA text, as it stands. */
export interface SnanaTextObject {
  /** Number of its first entry's line, from 1. */
  line: number;
  /** Entries of the header by name: what follows the colon, comments left out. */
  header: Map<string, string>;
  /** The lines of observations: their numbers and what follows `OBS:`. */
  observations: { line: number; text: string }[];
  /** Whether it ends as it should: by `END:` or `END_PHOTOMETRY:`, before another object, or at least with a newline. */
  complete: boolean;
}

/** How the observations of an object are written. */
export interface SnanaTextLayout {
  /** SNID. */
  id: string;
  /** Place of each of MJD, band, FLUXCAL and FLUXCALERR in a line of observations. */
  places: [mjd: number, band: number, flux: number, error: number];
  /** Names of the values in a line of observations. */
  columns: readonly string[];
  /** How many values a line may have: as many as VARLIST names, or NVAR, with which real files let it disagree. */
  widths: readonly number[];
}

/** Entries that name the object or say how its observations are written, and are no metadata. */
export const LAYOUT_ENTRIES: readonly string[] = [
  "SNID",
  "FILTERS",
  "NOBS",
  "NVAR",
  "VARLIST",
  "OBS",
  "END_PHOTOMETRY",
  "END",
];

/**
 * Yields the objects of a text, one or many. An object ends with `END:`, with the header of the next, or with the text; what
 * stands after `END_PHOTOMETRY:` (spectra) is passed over, as are comments and lines that are no entries.
 */
export function* snanaTextObjects(text: string): Generator<SnanaTextObject, void, void> {
  let object = empty(), line = 0;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start), end = newline < 0 ? text.length : newline;
    const content = text.slice(start, end).trim();
    start = end + 1;
    line++;
    const key = /^([^\s:#]+):(?=\s|$)/.exec(content)?.[1];
    if (key === undefined) continue;
    const { header, observations } = object;
    const next = key === "SNID" ? header.has(key) : key === "SURVEY" && observations.length > 0;
    if (key === "END" || next) {
      if (holds(object)) yield { ...object, complete: true };
      object = empty();
      if (key === "END") continue;
    }
    const rest = content.slice(key.length + 1);
    if (key === "END_PHOTOMETRY") object.complete = true;
    else if (object.complete) continue;
    else if (key === "OBS") object.observations.push({ line, text: uncommented(rest) });
    else if (!object.header.has(key)) {
      if (object.header.size === 0) object.line = line;
      object.header.set(key, uncommented(rest));
    }
  }
  if (holds(object)) yield { ...object, complete: object.complete || text.endsWith("\n") };
}

function empty(): SnanaTextObject {
  return { line: 0, header: new Map(), observations: [], complete: false };
}

/** Whether there is anything of an object: a name, observations or a list of their columns. */
function holds({ header, observations }: SnanaTextObject): boolean {
  return observations.length > 0 || header.has("SNID") || header.has("VARLIST");
}

function uncommented(text: string): string {
  const at = text.indexOf("#");
  return (at < 0 ? text : text.slice(0, at)).trim();
}

/**
 * Returns how an object's observations are written.
 * @throws EphemeraError when it lacks SNID, VARLIST or a column, or when it has not as many lines as NOBS says.
 */
export function snanaTextLayout(object: SnanaTextObject, where: string): SnanaTextLayout {
  const { header, observations } = object;
  const entry = (key: string) => {
    const value = header.get(key)?.split(/\s+/)[0];
    demand(value !== undefined && value !== "", {
      expected: `an entry ${key}: in the header of each object`,
      found: "none",
      where: `${where}, object that begins on line ${object.line}`,
      remedy: "check that this is SNANA's terse text format and the file is complete",
    });
    return value;
  };
  const id = entry("SNID"), place = `${where}, object ${id}`;
  const count = (key: string) => {
    const text = entry(key), value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    demand(value >= 0, () => ({ expected: `a whole number as ${key}`, found: `"${text}"`, where: place }));
    return value;
  };
  const declared = count("NOBS");
  entry("VARLIST");
  const columns = header.get("VARLIST")!.split(/\s+/);
  demand(declared === observations.length, () => ({
    expected: `${declared} observations, as NOBS says`,
    found: `${observations.length}${object.complete ? "" : "; the text ends early"}`,
    where: place,
    remedy: "fetch the file again",
  }));
  demand(object.complete, { expected: "a last line that ends with a newline", found: "none", where: place });
  const column = (...names: string[]) => {
    const at = columns.findIndex((name) => names.includes(name));
    demand(at >= 0, () => ({
      expected: `a column ${names.join(" or ")}`,
      found: `VARLIST: ${columns.slice(0, 20).join(" ").slice(0, 200)}`,
      where: place,
    }));
    return at;
  };
  const places: SnanaTextLayout["places"] = [
    column("MJD"),
    column("FLT", "BAND"),
    column("FLUXCAL"),
    column("FLUXCALERR"),
  ];
  const widths = header.has("NVAR") ? [columns.length, count("NVAR")] : [columns.length];
  return { id, places, columns, widths };
}

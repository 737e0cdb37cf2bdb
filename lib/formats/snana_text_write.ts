/** SNANA text: the writer. */
import { FLUXCAL_ZERO_POINT } from "../astronomy/mod.ts";
import { demand } from "../core/mod.ts";
import type { LightCurveSet } from "../observations/mod.ts";
import { formatFilters, hasOwnFlags, OWN_FLAGS, photflagOf } from "./snana_labels.ts";
import { demandSnana } from "./snana_faults.ts";
import { LAYOUT_ENTRIES } from "./snana_text_objects.ts";

/**
 * Returns the text of each object of a set of fluxes; joined or in files of their own, `readSnanaText` gives the same set back,
 * numbers bit by bit. Labels are written as SNTYPE, 1 for the first class and so on, -9 for unknown (unless metadata have that
 * column): the option `typeNames` of the reader gives them their names. Texts in metadata come back without blanks around
 * them, and as numbers where all of a column's begin with one.
 *
 * @throws EphemeraError for magnitudes, fluxes without zero point, a set without errors, times that are not MJD, identifiers, bands
 * and names of columns with blanks, and texts with a line break or `#`, which begins a comment.
 */
export function formatSnanaText(
  set: LightCurveSet,
  options: {
    /** Name of the survey, the entry SURVEY. */
    survey?: string;
  } = {},
): string[] {
  const where = "formatSnanaText", error = demandSnana(set, where), { flags } = set;
  const one = (texts: readonly string[], what: string) => {
    const wrong = texts.find((text) => !/^[^\s#:]+$/.test(text));
    demand(wrong === undefined, {
      expected: `${what} without blanks, colons and #`,
      found: `"${wrong}"`,
      where,
      remedy: "name it anew",
    });
  };
  const metadata = Object.entries(set.metadata), extra = Object.entries(set.extra);
  one(set.ids, "identifiers");
  one(set.bands, "bands");
  one([...metadata.map(([name]) => name), ...extra.map(([name]) => name)], "names of columns");
  for (const [name, column] of metadata) {
    const wrong = Array.from<string | number>(column).find((value) => /[\n\r#]/.test(String(value)));
    demand(wrong === undefined && !LAYOUT_ENTRIES.includes(name), () => ({
      expected: "texts without line breaks and #, in a column that is none of the format's own",
      found: wrong === undefined ? `the column ${name}` : JSON.stringify(wrong),
      where: `${where}, metadata ${name}`,
    }));
  }
  const own = hasOwnFlags(set);
  const columns = ["MJD", "FLT", "FLUXCAL", "FLUXCALERR"];
  if (flags !== undefined) columns.push("PHOTFLAG", ...(own ? [OWN_FLAGS] : []));
  columns.push(...extra.map(([name]) => name));
  const scale = 10 ** (0.4 * (FLUXCAL_ZERO_POINT - set.zeroPoint!));
  return set.ids.map((id, i) => {
    const lines = options.survey === undefined ? [] : [`SURVEY: ${options.survey}`];
    lines.push(`SNID: ${id}`, `FILTERS: ${formatFilters(set.bands)}`);
    if (set.labels !== undefined && set.metadata.SNTYPE === undefined) {
      lines.push(`SNTYPE: ${set.labels[i] < 0 ? -9 : set.labels[i] + 1}`);
    }
    for (const [name, column] of metadata) lines.push(`${name}: ${column[i]}`);
    lines.push(`NOBS: ${set.count(i)}`, `NVAR: ${columns.length}`, `VARLIST: ${columns.join(" ")}`);
    for (let row = set.offsets[i]; row < set.offsets[i + 1]; row++) {
      const words: (string | number)[] = [
        set.time[row],
        set.bands[set.band?.[row] ?? 0],
        scale * set.value[row],
        scale * error[row],
      ];
      if (flags !== undefined) words.push(photflagOf(flags[row]), ...(own ? [flags[row]] : []));
      words.push(...extra.map(([, column]) => column[row]));
      lines.push(`OBS: ${words.join(" ")}`);
    }
    return lines.join("\n") + "\nEND:\n";
  });
}

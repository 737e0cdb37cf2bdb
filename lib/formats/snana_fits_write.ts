/** SNANA FITS: the writer of HEAD and PHOT. */
import { FLUXCAL_ZERO_POINT } from "../astronomy/mod.ts";
import { demand } from "../core/mod.ts";
import type { LightCurveSet } from "../observations/mod.ts";
import { writeBytes } from "./bytes.ts";
import { type FitsCard, type FitsPlainColumn, formatFits } from "./fits/mod.ts";
import { formatFilters, hasOwnFlags, OWN_FLAGS, photflagOf } from "./snana_labels.ts";
import { demandSnana } from "./snana_faults.ts";
import { SNANA_SEPARATOR } from "./snana_rows.ts";

/** Options of {@link formatSnanaFits} and {@link writeSnanaFits}. */
export interface WriteSnanaFitsOptions {
  /** Name of the survey, SNANA's card SURVEY. */
  survey?: string;
  /** Width of fluxes and errors: 64 bits lose nothing; 32 are what SNANA itself writes. Default `"float64"`. */
  precision?: "float32" | "float64";
  /** Column of the bands: BAND as in ELAsTiCC, or FLT as in older files. Default `"BAND"`. */
  bandColumn?: "BAND" | "FLT";
  /** File name of PHOT, for the card PHOTFILE. Default none. */
  photometryName?: string;
}

/**
 * Returns the bytes of a HEAD and a PHOT file for a set of fluxes; `readSnanaFits` gives the same set back, bit by bit
 * (fluxes of another zero point are brought to 27.5 and may change in their last digit). Labels are written as SNTYPE
 * (1 for the first class and so on, -9 for unknown, unless metadata have that column) and by name in the column CLASS; metadata as columns of HEAD, extra
 * columns in PHOT. Flags without a bit in PHOTFLAG go to the column EPHEMERA_FLAGS.
 *
 * @throws EphemeraError for magnitudes, fluxes without zero point, a set without errors, times that are not MJD, texts that are not
 * ASCII, and column names that occur twice, capitals aside.
 */
export function formatSnanaFits(
  set: LightCurveSet,
  options: WriteSnanaFitsOptions = {},
): { head: Uint8Array; phot: Uint8Array } {
  const error = demandSnana(set, "formatSnanaFits");
  demand(set.bands.every((band) => /^[^\s,]+$/.test(band)), {
    expected: "bands named without blanks and commas",
    found: set.bands.join("; "),
    where: "formatSnanaFits",
    remedy: "name them anew",
  });
  const typeMade = set.metadata.SNTYPE === undefined;
  const head: FitsCard[] = [
    ...(options.survey === undefined ? [] : [{ keyword: "SURVEY", value: options.survey }]),
    { keyword: "FILTERS", value: formatFilters(set.bands) },
    ...(options.photometryName === undefined ? [] : [{ keyword: "PHOTFILE", value: options.photometryName }]),
    ...(typeMade ? [{ keyword: "TYPEMADE", value: true, comment: "SNTYPE is made of the class" }] : []),
    ...(set.labels === undefined
      ? []
      : set.classNames.map((value, k) => ({ keyword: `CLASS${k + 1}`, value }))),
  ];
  const empty = { kind: "image" as const, shape: [], pixels: new Uint8Array(0) };
  return {
    head: formatFits([{ ...empty, cards: head }, {
      kind: "table",
      name: "HEAD",
      columns: headColumns(set, typeMade),
    }]),
    phot: formatFits([empty, { kind: "table", name: "PHOT", columns: photColumns(set, error, options) }]),
  };
}

/**
 * Writes `PREFIX_HEAD.FITS` and `PREFIX_PHOT.FITS`; see {@link formatSnanaFits}. Returns their paths.
 * @param prefix folder and beginning of the names.
 */
export async function writeSnanaFits(
  prefix: string,
  set: LightCurveSet,
  options: WriteSnanaFitsOptions & {
    /** Pack both by gzip. Default false. */
    gzip?: boolean;
  } = {},
): Promise<{ head: string; phot: string }> {
  const end = options.gzip ? ".FITS.gz" : ".FITS",
    head = `${prefix}_HEAD${end}`,
    phot = `${prefix}_PHOT${end}`;
  const bytes = formatSnanaFits(set, { photometryName: phot.slice(phot.lastIndexOf("/") + 1), ...options });
  await writeBytes(head, bytes.head);
  await writeBytes(phot, bytes.phot);
  return { head, phot };
}

function headColumns(set: LightCurveSet, typeMade: boolean): FitsPlainColumn[] {
  const low = new Int32Array(set.length),
    high = new Int32Array(set.length),
    count = new Int32Array(set.length);
  for (let i = 0; i < set.length; i++) {
    // One separator before each object but the first.
    low[i] = set.offsets[i] + i + 1;
    high[i] = set.offsets[i + 1] + i;
    count[i] = set.count(i);
  }
  const codes = Int32Array.from(set.ids, (_, i) => (set.labels?.[i] ?? -1) < 0 ? -9 : set.labels![i] + 1);
  return [
    { name: "SNID", values: set.ids },
    ...(typeMade ? [{ name: "SNTYPE", values: codes }] : []),
    { name: "NOBS", values: count },
    { name: "PTROBS_MIN", values: low },
    { name: "PTROBS_MAX", values: high },
    ...(set.labels === undefined
      ? []
      : [{ name: "CLASS", values: set.ids.map((_, i) => set.className(i) ?? "") }]),
    ...Object.entries(set.metadata).map(([name, values]) => ({ name, values })),
  ];
}

function photColumns(
  set: LightCurveSet,
  error: Float64Array,
  options: WriteSnanaFitsOptions,
): FitsPlainColumn[] {
  const total = set.observations + Math.max(0, set.length - 1);
  /** Puts a column's rows where PHOT has them, and `between` into the separators. */
  const spread = <A extends Float64Array | Float32Array | Int32Array | Uint8Array>(
    to: A,
    between: number,
    value: (row: number) => number,
  ): A => {
    to.fill(between);
    for (let i = 0; i < set.length; i++) {
      for (let row = set.offsets[i]; row < set.offsets[i + 1]; row++) to[row + i] = value(row);
    }
    return to;
  };
  const fluxes = () => options.precision === "float32" ? new Float32Array(total) : new Float64Array(total);
  const scale = 10 ** (0.4 * (FLUXCAL_ZERO_POINT - set.zeroPoint!)), { flags } = set;
  const names: string[] = new Array(total).fill("-");
  for (let i = 0; i < set.length; i++) {
    for (let row = set.offsets[i]; row < set.offsets[i + 1]; row++) {
      names[row + i] = set.bands[set.band?.[row] ?? 0];
    }
  }
  const columns: FitsPlainColumn[] = [
    {
      name: "MJD",
      values: spread(new Float64Array(total), SNANA_SEPARATOR, (row) => set.time[row]),
      unit: "d",
    },
    { name: options.bandColumn ?? "BAND", values: names },
    { name: "FLUXCAL", values: spread(fluxes(), 0, (row) => scale * set.value[row]) },
    { name: "FLUXCALERR", values: spread(fluxes(), 0, (row) => scale * error[row]) },
  ];
  if (flags !== undefined) {
    columns.push({
      name: "PHOTFLAG",
      values: spread(new Int32Array(total), 0, (row) => photflagOf(flags[row])),
    });
    if (hasOwnFlags(set)) {
      columns.push({ name: OWN_FLAGS, values: spread(new Uint8Array(total), 0, (row) => flags[row]) });
    }
  }
  for (const [name, column] of Object.entries(set.extra)) {
    columns.push({ name, values: spread(new Float64Array(total), -9, (row) => column[row]) });
  }
  return columns;
}

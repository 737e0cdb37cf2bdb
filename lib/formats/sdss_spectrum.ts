/** Spectra of SDSS and BOSS as their pipeline writes them: spec-PLATE-MJD-FIBER.fits. */
import { demand, EphemeraError } from "../core/mod.ts";
import { type SpectrumSet, spectrumSetOf } from "../observations/mod.ts";
import { type ByteSource, readBytes, type ReadBytesOptions, sourceName } from "./bytes.ts";
import { type FitsHdu, FitsTable, parseFits } from "./fits/mod.ts";

/** One spectrum and what the pipeline found of it. */
export interface SdssSpectrum {
  /** `PLATE-MJD-FIBER`, each with at least four digits but the MJD, as in the name of its file. */
  id: string;
  /** Vacuum wavelength of each pixel, angstrom, heliocentric. */
  wavelength: Float64Array;
  /** Flux density, 1e-17 erg/s/cm2/angstrom; 0 where it is no number. */
  flux: Float64Array;
  /** One over the variance of the flux; 0 where the pixel says nothing. */
  inverseVariance: Float64Array;
  /** 1 where the inverse variance is 0 or a wanted bit of and_mask is set. */
  mask: Uint8Array;
  /** Z of the pipeline; NaN where there is none. */
  redshift: number;
  /** CLASS: STAR, GALAXY, QSO, or "". */
  className: string;
  /** SUBCLASS, e.g. "M1", or "". */
  subclass: string;
  /** Plate, MJD and fiber of the observation. */
  plate: number;
  /** MJD of the observation. */
  mjd: number;
  /** Fiber. */
  fiber: number;
}

/** Options of {@link readSdssSpectrum}. */
export interface ReadSdssSpectrumOptions extends ReadBytesOptions {
  /** Bits of and_mask (all exposures) that mask a pixel. Default BRIGHTSKY (2^23) and NODATA (2^24). */
  maskBits?: number;
}

/** BRIGHTSKY and NODATA of SDSS's SPPIXMASK. */
const USUAL_BITS = 2 ** 23 + 2 ** 24;

/**
 * Reads one spectrum: the table COADD (flux, loglam, ivar, and_mask) and the row of SPECOBJ or SPALL (Z, CLASS, SUBCLASS,
 * PLATE, MJD, FIBERID). Reading allocates at most 64 bytes for each byte of the file.
 * @throws EphemeraError when the file is damaged, is the older form (spSpec, an image), lacks a column, or its wavelengths do not ascend.
 */
export async function readSdssSpectrum(
  source: ByteSource,
  options: ReadSdssSpectrumOptions = {},
): Promise<SdssSpectrum> {
  const where = sourceName(source, options.where), hdus = parseFits(await readBytes(source, options), where);
  const coadd = tableNamed(hdus, ["COADD"], "loglam", where);
  const object = tableNamed(hdus, ["SPECOBJ", "SPALL"], "FIBERID", where);
  const loglam = column(coadd, "loglam"), flux = column(coadd, "flux"), ivar = column(coadd, "ivar");
  const bits = coadd.has("and_mask") ? column(coadd, "and_mask") : new Float64Array(coadd.rows);
  const { maskBits = USUAL_BITS } = options, mask = new Uint8Array(coadd.rows);
  for (let j = 0; j < mask.length; j++) {
    demand(
      Number.isFinite(loglam[j]) && Math.abs(loglam[j]) < 10 && (j === 0 || loglam[j] > loglam[j - 1]),
      () => ({
        expected: "ascending logarithms of wavelengths in angstrom",
        found: j === 0 ? String(loglam[j]) : `${loglam[j]} after ${loglam[j - 1]}`,
        where: `${where}, pixel ${j}`,
      }),
    );
    if (!(Number.isFinite(flux[j]) && Number.isFinite(ivar[j]) && ivar[j] > 0)) {
      if (!Number.isFinite(flux[j])) flux[j] = 0;
      ivar[j] = 0;
    }
    mask[j] = ivar[j] === 0 || (bits[j] & maskBits) !== 0 ? 1 : 0;
  }
  const wavelength = loglam.map((log) => 10 ** log);
  const collision = wavelength.findIndex((each, j) => j > 0 && !(each > wavelength[j - 1]));
  demand(collision < 0, {
    expected: "wavelengths that differ from pixel to pixel",
    found: `${wavelength[collision]} twice`,
    where: `${where}, pixel ${collision}`,
  });
  demand(object.rows >= 1, { expected: "a row on the object", found: "none", where: object.where });
  const number = (name: string) => column(object, name)[0];
  const text = (name: string) => object.has(name) ? object.texts(name, { from: 0, to: 1 })[0].trim() : "";
  const [plate, mjd, fiber] = ["PLATE", "MJD", "FIBERID"].map(number);
  const digits = (value: number, least: number) => String(value).padStart(least, "0");
  return {
    id: `${digits(plate, 4)}-${mjd}-${digits(fiber, 4)}`,
    wavelength,
    flux,
    inverseVariance: ivar,
    mask,
    redshift: object.has("Z") ? number("Z") : NaN,
    className: text("CLASS"),
    subclass: text("SUBCLASS"),
    plate,
    mjd,
    fiber,
  };
}

/** What {@link readSdssSpectra} does with a file that cannot be read. */
export interface ReadSdssSpectraOptions extends ReadSdssSpectrumOptions {
  /** It fails the reading, or is left out and reported. Default fail. */
  onBadFile?: "fail" | "skip";
}

/**
 * Reads spectra into a set, each on its own grid, labelled by CLASS. Metadata: `redshift`, `subclass`, `plate`, `mjd`,
 * `fiber`.
 * @throws EphemeraError for the first bad file, unless `onBadFile` is `"skip"`, and when none is left.
 */
export async function readSdssSpectra(
  sources: readonly ByteSource[],
  options: ReadSdssSpectraOptions = {},
): Promise<{ set: SpectrumSet; badFiles: readonly { index: number; message: string }[] }> {
  const spectra: SdssSpectrum[] = [], badFiles: { index: number; message: string }[] = [];
  for (const [index, source] of sources.entries()) {
    try {
      spectra.push(await readSdssSpectrum(source, options));
    } catch (error) {
      if (!(error instanceof EphemeraError) || options.onBadFile !== "skip") throw error;
      badFiles.push({ index, message: error.message });
    }
  }
  demand(spectra.length > 0, {
    expected: "at least one spectrum",
    found: badFiles[0]?.message ?? "no files",
    where: "readSdssSpectra",
  });
  const classNames = [...new Set(spectra.map(({ className }) => className))].filter((name) => name !== "")
    .sort();
  const numbers = (of: (spectrum: SdssSpectrum) => number) => Float64Array.from(spectra, of);
  const set = spectrumSetOf(spectra, {
    classNames,
    labels: Int32Array.from(spectra, ({ className }) => classNames.indexOf(className)),
    metadata: {
      redshift: numbers(({ redshift }) => redshift),
      subclass: spectra.map(({ subclass }) => subclass),
      plate: numbers(({ plate }) => plate),
      mjd: numbers(({ mjd }) => mjd),
      fiber: numbers(({ fiber }) => fiber),
    },
  });
  return { set, badFiles };
}

/** Returns the table with one of the names, or the first that has the column: some copies of the files have lost the names. */
function tableNamed(
  hdus: readonly FitsHdu[],
  names: readonly string[],
  has: string,
  where: string,
): FitsTable {
  const tables = hdus.filter(({ kind }) => kind === "table");
  const named = tables.find(({ name }) => names.includes(name));
  const found = named === undefined
    ? tables.map((hdu) => new FitsTable(hdu)).find((table) => table.has(has))
    : new FitsTable(named);
  demand(found !== undefined, () => ({
    expected: `a table ${names.join(" or ")}`,
    found: hdus.map(({ name, kind }) => `${name || "(no name)"} (${kind})`).join(", "),
    where,
    remedy: "give a file spec-PLATE-MJD-FIBER.fits of data release 9 or later",
  }));
  return found;
}

/** Returns a column of one number a row. */
function column(table: FitsTable, name: string): Float64Array {
  const { count } = table.column(name), values = table.numbers(name);
  demand(count === 1, {
    expected: `one number a row in column "${name}"`,
    found: String(count),
    where: table.where,
  });
  return values;
}

/** The real stars of the chapter: Catalina variables with the paper's features, RR Lyrae among them with SDSS spectra. */
import { CSS_SDSS_FOLLOWUP, followUpFeatures, type LoadOptions } from "../../datasets/mod.ts";
import { type Labels, takeLabels } from "../../learn/mod.ts";
import { type Matrix, takeRows, zeros } from "../../numerics/mod.ts";
import { PAPER_CLASSES, PAPER_TIME_FEATURES } from "./configuration.ts";
import type { FollowUpStars } from "./experiment.ts";

/** Real stars of the paper's six classes with features of their light curves. */
export interface CatalinaFeatures {
  ids: readonly string[];
  /** Names of the features, finite for all stars. */
  names: readonly string[];
  /** Stars x features. */
  features: Matrix;
  labels: Labels;
}

/**
 * Resolves to the stars of the paper's six classes and all features that are finite for each of them.
 *
 * @throws EphemeraError when the data set `css-sdss-followup` is not at hand
 */
export async function catalinaFeatures(options: LoadOptions = {}): Promise<CatalinaFeatures> {
  const { ids, labels, classNames, features } = await followUpFeatures(options);
  const rows = Array.from(labels.keys()).filter((i) => PAPER_CLASSES.includes(classNames[labels[i]]));
  const columns = Object.entries(features).filter((entry): entry is [string, Float64Array] => {
    const [, column] = entry;
    return column instanceof Float64Array && rows.every((i) => Number.isFinite(column[i]));
  });
  const table = zeros(rows.length, columns.length);
  rows.forEach((i, r) => columns.forEach(([, column], j) => table.data[r * columns.length + j] = column[i]));
  return {
    ids: rows.map((i) => ids[i]),
    names: columns.map(([name]) => name),
    features: table,
    labels: {
      codes: Int32Array.from(rows, (i) => PAPER_CLASSES.indexOf(classNames[labels[i]])),
      classNames: PAPER_CLASSES,
    },
  };
}

/** The classes of which nearly all stars have a spectrum. */
const WITH_SPECTRA = ["RRab", "RRc", "RRd"];

/**
 * Resolves to the RR Lyrae stars that have a spectrum, with the paper's seven light-curve features.
 *
 * @throws EphemeraError when the data set `css-sdss-followup` is not at hand
 */
export async function catalinaRrLyrae(options: LoadOptions = {}): Promise<FollowUpStars> {
  const { ids, names, features, labels } = await catalinaFeatures(options);
  const all = await CSS_SDSS_FOLLOWUP.load(options);
  const spectrumOf = new Map(all.ids.map((id, i) => [id, i]));
  const rows = ids.flatMap((id, i) =>
    spectrumOf.has(id) && WITH_SPECTRA.includes(PAPER_CLASSES[labels.codes[i]]) ? [i] : []
  );
  const chosen = PAPER_TIME_FEATURES.map((name) => names.indexOf(name));
  const known = zeros(rows.length, chosen.length), own = takeRows(features, rows);
  for (let r = 0; r < rows.length; r++) {
    chosen.forEach((column, j) => known.data[r * chosen.length + j] = own.data[r * own.columns + column]);
  }
  return {
    ids: rows.map((i) => ids[i]),
    knownNames: PAPER_TIME_FEATURES,
    known,
    spectra: all.subset(rows.map((i) => spectrumOf.get(ids[i])!)),
    labels: takeLabels({
      codes: labels.codes.map((code) => WITH_SPECTRA.indexOf(PAPER_CLASSES[code])),
      classNames: WITH_SPECTRA,
    }, rows),
  };
}

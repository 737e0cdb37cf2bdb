import { demand } from "../core/mod.ts";
import { readTable } from "../formats/mod.ts";
import { SpectrumSet, type Table, tableRows } from "../observations/mod.ts";
import { dataFolder, type LoadOptions } from "./data_set.ts";
import { classLabels, type SpectrumDataSet, spectrumTable } from "./spectra_data_set.ts";

const CLASSES = [
  "ACEP",
  "Blazkho",
  "Cep-II",
  "EA",
  "EA_UP",
  "ELL",
  "EW",
  "HADS",
  "LPV",
  "PCEB",
  "RRab",
  "RRc",
  "RRd",
  "RS CVn",
  "beta Lyrae",
];

/**
 * Periodic variables of the Catalina survey with an SDSS spectrum: those of the cross-match whose spectrum is at hand, nearly
 * all RR Lyrae stars. 3900 to 4999 angstrom, single exposures, fluxes in the source's unit (not stated). Metadata: `file`,
 * `n_exposures`. The light-curve features of all stars of the cross-match are in {@link followUpFeatures}.
 */
export const CSS_SDSS_FOLLOWUP: SpectrumDataSet = {
  name: "css-sdss-followup",
  title: "SDSS spectra of 735 Catalina periodic variables, and FATS features of 1872",
  origin: "observed",
  source:
    "github.com/jastudillo1/An-Information-Theory-Approach-On-deciding-Spectroscopic-follow-ups, github.com/mwanakijiji/rrlyrae_metallicity",
  licence: "not stated (first repository), MIT (second); CSS and SDSS data are public",
  citation:
    "Astudillo, J. et al. 2020, AJ 159, 16; Drake, A. J. et al. 2014, ApJS 213, 9; Abolfathi, B. et al. 2018, ApJS 235, 42",
  classNames: CLASSES,
  async load(options = {}) {
    const folder = dataFolder("css-sdss-followup", options), path = `${folder}/spectra_flux.csv.gz`;
    const text = ["id", "file"];
    const { wavelength, flux, rest } = spectrumTable(await readTable(path, { text }), path);
    const errorPath = `${folder}/spectra_error.csv.gz`;
    const errors = spectrumTable(await readTable(errorPath, { text }), errorPath);
    const ids = rest.id as readonly string[], others = errors.rest.id as readonly string[];
    const astray = ids.findIndex((id, i) => others[i] !== id);
    demand(errors.flux.length === flux.length && astray < 0, () => ({
      expected: `errors of the same ${ids.length} stars at ${wavelength.length} wavelengths`,
      found: astray < 0 ? `${errors.flux.length} values` : `${others[astray]} in place of ${ids[astray]}`,
      where: errorPath,
    }));
    const inverseVariance = errors.flux.map((error) =>
      Number.isFinite(error) && error > 0 ? 1 / error ** 2 : 0
    );
    for (let j = 0; j < flux.length; j++) if (!Number.isFinite(flux[j])) flux[j] = inverseVariance[j] = 0;
    const classes = await classesOf(folder);
    const { id: _, ...metadata } = rest;
    return new SpectrumSet({
      ids,
      wavelength,
      flux,
      inverseVariance,
      mask: Uint8Array.from(inverseVariance, (value) => value > 0 ? 0 : 1),
      fluxUnit: "unit of the source",
      labels: classLabels(ids.map((id) => classes.get(id) ?? ""), CLASSES, path),
      classNames: CLASSES,
      metadata,
    });
  },
};

/** Returns the class of each star of the cross-match. */
async function classesOf(folder: string): Promise<Map<string, string>> {
  const objects = await readTable(`${folder}/objects.csv`, { text: ["id", "class"] });
  const names = objects.class as readonly string[];
  return new Map((objects.id as readonly string[]).map((id, i) => [id, names[i]]));
}

/** Light-curve features of the stars of the cross-match. */
export interface FollowUpFeatures {
  /** Identifiers of the stars, those of {@link CSS_SDSS_FOLLOWUP}. */
  ids: readonly string[];
  /** Index into `classNames` of each. */
  labels: Int32Array;
  /** Names of the classes. */
  classNames: readonly string[];
  /** The features by name, one number a star, as the paper's authors computed them (FATS). */
  features: Table;
}

/**
 * Returns the FATS features of the stars of the cross-match, in the file's order; stars without a class are left out.
 * @throws EphemeraError when the folder or a file is absent or damaged.
 */
export async function followUpFeatures(options: LoadOptions = {}): Promise<FollowUpFeatures> {
  const folder = dataFolder("css-sdss-followup", options), path = `${folder}/fats_features.csv.gz`;
  const { ID, ...features } = await readTable(path, { text: ["ID"] }), classes = await classesOf(folder);
  const all = ID as readonly string[];
  const rows = all.map((_, row) => row).filter((row) => classes.has(all[row]));
  const ids = rows.map((row) => all[row]);
  return {
    ids,
    labels: classLabels(ids.map((id) => classes.get(id)!), CLASSES, path),
    classNames: CLASSES,
    features: tableRows(features, rows),
  };
}

import { demand } from "../core/mod.ts";
import { readTable } from "../formats/mod.ts";
import { SpectrumSet, spectrumSetOf } from "../observations/mod.ts";
import { dataFolder, type LoadOptions } from "./data_set.ts";
import { classLabels, type SpectrumDataSet, spectrumTable } from "./spectra_data_set.ts";

/**
 * Stellar spectra by spectral type, each the mean of SDSS and BOSS spectra of many stars, in steps of about 1e-4 in the
 * logarithm of the wavelength. The identifier holds type, [Fe/H] and luminosity class. Metadata: `subtype` (0 to 9). Fluxes are
 * scaled. Nine single spectra are in {@link sdssExampleSpectra}.
 */
export const SDSS_STELLAR_TEMPLATES: SpectrumDataSet = {
  name: "sdss-stellar-templates",
  title: "SDSS stellar template spectra of 228 types, metallicities and luminosity classes",
  origin: "observed",
  source: "github.com/mveyette/PyHammer (resources/templates, test_case)",
  licence: "MIT",
  citation: "Kesseli, A. Y. et al. 2017, ApJS 230, 16",
  classNames: ["O", "B", "A", "F", "G", "K", "M", "L"],
  async load(options = {}) {
    const path = `${dataFolder("sdss-stellar-templates", options)}/templates.csv.gz`;
    const table = await readTable(path, { text: ["name", "type"], required: ["subtype"] });
    const { wavelength, flux, rest } = spectrumTable(table, path);
    const missing = flux.map((value) => Number.isFinite(value) ? 0 : 1);
    return new SpectrumSet({
      ids: rest.name as readonly string[],
      wavelength,
      flux: flux.map((value, j) => missing[j] === 0 ? value : 0),
      ...(missing.some((value) => value === 1) ? { mask: Uint8Array.from(missing) } : {}),
      fluxUnit: "",
      labels: classLabels(rest.type as readonly string[], this.classNames, path),
      classNames: this.classNames,
      metadata: { subtype: rest.subtype },
    });
  },
};

/**
 * Returns nine single spectra of stars as SDSS published them, each on its own grid, with inverse variances; 0 of these is masked.
 * Metadata: `subclass`, the pipeline's.
 * @throws EphemeraError when the folder or the file is absent or damaged.
 */
export async function sdssExampleSpectra(options: LoadOptions = {}): Promise<SpectrumSet> {
  const path = `${dataFolder("sdss-stellar-templates", options)}/example_spectra.csv.gz`;
  const table = await readTable(path, {
    text: ["file", "subclass|class"],
    required: ["loglam", "flux", "ivar"],
  });
  const files = table.file as readonly string[], kinds = table["subclass|class"] as readonly string[];
  const [loglam, flux, ivar] = ["loglam", "flux", "ivar"].map((name) => {
    const column = table[name];
    demand(column instanceof Float64Array, {
      expected: "numbers",
      found: "text",
      where: `${path}, column ${name}`,
    });
    return column;
  });
  const starts = files.flatMap((file, row) => row === 0 || file !== files[row - 1] ? [row] : []);
  const spectra = starts.map((start, k) => {
    const end = starts[k + 1] ?? files.length, inverseVariance = ivar.slice(start, end);
    return {
      id: files[start].replace(/\.fits$/, ""),
      wavelength: loglam.slice(start, end).map((log) => 10 ** log),
      flux: flux.slice(start, end),
      inverseVariance,
      mask: Uint8Array.from(inverseVariance, (value) => value > 0 ? 0 : 1),
    };
  });
  const parts = starts.map((start) => kinds[start].split("|"));
  const classNames = [...new Set(parts.map(([, name]) => name))].sort();
  return spectrumSetOf(spectra, {
    classNames,
    labels: classLabels(parts.map(([, name]) => name), classNames, path),
    metadata: { subclass: parts.map(([subclass]) => subclass) },
  });
}

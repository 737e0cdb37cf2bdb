import { readTable } from "../formats/mod.ts";
import { SpectrumSet } from "../observations/mod.ts";
import { dataFolder } from "./data_set.ts";
import { classLabels, type SpectrumDataSet, spectrumTable } from "./spectra_data_set.ts";

/**
 * Supernova spectra nearest to maximum light in SNID's form: rest frame, logarithmic bins, pseudo-continuum divided out and
 * one subtracted; zero outside the observed range, which the mask marks. Metadata: `epoch` (days from maximum; 999-like where
 * unknown), `n_spectra`. Some supernovae have two spectra of different teams.
 */
export const SN_SPECTRA: SpectrumDataSet = {
  name: "sn-spectra",
  title: "SNID spectra of 364 supernovae in 18 spectroscopic types",
  origin: "observed",
  source: "github.com/daniel-muthukrishna/astrodash (templates/training_set)",
  licence: "MIT for the repository; the templates are the published SNID sets",
  citation:
    "Muthukrishna, D., Parkinson, D. & Tucker, B. E. 2019, ApJ 885, 85; Blondin, S. & Tonry, J. L. 2007, ApJ 666, 1024; Silverman, J. M. et al. 2012, MNRAS 425, 1789; Liu, Y.-Q. & Modjaz, M. 2014, arXiv:1405.1437",
  classNames: [
    "II-pec",
    "IIL",
    "IIP",
    "IIb",
    "IIn",
    "Ia-02cx",
    "Ia-91T",
    "Ia-91bg",
    "Ia-99aa",
    "Ia-csm",
    "Ia-norm",
    "Ia-pec",
    "Ib-norm",
    "Ib-pec",
    "Ibn",
    "Ic-broad",
    "Ic-norm",
    "Ic-pec",
  ],
  async load(options = {}) {
    const path = `${dataFolder("sn-spectra", options)}/spectra.csv.gz`;
    const table = await readTable(path, { text: ["id", "class"], required: ["epoch", "n_spectra"] });
    const { wavelength, flux, rest } = spectrumTable(table, path), pixels = wavelength.length;
    const { id, class: classes, ...metadata } = rest, ids = id as readonly string[];
    const mask = new Uint8Array(flux.length);
    for (let i = 0; i < ids.length; i++) {
      // Exact zeros within the range are data; those before the first and after the last value are not.
      let low = i * pixels, high = (i + 1) * pixels;
      while (low < high && flux[low] === 0) mask[low++] = 1;
      while (high > low && flux[high - 1] === 0) mask[--high] = 1;
    }
    return new SpectrumSet({
      ids,
      wavelength,
      flux,
      mask,
      fluxUnit: "",
      labels: classLabels(classes as readonly string[], this.classNames, path),
      classNames: this.classNames,
      metadata,
    });
  },
};

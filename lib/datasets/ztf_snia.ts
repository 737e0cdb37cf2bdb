import { csvDataSet, type LightCurveDataSet } from "./data_set.ts";

/**
 * ZTF alert photometry (g and R) of spectroscopically classified type Ia supernovae of the Bright Transient Survey.
 * Metadata: `redshift`, `peakt` (JD - 2458000), `peakfilt`, `peakmag`, `A_V`, `npts`.
 */
export const ZTF_SNIA: LightCurveDataSet = csvDataSet({
  name: "ztf-snia",
  title: "ZTF g and R light curves of 1542 type Ia supernovae",
  origin: "observed",
  source: "github.com/light-curve/test-data (SNIa)",
  licence: "not stated",
  citation:
    "Fremling, C. et al. 2020, ApJ 895, 32; Perley, D. A. et al. 2020, ApJ 904, 35; Bellm, E. C. et al. 2019, PASP 131, 018002",
  classNames: ["SN Ia", "SN Ia-91T", "SN Ia-91bg", "SN Ia-CSM", "SN Ia-pec", "SN Iax"],
}, { observations: { bands: ["g", "R"], timeScale: "MJD" }, text: ["peakfilt"] });

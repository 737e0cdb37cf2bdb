import { FLUXCAL_ZERO_POINT } from "../astronomy/mod.ts";
import { csvDataSet, type LightCurveDataSet } from "./data_set.ts";

/**
 * The Supernova Photometric Classification Challenge, the simulation of supernovae in the Dark Energy Survey, post-challenge
 * release. Fluxes with zero point 27.5. Twenty rows whose error is the missing-value mark -9 are left out. Metadata:
 * `model`, `sntype` (-9: not confirmed by a spectrum), `mwebv`, `hostgal_photoz`, `hostgal_photoz_err`, `redshift_spec` (-9:
 * none), and the truth `sim_redshift`, `sim_peakmjd`.
 */
export const SNPCC: LightCurveDataSet = csvDataSet({
  name: "snpcc",
  title: "SNPhotCC simulated DES griz light curves of 7071 supernovae in eight types",
  origin: "simulated",
  source: "github.com/TransiXplore/2010SNPCC (SIMGEN_PUBLIC_DES)",
  licence: "not stated; published for open use by the challenge authors",
  citation: "Kessler, R. et al. 2010, PASP 122, 1415; Kessler, R. et al. 2010, arXiv:1001.5210",
  classNames: ["II", "IIL", "IIP", "IIn", "Ia", "Ib", "Ibc", "Ic"],
}, {
  observations: {
    bands: ["g", "r", "i", "z"],
    quantity: "flux",
    zeroPoint: FLUXCAL_ZERO_POINT,
    timeScale: "MJD",
  },
  tolerate: ["negative error"],
  text: ["model"],
});

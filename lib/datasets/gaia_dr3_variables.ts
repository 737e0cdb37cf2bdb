import { csvDataSet, type LightCurveDataSet } from "./data_set.ts";

/**
 * Gaia DR3 G-band epoch photometry of variables, with the class that Gaia's own classifier gave (a machine's class, not a
 * person's). Times are days after BJD 2455197.5 as Gaia stores them. Metadata: `best_class_score`, `meanMagnitude` (G),
 * `colour` (BP - RP), `parallax` (mas), `npts`.
 */
export const GAIA_DR3_VARIABLES: LightCurveDataSet = csvDataSet({
  name: "gaia-dr3-variables",
  title: "Gaia DR3 G-band light curves of 1750 variables in five machine-given classes",
  origin: "observed",
  source: "github.com/ChenglongYIN-eu/cbm-variable-stars",
  licence: "not stated; Gaia data are public, credit ESA/Gaia/DPAC",
  citation:
    "Gaia Collaboration, Vallenari, A. et al. 2023, A&A 674, A1; Rimoldini, L. et al. 2023, A&A 674, A14; Eyer, L. et al. 2023, A&A 674, A13",
  classNames: ["CEP", "DSCT|GDOR|SXPHE", "ECL", "LPV", "RR"],
}, {
  observations: { timeScale: "BJD-2455197.5", band: "G" },
  rename: { phot_g_mean_mag: "meanMagnitude", bp_rp: "colour" },
});

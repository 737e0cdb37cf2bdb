import { csvDataSet, type LightCurveDataSet } from "./data_set.ts";

/**
 * The Catalina Surveys Southern Periodic Variable Star Catalogue: unfiltered photometry calibrated to V, types and
 * periods. The source's rows are out of time order for nearly all stars; loading sorts them. Some exposures share a time.
 * Metadata: `period` (days), `meanMagnitude`, `amplitude` (V, mag), `ra`, `dec` (degrees), `type_code`, `npts` (the
 * catalogue's own count, not always that of the rows).
 */
export const CATALINA_SSS_PERIODIC: LightCurveDataSet = csvDataSet({
  name: "catalina-sss-periodic",
  title: "Catalina (Siding Spring) V-band light curves of 3314 periodic variables, with periods",
  origin: "observed",
  source: "github.com/aibsen/Light-Curve-Classification",
  licence:
    "not stated; Catalina Surveys data releases are public (acknowledge NASA NNG05GF22G, NSF AST-0909182, AST-1313422)",
  citation: "Drake, A. J. et al. 2017, MNRAS 469, 3688; Drake, A. J. et al. 2009, ApJ 696, 870",
  classNames: [
    "ACEP",
    "Blazhko",
    "CepII",
    "DeltaScuti",
    "EA",
    "EW",
    "LMC-Cep",
    "LPV",
    "Misc",
    "RRab",
    "RRc",
    "RRd",
    "Rotational",
  ],
}, {
  observations: { timeScale: "MJD", band: "V" },
  rename: { vmag: "meanMagnitude", vamp: "amplitude" },
});

/**
 * The superclass of each Catalina class, for `mergeClasses`; null for the two that the novelty chapter keeps as novel
 * (`Misc`, `Blazhko`). Long-period variables keep their own class: the catalogue does not part Mira from semi-regular.
 */
export const CATALINA_SUPERCLASSES: Readonly<Record<string, string | null>> = {
  ACEP: "CEPH",
  CepII: "CEPH",
  "LMC-Cep": "CEPH",
  DeltaScuti: "DSCT",
  EA: "ECL",
  EW: "ECL",
  LPV: "LPV",
  RRab: "RRAB",
  RRc: "RRCD",
  RRd: "RRCD",
  Rotational: "ROT",
  Misc: null,
  Blazhko: null,
};

import { csvDataSet, type LightCurveDataSet } from "./data_set.ts";

/**
 * V-band light curves of the All-Sky Automated Survey (ASAS-3, not ASAS-SN) of classified variables. Times are HJD.
 * Metadata: `name`, `filter`, `ra`, `dec` (degrees), `npts`. The source has no periods.
 */
export const ASAS_VARIABLES: LightCurveDataSet = csvDataSet({
  name: "asas-variables",
  title: "ASAS V-band light curves of 902 classified variables",
  origin: "observed",
  source: "github.com/longjp/lightcurves (data/ASAS)",
  licence: "not stated",
  citation:
    "Pojmanski, G. 2002, Acta Astron. 52, 397; Richards, J. W. et al. 2012, ApJS 203, 32; Long, J. P. et al. 2012, PASP 124, 280",
  classNames: [
    "Alpha2 Canum Venaticorum",
    "Beta Cephei",
    "Close Binary Eclipsing Systems",
    "Contact Systems",
    "Delta Scuti",
    "Detached",
    "Mira",
    "RR Lyrae, First Overtone",
    "RR Lyrae, Fundamental Mode",
    "Semidetached",
  ],
}, { observations: { timeScale: "HJD", band: "V" }, text: ["name", "filter"] });

/** The superclass of each ASAS class, for `mergeClasses`; null for pulsating B stars, which have none. */
export const ASAS_SUPERCLASSES: Readonly<Record<string, string | null>> = {
  "Alpha2 Canum Venaticorum": "ROT",
  "Beta Cephei": null,
  "Close Binary Eclipsing Systems": "ECL",
  "Contact Systems": "ECL",
  "Delta Scuti": "DSCT",
  Detached: "ECL",
  Mira: "M",
  "RR Lyrae, First Overtone": "RRCD",
  "RR Lyrae, Fundamental Mode": "RRAB",
  Semidetached: "ECL",
};

import { csvDataSet, type LightCurveDataSet } from "./data_set.ts";

/**
 * The training set of Debosscher et al. (2007): Hipparcos and OGLE light curves of well-studied stars in 26 small,
 * unbalanced classes. The two surveys have different time zero points; what the source stores is kept. Metadata: `name`,
 * `filter`, `ra`, `dec` (degrees), `npts`. The source has no periods.
 */
export const HIPPARCOS_OGLE_VARIABLES: LightCurveDataSet = csvDataSet({
  name: "hipparcos-ogle-variables",
  title: "Hipparcos and OGLE light curves of 977 variables in 26 classes",
  origin: "observed",
  source: "github.com/longjp/lightcurves (data/debosscher)",
  licence: "not stated",
  citation:
    "Debosscher, J. et al. 2007, A&A 475, 1159; Richards, J. W. et al. 2011, ApJ 733, 10; Long, J. P. et al. 2012, PASP 124, 280",
  classNames: [
    "Algol (Beta Persei)",
    "Beta Cephei",
    "Beta Lyrae",
    "Chemically Peculiar Stars",
    "Classical Cepheid",
    "Delta Scuti",
    "Ellipsoidal",
    "Gamma Doradus",
    "Herbig AE/BE Star",
    "Lambda Bootis Variable",
    "Mira",
    "Multiple Mode Cepheid",
    "Periodically variable supergiants",
    "Population II Cepheid",
    "RR Lyrae, Double Mode",
    "RR Lyrae, First Overtone",
    "RR Lyrae, Fundamental Mode",
    "RV Tauri",
    "S Doradus",
    "SX Phoenicis",
    "Semiregular Pulsating Variable",
    "Slowly Pulsating B-stars",
    "T Tauri",
    "W Ursae Majoris",
    "Wolf-Rayet",
    "X Ray Binary",
  ],
}, { observations: { timeScale: "survey days", band: "survey" }, text: ["name", "filter"] });

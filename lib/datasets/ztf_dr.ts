import { csvDataSet, type LightCurveDataSet } from "./data_set.ts";

/**
 * ZTF data-release light curves at the positions of classified transients; some points are of the host galaxy. Bands are
 * ZTF's g, r, i (`zg`, `zr`, `zi`). Metadata: `redshift`, `npts`. Extra columns: `oid` (object, filter and field), `catflags`
 * (0 is good).
 */
export const ZTF_DR: LightCurveDataSet = csvDataSet({
  name: "ztf-dr",
  title: "ZTF data-release gri light curves at the positions of 193 classified transients",
  origin: "observed",
  source: "github.com/HSE-LAMBDA/light_curve_approx",
  licence: "MIT (the repository's); ZTF data releases are public",
  citation:
    "Masci, F. J. et al. 2019, PASP 131, 018003; Perley, D. A. et al. 2020, ApJ 904, 35; Demianenko, M. et al. 2023, A&A 677, A16",
  classNames: [
    "LRN",
    "SLSN-I",
    "SLSN-II",
    "SN II",
    "SN IIP",
    "SN IIb",
    "SN IIn",
    "SN Ia",
    "SN Ia-91T",
    "SN Ia-pec",
    "SN Iax",
    "SN Ib",
    "SN Ibn",
    "SN Ic",
    "SN Ic-BL",
    "TDE",
  ],
}, {
  // An object's identifier is its name; the file's own `oid` column would be taken for it otherwise.
  observations: {
    columns: { id: "id" },
    bands: ["zg", "zr", "zi"],
    timeScale: "MJD",
    extra: ["oid", "catflags"],
  },
});

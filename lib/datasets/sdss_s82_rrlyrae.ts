import { mapCurves } from "../observations/mod.ts";
import { csvDataSet, type LightCurveDataSet } from "./data_set.ts";

/** Where the source had no measurement it wrote magnitudes near 100. */
const FAINTEST = 50;

/**
 * Five-band light curves of RR Lyrae stars in SDSS Stripe 82, with subtype and period. Rows without a measurement (the
 * source writes a magnitude near 100) are left out. Metadata: `period` (days), `npts` (rows of the source).
 */
export const SDSS_S82_RRLYRAE: LightCurveDataSet = csvDataSet({
  name: "sdss-s82-rrlyrae",
  title: "SDSS ugriz light curves of 338 RR Lyrae stars in Stripe 82, with periods",
  origin: "observed",
  source: "github.com/light-curve/test-data (RRLyrae)",
  licence: "not stated; data from VizieR J/ApJ/708/717",
  citation: "Sesar, B. et al. 2010, ApJ 708, 717",
  classNames: ["ab", "c"],
}, {
  observations: { bands: ["u", "g", "r", "i", "z"], timeScale: "MJD" },
  finish: (set) =>
    mapCurves(set, ({ time, value, error, band }) => {
      const measured = (_: number, j: number) => value[j] < FAINTEST;
      return {
        time: time.filter(measured),
        value: value.filter(measured),
        error: error?.filter(measured),
        band: band?.filter(measured),
      };
    }),
});

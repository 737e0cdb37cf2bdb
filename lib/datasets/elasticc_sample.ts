import { FLUXCAL_ZERO_POINT } from "../astronomy/mod.ts";
import { Flag } from "../observations/mod.ts";
import { csvDataSet, type LightCurveDataSet } from "./data_set.ts";

/** SNANA's PHOTFLAG: bit 4096 marks a detection, bit 2048 with it the first trigger, bit 1024 a saturated exposure. */
const MEANINGS = {
  forced: Flag.forced,
  detected: Flag.detected,
  flag0: Flag.forced,
  flag1024: Flag.forced | Flag.saturated,
  flag4096: Flag.forced | Flag.detected,
  flag6144: Flag.forced | Flag.detected | Flag.firstTrigger,
};

/**
 * A small sample of the ELAsTiCC challenge's simulated LSST light curves, ugrizY, fluxes with zero point 27.5. Most objects
 * have no class here. Metadata: `file`, `npts` and the alert packets' scalar fields as `dia_*` (host galaxies, dust, photometric
 * redshifts; large negative numbers stand for missing ones, as in the packets). Flags tell detections from forced photometry.
 */
export const ELASTICC_SAMPLE: LightCurveDataSet = csvDataSet({
  name: "elasticc-sample",
  title:
    "ELAsTiCC simulated LSST ugrizY light curves of 633 objects, 223 of them known to be type Ia supernovae",
  origin: "simulated",
  source: "github.com/astrolabsoftware/fink-science, github.com/alercebroker/lc_classifier",
  licence: "Apache-2.0 (fink-science), MIT (lc_classifier); ELAsTiCC data are public",
  citation:
    "Narayan, G. & ELAsTiCC team 2023, AAS 241; Moller, A. et al. 2021, MNRAS 501, 3272; Cabrera-Vives, G. et al. 2024, A&A 689, A289",
  classNames: ["SNIa"],
}, {
  observations: {
    bands: ["u", "g", "r", "i", "z", "Y"],
    quantity: "flux",
    zeroPoint: FLUXCAL_ZERO_POINT,
    timeScale: "MJD",
    flags: { column: "kind", meanings: MEANINGS },
  },
  unknown: "unlabelled",
  text: ["file"],
});

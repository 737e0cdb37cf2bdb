import { FLUXCAL_ZERO_POINT } from "../astronomy/mod.ts";
import { LightCurveSet, type Table } from "../observations/mod.ts";
import { parseLightCurves, readBytes, readTable } from "../formats/mod.ts";
import { dataFolder, type LightCurveDataSet, type LoadOptions } from "./data_set.ts";

/** The targets of PLAsTiCC and what they are; class 99 of the test set is not among the training objects. */
export const PLASTICC_TARGETS: Readonly<Record<string, string>> = {
  "6": "microlens-single",
  "15": "TDE",
  "16": "EB",
  "42": "SNII",
  "52": "SNIax",
  "53": "Mira",
  "62": "SNIbc",
  "64": "kilonova",
  "65": "M-dwarf",
  "67": "SNIa-91bg",
  "88": "AGN",
  "90": "SNIa",
  "92": "RRL",
  "95": "SLSN-I",
};

/**
 * PLAsTiCC light curves of a dozen objects: enough to hold readers and preprocessing to true values, not to train on.
 * Fluxes with zero point 27.5, bands ugrizy. Extra column `detected` (0 or 1). The metadata of the objects is in
 * {@link plasticcMetadata}.
 */
export const PLASTICC: LightCurveDataSet = {
  name: "plasticc",
  title: "PLAsTiCC: metadata of 5495 training objects, and the simulated LSST light curves of a few",
  origin: "simulated",
  source:
    "github.com/LSSTDESC/snmachine, github.com/rygao/Stanford-CS230-Project, github.com/COINtoolbox/RESSPECT",
  licence:
    "BSD-3-Clause (snmachine), MIT (RESSPECT), not stated (Stanford-CS230-Project), each for the repository",
  citation:
    "PLAsTiCC team 2018, arXiv:1810.00001; Kessler, R. et al. 2019, PASP 131, 094501; Hlozek, R. et al. 2023, ApJS 267, 25",
  classNames: Object.values(PLASTICC_TARGETS),
  async load(options = {}) {
    const path = `${dataFolder("plasticc", options)}/lightcurves_few.csv.gz`;
    const bytes = await readBytes(path, { where: path });
    const { set } = parseLightCurves(bytes, {
      where: path,
      columns: { id: "object_id", band: "passband" },
      bands: ["0", "1", "2", "3", "4", "5"],
      quantity: "flux",
      zeroPoint: FLUXCAL_ZERO_POINT,
      timeScale: "MJD",
      order: "sort",
      extra: ["target", "detected"],
    });
    const names = Object.values(PLASTICC_TARGETS), codes = Object.keys(PLASTICC_TARGETS);
    const { target, detected } = set.extra;
    return new LightCurveSet({
      ...set.columns(),
      bands: ["u", "g", "r", "i", "z", "y"],
      classNames: names,
      labels: Int32Array.from(set.ids, (_, i) => codes.indexOf(String(target[set.offsets[i]]))),
      extra: { detected },
    });
  },
};

/** Returns the metadata of the PLAsTiCC training objects: one row per object, `object_id` as text, NaN where empty. */
export async function plasticcMetadata(options: LoadOptions = {}): Promise<Table> {
  const path = `${dataFolder("plasticc", options)}/training_metadata.csv.gz`;
  return await readTable(path, { text: ["object_id"] });
}

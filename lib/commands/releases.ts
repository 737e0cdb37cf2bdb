/** The public releases of data that `deno task fetch-data` knows. */
import type { Release, ReleaseFile } from "./fetch_data.ts";

const MEGABYTE = 1e6, GIGABYTE = 1e9;

const plasticc = (name: string, maximumBytes: number, digest?: string): ReleaseFile => ({
  name,
  url: `https://zenodo.org/records/2539456/files/${name}`,
  digest,
  maximumBytes,
});

const PLASTICC_FACTS = {
  citation: "PLAsTiCC team 2019, doi:10.5281/zenodo.2539456; Kessler, R. et al. 2019, PASP 131, 094501",
  page: "https://zenodo.org/records/2539456",
};

const ELASTICC_PAGE = "https://portal.nersc.gov/cfs/lsst/DESC_TD_PUBLIC/ELASTICC/";

/**
 * The releases by name. A digest stands where it is certain; elsewhere the first download notes the file's own, and later
 * ones are held against that.
 */
export const RELEASES: Readonly<Record<string, Release>> = {
  plasticc: {
    ...PLASTICC_FACTS,
    title: "PLAsTiCC, training set: 7,848 simulated LSST objects with their classes (22 MB)",
    files: [
      plasticc("plasticc_train_metadata.csv.gz", 5 * MEGABYTE, "md5:8c6b00fd503d6cf3d9a42bfb53046e0f"),
      plasticc("plasticc_train_lightcurves.csv.gz", 100 * MEGABYTE, "md5:1aa1605908b5a6398bd46bf9120b6400"),
    ],
  },
  "plasticc-test": {
    ...PLASTICC_FACTS,
    title:
      "PLAsTiCC, unblinded test set: 3.5 million simulated LSST objects in eleven files (18 GB unpacked)",
    files: [
      plasticc("plasticc_test_metadata.csv.gz", GIGABYTE),
      ...Array.from(
        { length: 11 },
        (_, k) =>
          plasticc(`plasticc_test_lightcurves_${String(k + 1).padStart(2, "0")}.csv.gz`, 4 * GIGABYTE),
      ),
    ],
  },
  elasticc: {
    title: "ELAsTiCC, training set: simulated LSST light curves with two hosts, SNANA FITS (8 GB)",
    citation: "Narayan, G. & ELAsTiCC team 2023, AAS 241",
    page: ELASTICC_PAGE,
    files: [{
      name: "FULL_ELASTICC_TRAIN.tar",
      url: `${ELASTICC_PAGE}TRAINING_SAMPLES/FULL_ELASTICC_TRAIN.tar`,
      maximumBytes: 20 * GIGABYTE,
    }],
  },
  elasticc2: {
    title: "ELAsTiCC2, training set: simulated LSST light curves with two hosts, SNANA FITS (8 GB)",
    citation: "Narayan, G. & ELAsTiCC team 2023, AAS 241",
    page: ELASTICC_PAGE,
    files: [{
      name: "ELASTICC2_TRAIN_02.tar.bz2",
      url: `${ELASTICC_PAGE}ELASTICC2_TRAINING_SAMPLE_2/ELASTICC2_TRAIN_02.tar.bz2`,
      maximumBytes: 20 * GIGABYTE,
    }],
  },
  snpcc: {
    title: "SNPCC, unblinded: 21,319 simulated DES supernovae, SNANA text",
    citation: "Kessler, R. et al. 2010, PASP 122, 1415; this copy doi:10.5281/zenodo.13883296",
    page: "https://zenodo.org/records/13883296",
    files: [{
      name: "SIMGEN_PUBLIC_DES.tar.gz",
      url: "https://zenodo.org/records/13883296/files/SIMGEN_PUBLIC_DES.tar.gz",
      digest: "md5:3ed2c475512d8c8cf8a2b8907ed21ed0",
      maximumBytes: 500 * MEGABYTE,
    }],
  },
};

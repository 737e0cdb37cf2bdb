/** All named data sets: light curves, stamps, spectra. */
import { EphemeraError } from "../core/mod.ts";
import { ASAS_VARIABLES } from "./asas_variables.ts";
import { CATALINA_SSS_PERIODIC } from "./catalina_sss_periodic.ts";
import { CSS_SDSS_FOLLOWUP } from "./css_sdss_followup.ts";
import type { LightCurveDataSet } from "./data_set.ts";
import { ELASTICC_SAMPLE } from "./elasticc_sample.ts";
import { EROS_VARIABLE_STARS } from "./eros_variable_stars.ts";
import { GAIA_DR3_VARIABLES } from "./gaia_dr3_variables.ts";
import { HIPPARCOS_OGLE_VARIABLES } from "./hipparcos_ogle_variables.ts";
import { HITS_STAMPS } from "./hits_stamps.ts";
import { MACHO } from "./macho.ts";
import { PLASTICC } from "./plasticc.ts";
import { SDSS_S82_RRLYRAE } from "./sdss_s82_rrlyrae.ts";
import { SDSS_STELLAR_TEMPLATES } from "./sdss_stellar_templates.ts";
import { SN_SPECTRA } from "./sn_spectra.ts";
import { SNPCC } from "./snpcc.ts";
import type { SpectrumDataSet } from "./spectra_data_set.ts";
import type { StampDataSet } from "./stamps_data_set.ts";
import { ZTF_ALERT_STAMPS } from "./ztf_alert_stamps.ts";
import { ZTF_DR } from "./ztf_dr.ts";
import { ZTF_SNIA } from "./ztf_snia.ts";

/** The data sets of light curves by name. */
export const DATA_SETS: ReadonlyMap<string, LightCurveDataSet> = byName(
  [
    ASAS_VARIABLES,
    CATALINA_SSS_PERIODIC,
    ELASTICC_SAMPLE,
    EROS_VARIABLE_STARS,
    GAIA_DR3_VARIABLES,
    HIPPARCOS_OGLE_VARIABLES,
    MACHO,
    PLASTICC,
    SDSS_S82_RRLYRAE,
    SNPCC,
    ZTF_DR,
    ZTF_SNIA,
  ],
);

/** The data sets of stamps by name. */
export const STAMP_SETS: ReadonlyMap<string, StampDataSet> = byName([HITS_STAMPS, ZTF_ALERT_STAMPS]);

/** The data sets of spectra by name. */
export const SPECTRUM_SETS: ReadonlyMap<string, SpectrumDataSet> = byName([
  CSS_SDSS_FOLLOWUP,
  SDSS_STELLAR_TEMPLATES,
  SN_SPECTRA,
]);

function byName<S extends { name: string }>(sets: readonly S[]): ReadonlyMap<string, S> {
  return new Map(sets.map((set) => [set.name, set]));
}

/**
 * Returns the data set of light curves with a name.
 * @throws EphemeraError with the names that there are.
 *
 * @example
 * ```ts
 * import { dataSet } from "ephemera/datasets";
 * import assert from "node:assert/strict";
 * assert.match(dataSet("catalina-sss-periodic").citation, /Drake/);
 * // const stars = await dataSet("catalina-sss-periodic").load();
 * ```
 */
export function dataSet(name: string): LightCurveDataSet {
  return named(DATA_SETS, name, "dataSet");
}

/**
 * Returns the data set of stamps with a name.
 * @throws EphemeraError with the names that there are.
 */
export function stampSet(name: string): StampDataSet {
  return named(STAMP_SETS, name, "stampSet");
}

/**
 * Returns the data set of spectra with a name.
 * @throws EphemeraError with the names that there are.
 */
export function spectrumSet(name: string): SpectrumDataSet {
  return named(SPECTRUM_SETS, name, "spectrumSet");
}

/** What each kind of data set is found with, for the sentence about one that was looked for among the wrong kind. */
const KINDS = { dataSet: DATA_SETS, stampSet: STAMP_SETS, spectrumSet: SPECTRUM_SETS };

function named<S>(sets: ReadonlyMap<string, S>, name: string, where: keyof typeof KINDS): S {
  const found = sets.get(name);
  if (found !== undefined) return found;
  const other = Object.entries(KINDS).find(([, others]) => others.has(name))?.[0];
  throw new EphemeraError({
    expected: `one of ${[...sets.keys()].join(", ")}`,
    found: `"${name}"`,
    where,
    remedy: other === undefined ? undefined : `load it with ${other}("${name}")`,
  });
}

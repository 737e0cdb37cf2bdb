/** All named data sets of light curves. */
import { EphemeraError } from "../core/mod.ts";
import { ASAS_VARIABLES } from "./asas_variables.ts";
import { CATALINA_SSS_PERIODIC } from "./catalina_sss_periodic.ts";
import type { LightCurveDataSet } from "./data_set.ts";
import { ELASTICC_SAMPLE } from "./elasticc_sample.ts";
import { EROS_VARIABLE_STARS } from "./eros_variable_stars.ts";
import { GAIA_DR3_VARIABLES } from "./gaia_dr3_variables.ts";
import { HIPPARCOS_OGLE_VARIABLES } from "./hipparcos_ogle_variables.ts";
import { MACHO } from "./macho.ts";
import { PLASTICC } from "./plasticc.ts";
import { SDSS_S82_RRLYRAE } from "./sdss_s82_rrlyrae.ts";
import { SNPCC } from "./snpcc.ts";
import { ZTF_DR } from "./ztf_dr.ts";
import { ZTF_SNIA } from "./ztf_snia.ts";

/** The data sets by name. */
export const DATA_SETS: ReadonlyMap<string, LightCurveDataSet> = new Map(
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
  ].map((set) => [set.name, set]),
);

/**
 * Returns the data set with a name.
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
  const found = DATA_SETS.get(name);
  if (found) return found;
  throw new EphemeraError({
    expected: `one of ${[...DATA_SETS.keys()].join(", ")}`,
    found: `"${name}"`,
    where: "dataSet",
  });
}

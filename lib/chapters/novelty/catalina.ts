import { CATALINA_SUPERCLASSES, dataSet, type LoadOptions } from "../../datasets/mod.ts";
import { type LightCurveSet, mergeClasses } from "../../observations/mod.ts";

/**
 * Returns the southern Catalina stars in the superclasses of the paper's Table 1, with the two groups that have none,
 * miscellaneous and Blazhko stars, as classes of their own: the natural candidates for novelty. Mira and semi-regular
 * stars are not parted in that catalogue and are LPV together.
 *
 * @throws EphemeraError when the data set is not at hand
 */
export async function catalinaStars(options: LoadOptions = {}): Promise<LightCurveSet> {
  const stars = await dataSet("catalina-sss-periodic").load(options);
  return mergeClasses(stars, { ...CATALINA_SUPERCLASSES, Misc: "Misc", Blazhko: "Blazhko" });
}

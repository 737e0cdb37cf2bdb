/** The surveys that the project describes. */
import catalina from "../../../data/surveys/catalina.json" with { type: "json" };
import desSupernova from "../../../data/surveys/des-supernova.json" with { type: "json" };
import hits from "../../../data/surveys/hits-2015.json" with { type: "json" };
import lsstDeep from "../../../data/surveys/lsst-deep.json" with { type: "json" };
import lsstWidePairs from "../../../data/surveys/lsst-wide-pairs.json" with { type: "json" };
import lsstWide from "../../../data/surveys/lsst-wide.json" with { type: "json" };
import ztf from "../../../data/surveys/ztf-public.json" with { type: "json" };
import { demand } from "../../core/mod.ts";
import { parseSkySurvey, type SkySurvey } from "./sky_survey.ts";

const DESCRIPTIONS: Readonly<Record<string, unknown>> = {
  "lsst-wide": lsstWide,
  "lsst-wide-pairs": lsstWidePairs,
  "lsst-deep": lsstDeep,
  "ztf-public": ztf,
  "hits-2015": hits,
  "des-supernova": desSupernova,
  catalina,
};

/** Names that {@link skySurvey} knows. */
export const SKY_SURVEY_NAMES: readonly string[] = Object.keys(DESCRIPTIONS);

/**
 * Returns a survey by the name of its file in `data/surveys`. Change a copy to look with other eyes.
 *
 * @example
 * ```ts
 * import { skySurvey } from "ephemera/survey";
 * import assert from "node:assert/strict";
 * const wide = skySurvey("lsst-wide");
 * assert.equal(wide.bands.map(({ name }) => name).join(""), "ugrizy");
 * ```
 */
export function skySurvey(name: string): SkySurvey {
  demand(Object.hasOwn(DESCRIPTIONS, name), () => ({
    expected: `one of the surveys ${SKY_SURVEY_NAMES.join(", ")}`,
    found: `"${name}"`,
    where: "skySurvey",
    remedy: "name one of these, or read your own description with parseSkySurvey",
  }));
  return parseSkySurvey(DESCRIPTIONS[name], `${name}.json`);
}

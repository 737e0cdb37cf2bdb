/** Type II supernovae as they come: plateau and linear ones. */
import type { SkyKind } from "../sky_source.ts";
import { drawHydrogenRichSource } from "./hydrogen_rich.ts";
import { PLATEAU_RANGE } from "./sn_iip.ts";
import { LINEAR_RANGE } from "./sn_iil.ts";

/**
 * Share of linear ones among II-P and II-L in a volume: 9.7 in 79.6 (Li et al. 2011, table 9 and section 5).
 */
export const LINEAR_SHARE = 9.7 / 79.6;

/**
 * Types II-P and II-L by their volumetric shares. Parameters: as theirs, and `linear`, 1 for a linear one.
 */
export const SN_II: SkyKind = {
  name: "SNII",
  galactic: false,
  reference: "Li et al. 2011, MNRAS 412, 1441; Anderson et al. 2014, ApJ 786, 67",
  draw(random, setting) {
    const linear = random.uniform() < LINEAR_SHARE;
    const source = drawHydrogenRichSource("SNII", random, setting, linear ? LINEAR_RANGE : PLATEAU_RANGE);
    return { ...source, parameters: { ...source.parameters, linear: Number(linear) } };
  },
};

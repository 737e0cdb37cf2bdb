/** Type II supernovae that decline linearly. */
import type { SkyKind } from "../sky_source.ts";
import { drawHydrogenRichSource, type HydrogenRichRange } from "./hydrogen_rich.ts";

/**
 * The faster part of the population of Anderson et al. (2014): more than two magnitudes in 100 days; brighter
 * (Richardson et al. 2014).
 */
export const LINEAR_RANGE: HydrogenRichRange = { s2: [2.6, 0.7, 2, 4.5], drop: 1.4 };

/**
 * Type II-L. Parameters: those of `HydrogenRichParameters`, `riseTime` in days, `hostEbv`. Phase 0 is the V
 * maximum.
 */
export const SN_IIL: SkyKind = {
  name: "SNIIL",
  galactic: false,
  reference:
    "Anderson et al. 2014, ApJ 786, 67; Faran et al. 2014, MNRAS 445, 554; Richardson et al. 2014, AJ 147, 118",
  draw: (random, setting) => drawHydrogenRichSource("SNIIL", random, setting, LINEAR_RANGE),
};

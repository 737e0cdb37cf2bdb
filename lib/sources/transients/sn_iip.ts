/** Type II supernovae with a plateau. */
import type { SkyKind } from "../sky_source.ts";
import { drawHydrogenRichSource, type HydrogenRichRange } from "./hydrogen_rich.ts";

/**
 * The slower part of the population of Anderson et al. (2014): less than two magnitudes in 100 days on the
 * plateau.
 */
export const PLATEAU_RANGE: HydrogenRichRange = { s2: [0.95, 0.65, -0.4, 2], drop: 2.1 };

/**
 * Type II-P. Parameters: those of `HydrogenRichParameters`, `riseTime` in days, `hostEbv`. Phase 0 is the V
 * maximum.
 */
export const SN_IIP: SkyKind = {
  name: "SNIIP",
  galactic: false,
  reference:
    "Anderson et al. 2014, ApJ 786, 67; Valenti et al. 2016, MNRAS 459, 3939; Faran et al. 2018, MNRAS 473, 513; " +
    "Gonzalez-Gaitan et al. 2015, MNRAS 451, 2212",
  draw: (random, setting) => drawHydrogenRichSource("SNIIP", random, setting, PLATEAU_RANGE),
};

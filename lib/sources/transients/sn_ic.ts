/** Type Ic supernovae: neither hydrogen nor helium; some with broad lines. */
import type { SkyKind } from "../sky_source.ts";
import type { BroadLine } from "./line_blanketing.ts";
import { drawStrippedSource, type StrippedPopulation } from "./stripped_envelope.ts";

/** Lyman et al. (2016), table 5, Ic. */
export const IC_POPULATION: StrippedPopulation = {
  nickel: [0.22, 0.16],
  ejecta: [3, 2.8],
  velocity: [10400, 1200],
  cooling: 0,
};

/** Lyman et al. (2016), table 5, Ic with broad lines. */
export const IC_BROAD_POPULATION: StrippedPopulation = {
  nickel: [0.32, 0.15],
  ejecta: [2.9, 2.2],
  velocity: [19100, 5000],
  cooling: 0,
};

/** Share of broad-lined ones among type Ic in a volume: 1.1 to 7.5 (Shivvers et al. 2017, table 3). */
export const IC_BROAD_SHARE = 1.1 / 8.6;

/** Oxygen 7774, calcium, silicon 6355 (Modjaz et al. 2016). */
export const IC_LINES: readonly BroadLine[] = [
  { wavelength: 6355, velocity: 9500, absorption: 0.2, emission: 0.1 },
  { wavelength: 7774, velocity: 9000, absorption: 0.3, emission: 0.15 },
  { wavelength: 3950, velocity: 12000, absorption: 0.45, emission: 0.1 },
  { wavelength: 8579, velocity: 11000, absorption: 0.3, emission: 0.35 },
];

/**
 * Type Ic. Parameters: those of `StrippedParameters`, `riseTime`, `hostEbv`, and `broad`, 1 for broad lines.
 * Phase 0 is the bolometric maximum.
 */
export const SN_IC: SkyKind = {
  name: "SNIc",
  galactic: false,
  reference:
    "Lyman et al. 2016, MNRAS 457, 328; Drout et al. 2011, ApJ 741, 97; Shivvers et al. 2017, PASP 129, 054201",
  draw(random, setting) {
    const broad = random.uniform() < IC_BROAD_SHARE;
    const population = broad ? IC_BROAD_POPULATION : IC_POPULATION;
    const source = drawStrippedSource("SNIc", random, setting, population, IC_LINES);
    return { ...source, parameters: { ...source.parameters, broad: Number(broad) } };
  },
};

/** Type Ib supernovae: no hydrogen, but helium. */
import type { SkyKind } from "../sky_source.ts";
import type { BroadLine } from "./line_blanketing.ts";
import { drawStrippedSource, type StrippedPopulation } from "./stripped_envelope.ts";

/** Lyman et al. (2016), table 5. */
export const IB_POPULATION: StrippedPopulation = {
  nickel: [0.17, 0.16],
  ejecta: [2.6, 1.1],
  velocity: [9900, 1400],
  cooling: 0,
};

/** Helium 5876, 6678 and 7065, calcium, oxygen 7774 (Liu et al. 2016). */
export const IB_LINES: readonly BroadLine[] = [
  { wavelength: 5876, velocity: 9500, absorption: 0.35, emission: 0.1 },
  { wavelength: 6678, velocity: 9500, absorption: 0.15, emission: 0.05 },
  { wavelength: 7065, velocity: 9500, absorption: 0.15, emission: 0.05 },
  { wavelength: 7774, velocity: 8500, absorption: 0.15, emission: 0.1 },
  { wavelength: 3950, velocity: 11000, absorption: 0.4, emission: 0.1 },
  { wavelength: 8579, velocity: 10000, absorption: 0.25, emission: 0.35 },
];

/**
 * Type Ib. Parameters: those of `StrippedParameters`, `riseTime`, `hostEbv`. Phase 0 is the bolometric
 * maximum.
 */
export const SN_IB: SkyKind = {
  name: "SNIb",
  galactic: false,
  reference: "Lyman et al. 2016, MNRAS 457, 328; Drout et al. 2011, ApJ 741, 97; Arnett 1982, ApJ 253, 785",
  draw: (random, setting) => drawStrippedSource("SNIb", random, setting, IB_POPULATION, IB_LINES),
};

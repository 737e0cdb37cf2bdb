/** Type IIb supernovae: a thin layer of hydrogen, which cools before the nickel is seen. */
import type { SkyKind } from "../sky_source.ts";
import type { BroadLine } from "./line_blanketing.ts";
import { drawStrippedSource, type StrippedPopulation } from "./stripped_envelope.ts";

/**
 * Lyman et al. (2016), table 5; a cooling envelope is seen in about half of those found early (Pellegrino et
 * al. 2023).
 */
export const IIB_POPULATION: StrippedPopulation = {
  nickel: [0.11, 0.04],
  ejecta: [2.2, 0.8],
  velocity: [8300, 750],
  cooling: 0.5,
};

/** H alpha, helium 5876 and 7065, calcium (Liu et al. 2016). */
export const IIB_LINES: readonly BroadLine[] = [
  { wavelength: 6563, velocity: 11000, absorption: 0.3, emission: 0.25 },
  { wavelength: 5876, velocity: 8000, absorption: 0.25, emission: 0.1 },
  { wavelength: 3950, velocity: 10000, absorption: 0.4, emission: 0.1 },
  { wavelength: 8579, velocity: 9000, absorption: 0.25, emission: 0.35 },
];

/**
 * Type IIb. Parameters: those of `StrippedParameters`, `riseTime`, `hostEbv`. Phase 0 is the bolometric
 * maximum of the nickel.
 */
export const SN_IIB: SkyKind = {
  name: "SNIIb",
  galactic: false,
  reference:
    "Lyman et al. 2016, MNRAS 457, 328; Arnett 1982, ApJ 253, 785; Pellegrino et al. 2023, ApJ 954, 35",
  draw: (random, setting) => drawStrippedSource("SNIIb", random, setting, IIB_POPULATION, IIB_LINES),
};

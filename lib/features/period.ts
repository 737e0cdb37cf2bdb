import type { Feature, FeatureNeeds } from "./feature.ts";
import { FREQUENCIES, MULTIPLES, type PeriodSearch } from "./period_search.ts";

const NEEDS: FeatureNeeds = {
  time: true,
  order: true,
  errors: "optional",
  variability: true,
  minimumPoints: 10,
};

/** The best period in days; see the period search for how it is found, and how FATS finds its own. */
export const period: Feature = {
  name: "PeriodLS",
  outputs: ["PeriodLS"],
  needs: NEEDS,
  formula: "1 / argmax of the generalised Lomb-Scargle power",
  reference: "Zechmeister & Kuerster 2009, A&A 496, 577; FATS: Press & Rybicki 1989, ApJ 338, 277",
  compute: ({ periods }) => periods.period,
  fats: ({ fatsPeriods }) => fatsPeriods.period,
};

/** Probability that white noise gives a peak as high as that of the best period. */
export const periodFit: Feature = {
  name: "Period_fit",
  outputs: ["Period_fit"],
  needs: NEEDS,
  formula:
    "1 - (1 - p1) exp(-tau), p1 the probability at one frequency, tau the expected number of upcrossings",
  reference: "Baluev 2008, MNRAS 385, 1279; FATS: Press et al., Numerical Recipes 13.8",
  compute: ({ periods }) => periods.falseAlarm,
  fats: ({ fatsPeriods }) => fatsPeriods.falseAlarm,
};

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Amplitudes and relative phases of four multiples of three prewhitened frequencies: 24 numbers. */
export const fourierComponents: Feature = {
  name: "Freq_harmonics",
  outputs: numbers(FREQUENCIES).flatMap((i) => [
    ...numbers(MULTIPLES).map((j) => `Freq${i + 1}_harmonics_amplitude_${j}`),
    ...numbers(MULTIPLES).map((j) => `Freq${i + 1}_harmonics_rel_phase_${j}`),
  ]),
  needs: NEEDS,
  formula:
    "A_j and phi_j - (j + 1) phi_0 of sum A_j cos(2 pi (j + 1) f_i t + phi_j), j = 0 ... 3, i = 1 ... 3",
  reference: "Debosscher et al. 2007, A&A 475, 1159; Richards et al. 2011, ApJ 733, 10",
  compute: ({ periods }) => flat(periods),
  fats: ({ fatsPeriods }) => flat(fatsPeriods),
};

function flat({ components }: PeriodSearch): number[] {
  return components.flatMap(({ amplitudes, relativePhases }) => [...amplitudes, ...relativePhases]);
}

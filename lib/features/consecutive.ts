import type { Feature } from "./feature.ts";

/**
 * The share of windows of three successive points that all lie beyond two standard deviations: outbursts and
 * dips give some, noise none.
 */
export const consecutive: Feature = {
  name: "Con",
  outputs: ["Con"],
  needs: { time: false, order: true, errors: false, variability: false, minimumPoints: 3 },
  formula: "windows of 3 with all |m - mean| > 2 s / (N - 2), s with divisor N",
  reference: "Wozniak 2000, Acta Astron. 50, 421; Shin et al. 2009, MNRAS 400, 1897",
  compute: ({ value, mean, deviation }) => runsOutside(value, mean, deviation, 3),
};

/** The share of windows of `length` successive values that all lie beyond two deviations, on either side. */
export function runsOutside(value: Float64Array, mean: number, deviation: number, length: number): number {
  let run = 0;
  let count = 0;
  for (let i = 0; i < value.length; i++) {
    run = value[i] > mean + 2 * deviation || value[i] < mean - 2 * deviation ? run + 1 : 0;
    if (run >= length) count++;
  }
  return count / (value.length - length + 1);
}

import { demand } from "../core/mod.ts";
import type { Curve } from "./curve.ts";
import type { FrequencyGrid } from "./frequency_grid.ts";
import { lombScargle, type LombScargleOptions } from "./lomb_scargle.ts";

/** A peak of a periodogram. */
export interface Peak {
  /** Cycles per day. */
  frequency: number;
  /** Days. */
  period: number;
  /** Height in the normalisation of the periodogram. */
  power: number;
}

/**
 * The highest local maxima of a periodogram on a grid, highest first; the first and last frequency count when
 * they stand above their one neighbour.
 *
 * @param count how many peaks at most.
 */
export function findPeaks(power: Float64Array, grid: FrequencyGrid, count = 1): Peak[] {
  demand(power.length === grid.count, {
    expected: `${grid.count} powers, one a frequency`,
    found: `${power.length}`,
    where: "findPeaks",
  });
  // Few peaks of many maxima: a short list kept in order is far cheaper than sorting them all.
  const places: number[] = [];
  for (let k = 0; k < power.length; k++) {
    const left = k === 0 ? -Infinity : power[k - 1];
    const right = k === power.length - 1 ? -Infinity : power[k + 1];
    if (!(power[k] > left && power[k] >= right)) continue;
    if (places.length === count && power[k] <= power[places[count - 1]]) continue;
    let at = places.length;
    while (at > 0 && power[places[at - 1]] < power[k]) at--;
    places.splice(at, 0, k);
    if (places.length > count) places.pop();
  }
  return places.map((k) => {
    const frequency = grid.start + k * grid.step;
    return { frequency, period: 1 / frequency, power: power[k] };
  });
}

/**
 * The top of the peak near `frequency`, by golden-section search on the exact periodogram within one grid
 * step to either side. The frequency comes out to about 1e-6 of the step.
 *
 * @param step the step of the grid where the peak was found, cycles per day.
 */
export function refinePeak(
  curve: Curve,
  frequency: number,
  step: number,
  options: LombScargleOptions = {},
): Peak {
  const golden = (Math.sqrt(5) - 1) / 2;
  const height = (f: number) => lombScargle(curve, Float64Array.of(f), options)[0];
  let low = Math.max(frequency - step, frequency * 1e-3);
  let high = frequency + step;
  let left = high - golden * (high - low);
  let right = low + golden * (high - low);
  let leftHeight = height(left);
  let rightHeight = height(right);
  while (high - low > 1e-6 * step) {
    if (leftHeight >= rightHeight) {
      high = right;
      right = left;
      rightHeight = leftHeight;
      left = high - golden * (high - low);
      leftHeight = height(left);
    } else {
      low = left;
      left = right;
      leftHeight = rightHeight;
      right = low + golden * (high - low);
      rightHeight = height(right);
    }
  }
  const best = leftHeight >= rightHeight ? left : right;
  return { frequency: best, period: 1 / best, power: Math.max(leftHeight, rightHeight) };
}

/** A frequency at which a signal of another frequency may show up. */
export interface Alias {
  /** Cycles per day. */
  frequency: number;
  /** What it is, e.g. `"f + 1 per day"`, `"2 f"`, `"f / 2"`. */
  relation: string;
}

/** Rhythms of ground-based sampling, cycles per day. */
export const SAMPLING_RHYTHMS: readonly { name: string; frequency: number }[] = [
  { name: "day", frequency: 1 },
  { name: "sidereal day", frequency: 1.0027379093 },
  { name: "synodic month", frequency: 1 / 29.530588 },
  { name: "year", frequency: 1 / 365.25 },
];

/**
 * The frequencies where a signal at `frequency` may be seen or mistaken: its half and double, and the sums
 * and differences `|f +- k r|` with each sampling rhythm r, k = 1 ... `orders`; ascending.
 *
 * @param frequency cycles per day, positive.
 */
export function listAliases(
  frequency: number,
  options: { orders?: number; rhythms?: readonly { name: string; frequency: number }[] } = {},
): Alias[] {
  const { orders = 2, rhythms = SAMPLING_RHYTHMS } = options;
  demand(frequency > 0, { expected: "a positive frequency", found: `${frequency}`, where: "listAliases" });
  const aliases: Alias[] = [
    { frequency: frequency / 2, relation: "f / 2" },
    { frequency: 2 * frequency, relation: "2 f" },
  ];
  for (const rhythm of rhythms) {
    for (let k = 1; k <= orders; k++) {
      const shift = k * rhythm.frequency;
      aliases.push({ frequency: frequency + shift, relation: `f + ${k} per ${rhythm.name}` });
      if (frequency !== shift) {
        aliases.push({ frequency: Math.abs(frequency - shift), relation: `|f - ${k} per ${rhythm.name}|` });
      }
    }
  }
  return aliases.sort((a, b) => a.frequency - b.frequency);
}

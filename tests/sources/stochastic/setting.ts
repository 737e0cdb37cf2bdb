import { FlatUniverse, passbandSystem } from "../../../lib/astronomy/mod.ts";
import type { SkySetting } from "../../../lib/sources/sky_source.ts";

/** A setting with LSST's bands for tests. */
export function settingOf(changes: Partial<SkySetting> = {}): SkySetting {
  return {
    passbands: passbandSystem("lsst").passbands,
    window: { start: 60000, end: 61000 },
    redshift: 0,
    universe: new FlatUniverse(),
    mwebv: 0.05,
    magnitudes: { bright: 16, faint: 22 },
    ...changes,
  };
}

export const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
};

export const variance = (values: ArrayLike<number>): number => {
  const centre = mean(values);
  return mean(Float64Array.from(values, (x) => (x - centre) ** 2));
};

export const median = (values: ArrayLike<number>): number => {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(sorted.length / 2)];
};

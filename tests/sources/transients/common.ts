import assert from "node:assert/strict";
import { FlatUniverse, type Passband, passbandSystem } from "ephemera/astronomy";
import type { SkySetting } from "ephemera/sources";

/** A setting through the bands of LSST. */
export function setting(change: Partial<SkySetting> = {}): SkySetting {
  return {
    passbands: passbandSystem("lsst").passbands,
    window: { start: 60000, end: 60200 },
    redshift: 0.1,
    universe: new FlatUniverse(),
    mwebv: 0,
    magnitudes: { bright: 16, faint: 24 },
    ...change,
  };
}

export function near(actual: number, expected: number, tolerance: number, what = ""): void {
  assert.ok(
    Math.abs(actual - expected) <= tolerance,
    `${what} ${actual} is not ${expected} within ${tolerance}`,
  );
}

/** A passband so narrow that a smooth spectrum is constant in it. */
export function narrow(centre: number, width = 4): Passband {
  const wavelength = Float64Array.from({ length: 41 }, (_, i) => centre + width * (i - 20) / 40);
  return { name: String(centre), wavelength, throughput: new Float64Array(41).fill(1) };
}

/** The phase of the maximum of a magnitude between two phases, by steps, and its value. */
export function maximum(magnitude: (phase: number) => number, low: number, high: number, step = 0.1) {
  let phase = low, value = Infinity;
  for (let at = low; at <= high; at += step) {
    const here = magnitude(at);
    if (here < value) [phase, value] = [at, here];
  }
  return { phase, value };
}

export function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((a, b) => a + b, 0) / values.length;
}

export function deviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  return Math.sqrt(mean(Array.from(values, (value) => (value - centre) ** 2)));
}

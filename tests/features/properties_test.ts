import assert from "node:assert/strict";
import fc from "fast-check";
import { Random } from "../../lib/core/mod.ts";
import { BandPair, computePairFeature, curveFeatures, pairFeatures } from "../../lib/features/mod.ts";
import type { Curve } from "../../lib/signal/mod.ts";

/**
 * What each quantity does when the values are multiplied by c > 0: grows as c^power. `undefined` is not
 * tested.
 */
const SCALES_AS: Record<string, number> = {
  Amplitude: 1,
  AndersonDarling: 0,
  Autocor_length: 0,
  Con: 0,
  Eta_e: 0,
  Gskew: 1,
  LinearTrend: 1,
  MaxSlope: 1,
  Mean: 1,
  Meanvariance: 0,
  MedianAbsDev: 1,
  MedianBRP: 0,
  PairSlopeTrend: 0,
  Psi_CS: 0,
  Psi_eta: 0,
  Q31: 1,
  Rcs: 0,
  Skew: 0,
  SlottedA_length: 0,
  SmallKurtosis: 0,
  Std: 1,
  StetsonK_AC: 0,
  StructureFunction_index_21: 0,
  StructureFunction_index_31: 0,
  StructureFunction_index_32: 0,
  PeriodLS: 0,
  Freq1_harmonics_amplitude_0: 1,
  Freq1_harmonics_rel_phase_1: 0,
};
/** Those among them that do not notice a constant added to all values. */
const SHIFT_FREE = Object.keys(SCALES_AS).filter((name) => !["Mean", "Meanvariance"].includes(name));

const random = new Random("feature properties");
const time = Float64Array.from({ length: 70 }, () => random.uniform(0, 60)).sort();
const base: Required<Curve> = {
  time,
  error: time.map(() => random.uniform(0.02, 0.08)),
  value: time.map((t) =>
    16 + 0.5 * Math.sin(2 * Math.PI * t / 2.3) + 0.2 * Math.cos(4 * Math.PI * t / 2.3) +
    random.normal(0, 0.05)
  ),
};
// Values as fluxes, so that percentages scale; magnitudes have a test of their own below.
const settings = { quantity: "flux" as const };
const expected = curveFeatures(base, ["FATS"], settings);

const near = (found: number, wanted: number, name: string, tolerance = 1e-4) =>
  assert.ok(
    Math.abs(found - wanted) <= tolerance * Math.max(1e-3, Math.abs(wanted)),
    `${name} ${found}, ${wanted}`,
  );

/**
 * What a shift in time leaves alone, to the precision of the refined period. CAR is an iterative fit and is
 * tested by itself.
 */
const timeFree = Object.keys(expected).filter((name) => !/^CAR|Period_fit|^Psi|^Freq[23]/.test(name));

Deno.test("a shift in time changes no feature, relative phases included", () => {
  fc.assert(
    fc.property(fc.integer({ min: -3000, max: 3000 }), (shift) => {
      const moved = curveFeatures({ ...base, time: base.time.map((t) => t + shift) }, ["FATS"], settings);
      for (const name of timeFree) near(moved[name], expected[name], name);
    }),
    { numRuns: 8 },
  );
});

Deno.test("values multiplied and shifted change each feature by the power it should", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 20, noNaN: true }),
      fc.double({ min: -10, max: 100, noNaN: true }),
      (scale, shift) => {
        const changed = (offset: number) =>
          curveFeatures(
            {
              time: base.time,
              value: base.value.map((v) => scale * v + offset),
              error: base.error.map((e) => scale * e),
            },
            ["FATS"],
            settings,
          );
        const scaled = changed(0);
        for (const [name, power] of Object.entries(SCALES_AS)) {
          // Folding on a period that differs in its last digits may swap two neighbours in phase.
          if (!name.startsWith("Psi")) near(scaled[name], expected[name] * scale ** power, name);
        }
        const shifted = changed(shift);
        for (const name of SHIFT_FREE) {
          if (!name.startsWith("Psi")) near(shifted[name], expected[name] * scale ** SCALES_AS[name], name);
        }
      },
    ),
    { numRuns: 8 },
  );
});

Deno.test("a magnitude zero point does not enter the percentages of the flux", () => {
  const names = ["PercentAmplitude", "PercentDifferenceFluxPercentile", "FluxPercentileRatioMid50"];
  const before = curveFeatures(base, names);
  const after = curveFeatures({ ...base, value: base.value.map((v) => v + 7.25) }, names);
  for (const name of names) near(after[name], before[name], name, 1e-9);
});

Deno.test("every point taken twice leaves what depends on the distribution of values alone", () => {
  const twice = (column: Float64Array) => Float64Array.from({ length: 140 }, (_, i) => column[i >> 1]);
  const doubled = curveFeatures(
    { time: twice(base.time), value: twice(base.value), error: twice(base.error) },
    ["Mean", "Std", "Skew", "StetsonK", "LinearTrend", "MaxSlope", "WeightedMean", "Median"],
  );
  const single = curveFeatures(base, Object.keys(doubled));
  for (const name of Object.keys(doubled)) near(doubled[name], single[name], name, 1e-9);
});

Deno.test("exchanging the two bands changes the sign of Color and nothing in Stetson's J", () => {
  const other = { ...base, value: base.value.map((v, i) => 0.7 * v + (i % 3)) };
  const value = (name: string, a: Curve, b: Curve) =>
    computePairFeature(pairFeatures.get(name)!, new BandPair(a, b));
  near(value("Color", other, base), -value("Color", base, other), "Color", 1e-12);
  for (const name of ["StetsonJ", "StetsonL", "Eta_color", "Q31_color"]) {
    near(value(name, other, base), value(name, base, other), name, 1e-9);
  }
});

Deno.test("a damped random walk of known scale is recovered, whatever the unit of its values", () => {
  const draw = new Random(12);
  const tau = 20, sigma = 0.3, n = 800;
  const time = Float64Array.from({ length: n }, (_, i) => 3 * i);
  const deviation = sigma * Math.sqrt(tau / 2);
  const decay = Math.exp(-3 / tau);
  let state = draw.normal(0, deviation);
  const value = time.map(() => {
    state = decay * state + draw.normal(0, deviation * Math.sqrt(1 - decay * decay));
    return 15 + state + draw.normal(0, 0.05);
  });
  const error = time.map(() => 0.05);
  const found = curveFeatures({ time, value, error }, ["CAR"]);
  assert.ok(Math.abs(found.CAR_sigma / sigma - 1) < 0.12, `${found.CAR_sigma}`);
  assert.ok(Math.abs(found.CAR_tau / tau - 1) < 0.35, `${found.CAR_tau}`);
  assert.ok(Math.abs(found.CAR_mean * found.CAR_tau - 15) < 4 * deviation * Math.sqrt(2 * tau / (3 * n)));
  const scaled = curveFeatures({ time, value: value.map((v) => 50 * v), error: error.map((e) => 50 * e) }, [
    "CAR",
  ]);
  near(scaled.CAR_sigma, 50 * found.CAR_sigma, "sigma", 1e-3);
  near(scaled.CAR_tau, found.CAR_tau, "tau", 1e-3);
});

import assert from "node:assert/strict";
import { Random } from "../../lib/core/mod.ts";
import { curveFeatures, type FeatureSettings } from "../../lib/features/mod.ts";
import { walkLikelihood } from "../../lib/features/damped_random_walk.ts";
import { slottedAutocorrelation } from "../../lib/features/slotted_autocorrelation.ts";
import { CurveWork } from "../../lib/features/mod.ts";
import { cholesky, logDeterminant, solveCholesky, zeros } from "../../lib/numerics/mod.ts";

const at = (n: number, f: (i: number) => number) => Float64Array.from({ length: n }, (_, i) => f(i));
const near = (found: number, expected: number, tolerance: number, what: string) =>
  assert.ok(Math.abs(found - expected) <= tolerance, `${what}: ${found}, expected ${expected}`);
const one = (
  name: string,
  value: Float64Array,
  settings: FeatureSettings = {},
  time = value.map((_, i) => i),
) => curveFeatures({ time, value, error: value.map(() => 1) }, [name], settings)[name];

Deno.test("AndersonDarling of Gaussian noise is below 1, of two values large, and 1 in the form of FATS", () => {
  const random = new Random(2);
  const noise = at(500, () => random.normal());
  assert.ok(one("AndersonDarling", noise) < 1);
  const two = one("AndersonDarling", at(100, (i) => i % 2));
  assert.ok(two > 15);
  near(one("AndersonDarling", at(100, (i) => i % 2), { compatibility: "FATS" }), 1, 1e-12, "saturated");
});

Deno.test("Autocor_length of a slow cosine is the lag where the cosine falls below 1/e", () => {
  // cos(2 pi k / P) < 1/e at k = P acos(1/e) / (2 pi); the biased estimate is a little earlier.
  const length = one("Autocor_length", at(4000, (i) => Math.cos(2 * Math.PI * i / 100)));
  near(length, 100 * Math.acos(Math.exp(-1)) / (2 * Math.PI), 1, "lag");
  assert.equal(one("Autocor_length", at(10, (i) => i % 2)), 1);
});

Deno.test("Con counts windows of three outliers on either side", () => {
  const value = at(100, (i) => i >= 50 && i < 54 ? 20 : 0.01 * (i % 2));
  near(one("Con", value), 2 / 98, 1e-15, "Con");
});

Deno.test("Eta of alternating values is 4 and of a ramp 12/N^2; Eta_e of equal steps is theirs times (N-1)^2/N^2", () => {
  near(one("Eta", at(1000, (i) => i % 2)), 4 * 999 / 1000 * 1, 5e-3, "alternating");
  const n = 200;
  // sum d^2 = N - 1 and variance (N^2 - 1)/12, with divisor N
  near(one("Eta", at(n, (i) => i)), 12 / (n * (n + 1)), 1e-12, "ramp");
  near(one("Eta_e", at(n, (i) => i)), (n - 1) ** 2 * 12 / ((n * n - 1) * n * n), 1e-12, "weighted ramp");
});

Deno.test("FluxPercentileRatios of evenly spread fluxes are their widths over 90", () => {
  const value = at(1001, (i) => i);
  for (const percent of [20, 35, 50, 65, 80]) {
    near(
      one(`FluxPercentileRatioMid${percent}`, value, { quantity: "flux" }),
      percent / 90,
      1e-12,
      `${percent}`,
    );
  }
  near(one("PercentDifferenceFluxPercentile", value, { quantity: "flux" }), 900 / 500, 1e-12, "width");
  near(one("PercentAmplitude", value, { quantity: "flux" }), 1, 1e-12, "amplitude");
});

Deno.test("percentages of magnitudes are those of the fluxes they stand for", () => {
  const flux = at(51, (i) => 3 + Math.sin(i) + 0.02 * i);
  const magnitude = flux.map((f) => 25 - 2.5 * Math.log10(f));
  for (const name of ["PercentAmplitude", "PercentDifferenceFluxPercentile", "FluxPercentileRatioMid65"]) {
    near(one(name, magnitude), one(name, flux, { quantity: "flux" }), 1e-12, name);
  }
});

Deno.test("MedianBRP of evenly spread values is a fifth, MedianAbsDev a quarter of their range", () => {
  const value = at(1001, (i) => i);
  near(one("MedianBRP", value), 199 / 1001, 1e-12, "strictly within 100 of 500");
  near(one("MedianAbsDev", value), 250, 1e-12, "deviation");
  near(one("Amplitude", value), 475, 1e-12, "amplitude");
  near(one("HalfRange", value), 500, 1e-12, "half range");
});

Deno.test("Rcs of a step from -1 to 1 is 1/2: the sum falls for half the curve and climbs back", () => {
  near(one("Rcs", at(100, (i) => i < 50 ? -1 : 1)), 0.5, 1e-12, "Rcs");
});

Deno.test("SmallKurtosis is -1.2 for a uniform sample and 0 on average for Gaussian noise in small samples", () => {
  near(one("SmallKurtosis", at(2001, (i) => i)), -1.2, 1e-3, "uniform");
  const random = new Random(6);
  let ours = 0;
  let theirs = 0;
  for (let k = 0; k < 4000; k++) {
    const value = at(12, () => random.normal());
    ours += one("SmallKurtosis", value) / 4000;
    theirs += one("SmallKurtosis", value, { compatibility: "FATS" }) / 4000;
  }
  near(ours, 0, 0.08, "ours");
  assert.ok(theirs > 0.5, `FATS's is biased in small samples: ${theirs}`);
});

const nights = new Random(7);
const time = at(150, () => nights.uniform(0, 200)).sort();

Deno.test("the period search returns period, amplitudes and relative phases of a Fourier series", () => {
  const period = 1.7;
  const value = time.map((t) => {
    const angle = 2 * Math.PI * t / period;
    return 12 + 0.8 * Math.cos(angle + 0.4) + 0.3 * Math.cos(2 * angle - 1) + 0.1 * Math.cos(3 * angle + 2);
  });
  const found = curveFeatures({ time, value }, [
    "PeriodLS",
    "Period_fit",
    "Freq_harmonics",
    "Psi_eta",
    "Psi_CS",
  ]);
  // With higher harmonics the best single sine is off the true period by a small part of the peak's width.
  near(found.PeriodLS, period, 2e-3, "period");
  assert.ok(found.Period_fit < 1e-20);
  near(found.Freq1_harmonics_amplitude_0, 0.8, 0.01, "A1");
  near(found.Freq1_harmonics_amplitude_1, 0.3, 0.01, "A2");
  near(found.Freq1_harmonics_amplitude_2, 0.1, 0.01, "A3");
  near(found.Freq1_harmonics_rel_phase_1, -1 - 2 * 0.4, 0.05, "phase 2");
  near(found.Freq1_harmonics_rel_phase_2, 2 - 3 * 0.4, 0.15, "phase 3");
  assert.equal(found.Freq1_harmonics_rel_phase_0, 0);
  assert.ok(found.Psi_eta < 0.1 && found.Psi_CS > 0.2, `${found.Psi_eta} ${found.Psi_CS}`);
});

Deno.test("a pure sine is found to a thousandth of the grid step and leaves nothing to the second frequency", () => {
  const value = time.map((t) => 3 * Math.sin(2 * Math.PI * t / 0.3456));
  const found = curveFeatures({ time, value }, ["PeriodLS", "Freq_harmonics"]);
  near(found.PeriodLS, 0.3456, 1e-7, "period");
  near(found.Freq1_harmonics_amplitude_0, 3, 1e-4, "amplitude");
  assert.ok(found.Freq2_harmonics_amplitude_0 < 1e-3);
});

Deno.test("the slotted autocorrelation of equal steps is the plain one", () => {
  const random = new Random(3);
  const value = at(80, (i) => Math.sin(i / 5) + 0.1 * random.normal());
  const work = new CurveWork({ time: value.map((_, i) => 2 * i), value });
  const { width, slots, correlation } = slottedAutocorrelation(work, 10);
  assert.equal(width, 2);
  assert.deepEqual(slots, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  for (let k = 1; k < 10; k++) {
    let sum = 0;
    for (let i = 0; i + k < 80; i++) sum += (value[i] - work.mean) * (value[i + k] - work.mean);
    near(correlation[k], sum / (80 - k) / work.moments.variance, 1e-12, `lag ${k}`);
  }
  near(curveFeatures({ time: work.time, value }, ["SlottedA_length"]).SlottedA_length, 2 * 6, 2, "length");
});

Deno.test("a curve that never forgets within a hundred slots is followed further", () => {
  const value = at(2000, (i) => Math.cos(2 * Math.PI * i / 3000));
  const length = one("SlottedA_length", value);
  assert.ok(length > 200 && length < 1000, `${length}`);
});

Deno.test("structure functions of a ramp scale as 2, 3 and 3/2 exactly", () => {
  const names = ["21", "31", "32"].map((p) => `StructureFunction_index_${p}`);
  const ramp = curveFeatures({ time: at(50, (i) => i), value: at(50, (i) => 3 * i) }, ["StructureFunction"]);
  [2, 3, 1.5].forEach((slope, k) => near(ramp[names[k]], slope, 1e-9, names[k]));
});

Deno.test("the Kalman likelihood of a damped random walk is that of the full covariance matrix, mean profiled out", () => {
  const random = new Random(10);
  const n = 25, sigma = 0.4, tau = 7;
  const t = at(n, () => random.uniform(0, 50)).sort();
  const value = at(n, () => random.normal(3, 1));
  const errors = at(n, () => random.uniform(0.1, 0.4));
  const K = zeros(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      K.data[i * n + j] = 0.5 * tau * sigma ** 2 * Math.exp(-Math.abs(t[i] - t[j]) / tau) +
        (i === j ? errors[i] ** 2 : 0);
    }
  }
  const L = cholesky(K);
  const ones = at(n, () => 1);
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((s, v, i) => s + v * b[i], 0);
  const mean = dot(ones, solveCholesky(L, value)) / dot(ones, solveCholesky(L, ones));
  const centred = value.map((v) => v - mean);
  const expected = logDeterminant(L) + dot(centred, solveCholesky(L, centred));
  const found = walkLikelihood({ time: t, value, errors, n }, sigma, tau);
  near(found.cost, expected, 1e-10, "cost");
  near(found.mean, mean, 1e-11, "mean");
});

Deno.test("our damped random walk is at least as likely as the one FATS stops at", () => {
  const random = new Random(11);
  let state = 0;
  const t = at(120, (i) => 3 * i + random.uniform(0, 2));
  const value = t.map((_, i) => {
    state = (i === 0 ? 0 : 0.8 * state) + random.normal(0, 0.3);
    return 18 + state;
  });
  const errors = t.map(() => 0.05);
  const curve = { time: t, value, error: errors };
  const cost = (sigma: number, tau: number) =>
    walkLikelihood({ time: t, value, errors, n: 120 }, sigma, tau).cost;
  const ours = curveFeatures(curve, ["CAR"]);
  const theirs = curveFeatures(curve, ["CAR"], { compatibility: "FATS" });
  assert.ok(ours.CAR_sigma > 0 && ours.CAR_tau > 0);
  assert.ok(cost(ours.CAR_sigma, ours.CAR_tau) <= cost(theirs.CAR_sigma, Math.abs(theirs.CAR_tau)) + 1e-6);
});

Deno.test("white noise has medians inside the ranges that the original FATS tests itself by", () => {
  // isadoranun/FATS, test_library.py: intervals for equally spaced Gaussian noise. One curve may miss one of them by chance.
  const random = new Random(1506);
  const n = 1000;
  const names = ["StetsonK", "Eta_e", "Gskew", "Autocor_length"];
  const curves = Array.from({ length: 41 }, () =>
    curveFeatures(
      { time: at(n, (i) => i), value: at(n, () => random.normal()), error: at(n, () => 0.1) },
      names,
      { compatibility: "FATS" },
    ));
  const within = (name: string, low: number, high: number) => {
    const median = curves.map((c) => c[name]).sort((a, b) => a - b)[20];
    assert.ok(median >= low && median <= high, `${name}: ${median}, not in ${low} to ${high}`);
  };
  within("StetsonK", 0.79, 0.85);
  within("Eta_e", 1.9, 2.1);
  within("Gskew", -0.2, 0.2);
  within("Autocor_length", 1, 1);
});

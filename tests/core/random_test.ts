import assert from "node:assert/strict";
import fc from "fast-check";
import { EphemeraError, Random } from "ephemera/core";

const draw = (n: number, next: () => number) => Float64Array.from({ length: n }, next);
const mean = (x: Float64Array) => x.reduce((s, v) => s + v, 0) / x.length;
const variance = (x: Float64Array) => {
  const m = mean(x);
  return mean(x.map((v) => (v - m) ** 2));
};

Deno.test("Random gives the same series for the same seed and another for another", () => {
  fc.assert(fc.property(fc.oneof(fc.integer(), fc.string()), (seed) => {
    const a = new Random(seed), b = new Random(seed), c = new Random(`${seed}x`);
    const series = draw(8, () => a.uniform());
    assert.deepEqual(series, draw(8, () => b.uniform()));
    assert.notDeepEqual(series, draw(8, () => c.uniform()));
  }));
});

Deno.test("Random.stream depends on the seed and the name alone, not on what was drawn", () => {
  const a = new Random(5), b = new Random(5);
  a.normal();
  assert.equal(a.stream("x").uniform(), b.stream("x").uniform());
  assert.notEqual(a.stream("x").uniform(), a.stream("y").uniform());
});

Deno.test("Random.stream gives streams without correlation for neighbouring names", () => {
  const n = 4000, root = new Random(1);
  const first = draw(n, () => 0).map((_, i) => root.stream(i).uniform());
  let product = 0;
  for (let i = 1; i < n; i++) product += (first[i] - 0.5) * (first[i - 1] - 0.5);
  assert.ok(Math.abs(product / n * 12) < 4 / Math.sqrt(n), `lag-one correlation ${product / n * 12}`);
  assert.ok(Math.abs(mean(first) - 0.5) < 4 * Math.sqrt(1 / 12 / n));
});

Deno.test("Random.state and Random.restore continue a series in its middle", () => {
  const random = new Random("resume");
  for (let i = 0; i < 7; i++) random.normal();
  const copy = Random.restore(JSON.parse(JSON.stringify(random.state())));
  assert.deepEqual(draw(20, () => random.normal()), draw(20, () => copy.normal()));
});

Deno.test("Random.uniform passes a Kolmogorov-Smirnov test", () => {
  const random = new Random(2), n = 20000, x = draw(n, () => random.uniform()).sort();
  let distance = 0;
  x.forEach((v, i) => distance = Math.max(distance, Math.abs(v - i / n), Math.abs((i + 1) / n - v)));
  assert.ok(distance * Math.sqrt(n) < 1.95, `D sqrt(n) = ${distance * Math.sqrt(n)}`); // p = 0.001
});

const moments: [string, (r: Random) => number, number, number][] = [
  ["normal(3, 2)", (r) => r.normal(3, 2), 3, 4],
  ["exponential(2)", (r) => r.exponential(2), 2, 4],
  ["gamma(0.4, 3)", (r) => r.gamma(0.4, 3), 1.2, 3.6],
  ["gamma(7, 0.5)", (r) => r.gamma(7, 0.5), 3.5, 1.75],
  ["beta(2, 3)", (r) => r.beta(2, 3), 0.4, 0.04],
  ["poisson(0.7)", (r) => r.poisson(0.7), 0.7, 0.7],
  ["poisson(9.9)", (r) => r.poisson(9.9), 9.9, 9.9],
  ["poisson(10.1)", (r) => r.poisson(10.1), 10.1, 10.1],
  ["poisson(1e5)", (r) => r.poisson(1e5), 1e5, 1e5],
  ["integer(-2, 3)", (r) => r.integer(-2, 3), 0, 2],
];
for (const [name, next, expectedMean, expectedVariance] of moments) {
  Deno.test(`Random.${name} has its mean and variance`, () => {
    const random = new Random(name), n = 40000, x = draw(n, () => next(random));
    const error = Math.sqrt(expectedVariance / n);
    assert.ok(Math.abs(mean(x) - expectedMean) < 4.5 * error, `mean ${mean(x)}`);
    assert.ok(Math.abs(variance(x) / expectedVariance - 1) < 0.08, `variance ${variance(x)}`);
  });
}

Deno.test("Random.poisson(12) has the Poisson probabilities (chi-squared)", () => {
  const random = new Random(11), n = 50000, counts = new Float64Array(40);
  for (let i = 0; i < n; i++) counts[Math.min(39, random.poisson(12))]++;
  let p = Math.exp(-12), chi2 = 0, cells = 0;
  for (let k = 0; k < 30; k++) {
    if (n * p > 5) chi2 += (counts[k] - n * p) ** 2 / (n * p), cells++;
    p *= 12 / (k + 1);
  }
  assert.ok(chi2 < cells + 4.5 * Math.sqrt(2 * cells), `chi-squared ${chi2} in ${cells} cells`);
});

Deno.test("Random.choice follows its weights and never takes an item of weight zero", () => {
  const random = new Random(3), counts = { a: 0, b: 0, c: 0 };
  for (let i = 0; i < 30000; i++) counts[random.choice(["a", "b", "c"] as const, { weights: [1, 0, 3] })]++;
  assert.equal(counts.b, 0);
  assert.ok(Math.abs(counts.c / 30000 - 0.75) < 0.012);
});

Deno.test("Random.permutation holds each number once, each place equally often", () => {
  const random = new Random(4), first = new Float64Array(6);
  for (let i = 0; i < 12000; i++) {
    const p = random.permutation(6);
    assert.deepEqual([...p].sort(), [0, 1, 2, 3, 4, 5]);
    first[p[0]]++;
  }
  for (const count of first) assert.ok(Math.abs(count - 2000) < 200);
});

Deno.test("Random refuses what has no meaning, in a sentence", () => {
  const random = new Random(0);
  for (
    const bad of [
      () => random.integer(3, 3),
      () => random.poisson(-1),
      () => random.gamma(0),
      () => random.choice([]),
      () => random.choice([1, 2], { weights: [1] }),
      () => random.choice([1, 2], { weights: [0, 0] }),
      () => random.choice([1, 2], { weights: [1, NaN] }),
    ]
  ) assert.throws(bad, EphemeraError);
});

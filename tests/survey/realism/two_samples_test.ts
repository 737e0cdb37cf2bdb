import assert from "node:assert/strict";
import fc from "fast-check";
import { compareValues, kolmogorovSmirnov } from "ephemera/survey/realism";
import { Random } from "ephemera/core";

Deno.test("the distance of Kolmogorov and Smirnov is the largest gap of the step functions, in any order, with ties", () => {
  const value = fc.integer({ min: 0, max: 8 });
  fc.assert(fc.property(
    fc.array(value, { minLength: 1, maxLength: 30 }),
    fc.array(value, { minLength: 1, maxLength: 30 }),
    (a, b) => {
      const share = (values: number[], x: number) => values.filter((v) => v <= x).length / values.length;
      const gaps = [...a, ...b].map((x) => Math.abs(share(a, x) - share(b, x)));
      assert.ok(Math.abs(kolmogorovSmirnov(a, b).statistic - Math.max(...gaps)) < 1e-12);
    },
  ));
});

Deno.test("the chance is that of published critical values, and uniform when both samples are of one distribution", () => {
  // 1.3581 is the 5 per cent point of the limiting distribution (Smirnov 1948, table).
  const n = 1e6, D = 1.3581 / Math.sqrt(n / 2);
  const a = Float64Array.from({ length: n }, (_, i) => i / n);
  assert.ok(Math.abs(kolmogorovSmirnov(a, a.map((x) => x - D)).chance - 0.05) < 0.001);
  const random = new Random(1), draw = (n: number) => Float64Array.from({ length: n }, () => random.normal());
  let small = 0;
  for (let k = 0; k < 1000; k++) if (kolmogorovSmirnov(draw(80), draw(97)).chance < 0.1) small++;
  assert.ok(Math.abs(small / 1000 - 0.1) < 0.03, `${small} of 1000`);
});

Deno.test("values that are no numbers are left out of a comparison, and an empty sample has none", () => {
  const compared = compareValues([1, 2, 3, NaN], [2, Infinity])!;
  assert.deepEqual([compared.realCount, compared.simulatedCount, compared.above], [3, 1, 0.5]);
  assert.equal(compareValues([NaN], [1]), null);
  assert.throws(() => kolmogorovSmirnov([], [1]), /at least one value/);
  assert.throws(() => kolmogorovSmirnov([NaN], [1]), /NaN/);
});

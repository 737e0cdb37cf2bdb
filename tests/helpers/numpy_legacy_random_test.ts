import assert from "node:assert/strict";
import fixture from "./fixtures/numpy_legacy_random.json" with { type: "json" };
import { NumpyLegacyRandom } from "./numpy_legacy_random.ts";

type Method = (...numbers: number[]) => Float64Array;

function assertSame(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    // Logarithms and exponentials of two libraries may differ in their last bits; all else is exact.
    assert.ok(
      Math.abs(actual[i] - value) <= 4e-15 * Math.abs(value),
      `${what}, element ${i}: ${actual[i]}, ${value}`,
    );
  });
}

for (const { seed, draws } of fixture.runs) {
  Deno.test(`NumpyLegacyRandom(${JSON.stringify(seed)}) draws what RandomState draws, call after call`, () => {
    const random = new NumpyLegacyRandom(seed);
    for (const { method, arguments: numbers, values } of draws) {
      const draw = random[method as "uniform"] as Method;
      assertSame(draw.apply(random, numbers), values, `${method}(${numbers})`);
    }
  });
}

Deno.test("NumpyLegacyRandom agrees with RandomState after many turns of its state", () => {
  const values = new NumpyLegacyRandom(0).randomSample(100_000);
  assert.deepEqual([623, 624, 1247, 99_999].map((i) => values[i]), fixture.late);
  assert.ok(Math.abs(values.reduce((sum, x) => sum + x, 0) - fixture.sum) < 1e-8);
});

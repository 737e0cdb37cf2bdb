import { studentInterval } from "ephemera/learn";
import assert from "node:assert/strict";

Deno.test("studentInterval has the quantiles of published tables", () => {
  // Two-sided quantiles of Student's t: 0.95 with 9 and 1, 0.99 with 4 degrees of freedom.
  for (const [n, level, quantile] of [[10, 0.95, 2.262157], [2, 0.95, 12.706205], [5, 0.99, 4.604095]]) {
    const values = Array.from({ length: n }, (_, k) => k),
      { mean, high, low } = studentInterval(values, level);
    const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1));
    assert.ok(Math.abs((high - mean) / (deviation / Math.sqrt(n)) - quantile) < 1e-4 * quantile);
    assert.ok(Math.abs(high + low - 2 * mean) < 1e-12);
  }
  assert.ok(Number.isNaN(studentInterval([3]).low));
  assert.throws(() => studentInterval([]), /at least one number/);
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { decimalsFor, escapeHtml, formatNumber, isMissing, MISSING } from "ephemera/notebook";

Deno.test("a number is written with as many decimals as asked, and a true minus sign", () => {
  assert.equal(formatNumber(-1.2345, 2), "−1.23");
  assert.equal(formatNumber(-0.001, 2), "0.00");
  assert.equal(formatNumber(1234567), "1234567");
  assert.equal(formatNumber(0.831249), "0.8312");
  assert.equal(formatNumber(0.0000012345), "1.23e−6");
  assert.equal(formatNumber(NaN), MISSING);
  assert.equal(formatNumber(-Infinity), "−∞");
});

Deno.test("four significant digits survive in any number", () => {
  fc.assert(fc.property(fc.double({ min: 1e-3, max: 1e8, noNaN: true }), (value) => {
    const read = Number(formatNumber(value));
    assert.ok(Math.abs(read - value) <= 5.1e-4 * value, `${value} became ${read}`);
  }));
});

Deno.test("a column's decimals follow its largest value", () => {
  assert.equal(decimalsFor([1, 2, 3000]), 0);
  assert.equal(decimalsFor([0.5, 12.25]), 2);
  assert.equal(decimalsFor([0.91234, NaN]), 4);
  assert.equal(decimalsFor([1e-7, 2e-8]), undefined);
});

Deno.test("null, undefined, NaN and empty text are missing; zero, false and a space are not", () => {
  for (const value of [null, undefined, NaN, ""]) assert.ok(isMissing(value));
  for (const value of [0, false, " ", []]) assert.ok(!isMissing(value));
});

Deno.test("escaped text cannot open a tag or close an attribute", () => {
  fc.assert(fc.property(fc.string(), (text) => assert.doesNotMatch(escapeHtml(text), /[<>"]/)));
});

import assert from "node:assert/strict";

/**
 * Asserts that two sequences agree to `tolerance` relative to the largest expected size (at least 1e-300).
 */
export function close(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  assert.equal(found.length, expected.length, `${what}: length`);
  let scale = 1e-300;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]));
  for (let i = 0; i < expected.length; i++) {
    const off = Math.abs(found[i] - expected[i]);
    assert.ok(off <= tolerance * scale, `${what}[${i}]: expected ${expected[i]}, found ${found[i]}`);
  }
}

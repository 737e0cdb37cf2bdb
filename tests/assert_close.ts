// The comparison of arrays that tests of tensors and layers share.
import assert from "node:assert/strict";

/** Fails unless two arrays agree to `tolerance`, relative to the larger of 1 and the largest expected value. */
export function assertClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  assert.equal(found.length, expected.length, `${what}: length`);
  let scale = 1;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]));
  for (let i = 0; i < expected.length; i++) {
    // Written so that NaN fails.
    if (!(Math.abs(found[i] - expected[i]) <= tolerance * scale)) {
      assert.fail(
        `${what}: element ${i} is ${found[i]}, expected ${expected[i]} (tolerance ${tolerance * scale})`,
      );
    }
  }
}

import assert from "node:assert/strict";
import fc from "fast-check";
import { sortedCopy } from "../../lib/features/sorted_copy.ts";

Deno.test("sortedCopy() equals the general sort, crowded, spread out or constant, and leaves its input alone", () => {
  const values = fc.oneof(
    fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 300 }),
    fc.array(fc.double({ min: 14, max: 19, noNaN: true }), { minLength: 60, maxLength: 600 }),
    fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 60, maxLength: 300 }),
  );
  fc.assert(
    fc.property(values, (list) => {
      // Minus zero equals zero but stands before it in a typed-array sort; neither order is wrong.
      const array = Float64Array.from(list, (v) => v + 0);
      const before = array.slice();
      assert.deepEqual(sortedCopy(array), array.slice().sort());
      assert.deepEqual(array, before);
    }),
    { numRuns: 300 },
  );
});

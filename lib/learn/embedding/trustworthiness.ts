import { demand } from "../../core/mod.ts";
import { type Matrix, takeRows } from "../../numerics/mod.ts";
import { neighbourIndex } from "../neighbours/search.ts";

/**
 * Returns how far neighbours on a map are neighbours in the table (Venna & Kaski 2001): 1 when all of them are, about 0.5 for a
 * random map. An object that is among the k nearest on the map but of rank r > k in the table costs r - k.
 *
 * @example
 * ```ts
 * import { trustworthiness } from "ephemera/learn";
 * import { matrix } from "ephemera/numerics";
 * import assert from "node:assert/strict";
 * const x = matrix([0, 1, 2, 3, 4, 5, 6, 7], 8, 1);
 * assert.equal(trustworthiness(x, x, 2), 1);
 * ```
 */
export function trustworthiness(x: Matrix, map: Matrix, k = 5): number {
  const n = x.rows;
  demand(map.rows === n && Number.isInteger(k) && k >= 1 && k < n / 2, {
    expected: `a map of ${n} rows and from 1 to fewer than ${n / 2} neighbours`,
    found: `${map.rows} rows, ${k} neighbours`,
    where: "trustworthiness",
  });
  const { indices } = neighbourIndex(map).query(map, k, true);
  const table = neighbourIndex(x);
  const rank = new Int32Array(n);
  let cost = 0;
  for (let i = 0; i < n; i++) {
    const order = table.query(takeRows(x, [i]), n).indices;
    let place = 0;
    for (const j of order) if (j !== i) rank[j] = ++place;
    for (const j of indices.subarray(i * k, (i + 1) * k)) cost += Math.max(0, rank[j] - k);
  }
  return 1 - cost * 2 / (n * k * (2 * n - 3 * k - 1));
}

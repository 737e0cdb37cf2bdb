/** The smallest entry of the committed study is computed again. */
import type { Study } from "ephemera/commands";
import assert from "node:assert/strict";
import { study } from "../../../lib/chapters/follow_up/studies/simulated.ts";
import { assertPresent, committedStudy } from "../../study_checks.ts";

Deno.test("the committed follow-up study holds entries of its present configuration only, all of them", () =>
  assertPresent(study as Study));

Deno.test("the small sky of the follow-up study comes out as committed", async () => {
  const file = await committedStudy(study as Study),
    entry = study.entries.find(({ key }) => key === "small-1")!;
  const { rows } = await study.runEntry(entry, { log() {} });
  const expected = file.results.filter((row) => row.entry === entry.key);
  assert.equal(rows.length, expected.length);
  // A network's sums may come in another order with another number of threads or another processor: rankings of single stars
  // may differ, what the time-series forest says may not.
  const [accuracy] = rows, [committed] = expected;
  for (const name of ["stars", "time"]) assert.equal(accuracy[name], committed[name], name);
  rows.forEach((row, i) => {
    for (const name of ["result", "strategy", "rule", "hours"]) assert.equal(row[name], expected[i][name]);
    for (const name of ["correctedShare", "probabilityGain", "accuracy"]) {
      if (typeof row[name] !== "number") continue;
      // Ten stars are 5 % of this sky, and one star is a tenth of their share; the accuracy is of all.
      const bound = name === "accuracy" ? 0.05 : 0.35;
      assert.ok(Math.abs(row[name] - Number(expected[i][name])) < bound, `row ${i}, ${name}`);
    }
  });
  const { both } = accuracy;
  assert.ok(Math.abs(Number(both) - Number(committed.both)) < 0.03, `${both} is not ${committed.both}`);
});

/** One entry of the committed study is computed again: the smallest, which does all that the others of supernovae do. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { entryHash, readStudyFile, type Study } from "ephemera/commands";
import { study } from "../../../lib/survey/realism/study.ts";

const path = fileURLToPath(new URL("../../../notebooks/studies/simulated_sky_realism.json", import.meta.url));

Deno.test({
  name:
    "a small sample of the challenge and of the simulation gives the committed study's rows (needs EPHEMERA_DATA)",
  ignore: !Deno.env.get("EPHEMERA_DATA"),
  async fn() {
    const key = "supernovae-small-1", file = await readStudyFile(path);
    const { rows } = await study.runEntry(study.entries.find((entry) => entry.key === key)!, { log() {} });
    const expected = file!.results.filter((row) => row.entry === key);
    assert.equal(rows.length, expected.length);
    rows.forEach((row, i) => {
      for (const [name, value] of Object.entries(row)) {
        const committed = expected[i][name], where = `row ${i}, ${name}: ${value} is not ${committed}`;
        if (typeof value !== "number") assert.equal(committed, value, where);
        else assert.ok(Math.abs(Number(committed) - value) < 1e-9, where);
      }
    });
  },
});

Deno.test("the committed study holds every entry in its present configuration", async () => {
  const file = await readStudyFile(path), known = new Map(file!.entries.map(({ key, hash }) => [key, hash]));
  for (const entry of (study as Study).entries) {
    assert.equal(known.get(entry.key), entryHash(entry), entry.key);
  }
});

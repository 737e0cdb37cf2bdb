/** One entry of each committed study is computed again: the cheapest, which trains no network but measures all the same. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { entryHash, readStudyFile, type Study } from "ephemera/commands";
import { study as catalina } from "../../../lib/chapters/novelty/studies/catalina.ts";
import { study as simulated } from "../../../lib/chapters/novelty/studies/simulated.ts";

const directory = new URL("../../../notebooks/studies/", import.meta.url);

async function recompute(study: Study, key: string): Promise<void> {
  const file = await readStudyFile(fileURLToPath(new URL(`${study.name}.json`, directory)));
  const entry = study.entries.find((each) => each.key === key)!,
    kept = file!.entries.find((each) => each.key === key);
  assert.equal(kept?.hash, entryHash(entry), "the committed entry is of another configuration");
  const { rows } = await study.runEntry(entry, { log() {} });
  const expected = file!.results.filter((row) => row.entry === key);
  assert.equal(rows.length, expected.length);
  rows.forEach((row, i) => {
    for (const [name, value] of Object.entries(row)) {
      const committed = expected[i][name];
      if (typeof value !== "number") assert.equal(committed, value);
      else {assert.ok(
          Math.abs(Number(committed) - value) < 1e-9,
          `row ${i}, ${name}: ${value} is not ${committed}`,
        );}
    }
  });
}

Deno.test("the baselines of the first simulated sky are those of the committed study", () =>
  recompute(simulated, "baselines-1"));

Deno.test({
  name:
    "the baselines of the left-out Catalina LPV stars are those of the committed study (needs EPHEMERA_DATA)",
  ignore: !Deno.env.get("EPHEMERA_DATA"),
  fn: () => recompute(catalina, "baselines-lpv-1"),
});

Deno.test("the committed studies hold entries of their present configuration only", async () => {
  for (const study of [simulated, catalina] as Study[]) {
    const file = await readStudyFile(fileURLToPath(new URL(`${study.name}.json`, directory)));
    const known = new Map(study.entries.map((entry) => [entry.key, entryHash(entry)]));
    for (const { key, hash } of file!.entries) assert.equal(known.get(key), hash, `${study.name}, ${key}`);
  }
});

/** What the tests of all committed studies ask. */
import { entryHash, readStudyFile, type Study, type StudyFile } from "ephemera/commands";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** Returns the committed results of a study. */
export async function committedStudy(study: Study): Promise<StudyFile> {
  const path = new URL(`../notebooks/studies/${study.name}.json`, import.meta.url);
  return (await readStudyFile(fileURLToPath(path)))!;
}

/** Asserts that the committed study holds every entry in its present configuration, and no other. */
export async function assertPresent(study: Study): Promise<void> {
  const { entries } = await committedStudy(study),
    known = new Map(entries.map(({ key, hash }) => [key, hash]));
  for (const entry of study.entries) assert.equal(known.get(entry.key), entryHash(entry), entry.key);
  assert.equal(entries.length, study.entries.length);
}

/** Runs an entry again and asserts that it gives the committed rows, numbers within 1e-9. */
export async function assertRecomputed(study: Study, key: string): Promise<void> {
  const entry = study.entries.find((each) => each.key === key)!, file = await committedStudy(study);
  const kept = file.entries.find((each) => each.key === key);
  assert.equal(kept?.hash, entryHash(entry), "the committed entry is of another configuration");
  const { rows } = await study.runEntry(entry, { log() {} });
  const expected = file.results.filter((row) => row.entry === key);
  assert.equal(rows.length, expected.length);
  rows.forEach((row, i) => {
    for (const [name, value] of Object.entries(row)) {
      const before = expected[i][name], where = `row ${i}, ${name}: ${value} is not ${before}`;
      if (typeof value !== "number") assert.equal(before, value, where);
      else assert.ok(Math.abs(Number(before) - value) < 1e-9, where);
    }
  });
}

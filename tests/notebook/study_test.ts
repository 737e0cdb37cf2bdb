import assert from "node:assert/strict";
import { loadStudy, provenance, studyTable } from "ephemera/notebook";

const study = {
  command: "deno task study seeds",
  commit: "0123456789abcdef",
  seeds: [1, 2],
  backend: "wasm",
  scale: "quick",
  results: [{ seed: 1, F1: 0.71 }, { seed: 2, F1: 0.74 }],
};

async function inFolder(
  files: Record<string, unknown>,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      await Deno.writeTextFile(
        `${folder}/${name}`,
        typeof content === "string" ? content : JSON.stringify(content),
      );
    }
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a study is shown with the command, commit, seeds and backend that made it", () =>
  inFolder({ "seeds.json": study }, async (directory) => {
    const loaded = await loadStudy("seeds", { directory });
    assert.equal(
      provenance(loaded),
      'From the study "seeds": deno task study seeds · commit 0123456789 · seeds 1, 2 · backend wasm · scale quick',
    );
    const text = studyTable(loaded, { caption: "Seeds", digits: { F1: 2 } }).toText();
    assert.match(text, /^Seeds\nseed {4}F1\n/);
    assert.ok(text.includes("0.74") && text.endsWith(provenance(loaded)));
    assert.match(studyTable(loaded, { records: [{ mean: 0.725 }] }).toText(), /0\.725/);
  }));

Deno.test("many seeds are counted instead of listed", () => {
  const seeds = Array.from({ length: 20 }, (_, i) => i + 1);
  assert.match(provenance({ ...study, name: "s", seeds }), /20 seeds \(1 to 20\)/);
});

Deno.test("entries of several commits and files that differed from theirs are told", () => {
  const entries = [{ commit: "fedcba9876543210" }, { commit: "0123456789abcdef-dirty" }];
  const line = provenance({
    ...study,
    name: "s",
    commit: "0123456789abcdef-dirty",
    entries,
    data: ["simulated"],
  });
  assert.match(line, /commits fedcba9876, 0123456789-dirty · .* · data: simulated$/);
});

Deno.test("a missing, broken or incomplete study says what to run", () =>
  inFolder({ "broken.json": "{", "partial.json": { command: "x" } }, async (directory) => {
    await assert.rejects(() => loadStudy("absent", { directory }), /no such file.*deno task study absent/);
    await assert.rejects(() => loadStudy("broken", { directory }), /deno task study broken/);
    await assert.rejects(() => loadStudy("partial", { directory }), /the field "commit"/);
    await assert.rejects(() => loadStudy("../../secret", { directory }), /letters, digits, _ and -/);
  }));

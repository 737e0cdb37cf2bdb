import assert from "node:assert/strict";
import { join } from "node:path";
import { PROJECT_ROOT, runTests, Tally } from "ephemera/commands";

/** Runs real tests written to a new folder of the project; returns what was counted. */
async function count(files: Record<string, string>, examples = false): Promise<Tally> {
  const parent = join(PROJECT_ROOT, ".cache");
  await Deno.mkdir(parent, { recursive: true });
  const root = await Deno.makeTempDir({ dir: parent, prefix: "test-" });
  try {
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(join(root, name), text);
    const tally = new Tally();
    await runTests({ root, paths: ["."], examples, quiet: true }, tally);
    return tally;
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("tests, failures, ignored tests and ignored steps are counted as what they are", async () => {
  const tally = await count({
    "a_test.ts": `
      Deno.test("passes & <is fine>", () => {});
      Deno.test("fails", () => { throw new Error("meant"); });
      Deno.test({ name: 'needs "data"', ignore: true, fn() {} });
      Deno.test("steps", async (t) => {
        await t.step("one", () => {});
        await t.step({ name: "two", ignore: true, fn() {} });
      });`,
  });
  assert.equal(tally.passed, 2);
  assert.deepEqual(tally.failed, ["a_test.ts: fails"]);
  assert.deepEqual(tally.skipped, ['a_test.ts: needs "data"', "a_test.ts: steps > two"]);
  assert.equal(
    String(tally),
    [
      "failed: a_test.ts: fails",
      'skipped: a_test.ts: needs "data"',
      "skipped: a_test.ts: steps > two",
      "2 passed, 1 failed, 2 skipped",
    ].join("\n"),
  );
});

Deno.test("a file that cannot be loaded is a failure although Deno's report does not have it", async () => {
  const tally = await count({
    "broken_test.ts": `throw new Error("meant");`,
    "good_test.ts": `Deno.test("passes", () => {});`,
  });
  assert.equal(tally.passed, 1);
  assert.deepEqual(tally.failed, ["broken_test.ts: it could not be loaded"]);
});

Deno.test("a run that ends without any report is a failure", async () => {
  const tally = await count({ "missing_test.ts": `import "./nowhere.ts";` });
  assert.equal(tally.passed, 0);
  assert.deepEqual(tally.failed, ["deno test ended with exit code 1"]);
});

Deno.test("examples in comments are run and counted", async () => {
  const example = (code: string) => `/**\n * @example\n * \`\`\`ts\n * ${code}\n * \`\`\`\n */\n`;
  const tally = await count({
    "one.ts": `${example("if (1 > 2) throw new Error();")}export const one = 1;`,
    "two.ts": `${example("if (2 > 1) throw new Error();")}export const two = 2;`,
  }, true);
  assert.equal(tally.passed, 1);
  assert.match(tally.failed.join(), /^example in two\.ts#\d+-\d+\.ts$/);
});

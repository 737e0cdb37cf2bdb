import assert from "node:assert/strict";
import { join } from "node:path";
import { checkNotebooks } from "ephemera/reproduce";
import { save, sketch, withFolder } from "./helpers.ts";

async function names(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(folder)) found.push(name);
  return found;
}

Deno.test("errors in cells are told by cell and line, cells see one another, and nothing is left behind", async () => {
  await withFolder(async (folder) => {
    const good = await save(
      folder,
      "good.ipynb",
      sketch(
        'import { EphemeraError } from "ephemera/core";\nconst x = await Promise.resolve(1);',
        { markdown: "text" },
        { code: 'throw new Error("meant");', tags: ["raises-exception"] },
        "console.log(x.toFixed(), EphemeraError.name);",
      ),
    );
    assert.deepEqual(await checkNotebooks([good], folder), {
      format: { passed: true, report: "" },
      types: { passed: true, report: "" },
      lint: { passed: true, report: "" },
    });
    const bad = await save(
      folder,
      "bad.ipynb",
      sketch(
        { markdown: "text" },
        "const   x = 1;",
        "console.log(x);\nconst s: string = x;\nconsole.log(s);",
        "debugger;",
      ),
    );
    const { format, types, lint } = await checkNotebooks([good, bad], folder);
    assert.deepEqual(format, { passed: false, report: "bad.ipynb is not formatted: run deno fmt bad.ipynb" });
    assert.equal(types.passed, false);
    assert.match(types.report, /'number' is not assignable to type 'string'/);
    assert.match(types.report, /bad\.ipynb, cell 3, line 2, column 7/);
    assert.equal(lint.passed, false);
    assert.match(lint.report, /bad\.ipynb, cell 4, line 1, column \d+ .*debugger/);
    assert.deepEqual((await names(folder)).sort(), ["bad.ipynb", "good.ipynb"]);
    await Deno.writeTextFile(join(folder, "worse.ipynb"), "{");
    await assert.rejects(
      () => checkNotebooks([good, join(folder, "worse.ipynb")], folder),
      /a notebook in JSON/,
    );
    assert.deepEqual((await names(folder)).sort(), ["bad.ipynb", "good.ipynb", "worse.ipynb"]);
  });
});

Deno.test("without notebooks there is nothing to find", async () => {
  const nothing = { passed: true, report: "" };
  assert.deepEqual(await checkNotebooks([], "."), { format: nothing, types: nothing, lint: nothing });
});

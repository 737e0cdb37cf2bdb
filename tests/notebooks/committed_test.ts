/** What holds for every notebook that is committed: executed from top to bottom, without errors, fit to be shared. */
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { PROJECT_ROOT } from "ephemera/commands";
import {
  type CodeCell,
  formatNotebook,
  joinText,
  judgeMetrics,
  listNotebooks,
  metricFailures,
  metricFile,
  notebookTitle,
  parseMetricRanges,
  readNotebook,
  recordedMetrics,
  statedRun,
} from "ephemera/reproduce";

const FOLDER = join(PROJECT_ROOT, "notebooks");
/** Largest size of a committed notebook, in bytes. */
const LARGEST = 1.5e6;

const notebooks = await listNotebooks(FOLDER);

for (const path of notebooks) {
  const name = basename(path, ".ipynb");
  const notebook = await readNotebook(path);
  const code = notebook.cells.filter((cell): cell is CodeCell =>
    cell.cell_type === "code" && joinText(cell.source).trim() !== ""
  );

  Deno.test(`${name} is committed executed, from top to bottom in a fresh kernel, without errors`, () => {
    assert.deepEqual(code.map(({ execution_count }) => execution_count), code.map((_, index) => index + 1));
    const errors = code.flatMap(({ outputs, metadata }) =>
      (metadata.tags as string[] | undefined)?.includes("raises-exception")
        ? []
        : outputs.filter(({ output_type }) => output_type === "error")
    );
    assert.deepEqual(errors, []);
  });

  Deno.test(`${name} says its title and how it was run, and is small enough to be read on the web`, async () => {
    assert.notEqual(notebookTitle(notebook, ""), "");
    const { scale, backend, seed, data } = statedRun(notebook);
    assert.equal(scale, "quick");
    assert.ok(backend !== null && seed !== null && data.length > 0);
    assert.ok((await Deno.stat(path)).size < LARGEST);
  });

  Deno.test(`${name} names no folder of a machine in its outputs`, () => {
    const text = formatNotebook({ ...notebook, cells: code });
    const found = text.match(/file:\/\/\/(?!\$)[^"\s]*|(?<![\w.~$/-])\/(home|Users|root|tmp|work)\/[^"\s]*/g);
    assert.deepEqual(found ?? [], []);
  });

  Deno.test(`${name} has recorded metrics that are in their accepted ranges`, async () => {
    const file = metricFile(path);
    const ranges = parseMetricRanges(await Deno.readTextFile(file), file);
    const { scale } = statedRun(notebook);
    const recorded = recordedMetrics(notebook);
    // It may have been executed with or without real data; it must be right for one of the two.
    const failures = [false, true].map((hasData) =>
      metricFailures(judgeMetrics(recorded, ranges, { hasData, scale }), basename(file))
    );
    assert.ok(failures.some((list) => list.length === 0), JSON.stringify(failures, null, 1));
  });
}

Deno.test("every file of metric ranges is well-formed and belongs to a notebook", async () => {
  const folder = join(FOLDER, "metrics");
  const names = notebooks.map((path) => basename(path, ".ipynb"));
  try {
    for await (const { name } of Deno.readDir(folder)) {
      assert.ok(names.includes(basename(name, ".json")), `metrics/${name} has no notebook`);
      parseMetricRanges(await Deno.readTextFile(join(folder, name)), `metrics/${name}`);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    assert.deepEqual(names, [], "notebooks without any file of metric ranges");
  }
});

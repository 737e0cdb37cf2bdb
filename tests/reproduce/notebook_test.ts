import assert from "node:assert/strict";
import fc from "fast-check";
import {
  canonicalNotebook,
  formatNotebook,
  joinText,
  notebookTitle,
  parseNotebook,
  portableNotebook,
  recordedMetrics,
  selectNotebooks,
  statedRun,
} from "ephemera/reproduce";

const wrap = (cells: unknown[]) => JSON.stringify({ nbformat: 4, nbformat_minor: 2, metadata: {}, cells });
const code = (source: unknown, outputs: unknown[] = []) => (
  { cell_type: "code", metadata: {}, source, outputs, execution_count: null }
);

Deno.test("what is no notebook is refused with what was found and where", () => {
  const refuse = (text: string, message: RegExp) =>
    assert.throws(() => parseNotebook(text, "x.ipynb"), message);
  refuse("", /a notebook in JSON, found an empty file \(x\.ipynb\)/);
  refuse("{,", /a notebook in JSON/);
  refuse("3", /an object with a list of cells, found number/);
  refuse(`{ "worksheets": [] }`, /found the keys worksheets/);
  refuse(JSON.stringify({ nbformat: 3, cells: [] }), /nbformat 4, found nbformat 3/);
  refuse(
    wrap([{ cell_type: "heading", source: "" }]),
    /cell of type code, markdown or raw.*x\.ipynb, cell 1/,
  );
  refuse(wrap([code(7)]), /source that is text or a list of lines.*cell 1/);
  refuse(wrap([code("", [{ output_type: "pyout" }])]), /found pyout \(x\.ipynb, cell 1, output 1\)/);
});

Deno.test("the canonical form has version 4.5, valid unique ids, text as lines, and is its own canonical form", () => {
  const markdown = (source: string, id?: string) => ({ cell_type: "markdown", metadata: {}, source, id });
  const png = {
    "image/png": "aGVs\nbG8=\n",
    "text/plain": "a\nb",
    "application/json": ["x"],
    "image/svg+xml": "<svg/>",
  };
  const notebook = parseNotebook(
    wrap([
      markdown("a\nb", "cell-2"),
      markdown("c", "cell-2"),
      markdown("", "not valid"),
      code(["x\n", "y"], [{ output_type: "display_data", data: png, metadata: {} }]),
    ]),
    "x.ipynb",
  );
  const canonical = canonicalNotebook(notebook);
  assert.equal(canonical.nbformat_minor, 5);
  assert.deepEqual(canonical.cells.map(({ id }) => id), ["cell-2", "cell-2-2", "cell-3", "cell-4"]);
  assert.deepEqual(canonical.cells.map(({ source }) => source), [["a\n", "b"], ["c"], [], ["x\n", "y"]]);
  const [, , , cell] = canonical.cells;
  assert.deepEqual(cell.cell_type === "code" && cell.outputs[0], {
    output_type: "display_data",
    data: {
      "image/png": "aGVs\nbG8=\n",
      "text/plain": ["a\n", "b"],
      "application/json": ["x"],
      "image/svg+xml": ["<svg/>"],
    },
    metadata: {},
  });
  assert.deepEqual(canonicalNotebook(canonical), canonical);
  assert.equal(formatNotebook(parseNotebook(formatNotebook(notebook), "x.ipynb")), formatNotebook(notebook));
});

Deno.test("a source survives being split into lines", () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom("a", "\n", "\r", " ") }), (source) => {
    const [cell] = canonicalNotebook(parseNotebook(wrap([code(source)]), "x.ipynb")).cells;
    assert.equal(joinText(cell.source), source);
  }));
});

Deno.test("the title is the first level-one heading of the text", () => {
  const text = (source: string) => ({ cell_type: "markdown", metadata: {}, source });
  const title = (...cells: unknown[]) => notebookTitle(parseNotebook(wrap(cells), "x.ipynb"), "fallback");
  assert.equal(title(code("# comment"), text("## Part\n\n# Novae #\n# Later")), "Novae");
  assert.equal(title(text("no heading")), "fallback");
});

Deno.test("metrics and the statement of a run are read from outputs", () => {
  const display = (mime: string, value: unknown) => (
    { output_type: "display_data", metadata: {}, data: { [mime]: value, "text/plain": "" } }
  );
  const metric = (name: string, value: unknown) =>
    display("application/vnd.ephemera.metric+json", { name, value });
  const run = (value: unknown) => display("application/vnd.ephemera.run+json", value);
  const notebook = parseNotebook(
    wrap([
      code("", [metric("a", 1.5), { output_type: "stream", name: "stdout", text: "" }]),
      code("", [metric("b", null), metric("c", "3")]),
      code("", [
        run({ scale: "quick", backend: "wasm", seed: 1, data: "simulated", versions: { tfjs: "4" } }),
      ]),
      code("", [run({ backend: "cpu", data: ["x", "y"], versions: { deno: "2" } })]),
    ]),
    "x.ipynb",
  );
  assert.deepEqual(recordedMetrics(notebook), [
    { name: "a", value: 1.5 },
    { name: "b", value: NaN },
    { name: "c", value: NaN },
  ]);
  assert.deepEqual(statedRun(notebook), {
    scale: "quick",
    backend: "cpu",
    seed: 1,
    data: ["x", "y"],
    versions: { tfjs: "4", deno: "2" },
  });
});

Deno.test("a portable notebook names no folder of this machine in its outputs, and its code is left alone", () => {
  const stream = (text: string) => ({ output_type: "stream", name: "stdout", text });
  const notebook = parseNotebook(
    wrap([code("/srv/me/project/x", [
      stream("at file:///srv/me/project/lib/a.ts:3 /srv/me/project, /srv/me/projects /srv/me/other /data/x"),
    ])]),
    "x.ipynb",
  );
  const portable = portableNotebook(notebook, [
    ["/srv/me", "~"],
    ["/srv/me/project", "."],
    ["/data", "$DATA"],
    ["", "nothing"],
  ]);
  const [cell] = portable.cells;
  assert.equal(cell.source, "/srv/me/project/x");
  assert.deepEqual(cell.cell_type === "code" && cell.outputs, [
    stream("at ./lib/a.ts:3 ., ~/projects ~/other $DATA/x"),
  ]);
});

Deno.test("notebooks are chosen by number, by name and by path, each once", () => {
  const all = ["/n/01_simulation.ipynb", "/n/06_novelty.ipynb"];
  assert.deepEqual(selectNotebooks([], all), all);
  assert.deepEqual(selectNotebooks(["6", "06", "06_novelty"], all), [all[1]]);
  assert.deepEqual(selectNotebooks(["/x/y.ipynb"], all), ["/x/y.ipynb"]);
  assert.throws(() => selectNotebooks(["07"], all), /found "07".*use one of 01_simulation, 06_novelty/);
});

import assert from "node:assert/strict";
import { parseHTML } from "linkedom";
import { figure, Plot } from "ephemera/figures";
import { type Notebook, type NotebookRun, parseNotebook } from "ephemera/reproduce";
import { renderIndex, renderNotebook } from "ephemera/reproduce/html";
import { ATTACKS } from "./attacks.ts";
import { assertHarmless } from "./harmless.ts";

interface Element {
  textContent: string;
  outerHTML: string;
  getAttribute(name: string): string | null;
  hasAttribute(name: string): boolean;
}
interface Page {
  querySelectorAll(selector: string): Iterable<Element>;
  body: { innerHTML: string };
}
const parse = (html: string) => (parseHTML(html) as unknown as { document: Page }).document;
const all = (html: string, selector: string) => [...parse(html).querySelectorAll(selector)];

const markdown = (source: string) => ({ cell_type: "markdown", metadata: {}, source });
const code = (source: string, outputs: unknown[] = [], metadata = {}) => ({
  cell_type: "code",
  metadata,
  source,
  execution_count: 1,
  outputs,
});
const display = (data: Record<string, unknown>) => ({ output_type: "display_data", data, metadata: {} });
const notebook = (...cells: unknown[]): Notebook =>
  parseNotebook(JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }), "test");

const run: NotebookRun = {
  path: "notebooks/06_novelty_detection.ipynb",
  name: "06_novelty_detection",
  title: "Novelty <detection>",
  report: "06.html",
  status: "failed",
  scale: "quick",
  backend: "wasm, 2 threads",
  seed: 7,
  metrics: [
    { name: "F1", value: 0.71234, minimum: 0.6, maximum: 0.8, reason: "five seeds", verdict: "in range" },
    { name: "recall <b>", value: 0.2, minimum: 0.5, maximum: null, reason: "", verdict: "out of range" },
    { name: "accuracy", value: null, minimum: null, maximum: 1, reason: "", verdict: "missing" },
  ],
  started: "2026-11-20T17:31:05.123Z",
  seconds: 125,
  cells: [
    { index: 1, id: "a", status: "passed", seconds: 1 },
    { index: 2, id: "b", status: "failed", seconds: 1 },
  ],
  failures: [{ cell: 2, name: "Error", message: "no <period>", details: "at <anonymous>" }],
  versions: { deno: "2.9.6", ephemera: "0.1.0" },
  data: ["simulated"],
};

Deno.test("a page holds text, folded code, figures, tables, streams and errors in the order of the notebook", () => {
  const drawn = figure({ title: "Two dots", marks: [Plot.dot([[0, 1], [1, 2]], { fill: "black" })] });
  const html = renderNotebook(notebook(
    markdown("# Novae\n\nThey fade as $t^{-3}$."),
    code("const a = 1;", [
      display({ "image/svg+xml": drawn.svg, "text/plain": drawn.alt }),
      display({ "text/html": "<table><tr><td>cell</td></tr></table>", "text/plain": "cell" }),
      { output_type: "stream", name: "stdout", text: ["one\n", "two\n"] },
      {
        output_type: "error",
        ename: "Error",
        evalue: "too <faint>",
        traceback: ["\x1b[31mError: too <faint>\x1b[0m"],
      },
    ]),
  ));
  assert.equal(all(html, "title")[0].textContent, "Novae");
  assert.ok(all(html, "h1")[0].textContent === "Novae");
  assert.equal(all(html, "figure svg").length, 1);
  assert.ok(all(html, "figure svg")[0].outerHTML.includes("Two dots"));
  assert.equal(all(html, "details.code[open] pre code")[0].textContent, "const a = 1;");
  assert.equal(all(html, "td")[0].textContent, "cell");
  assert.equal(all(html, "pre.stdout")[0].textContent, "one\ntwo\n");
  assert.equal(all(html, "pre.error")[0].textContent, "Error: too <faint>");
  const order = ["<h1", 'details class="code"', "<svg", "<td>cell", "one\ntwo", 'pre class="output error"'];
  const places = order.map((piece) => html.indexOf(piece));
  assert.deepEqual(places, [...places].sort((a, b) => a - b));
});

Deno.test("long code and cells tagged hide-input start folded", () => {
  const long = Array.from({ length: 30 }, (_, i) => `const a${i} = ${i};`).join("\n");
  const html = renderNotebook(notebook(code(long), code("1", [], { tags: ["hide-input"] }), code("2")));
  assert.deepEqual(all(html, "details.code").map((details) => details.hasAttribute("open")), [
    false,
    false,
    true,
  ]);
  assert.deepEqual(all(html, "summary").map((summary) => summary.textContent), [
    "[1] Code, 30 lines",
    "[1] Code, 1 line",
    "[1] Code, 1 line",
  ]);
});

Deno.test("the head of a page says how the notebook was run and holds metrics against their ranges", () => {
  const html = renderNotebook(notebook(markdown("# x")), { run });
  const text = all(html, "header")[0].textContent;
  for (
    const fact of [
      "Quick scale",
      "wasm, 2 threads",
      "7",
      "simulated",
      "deno 2.9.6, ephemera 0.1.0",
      "2 min 05 s",
    ]
  ) {
    assert.ok(text.includes(fact), fact);
  }
  const rows = all(html, "header tbody tr").map((row) => row.textContent);
  assert.match(rows[0], /F10\.71230\.6 to 0\.8in rangefive seeds/);
  assert.match(rows[1], /recall <b>0\.2at least 0\.5out of range/);
  assert.match(rows[2], /accuracy—at most 1missing/);
  assert.match(text, /Cell 2: Error.*no <period>/s);
  assert.equal(all(html, "header b").length, 0);
});

Deno.test("a page of attacks neither runs nor loads anything", () => {
  const cells = ATTACKS.flatMap((attack) => [
    markdown(attack),
    code(attack, [
      display({ "text/html": attack, "text/plain": attack }),
      display({ "image/svg+xml": attack }),
      display({ "text/markdown": attack }),
      display({ "text/latex": attack }),
      display({ "text/plain": attack }),
      display({ "application/json": { attack } }),
      display({ "image/png": `"><script>${attack}` }),
      display({ "application/vnd.ephemera.metric+json": { name: attack, value: 1 }, "text/plain": attack }),
      { output_type: "stream", name: "stderr", text: attack },
      { output_type: "error", ename: attack, evalue: attack, traceback: [attack] },
    ]),
  ]);
  const hostile = {
    ...run,
    title: ATTACKS[0],
    name: ATTACKS[3],
    data: [ATTACKS[0]],
    versions: { [ATTACKS[0]]: ATTACKS[3] },
  };
  const html = renderNotebook(notebook(...cells), { run: hostile });
  const { body } = parse(html);
  assertHarmless(body.innerHTML, "a page of attacks");
  assertHarmless(parse(renderIndex([hostile])).body.innerHTML, "an index of attacks");
});

Deno.test("the page's own policy forbids scripts and connections, unless the notebook is trusted", () => {
  const script = code("1", [display({ "text/html": "<script>1</script>" })]);
  const safe = renderNotebook(notebook(script)), trusted = renderNotebook(notebook(script), { trust: true });
  const policy = all(safe, "meta[http-equiv=Content-Security-Policy]").map((meta) =>
    meta.getAttribute("content")!
  );
  assert.equal(policy.length, 1);
  assert.match(policy[0], /^default-src 'none';/);
  assert.doesNotMatch(policy[0], /script-src|https?:/);
  assert.ok(safe.indexOf("Content-Security-Policy") < safe.indexOf("<style>"));
  assert.equal(all(safe, "script").length, 0);
  assert.equal(all(trusted, "script").length, 1);
  assert.equal(all(trusted, "meta[http-equiv]").length, 0);
});

Deno.test("a page fetches nothing: no address but links to follow", () => {
  const html = renderNotebook(
    notebook(markdown("[paper](https://example.org)\n\n![x](https://example.org/x.png)")),
    { run },
  );
  assert.doesNotMatch(html.replace(/<a href="[^"]*"/g, "").replace(/xmlns="[^"]*"/g, ""), /https?:\/\//);
});

Deno.test("pictures are embedded with their text alternative, bad base64 falls back to text", () => {
  const html = renderNotebook(notebook(code("1", [
    display({ "image/png": "iVBORw0\nKGgo=", "text/plain": "a star" }),
    display({ "image/png": "not base64!", "text/plain": "fallback" }),
  ])));
  const [picture] = all(html, "img");
  assert.equal(picture.getAttribute("src"), "data:image/png;base64,iVBORw0KGgo=");
  assert.equal(picture.getAttribute("alt"), "a star");
  assert.equal(all(html, "pre.result")[0].textContent, "fallback");
});

Deno.test("very long text is cut and says so", () => {
  const html = renderNotebook(
    notebook(code("1", [{ output_type: "stream", name: "stdout", text: "x".repeat(50_000) }])),
  );
  assert.ok(
    all(html, "pre.stdout")[0].textContent.endsWith("… 10000 more characters in the executed notebook"),
  );
});

Deno.test("the index lists every notebook with its status, scale, backend, seed, metrics and duration", () => {
  const passed: NotebookRun = {
    ...run,
    status: "passed",
    title: "Light curves",
    report: "02.html",
    scale: "paper",
    failures: [],
  };
  const html = renderIndex([passed, run]);
  const rows = all(html, "table").map((table) => table)[0];
  assert.match(rows.textContent, /Light curvespassedpaperwasm, 2 threads71 of 32 min 05 s/);
  assert.match(rows.textContent, /Novelty <detection>failedquick/);
  assert.ok(html.includes("<strong>1 of 2 failed</strong> in 4 min 10 s."));
  assert.deepEqual([...new Set(all(html, "a").map((link) => link.getAttribute("href")))], [
    "02.html",
    "06.html",
  ]);
});

Deno.test("only a quick run carries the notice, and a report without notebooks says so", () => {
  assert.ok(renderIndex([run]).includes("Quick scale."));
  assert.ok(!renderIndex([{ ...run, scale: "paper" }]).includes("Quick scale."));
  assert.ok(renderIndex([]).includes("No notebook was run."));
  assert.ok(renderIndex([{ ...run, status: "passed" }]).includes("All 1 notebook passed"));
});

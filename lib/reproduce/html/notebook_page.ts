import { type Cell, cellTags, joinText, type Notebook, notebookTitle } from "../notebook.ts";
import type { NotebookRun } from "../run.ts";
import { escapeHtml } from "./escape.ts";
import { failureList, metricTable, runFacts, scaleNotice, statusOf } from "./facts.ts";
import { highlight } from "./highlight.ts";
import { type Heading, renderMarkdown } from "./markdown.ts";
import { renderOutput } from "./outputs.ts";
import { page } from "./page.ts";

/** Options of {@link renderNotebook}. */
export interface NotebookPageOptions {
  /** How the notebook was run; its facts and metrics then stand at the head of the page. */
  run?: NotebookRun;
  /**
   * Put HTML, SVG and Markdown of the notebook into the page as they are, scripts included. Default false: they are
   * sanitised, so that a report from somebody else is safe to open.
   */
  trust?: boolean;
  /** Cells with more lines of code than this start folded. Default 25. */
  foldAbove?: number;
}

/**
 * Returns an executed notebook as one page that works without a network: text with formulas, highlighted code that
 * folds, figures, tables and errors, headed by how it was run and its metrics beside their accepted ranges. A cell
 * tagged `hide-input` starts folded.
 *
 * @example
 * ```ts
 * import { parseNotebook } from "ephemera/reproduce";
 * import { renderNotebook } from "ephemera/reproduce/html";
 * import assert from "node:assert/strict";
 * const cells = [{ cell_type: "markdown", metadata: {}, source: "# Novae\nThey fade as $t^{-3}$." }];
 * const html = renderNotebook(parseNotebook(JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }), "n"));
 * assert.ok(html.includes("<msup>"));
 * ```
 */
export function renderNotebook(notebook: Notebook, options: NotebookPageOptions = {}): string {
  const { run, trust = false, foldAbove = 25 } = options;
  const headings: Heading[] = [];
  const language = languageOf(notebook);
  const cells = notebook.cells.map((cell) => renderCell(cell, { trust, foldAbove, language, headings }));
  const title = run?.title ?? notebookTitle(notebook, "Notebook");
  const head = run === undefined ? "" : `<p class="back"><a href="index.html">All notebooks</a></p>
<header><p>${statusOf(run)} ${escapeHtml(run.name)}</p>
${scaleNotice([run.scale])}${runFacts(run)}
<details open><summary>Metrics and their accepted ranges</summary>${metricTable(run.metrics)}</details>
${failureList(run)}</header>
`;
  return page({ title, body: `${head}${contents(headings)}<main>\n${cells.join("\n")}\n</main>`, trust });
}

interface CellContext {
  trust: boolean;
  foldAbove: number;
  language: string;
  headings: Heading[];
}

function renderCell(cell: Cell, context: CellContext): string {
  const source = joinText(cell.source);
  if (cell.cell_type === "markdown") {
    const { html, headings } = renderMarkdown(source, {
      trust: context.trust,
      attachments: attachmentsOf(cell.attachments),
    });
    context.headings.push(...headings);
    return `<section class="text">${html}</section>`;
  }
  if (cell.cell_type !== "code") return `<pre class="cell">${escapeHtml(source)}</pre>`;
  const outputs = cell.outputs.map((output) => renderOutput(output, context.trust)).join("\n");
  if (source.trim() === "") return `<section class="cell">${outputs}</section>`;
  const lines = source.trimEnd().split("\n").length;
  const folded = lines > context.foldAbove || cellTags(cell).includes("hide-input");
  const count = cell.execution_count === null ? "" : `[${cell.execution_count}] `;
  return `<section class="cell"><details class="code"${folded ? "" : " open"}>` +
    `<summary>${count}Code, ${lines} ${lines === 1 ? "line" : "lines"}</summary>` +
    `<pre><code class="hljs">${
      highlight(source.trimEnd(), context.language)
    }</code></pre></details>${outputs}</section>`;
}

function languageOf(notebook: Notebook): string {
  const info = notebook.metadata.language_info as { name?: unknown } | undefined;
  const kernel = notebook.metadata.kernelspec as { language?: unknown } | undefined;
  const name = info?.name ?? kernel?.language;
  return typeof name === "string" ? name.toLowerCase() : "typescript";
}

/** Attachments are `{ NAME: { MIME: base64 } }`; only pictures of a known kind are taken. */
function attachmentsOf(
  attachments: Record<string, Record<string, unknown>> | undefined,
): Record<string, string> {
  const addresses: Record<string, string> = {};
  for (const [name, bundle] of Object.entries(attachments ?? {})) {
    for (const [type, data] of Object.entries(bundle)) {
      const base64 = (Array.isArray(data) ? data.join("") : String(data)).replace(/\s+/g, "");
      if (/^image\/(?:png|jpeg|gif|webp)$/.test(type)) addresses[name] = `data:${type};base64,${base64}`;
    }
  }
  return addresses;
}

function contents(headings: readonly Heading[]): string {
  const listed = headings.filter((heading) => heading.level === 2);
  if (listed.length < 3) return "";
  const items = listed.map(({ id, text }) => `<li><a href="#${escapeHtml(id)}">${escapeHtml(text)}</a></li>`);
  return `<nav aria-label="Contents"><ul>${items.join("")}</ul></nav>\n`;
}

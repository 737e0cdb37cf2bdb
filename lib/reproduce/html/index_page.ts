import { duration } from "../../core/mod.ts";
import type { NotebookRun } from "../run.ts";
import { escapeHtml } from "./escape.ts";
import { failureList, metricTable, runFacts, scaleNotice, statusOf } from "./facts.ts";
import { page } from "./page.ts";

/** Options of {@link renderIndex}. */
export interface IndexPageOptions {
  /** Heading. Default `"ephemera: notebooks"`. */
  title?: string;
}

/** Returns the first page of a report: a table of all notebooks, then how each was run and what it measured. */
export function renderIndex(runs: readonly NotebookRun[], options: IndexPageOptions = {}): string {
  const { title = "ephemera: notebooks" } = options;
  const failed = runs.filter((run) => run.status === "failed").length;
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0);
  const verdict = runs.length === 0
    ? "No notebook was run."
    : failed === 0
    ? `All ${runs.length} ${runs.length === 1 ? "notebook" : "notebooks"} passed`
    : `${failed} of ${runs.length} failed`;
  const rows = runs.map((run) => {
    const off = run.metrics.filter((metric) => metric.verdict !== "in range").length;
    return `<tr><th scope="row"><a href="${escapeHtml(run.report)}">${escapeHtml(run.title)}</a></th><td>${
      statusOf(run)
    }</td>` +
      `<td>${escapeHtml(run.scale ?? "—")}</td><td>${escapeHtml(run.backend ?? "—")}</td>` +
      `<td class="number">${run.seed ?? "—"}</td>` +
      `<td class="number">${run.metrics.length - off} of ${run.metrics.length}</td>` +
      `<td class="number">${duration(run.seconds)}</td></tr>`;
  });
  const table = rows.length === 0 ? "" : `<div class="wide"><table><thead><tr><th scope="col">Notebook</th>` +
    `<th scope="col">Status</th><th scope="col">Scale</th><th scope="col">Backend</th><th scope="col" class="number">Seed</th>` +
    `<th scope="col" class="number">Metrics accepted</th><th scope="col" class="number">Duration</th></tr></thead>` +
    `<tbody>${rows.join("")}</tbody></table></div>`;
  const sections = runs.map((run) =>
    `<section><h2><a href="${escapeHtml(run.report)}">${escapeHtml(run.title)}</a></h2><p>${
      statusOf(run)
    }</p>` +
    `${failureList(run).replace("<h2>", "<h3>").replace("</h2>", "</h3>")}${metricTable(run.metrics)}${
      runFacts(run)
    }</section>`
  );
  return page({
    title,
    body: `<h1>${escapeHtml(title)}</h1>
<p><strong>${verdict}</strong>${runs.length > 0 ? ` in ${duration(seconds)}` : ""}.</p>
${scaleNotice(runs.map((run) => run.scale))}${table}
${sections.join("\n")}`,
  });
}

import { duration } from "../../core/mod.ts";
import type { MetricOutcome, NotebookRun } from "../run.ts";
import { escapeHtml } from "./escape.ts";

/** Returns a number for readers: four significant digits, a true minus sign. */
export function readable(value: number): string {
  const size = Math.abs(value);
  const text = Number.isInteger(value) && size < 1e9
    ? String(value)
    : size !== 0 && (size < 1e-4 || size >= 1e9)
    ? value.toExponential(3)
    : String(Number(value.toPrecision(4)));
  return text.replaceAll("-", "−");
}

/** Returns the range of a metric in words. */
export function rangeOf({ minimum, maximum }: Pick<MetricOutcome, "minimum" | "maximum">): string {
  if (minimum !== null && maximum !== null) return `${readable(minimum)} to ${readable(maximum)}`;
  if (minimum !== null) return `at least ${readable(minimum)}`;
  if (maximum !== null) return `at most ${readable(maximum)}`;
  return "no range";
}

/** Returns a coloured word for the status of a run. */
export function statusOf(run: NotebookRun): string {
  return `<span class="status ${run.status}">${run.status}</span>`;
}

/** Returns the metrics of a run beside their accepted ranges, as a table. */
export function metricTable(metrics: readonly MetricOutcome[]): string {
  if (metrics.length === 0) return "<p>This notebook records no metrics.</p>";
  const rows = metrics.map((metric) => {
    const kind = metric.verdict === "in range" ? "passed" : "failed";
    return `<tr><th scope="row">${escapeHtml(metric.name)}</th>` +
      `<td class="number">${metric.value === null ? "—" : readable(metric.value)}</td>` +
      `<td class="number">${rangeOf(metric)}</td>` +
      `<td><span class="status ${kind}">${escapeHtml(metric.verdict)}</span></td>` +
      `<td>${escapeHtml(metric.reason)}</td></tr>`;
  });
  return `<div class="wide"><table><thead><tr><th scope="col">Metric</th><th scope="col" class="number">Value</th>` +
    `<th scope="col" class="number">Accepted</th><th scope="col">Verdict</th><th scope="col">Why this range</th></tr></thead>` +
    `<tbody>${rows.join("")}</tbody></table></div>`;
}

/** Returns how a run was made: scale, backend, seed, data, versions, duration. */
export function runFacts(run: NotebookRun): string {
  const versions = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`).join(", ");
  const done = run.cells.filter((cell) => cell.status === "passed").length;
  const facts: [string, string][] = [
    ["Scale", run.scale ?? "not stated"],
    ["Backend", run.backend ?? "not stated"],
    ["Seed", run.seed === null ? "not stated" : String(run.seed)],
    ["Data", run.data.join(", ") || "not stated"],
    ["Versions", versions || "not stated"],
    ["Cells", `${done} of ${run.cells.length} passed`],
    ["Run", `${run.started.replace("T", " ").replace(/\.\d+Z$/, " UTC")}, ${duration(run.seconds)}`],
    ["Notebook", run.path],
  ];
  return `<dl class="facts">${
    facts.map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`).join("")
  }</dl>`;
}

/** Returns the warning that belongs on every page of a reduced run; nothing for a run at the paper's size. */
export function scaleNotice(scales: readonly (string | null)[]): string {
  if (!scales.includes("quick")) return "";
  return `<p class="notice"><strong>Quick scale.</strong> A named reduction for two cores without a GPU: its numbers show ` +
    `that everything works and are not the paper's numbers.</p>`;
}

/** Returns what went wrong in a run. */
export function failureList(run: NotebookRun): string {
  if (run.failures.length === 0) return "";
  const items = run.failures.map((failure) => {
    const place = failure.cell === null ? "" : `Cell ${failure.cell}: `;
    const details = failure.details === ""
      ? ""
      : `<details><summary>Details</summary><pre>${escapeHtml(failure.details)}</pre></details>`;
    return `<li><strong>${escapeHtml(place + failure.name)}</strong> ${
      escapeHtml(failure.message)
    }${details}</li>`;
  });
  return `<h2>Failures</h2><ul>${items.join("")}</ul>`;
}

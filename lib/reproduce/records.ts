/** What a notebook states about itself in its outputs: named numbers, and what kind of run this is. */
import type { MimeBundle, Notebook } from "./notebook.ts";

/** MIME type of a recorded metric: `{ name, value }`. */
export const METRIC_MIME = "application/vnd.ephemera.metric+json";
/** MIME type of the statement of a run: `{ scale, backend, seed, data, versions }`. */
export const RUN_MIME = "application/vnd.ephemera.run+json";

/** A metric as recorded; the value is NaN when the notebook recorded no finite number (JSON knows none). */
export interface RecordedMetric {
  name: string;
  value: number;
}

/** What a notebook stated about its run; null or empty where it stated nothing. */
export interface RunStatement {
  scale: string | null;
  backend: string | null;
  seed: number | null;
  data: string[];
  versions: Record<string, string>;
}

function* bundles(notebook: Notebook, mime: string): Generator<Record<string, unknown>> {
  for (const cell of notebook.cells) {
    if (cell.cell_type !== "code") continue;
    for (const output of cell.outputs) {
      const data: MimeBundle = "data" in output ? output.data : {};
      const value = data[mime];
      if (typeof value === "object" && value !== null) yield value as Record<string, unknown>;
    }
  }
}

/** The metrics in the outputs of `notebook`, in their order; a name that was recorded twice is there twice. */
export function recordedMetrics(notebook: Notebook): RecordedMetric[] {
  return [...bundles(notebook, METRIC_MIME)].map(({ name, value }) => ({
    name: String(name),
    value: typeof value === "number" ? value : NaN,
  }));
}

/** What `notebook` stated about its run; of several statements, the later adds to and overrides the earlier. */
export function statedRun(notebook: Notebook): RunStatement {
  const result: RunStatement = { scale: null, backend: null, seed: null, data: [], versions: {} };
  for (const { scale, backend, seed, data, versions } of bundles(notebook, RUN_MIME)) {
    if (typeof scale === "string") result.scale = scale;
    if (typeof backend === "string") result.backend = backend;
    if (typeof seed === "number") result.seed = seed;
    if (typeof data === "string") result.data = [data];
    else if (Array.isArray(data)) result.data = data.map(String);
    if (typeof versions === "object" && versions !== null) {
      for (const [name, version] of Object.entries(versions)) result.versions[name] = String(version);
    }
  }
  return result;
}

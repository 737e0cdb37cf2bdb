/** What is known about one headless run of a notebook: plain data that reports, tables and `--json` are made of. */

/** How a recorded metric stands against its accepted range. */
export type Verdict =
  /** Within its range, bounds included. */
  | "in range"
  /** Below the minimum or above the maximum. */
  | "out of range"
  /** It has a range, but the notebook did not record it. */
  | "missing"
  /** The notebook recorded it, but it has no range. */
  | "unexpected"
  /** The notebook recorded NaN, an infinity, or something that is no number. */
  | "not finite";

/** One metric of a run, with the range it was held against. */
export interface MetricOutcome {
  name: string;
  /** The recorded value; null when it is missing or not finite. */
  value: number | null;
  /** Lowest accepted value; null where there is no bound on this side. */
  minimum: number | null;
  /** Highest accepted value; null where there is no bound on this side. */
  maximum: number | null;
  /** Why this range, as written beside the notebook; empty for an unexpected metric. */
  reason: string;
  verdict: Verdict;
}

/** How one code cell went. */
export interface CellRun {
  /** Place in the notebook, counted from one over all cells (text included). */
  index: number;
  /** The cell's nbformat id. */
  id: string;
  /** `"failed"` also for an error that the tag `raises-exception` announced but that did not come. */
  status: "passed" | "failed" | "not run";
  /** Wall-clock time, in seconds; 0 when it was not run. */
  seconds: number;
}

/** One reason why a run is not accepted. */
export interface Failure {
  /** Place of the cell, counted from one over all cells; null when the failure concerns the whole notebook. */
  cell: number | null;
  /** The kind: a JavaScript error name, `"CellTimeout"`, `"KernelDied"`, `"Metric"`, ... */
  name: string;
  /** What happened, in a sentence, without ANSI colours. */
  message: string;
  /** Stack, or the last lines that the kernel process itself wrote; empty where there is none. */
  details: string;
}

/** One headless run of a notebook. */
export interface NotebookRun {
  /** The notebook's file, relative to the project where it lies inside, with forward slashes. */
  path: string;
  /** File name without extension, e.g. `"06_novelty_detection"`. */
  name: string;
  /** Its first heading, or its name. */
  title: string;
  /** The report's file name, relative to `index.html`, e.g. `"06.html"`. */
  report: string;
  status: "passed" | "failed";
  /** `"quick"`, `"paper"`, or whatever the notebook stated; null when it stated nothing. */
  scale: string | null;
  /** Tensor backend that the notebook stated; null when it stated none. */
  backend: string | null;
  /** The notebook's seed; null when it stated none. */
  seed: number | null;
  metrics: MetricOutcome[];
  /** Start, ISO 8601, UTC. */
  started: string;
  /** Wall-clock time of the run, kernel start included, in seconds. */
  seconds: number;
  cells: CellRun[];
  failures: Failure[];
  /** Versions of what took part, e.g. `{ deno: "2.9.6" }`. */
  versions: Record<string, string>;
  /** The input of the run: names or paths of data sets, or of the built-in simulators; empty when none was stated. */
  data: string[];
}

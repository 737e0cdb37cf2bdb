/** Running notebooks as regression tests: execute, hold metrics against their ranges, say what came of it. */
import { basename, dirname, join, relative } from "node:path";
import { executeNotebook } from "./execute.ts";
import { judgeMetrics, metricFailures, type MetricRanges, parseMetricRanges } from "./metrics.ts";
import { type Notebook, notebookTitle, readNotebook } from "./notebook.ts";
import { recordedMetrics, statedRun } from "./records.ts";
import type { CellRun, Failure, NotebookRun } from "./run.ts";

/** Told how far the work is; every method is called with the notebook's name. */
export interface ReproduceListener {
  notebookStart?(name: string): void;
  /** A code cell begins: its place among the code cells, from one, and their number. */
  cellStart?(name: string, position: number, count: number): void;
  cellEnd?(name: string, cell: CellRun, position: number, count: number): void;
  notebookEnd?(name: string, run: NotebookRun): void;
}

/** Options of {@link reproduce}. */
export interface ReproduceOptions {
  /** Folder to which the paths in runs are relative: the project's. */
  root: string;
  /** How many notebooks run at the same time. Default 1. */
  jobs?: number;
  /** Longest time for one cell, in seconds. Default 900. */
  timeout?: number;
  /** Whether real data is configured, which decides which metric ranges hold. */
  hasData: boolean;
  /** Environment variables for the kernels, in addition to the inherited ones. */
  environment?: Record<string, string>;
  listener?: ReproduceListener;
}

/** A run, and the notebook with its new outputs; null when the file could not be read. */
export interface Reproduction {
  run: NotebookRun;
  notebook: Notebook | null;
  /** The notebook's file, as given. */
  file: string;
}

/** The file with the accepted ranges of a notebook's metrics: `metrics/<name>.json` beside the notebook. */
export function metricFile(notebook: string): string {
  return join(dirname(notebook), "metrics", `${basename(notebook, ".ipynb")}.json`);
}

/** Name of a notebook's report: its number, e.g. `06.html` for `06_novelty_detection.ipynb`, or its own name. */
function reportName(name: string, taken: Set<string>): string {
  const number = name.match(/^\d+(?=_)/)?.[0] ?? name;
  const report = `${taken.has(`${number}.html`) ? name : number}.html`;
  taken.add(report);
  return report;
}

async function readRanges(file: string): Promise<MetricRanges> {
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Map();
    throw error;
  }
  return parseMetricRanges(text, file);
}

/**
 * Executes notebooks and judges them. A failure, of whatever kind, belongs to its notebook; the others go on.
 *
 * @param files The notebooks' files.
 * @returns One result a file, in the order of `files`.
 */
export async function reproduce(files: string[], options: ReproduceOptions): Promise<Reproduction[]> {
  const taken = new Set<string>();
  const reports = files.map((file) => reportName(basename(file, ".ipynb"), taken));
  const results: Reproduction[] = new Array(files.length);
  let next = 0;
  const work = async () => {
    for (let index = next++; index < files.length; index = next++) {
      results[index] = await reproduceOne(files[index], reports[index], options);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs ?? 1, files.length) }, work));
  return results;
}

async function reproduceOne(file: string, report: string, options: ReproduceOptions): Promise<Reproduction> {
  const name = basename(file, ".ipynb");
  const { listener } = options;
  const begin = performance.now();
  const run: NotebookRun = {
    path: relative(options.root, file).replaceAll("\\", "/"),
    name,
    title: name,
    report,
    status: "failed",
    scale: null,
    backend: null,
    seed: null,
    metrics: [],
    started: new Date().toISOString(),
    seconds: 0,
    cells: [],
    failures: [],
    versions: {},
    data: [],
  };
  listener?.notebookStart?.(name);
  let executed: Notebook | null = null;
  try {
    const notebook = await readNotebook(file);
    run.title = notebookTitle(notebook, name);
    // A malformed file of ranges is better reported before the minutes of the run than after them.
    const ranges = await readRanges(metricFile(file));
    const execution = await executeNotebook(notebook, {
      directory: dirname(file),
      timeout: options.timeout,
      environment: options.environment,
      onCellStart: (position, count) => listener?.cellStart?.(name, position, count),
      onCellEnd: (cell, position, count) => listener?.cellEnd?.(name, cell, position, count),
    });
    executed = execution.notebook;
    const { versions, ...stated } = statedRun(executed);
    Object.assign(run, stated);
    run.versions = { deno: execution.kernelVersion, ...versions };
    run.cells = execution.cells;
    run.failures = execution.failures;
    run.metrics = judgeMetrics(recordedMetrics(executed), ranges, {
      hasData: options.hasData,
      scale: stated.scale,
    });
    // Metrics that are missing because a cell failed are no news.
    const stopped = run.failures.length > 0;
    const judged = stopped ? run.metrics.filter(({ verdict }) => verdict !== "missing") : run.metrics;
    run.failures.push(...metricFailures(judged, `metrics/${name}.json`));
  } catch (error) {
    run.failures.push(wholeFailure(error));
  }
  run.seconds = (performance.now() - begin) / 1000;
  run.status = run.failures.length === 0 ? "passed" : "failed";
  listener?.notebookEnd?.(name, run);
  return { run, notebook: executed, file };
}

function wholeFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return { cell: null, name: "Error", message: String(error), details: "" };
  return { cell: null, name: error.name, message: error.message, details: "" };
}

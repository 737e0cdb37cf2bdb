/** What a run of notebooks shows while it works and when it ends, on a terminal or in a log. */
import type { Failure, NotebookRun } from "./run.ts";
import type { ReproduceListener } from "./reproduce.ts";

/** Where the text goes and what it may look like. */
export interface ConsoleOptions {
  /** Takes text as it is, without a line feed added. */
  write: (text: string) => void;
  /** Draw a moving line (a terminal) instead of a line for each cell (a log). */
  interactive: boolean;
}

/** Longest details shown for a failure, in lines; the report holds all. */
const DETAIL_LINES = 15;

/** Duration in words: `4.2 s`, `75 s`. */
function seconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} s`;
}

/** One failure in a few lines: where, what, and the first lines of its details. */
export function describeFailure(name: string, failure: Failure): string {
  const place = failure.cell === null ? name : `${name}, cell ${failure.cell}`;
  const lines = failure.details === "" ? [] : failure.details.split("\n");
  const shown = lines.slice(0, DETAIL_LINES).map((line) => `    ${line}`);
  if (lines.length > DETAIL_LINES) shown.push(`    (${lines.length - DETAIL_LINES} more lines)`);
  return [`${place}: ${failure.name}: ${failure.message}`, ...shown].join("\n");
}

/**
 * A listener that shows the progress of notebooks and cells. In interactive use it keeps one line moving; call
 * `stop` when the work has ended.
 */
export function consoleListener(options: ConsoleOptions): ReproduceListener & { stop(): void } {
  const { write, interactive } = options;
  const running = new Map<string, { text: string; begin: number }>();
  const draw = () => {
    const parts = [...running].map(([name, { text, begin }]) =>
      `${name}${text} (${seconds((performance.now() - begin) / 1000)})`
    );
    write(`\r\x1b[2K${parts.join("; ")}`);
  };
  const print = (text: string) => {
    write(interactive ? `\r\x1b[2K${text}\n` : `${text}\n`);
    if (interactive && running.size > 0) draw();
  };
  const timer = interactive ? setInterval(draw, 500) : undefined;
  return {
    notebookStart(name) {
      running.set(name, { text: ": starting the kernel", begin: performance.now() });
      if (interactive) draw();
      else print(`${name}: started`);
    },
    cellStart(name, position, count) {
      const state = running.get(name);
      if (state !== undefined) state.text = `: cell ${position} of ${count}`;
      if (interactive) draw();
    },
    cellEnd(name, cell, position, count) {
      if (!interactive) {
        print(`${name}: cell ${position} of ${count}: ${cell.status}, ${seconds(cell.seconds)}`);
      }
    },
    notebookEnd(name, run) {
      running.delete(name);
      print(`${name}: ${run.status}, ${seconds(run.seconds)}`);
      for (const failure of run.failures) print(describeFailure(name, failure));
    },
    stop() {
      clearInterval(timer);
      if (interactive) write("\r\x1b[2K");
    },
  };
}

/** The closing table: notebook, result, cells that passed, seconds, metrics out of range. */
export function runTable(runs: NotebookRun[]): string {
  const rows = runs.map((run) => {
    const passed = run.cells.filter(({ status }) => status === "passed").length;
    const off = run.metrics.filter(({ verdict }) => verdict !== "in range").length;
    return [
      run.name,
      run.status,
      `${passed} of ${run.cells.length}`,
      run.seconds.toFixed(1),
      `${off} of ${run.metrics.length}`,
    ];
  });
  const table = [["notebook", "result", "cells", "seconds", "metrics out of range"], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const lines = table.map((row) =>
    row.map((text, column) => text.padEnd(widths[column])).join("  ").trimEnd()
  );
  lines.splice(1, 0, widths.map((width) => "-".repeat(width)).join("  "));
  return lines.join("\n");
}

/** One run as a line of JSON: name, status, scale, backend, seed, data, metrics by name, seconds. */
export function runLine(run: NotebookRun): string {
  const { name, status, scale, backend, seed, data, seconds } = run;
  const metrics = Object.fromEntries(run.metrics.map(({ name, value }) => [name, value]));
  return JSON.stringify({ name, status, scale, backend, seed, data, metrics, seconds });
}

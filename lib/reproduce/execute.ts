/** Running the cells of one notebook in a fresh kernel. */
import { setTimeout as delay } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { CellTimeout, Kernel, KernelDied } from "./kernel.ts";
import { KERNEL_NAME, kernelSpec } from "./kernel_spec.ts";
import { canonicalNotebook, cellTags, type CodeCell, joinText, type Notebook } from "./notebook.ts";
import { OutputCollector } from "./outputs.ts";
import type { CellRun, Failure } from "./run.ts";
import { ProtocolError } from "./zmtp.ts";

/** How a notebook is executed. */
export interface ExecuteOptions {
  /** Working directory of the kernel: the notebook's folder. */
  directory: string;
  /** Longest time for one cell, in seconds. Default 900. */
  timeout?: number;
  /** Environment variables for the kernel, in addition to the inherited ones. */
  environment?: Record<string, string>;
  /** Called when a code cell begins: its place among the code cells, from one, and their number. */
  onCellStart?: (position: number, count: number) => void;
  /** Called when a code cell has ended. */
  onCellEnd?: (cell: CellRun, position: number, count: number) => void;
}

/** What came of it. */
export interface Execution {
  /** The notebook with its new outputs, in canonical form. */
  notebook: Notebook;
  /** One entry a code cell that has code. */
  cells: CellRun[];
  failures: Failure[];
  /** Version of the kernel, e.g. `"2.9.6"`; empty when none came up. */
  kernelVersion: string;
}

/** Wait after the last cell for outputs that are still on their way, in milliseconds. */
const LAST_SILENCE = 200;
/** The tag of a cell that is meant to throw. */
const RAISES = "raises-exception";

/**
 * Runs the code cells of `notebook` one after another in a fresh kernel and returns it with its outputs; the argument
 * is not changed. It stops at the first cell that fails; a cell tagged `raises-exception` fails when it does *not*
 * throw. Whatever happens in the notebook is a {@link Failure} in the result, not a rejection.
 */
export async function executeNotebook(notebook: Notebook, options: ExecuteOptions): Promise<Execution> {
  const result: Notebook = structuredClone(canonicalNotebook(notebook));
  result.metadata = withKernel(result.metadata);
  const code: { cell: CodeCell; index: number; source: string }[] = [];
  for (const [index, cell] of result.cells.entries()) {
    if (cell.cell_type !== "code") continue;
    cell.outputs = [];
    cell.execution_count = null;
    const source = joinText(cell.source);
    if (source.trim() !== "") code.push({ cell, index: index + 1, source });
  }
  const cells = code.map(({ cell, index }): CellRun => (
    { index, id: cell.id ?? "", status: "not run", seconds: 0 }
  ));
  const failures: Failure[] = [];
  let kernelVersion = "";
  let kernel: Kernel | undefined;
  try {
    kernel = await Kernel.start({ directory: options.directory, environment: options.environment });
    kernelVersion = String(kernel.info.implementation_version ?? "");
    const collector = new OutputCollector();
    for (const [position, { cell, index, source }] of code.entries()) {
      options.onCellStart?.(position + 1, code.length);
      const begin = performance.now();
      const failure = await runCell(kernel, collector, cell, source, options.timeout ?? 900);
      cells[position].seconds = (performance.now() - begin) / 1000;
      cells[position].status = failure === null ? "passed" : "failed";
      options.onCellEnd?.(cells[position], position + 1, code.length);
      if (failure !== null) {
        failures.push({ cell: index, ...failure });
        break;
      }
    }
    // Under load a last output can come later still; earlier cells had the time of those after them.
    if (failures.length === 0) await delay(LAST_SILENCE);
  } catch (error) {
    failures.push({ cell: null, ...describe(error, kernel) });
  } finally {
    await kernel?.stop();
  }
  return { notebook: canonicalNotebook(result), cells, failures, kernelVersion };
}

/**
 * The notebook's metadata with the kernel and the language that it is for, where it does not say so itself: without them
 * editors ask for a kernel, and `deno fmt` leaves the code alone.
 */
function withKernel(metadata: Record<string, unknown>): Record<string, unknown> {
  const { display_name, language } = kernelSpec("deno");
  return {
    kernelspec: { display_name, language, name: KERNEL_NAME },
    language_info: { file_extension: ".ts", mimetype: "text/x.typescript", name: language },
    ...metadata,
  };
}

/** Runs one cell; returns why it fails, or null. */
async function runCell(
  kernel: Kernel,
  collector: OutputCollector,
  cell: CodeCell,
  source: string,
  timeout: number,
): Promise<Omit<Failure, "cell"> | null> {
  const collect = collector.into(cell);
  const mayThrow = cellTags(cell).includes(RAISES);
  try {
    const reply = await kernel.execute(source, timeout, collect);
    cell.execution_count = typeof reply.execution_count === "number" ? reply.execution_count : null;
    if (reply.status === "ok") {
      if (!mayThrow) return null;
      return { name: "NoError", message: `It is tagged ${RAISES}, but it threw nothing.`, details: "" };
    }
    const failure = cell.outputs.some((output) => output.output_type === "error")
      ? describeReply(reply)
      : await explainSilentFailure(reply, source);
    if (!cell.outputs.some((output) => output.output_type === "error")) addError(cell, failure);
    return mayThrow ? null : failure;
  } catch (error) {
    const failure = describe(error, kernel);
    addError(cell, failure);
    return failure;
  }
}

function addError(cell: CodeCell, failure: Omit<Failure, "cell">): void {
  const traceback = [`${failure.name}: ${failure.message}`];
  if (failure.details !== "") traceback.push(...failure.details.split("\n"));
  cell.outputs.push({ output_type: "error", ename: failure.name, evalue: failure.message, traceback });
}

function describeReply(reply: Record<string, unknown>): Omit<Failure, "cell"> {
  const traceback = Array.isArray(reply.traceback) ? reply.traceback.map(String) : [];
  return {
    name: String(reply.ename ?? reply.status),
    message: stripVTControlCharacters(String(reply.evalue ?? "")),
    details: stripVTControlCharacters(traceback.join("\n")),
  };
}

/**
 * A cell that does not parse gets a failed reply without an `error` message and without a reason. Deno's formatter,
 * which only parses the code, knows the reason and the line.
 */
async function explainSilentFailure(
  reply: Record<string, unknown>,
  source: string,
): Promise<Omit<Failure, "cell">> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--no-config", "--ext=ts", "-"],
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // The formatter may end before it has read everything; what it says counts.
  await writer.write(new TextEncoder().encode(source)).then(() => writer.close()).catch(() => {});
  const { success, stderr } = await child.output();
  if (success) return describeReply(reply);
  const text = stripVTControlCharacters(new TextDecoder().decode(stderr));
  const place = text.match(/:(\d+):(\d+)$/m);
  const reason = text.match(/SyntaxError: (.*)/)?.[1] ?? "it does not parse";
  return {
    name: "SyntaxError",
    message: place === null ? reason : `${reason} (line ${place[1]}, column ${place[2]})`,
    details: text.split("\n").filter((line) => /^\s*\d*\s*\|/.test(line)).join("\n"),
  };
}

function describe(error: unknown, kernel: Kernel | undefined): Omit<Failure, "cell"> {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), details: "" };
  const expected = error instanceof CellTimeout || error instanceof KernelDied ||
    error instanceof ProtocolError;
  return {
    name: error.name,
    message: error.message,
    details: stripVTControlCharacters(expected ? kernel?.log ?? "" : error.stack ?? ""),
  };
}

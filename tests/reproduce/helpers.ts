import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { formatNotebook, type Notebook, parseNotebook } from "ephemera/reproduce";
import { PROJECT_ROOT } from "ephemera/commands";

/** A code cell, a code cell with tags, or (with `markdown`) a text cell. */
export type CellSketch = string | { code: string; tags: string[] } | { markdown: string };

/** A notebook made of cells. */
export function sketch(...cells: CellSketch[]): Notebook {
  return parseNotebook(
    JSON.stringify({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { language_info: { name: "typescript" } },
      cells: cells.map((cell) => {
        if (typeof cell === "object" && "markdown" in cell) {
          return { cell_type: "markdown", metadata: {}, source: cell.markdown };
        }
        const { code, tags } = typeof cell === "string" ? { code: cell, tags: [] } : cell;
        return { cell_type: "code", metadata: { tags }, source: code, outputs: [], execution_count: null };
      }),
    }),
    "sketch.ipynb",
  );
}

/** Code that displays a MIME bundle. */
export function displaying(bundle: Record<string, unknown>): string {
  return `await Deno.jupyter.broadcast("display_data", ${
    JSON.stringify({ data: bundle, metadata: {}, transient: {} })
  });`;
}

/** Code that records a metric as `lib/notebook` does. */
export function recording(name: string, value: unknown): string {
  return displaying({
    "application/vnd.ephemera.metric+json": { name, value },
    "text/plain": `${name}: ${value}`,
  });
}

/** A folder inside the project (so that import aliases resolve), removed when the function ends. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const parent = join(PROJECT_ROOT, ".cache");
  await Deno.mkdir(parent, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: parent, prefix: "test-" });
  try {
    return await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes a notebook into `folder` and returns its path. */
export async function save(folder: string, name: string, notebook: Notebook): Promise<string> {
  const path = join(folder, name);
  await Deno.writeTextFile(path, formatNotebook(notebook));
  return path;
}

/** Whether a process lives; one that has ended and waits for its parent to notice does not. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) Z/s.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    // There is no /proc here, or the process ended between the two questions.
    return Deno.build.os !== "linux";
  }
}

/** Fails unless the process ends within a few seconds: a signal takes a moment to take effect. */
export async function assertEnds(pid: number): Promise<void> {
  assert.ok(pid > 0, `expected a process identifier, found ${pid}`);
  for (const end = Date.now() + 5000; lives(pid);) {
    assert.ok(Date.now() < end, `process ${pid} is still there`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The number in a file, waiting for it to be written. */
export async function awaitNumber(path: string): Promise<number> {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    const text = await Deno.readTextFile(path).catch(() => "");
    if (text !== "") return Number(text);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${path} was not written`);
}

/**
 * Formatting, types and lint of notebooks. `deno check` and `deno lint` do not read notebooks, so the cells of each are
 * joined into one temporary module beside it, and places in that module are translated back to cells and lines.
 * `deno fmt --check` calls every text that does not end in a line feed unformatted although it would not change it, so
 * what it would write is compared instead.
 */
import { rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { randomUUID } from "node:crypto";
import { stripVTControlCharacters } from "node:util";
import { undoAtExit } from "./cleanup.ts";
import { joinText, type Notebook, readNotebook } from "./notebook.ts";

/** The code of a notebook as one module, and where each line of it comes from. */
export interface JoinedCells {
  text: string;
  /** For each line of `text`, from zero: the cell (from one, over all cells) and the line in it; null for glue. */
  origins: ({ cell: number; line: number } | null)[];
}

/**
 * Joins the code cells of a notebook into one TypeScript module.
 *
 * @example
 * ```ts
 * import { joinCells, parseNotebook } from "ephemera/reproduce";
 * import assert from "node:assert/strict";
 * const code = { cell_type: "code", metadata: {}, source: "const x = 1;", outputs: [], execution_count: null };
 * const text = { cell_type: "markdown", metadata: {}, source: "Then:" };
 * const notebook = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [code, text, code] };
 * const { origins } = joinCells(parseNotebook(JSON.stringify(notebook), "x.ipynb"));
 * assert.deepEqual(origins.filter((origin) => origin !== null).map(({ cell }) => cell), [1, 3]);
 * ```
 */
export function joinCells(notebook: Notebook): JoinedCells {
  const lines: string[] = [];
  const origins: JoinedCells["origins"] = [];
  for (const [index, cell] of notebook.cells.entries()) {
    if (cell.cell_type !== "code") continue;
    for (const [line, text] of joinText(cell.source).split("\n").entries()) {
      lines.push(text);
      origins.push({ cell: index + 1, line: line + 1 });
    }
  }
  // Without an import or export it would be a script, in which top-level await is an error.
  lines.push("export {};", "");
  origins.push(null, null);
  return { text: lines.join("\n"), origins };
}

/** What a check said. */
export interface CheckResult {
  passed: boolean;
  /** Deno's own report, with places in notebooks as `06.ipynb, cell 3, line 2, column 5`. */
  report: string;
}

interface TemporaryModule extends JoinedCells {
  file: string;
  /** The notebook's name in reports. */
  name: string;
}

/** The results of {@link checkNotebooks}. */
export interface NotebookChecks {
  format: CheckResult;
  types: CheckResult;
  lint: CheckResult;
}

/**
 * Checks the formatting of notebooks, and types and lint of their code cells.
 *
 * @param paths The notebooks' files.
 * @param root Folder to which paths in the report are relative.
 */
export async function checkNotebooks(paths: string[], root: string): Promise<NotebookChecks> {
  const modules: TemporaryModule[] = [];
  const remove = () => {
    for (const { file } of modules) rmSync(file, { force: true });
  };
  const withdraw = undoAtExit(remove);
  try {
    for (const path of paths) {
      const joined = joinCells(await readNotebook(path));
      const file = join(dirname(path), `check-${randomUUID()}.nb.ts`);
      modules.push({ ...joined, file, name: relative(root, path).replaceAll("\\", "/") });
      await Deno.writeTextFile(file, joined.text, { createNew: true });
    }
    if (modules.length === 0) {
      const nothing = { passed: true, report: "" };
      return { format: nothing, types: nothing, lint: nothing };
    }
    const files = modules.map(({ file }) => file);
    const types = await check(["check", "--quiet", ...files], root, modules);
    // A cell that is meant to throw makes the cells after it look unreachable in a module, which they are not.
    const lintOptions = ["--quiet", "--compact", "--rules-exclude=no-unreachable"];
    const lint = await check(["lint", ...lintOptions, ...files], root, modules);
    return { format: await checkFormat(paths, root), types, lint };
  } finally {
    remove();
    withdraw();
  }
}

async function checkFormat(paths: string[], root: string): Promise<CheckResult> {
  const unformatted: string[] = [];
  for (const path of paths) {
    const text = await Deno.readTextFile(path);
    const { success, output } = await formatted(text, root);
    const name = relative(root, path).replaceAll("\\", "/");
    if (!success || output !== text) unformatted.push(`${name} is not formatted: run deno fmt ${name}`);
  }
  return { passed: unformatted.length === 0, report: unformatted.join("\n") };
}

/** What `deno fmt` makes of a notebook's text. */
async function formatted(text: string, root: string): Promise<{ success: boolean; output: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--ext=ipynb", "-"],
    cwd: root,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  // It reads all before it writes; when it ends early, its exit code tells.
  writer.write(new TextEncoder().encode(text)).then(() => writer.close()).catch(() => {});
  const { success, stdout } = await child.output();
  return { success, output: new TextDecoder().decode(stdout) };
}

async function check(args: string[], root: string, modules: TemporaryModule[]): Promise<CheckResult> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const text = stripVTControlCharacters(decoder.decode(stdout) + decoder.decode(stderr));
  return { passed: success, report: translatePlaces(text, modules).trim() };
}

/** Replaces places in temporary modules, as `deno check` or compact `deno lint` writes them, by places in notebooks. */
function translatePlaces(text: string, modules: TemporaryModule[]): string {
  for (const { file, name, origins } of modules) {
    for (const written of [pathToFileURL(file).href, file]) {
      const place = new RegExp(`${RegExp.escape(written)}(?::(\\d+):(\\d+)|: line (\\d+), col (\\d+))?`, "g");
      text = text.replace(place, (_, line1, column1, line2, column2) => {
        const origin = origins[Number(line1 ?? line2) - 1];
        if (origin === undefined || origin === null) return name;
        return `${name}, cell ${origin.cell}, line ${origin.line}, column ${column1 ?? column2}`;
      });
    }
  }
  return text;
}

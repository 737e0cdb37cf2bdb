/**
 * Types and lint of the code in notebooks. `deno check` and `deno lint` do not read notebooks, so the cells of each are
 * joined into one temporary module beside it, and places in that module are translated back to cells and lines.
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

/**
 * Type-checks and lints the code cells of notebooks.
 *
 * @param paths The notebooks' files.
 * @param root Folder to which paths in the report are relative.
 */
export async function checkNotebooks(
  paths: string[],
  root: string,
): Promise<{ types: CheckResult; lint: CheckResult }> {
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
      return { types: nothing, lint: nothing };
    }
    const files = modules.map(({ file }) => file);
    const types = await check(["check", "--quiet", ...files], root, modules);
    const lint = await check(["lint", "--quiet", "--compact", ...files], root, modules);
    return { types, lint };
  } finally {
    remove();
    withdraw();
  }
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

/** What a run leaves behind: a page and an executed notebook each, an index, and all results as data. */
import { join } from "node:path";
import { formatNotebook, type Notebook } from "./notebook.ts";
import type { NotebookRun } from "./run.ts";
import type { Reproduction } from "./reproduce.ts";

/** How pages are made. They are passed in, so that running notebooks does not load what only pages need. */
export interface Renderers {
  notebook: (notebook: Notebook, run: NotebookRun) => string;
  index: (runs: NotebookRun[]) => string;
}

/**
 * Writes to `folder` (made when missing): for each notebook that could be read `NN.html` and `NN.ipynb`, then `runs.json`
 * and `index.html`.
 *
 * @returns The file name of the index.
 */
export async function writeReports(
  results: Reproduction[],
  folder: string,
  renderers: Renderers,
): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  for (const { run, notebook } of results) {
    if (notebook === null) continue;
    await Deno.writeTextFile(join(folder, run.report.replace(/\.html$/, ".ipynb")), formatNotebook(notebook));
    await Deno.writeTextFile(join(folder, run.report), renderers.notebook(notebook, run));
  }
  const runs = results.map(({ run }) => run);
  await Deno.writeTextFile(join(folder, "runs.json"), JSON.stringify(runs, null, 2) + "\n");
  const index = join(folder, "index.html");
  await Deno.writeTextFile(index, renderers.index(runs));
  return index;
}

/**
 * Runs notebooks headlessly and checks them: `deno task reproduce [NN ...]`.
 *
 * The kernel that runs a notebook has all of Deno's permissions (`deno jupyter` knows no others): running a notebook
 * runs its author's code.
 */
import { join, resolve } from "node:path";
import {
  exitOnSignals,
  numberOption,
  parseArguments,
  PROJECT_ROOT,
  refuse,
  Tally,
  writeAtomically,
} from "ephemera/commands";
import {
  consoleListener,
  formatNotebook,
  listNotebooks,
  portableNotebook,
  reproduce,
  type Reproduction,
  runLine,
  runTable,
  selectNotebooks,
  writeReports,
} from "ephemera/reproduce";
import { EphemeraError } from "ephemera/core";

const USAGE = `
Usage: deno task reproduce [options] [notebook ...]

Runs the notebooks (all in notebooks/, or those given by number, name or path), holds their metrics against the
accepted ranges in metrics/ beside them, and leaves index.html, a page and the executed notebook each, and runs.json.
Running a notebook runs its author's code, with all permissions.

  --scale NAME   quick (two cores, no GPU; the default) or paper (the paper's own size), as EPHEMERA_SCALE
  --jobs N       run N notebooks at the same time (default 1)
  --timeout S    longest time for a cell, in seconds (default 900)
  --output DIR   folder for the reports (default reports)
  --json         print one line of JSON a notebook on standard output, everything else on standard error
  --trust        keep scripts that are in outputs in the pages
  --write        write the executed notebooks back, without this machine's paths
`;

exitOnSignals();
const { values, positionals } = parseArguments(Deno.args, USAGE, {
  scale: { type: "string", default: Deno.env.get("EPHEMERA_SCALE") || "quick" },
  jobs: { type: "string", default: "1" },
  timeout: { type: "string", default: "900" },
  output: { type: "string", default: join(PROJECT_ROOT, "reports") },
  json: { type: "boolean", default: false },
  trust: { type: "boolean", default: false },
  write: { type: "boolean", default: false },
});
if (!["quick", "paper"].includes(values.scale)) {
  refuse(`Expected the scale quick or paper, found "${values.scale}".`, USAGE);
}
const jobs = Math.floor(numberOption("jobs", values.jobs, 1, USAGE));
const timeout = numberOption("timeout", values.timeout, 0.001, USAGE);

/** What the kernels are to know. They run in the notebook's folder, from where a relative path would mean another. */
const environment: Record<string, string> = { EPHEMERA_SCALE: values.scale };
for (const name of ["EPHEMERA_DATA", "EPHEMERA_VECTORS"]) {
  const folder = Deno.env.get(name);
  if (folder) environment[name] = resolve(folder);
}

/** The notebooks that the command line means; ends the command when a word means none. */
async function chosenNotebooks(): Promise<string[]> {
  try {
    return selectNotebooks(positionals, await listNotebooks(join(PROJECT_ROOT, "notebooks")));
  } catch (error) {
    if (error instanceof EphemeraError) refuse(error.message, USAGE);
    throw error;
  }
}

/** Writes the executed notebook over its source, unless it failed. */
async function writeBack({ file, run, notebook }: Reproduction): Promise<void> {
  if (notebook === null || run.status === "failed") return;
  const variable = (name: string): [string, string] => [environment[name] ?? "", `$${name}`];
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? "";
  const portable = portableNotebook(notebook, [
    [PROJECT_ROOT, "."],
    variable("EPHEMERA_DATA"),
    variable("EPHEMERA_VECTORS"),
    [home, "~"],
  ]);
  await writeAtomically(file, formatNotebook(portable));
}

const output = values.json ? Deno.stderr : Deno.stdout;
const encoder = new TextEncoder();
const write = (text: string) => {
  const bytes = encoder.encode(text);
  for (let sent = 0; sent < bytes.length;) sent += output.writeSync(bytes.subarray(sent));
};
const interactive = output.isTerminal() && Deno.env.get("CI") === undefined;
const listener = consoleListener({ write, interactive });

const files = await chosenNotebooks();
const results = await reproduce(files, {
  root: PROJECT_ROOT,
  jobs,
  timeout,
  hasData: environment.EPHEMERA_DATA !== undefined,
  environment,
  listener,
});
listener.stop();

if (values.write) { for (const result of results) await writeBack(result); }
const { renderIndex, renderNotebook } = await import("ephemera/reproduce/html");
const index = await writeReports(results, resolve(values.output), {
  notebook: (notebook, run) => renderNotebook(notebook, { run, trust: values.trust }),
  index: (runs) => renderIndex(runs, {}),
});

const runs = results.map(({ run }) => run);
if (values.json) { for (const run of runs) console.log(runLine(run)); }
const tally = new Tally();
for (const run of runs) tally.add(run.name, run.status);
write(`\n${runTable(runs)}\n\nReport: ${index}\n${tally}\n`);
if (tally.failed.length > 0) Deno.exit(1);

/** Checks formatting, types and lint of the notebooks: `deno task check-notebooks [notebook ...]`. */
import { join, resolve } from "node:path";
import { exitOnSignals, parseArguments, PROJECT_ROOT } from "ephemera/commands";
import { checkNotebooks, listNotebooks } from "ephemera/reproduce";

const USAGE = `
Usage: deno task check-notebooks [notebook.ipynb ...]

Checks the formatting of the given notebooks, or of all in notebooks/, and types and lint of their code cells.
`;

exitOnSignals();
const { positionals } = parseArguments(Deno.args, USAGE, {});
const paths = positionals.length > 0
  ? positionals.map((path) => resolve(path))
  : await listNotebooks(join(PROJECT_ROOT, "notebooks"));
const checks = Object.values(await checkNotebooks(paths, PROJECT_ROOT));
for (const { report } of checks) if (report !== "") console.error(report);
if (checks.some(({ passed }) => !passed)) Deno.exit(1);

/** Checks types and lint of the notebooks' code cells: `deno task check-notebooks [notebook ...]`. */
import { join, resolve } from "node:path";
import { exitOnSignals, parseArguments, PROJECT_ROOT } from "ephemera/commands";
import { checkNotebooks, listNotebooks } from "ephemera/reproduce";

const USAGE = `
Usage: deno task check-notebooks [notebook.ipynb ...]

Checks types and lint of the code cells of the given notebooks, or of all in notebooks/.
`;

exitOnSignals();
const { positionals } = parseArguments(Deno.args, USAGE, {});
const paths = positionals.length > 0
  ? positionals.map((path) => resolve(path))
  : await listNotebooks(join(PROJECT_ROOT, "notebooks"));
const { types, lint } = await checkNotebooks(paths, PROJECT_ROOT);
for (const { report } of [types, lint]) if (report !== "") console.error(report);
if (!types.passed || !lint.passed) Deno.exit(1);

/** Checks formatting, lint and types and runs all tests: `deno task test [path ...]`. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { exitOnSignals, parseArguments, PROJECT_ROOT, runTests, Tally } from "ephemera/commands";
import { checkNotebooks, listNotebooks } from "ephemera/reproduce";
import config from "../deno.json" with { type: "json" };

const USAGE = `
Usage: deno task test [--filter TEXT] [path ...]

Checks formatting, lint and types (library, scripts, tests, examples, the notebooks' cells), then runs all tests and
all examples. With paths, e.g. "deno task test tests/learn", runs the tests in these alone.

  --filter TEXT  run only tests whose name contains TEXT (or matches /TEXT/)
  --no-examples  do not run the examples in doc comments

Tests that need real data run when EPHEMERA_DATA names its folder, tests that need published vectors when
EPHEMERA_VECTORS does; otherwise they are listed as skipped.
`;

exitOnSignals();
const { values, positionals } = parseArguments(Deno.args, USAGE, {
  "filter": { type: "string" },
  "no-examples": { type: "boolean", default: false },
});
const tally = new Tally();

async function check(name: string, args: string[]): Promise<void> {
  console.log(`\n${name}: deno ${args.join(" ")}`);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: PROJECT_ROOT,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  tally.add(name, success ? "passed" : "failed");
}

if (positionals.length === 0 && values.filter === undefined) {
  // Notebooks are looked at by themselves below. What the option says replaces what deno.json says, so it says both.
  const ignored = [...config.exclude, ...config.fmt.exclude, "**/*.ipynb"];
  await check("formatting", ["fmt", "--check", `--ignore=${[...new Set(ignored)].join(",")}`]);
  await check("lint", ["lint", "--quiet"]);
  await check("types", ["check", "--quiet", "--doc", "."]);
  const notebooks = await listNotebooks(join(PROJECT_ROOT, "notebooks"));
  const { format, types, lint } = await checkNotebooks(notebooks, PROJECT_ROOT);
  const results = {
    "formatting of notebooks": format,
    "types in notebooks": types,
    "lint of notebooks": lint,
  };
  for (const [name, { passed, report }] of Object.entries(results)) {
    console.log(`\n${name}: ${passed ? "ok" : ""}${report}`);
    tally.add(name, passed ? "passed" : "failed");
  }
}
console.log("\ntests:");
const everything = ["lib", "tests", "README.md"].filter((path) => existsSync(join(PROJECT_ROOT, path)));
await runTests({
  root: PROJECT_ROOT,
  paths: positionals.length > 0 ? positionals : everything,
  examples: !values["no-examples"] && values.filter === undefined,
  filter: values.filter,
}, tally);
console.log(`\n${tally}`);
if (tally.failed.length > 0) Deno.exit(1);

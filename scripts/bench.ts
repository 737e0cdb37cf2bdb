/** Measures how fast the library is, beside its peers: `deno task bench [NAME ...]`. */
import { join } from "node:path";
import {
  exitOnSignals,
  findBenches,
  formatBenchLine,
  parseArguments,
  peerPythons,
  PROJECT_ROOT,
  refuse,
  runBench,
} from "ephemera/commands";

const USAGE = `
Usage: deno task bench [options] [NAME ...]

Runs the benches (tests/bench/NAME_bench.ts; all of them when none is named) and prints a line for each measurement:
our time, the peer's, and ratio = peer / ours, above 1 where ours is faster. Peers are optional and take turns with us
on the same number of threads.

  --json           print JSON lines { name, ours_ms, peer, peer_ms, ratio, ... } on standard output, all else on standard error
  --python PATH    a Python, or its virtual environment, that has peers (may be given several times); default: EPHEMERA_PEERS
  --list           list the benches
  -- ARGUMENTS     for the benches themselves, e.g. -- --only=GRU --rounds=5 --backend=tensorflow
`;

exitOnSignals();
const separator = Deno.args.indexOf("--");
const own = separator < 0 ? Deno.args : Deno.args.slice(0, separator);
const { values, positionals } = parseArguments(own, USAGE, {
  json: { type: "boolean", default: false },
  python: { type: "string", multiple: true },
  list: { type: "boolean", default: false },
});

const folder = join(PROJECT_ROOT, "tests", "bench"), benches = findBenches(folder);
if (values.list) {
  console.log(benches.join("\n"));
  Deno.exit(0);
}
for (const name of positionals) {
  if (!benches.includes(name)) refuse(`Expected benches of ${benches.join(", ")}, found "${name}".`, USAGE);
}

/** What a bench's process may do: what `deno task bench` may. */
const permissions = ["read", "write", "run", "env", "sys", "ffi"].map((name) => `--allow-${name}`);
let failed = false;
for (const name of positionals.length > 0 ? positionals : benches) {
  const well = await runBench(folder, name, {
    pythons: peerPythons(values.python),
    args: separator < 0 ? [] : Deno.args.slice(separator + 1),
    permissions,
    line: (line) => console.log(values.json ? JSON.stringify(line) : formatBenchLine(line)),
    remark: (text) => values.json ? console.error(text) : console.log(text),
  });
  if (!well) {
    console.error(`The bench ${name} failed.`);
    failed = true;
  }
}
if (failed) Deno.exit(1);

/** Finding the benches and running them one after the other, each in a process of its own. */
import { join } from "node:path";
import { type BenchLine, readBenchLine } from "./bench.ts";
import { pythonWith } from "./bench_peer.ts";

/** The module by which the Python of a bench's peers is known; benches that are not named here look themselves. */
const peerModules: Record<string, string> = { features: "light_curve", learn: "sklearn" };

/** Names of the benches in a folder, in alphabetical order: `tensor` for `tensor_bench.ts`. */
export function findBenches(folder: string): string[] {
  const ending = "_bench.ts";
  return Array.from(Deno.readDirSync(folder))
    .filter(({ name, isFile }) => isFile && name.endsWith(ending))
    .map(({ name }) => name.slice(0, -ending.length))
    .sort();
}

/** What {@link runBench} takes. */
export interface RunBenchOptions {
  /** Pythons that may have peers. */
  pythons: readonly string[];
  /** Further arguments for the bench itself. */
  args?: readonly string[];
  /** Permissions of the bench's process, e.g. `["--allow-read"]`. */
  permissions: readonly string[];
  /** Told of each line as it comes. */
  line: (line: BenchLine) => void;
  /** Told of what the bench prints besides: versions, threads, compile flags. */
  remark: (text: string) => void;
}

/** Runs one bench; returns whether it ended well. */
export async function runBench(
  folder: string,
  name: string,
  { pythons, args = [], permissions, line, remark }: RunBenchOptions,
): Promise<boolean> {
  const module = peerModules[name];
  const chosen = module === undefined ? [...pythons] : [await pythonWith(pythons, module)];
  const withPeers = chosen.flatMap((python) => python === undefined ? [] : [`--python=${python}`]);
  if (withPeers.length === 0) remark(`${name}: no peers found, ours alone`);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", ...permissions, "--no-prompt", join(folder, `${name}_bench.ts`), ...withPeers, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const each of lines) {
      const measured = readBenchLine(each);
      if (measured) line(measured);
      else if (each !== "") remark(each);
    }
  }
  return (await child.status).success;
}

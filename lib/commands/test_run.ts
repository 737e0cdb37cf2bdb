/** Running `deno test` so that its counts can be trusted: nothing skipped, crashed or not loaded goes uncounted. */
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { parseJunit } from "./junit.ts";
import type { Tally } from "./tally.ts";

/** What to run. */
export interface TestRunOptions {
  /** The project's folder. */
  root: string;
  /** Files and folders with tests or with examples in comments, relative to `root`. */
  paths: string[];
  /** Run the examples in doc comments and Markdown too. */
  examples: boolean;
  /** Only tests whose name contains this text or matches this `/pattern/`. */
  filter?: string;
  /** Do not show what `deno test` writes. */
  quiet?: boolean;
}

/**
 * What tests may do. They start kernels and other programs, and native tensor libraries are loaded, so this is no
 * sandbox; it does keep tests off the network and from prompting.
 */
const PERMISSIONS = [
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys",
  "--allow-run",
  "--allow-ffi",
  "--allow-net=127.0.0.1,localhost",
  "--no-prompt",
];

/** Runs Deno and shows what it writes to standard output unless that is to be quiet; returns that too. */
async function runAndEcho(
  args: string[],
  cwd: string,
  quiet: boolean,
): Promise<{ code: number; text: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    stdin: "null",
    stdout: "piped",
    stderr: quiet ? "null" : "inherit",
  })
    .spawn();
  // A signal may reach this process alone.
  const kill = () => child.kill();
  globalThis.addEventListener("unload", kill);
  let text = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (!quiet) process.stdout.write(chunk);
  }
  const { code } = await child.status;
  globalThis.removeEventListener("unload", kill);
  return { code, text };
}

/**
 * Runs tests and counts them in `tally`: each test once (a step of a test only when it was skipped), each file that
 * could not be loaded as one failure. Types are not checked here.
 */
export async function runTests(options: TestRunOptions, tally: Tally): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ephemera-test-" });
  try {
    const report = join(folder, "junit.xml");
    const args = ["test", "--no-check", "--parallel", ...PERMISSIONS, `--junit-path=${report}`];
    if (options.examples) args.push("--doc");
    if (options.filter !== undefined) args.push(`--filter=${options.filter}`);
    const { code, text } = await runAndEcho(
      [...args, ...options.paths],
      options.root,
      options.quiet ?? false,
    );
    const xml = await Deno.readTextFile(report).catch(() => "");
    const before = tally.failed.length;
    const base = pathToFileURL(options.root).href + "/";
    for (const { file, name, status, isStep } of parseJunit(xml)) {
      if (isStep && status !== "skipped") continue;
      const isExample = name.startsWith(base);
      const place = file.replace(/^\.\//, "");
      tally.add(isExample ? `example in ${name.slice(base.length)}` : `${place}: ${name}`, status);
    }
    // A file that throws while it is loaded is in Deno's summary only, not in its report.
    const broken = stripVTControlCharacters(text).matchAll(/^(\S.*) \(uncaught error\)$/gm);
    for (const file of new Set([...broken].map(([, file]) => file.replace(/^\.\//, "")))) {
      tally.add(`${file}: it could not be loaded`, "failed");
    }
    if (code !== 0 && tally.failed.length === before) {
      tally.add(`deno test ended with exit code ${code}`, "failed");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
